"""Runs the simulators on loopback in a thread of this process."""

import threading
from types import TracebackType
from typing import Any, Self

import waitress

from engine.connector import System
from web.background import end
from web.simulators.app import make_simulators_app
from web.simulators.knobs import SYSTEMS, Knobs


class SimulatorServer:
    """Real HTTP on 127.0.0.1. ``port=0`` takes a free one; ``with SimulatorServer() as s`` starts and stops it."""

    def __init__(self, *, port: int = 0, knobs: Knobs | None = None, threads: int = 8) -> None:
        self.knobs = knobs or Knobs()
        self._server: Any = waitress.create_server(
            make_simulators_app(self.knobs), host="127.0.0.1", port=port, threads=threads
        )
        self._thread = threading.Thread(target=self._server.run, name="simulators", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.effective_port}"

    def systems(self, *, timeout_s: float = 5.0) -> dict[str, System]:
        """The six systems as the house knows partners."""
        return {key: System(key=key, base_url=f"{self.url}/{key}", timeout_s=timeout_s) for key in SYSTEMS}

    def start(self) -> Self:
        self._thread.start()
        return self

    def run(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.run()

    def stop(self) -> None:
        end(self._server, self._thread)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
