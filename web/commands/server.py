"""lintas serve, worker, migrate: the processes of an installation."""

import signal
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import FrameType

import click
import waitress

from engine.config import SettingsInvalid
from engine.model import SYSTEM
from engine.store import people
from web.background import in_background
from web.commands.common import data_option, log_to_stderr, opened
from web.metrics import of_worker
from web.serving import make_server
from web.wiring import House


@click.command()
@data_option
@click.option("--host", help="Address to listen on (LINTAS_HOST).")
@click.option("--port", type=int, help="Port to listen on, 0 for a free one (LINTAS_PORT).")
@click.option("--no-worker", is_flag=True, help="Only serve; timers and calls run in `lintas worker`.")
def serve(data_dir: Path | None, host: str | None, port: int | None, no_worker: bool) -> None:
    """Serve pages and API, and run timers and connectors beside."""
    log_to_stderr()
    with opened(data_dir, host=host, port=port) as house:
        server = make_server(house, host=house.settings.host, port=house.settings.port)
        if not no_worker:
            house.worker.start()
        click.echo(f"Lintas listens on http://{house.settings.host}:{server.effective_port}")
        signal.signal(signal.SIGTERM, _leave)
        with house.db.read(SYSTEM) as uow:
            if not people.somebody_administers(uow):
                click.echo('Nobody administers this house yet: lintas person create NAME --name "…" --admin')
        server.run()


@click.command()
@data_option
@click.option("--once", is_flag=True, help="Do all that is due now, then end.")
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    help="Serve /metrics of this process on LINTAS_HOST at this port, for LINTAS_METRICS_TOKEN.",
)
def worker(data_dir: Path | None, once: bool, metrics_port: int | None) -> None:
    """Run timers and connector calls. Any number of workers may run beside each other."""
    log_to_stderr()
    with opened(data_dir) as house:
        if once:
            done = house.worker.run_once(until_idle=True)
            click.echo(f"{done} jobs run")
            return
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: ended.set())
        with _metrics(house, metrics_port):
            house.worker.start()
            click.echo("The worker runs. Stop it with Ctrl-C.")
            ended.wait()


@click.command()
@data_option
def migrate(data_dir: Path | None) -> None:
    """Bring the database to the newest form of the tables."""
    with opened(data_dir):
        click.echo("The database is up to date.")


def _metrics(house: House, port: int | None) -> AbstractContextManager[None]:
    """The numbers of a worker process, served beside it while the block runs."""
    if port is None:
        return nullcontext()
    token = house.settings.metrics_token
    if not token:
        raise SettingsInvalid("LINTAS_METRICS_TOKEN must be set for --metrics-port")
    server = waitress.create_server(
        of_worker(house.metrics, token), host=house.settings.host, port=port, threads=1, ident=None
    )
    click.echo(f"Metrics at http://{house.settings.host}:{server.effective_port}/metrics")
    return in_background(server, name="lintas-metrics")


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
