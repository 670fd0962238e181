"""Runs a waitress server in a thread of its own, and ends it at once, whatever connections are kept alive."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PATIENCE_S = 5.0


@contextmanager
def in_background(server: Any, *, name: str) -> Iterator[None]:
    """Serve for the length of the block."""
    thread = threading.Thread(target=server.run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end(server, thread)


def end(server: Any, thread: threading.Thread) -> None:
    """Stop a server that runs in ``thread``, or has never run."""
    server.task_dispatcher.shutdown()  # what is being answered is answered first
    if not thread.is_alive():
        server.close()
        return

    def leave() -> None:
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.close()

    # In the server's own thread: its sockets are nobody else's to close.
    server.trigger.pull_trigger(leave)
    thread.join(timeout=_PATIENCE_S)
