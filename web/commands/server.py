"""lintas serve, worker, migrate: the processes of an installation."""

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from web.commands.common import data_option, log_to_stderr, opened
from web.serving import make_server


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
        server.run()


@click.command()
@data_option
@click.option("--once", is_flag=True, help="Do all that is due now, then end.")
def worker(data_dir: Path | None, once: bool) -> None:
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
        house.worker.start()
        click.echo("The worker runs. Stop it with Ctrl-C.")
        ended.wait()


@click.command()
@data_option
def migrate(data_dir: Path | None) -> None:
    """Bring the database to the newest form of the tables."""
    with opened(data_dir):
        click.echo("The database is up to date.")


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
