"""The demonstration under way: simulated systems, house, worker and server in one process, on this machine only."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from engine.config import Settings
from web.demo import folder
from web.demo.folder import Account
from web.demo.prepare import prepare
from web.serving import make_server
from web.simulators.server import SimulatorServer
from web.wiring import House, open_house

HOST = "127.0.0.1"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """A demonstration that listens. ``server.run()`` serves until it is closed."""

    house: House
    server: Any
    simulators: SimulatorServer
    accounts: Sequence[Account]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server.effective_port}"


@contextmanager
def demo(settings: Settings, *, tell: Tell) -> Iterator[Demo]:
    """Prepare the folder if it is new, and open everything; closed at the end of the block.

    Args:
        settings: ``data_dir`` and ``port`` are used; the database is the folder's own, whatever the environment says.
        tell: is told the progress.

    Raises:
        FolderTaken: the folder holds another house.
    """
    own = replace(settings, host=HOST, database_url="", systems_file=None, secure_cookies=False)
    with SimulatorServer() as simulators:
        systems = simulators.systems()
        if folder.finished(own.data_dir):
            tell(f"{own.data_dir} holds a demonstration; it goes on where it stopped.")
            accounts = folder.accounts(own.data_dir)
        else:
            folder.begin(own.data_dir)
            accounts = prepare(own, systems, simulators.knobs, tell=tell)
        with opened(own, simulators, accounts) as running:
            folder.write(own.data_dir, base_url=running.url, systems_url=simulators.url, accounts=accounts)
            folder.finish(own.data_dir)
            yield running


@contextmanager
def opened(settings: Settings, simulators: SimulatorServer, accounts: Sequence[Account]) -> Iterator[Demo]:
    """House, worker and a listening server, on the machine's own clock."""
    house = open_house(settings, systems=simulators.systems())
    try:
        server = _listening(house, settings.port)
        house.worker.start()
        try:
            yield Demo(house, server, simulators, accounts)
        finally:
            server.close()
    finally:
        house.close()


def serve(running: Demo) -> None:
    """Serve in this thread until interrupted or terminated."""
    signal.signal(signal.SIGTERM, _leave)
    running.server.run()


def _listening(house: House, port: int) -> Any:
    """On the port asked for, or on a free one when it is taken."""
    try:
        return make_server(house, host=HOST, port=port)
    except OSError:
        return make_server(house, host=HOST, port=0)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
