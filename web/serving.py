"""The HTTP server of a house."""

from typing import Any

import waitress

from web.app import create_app, largest_request
from web.wiring import House

SERVER_THREADS = 8


def make_server(house: House, *, host: str, port: int) -> Any:
    """A waitress server for the house, listening; ``run()`` serves, ``effective_port`` tells the port.

    Raises:
        OSError: the port is taken.
    """
    return waitress.create_server(
        create_app(house),
        host=host,
        port=port,
        threads=SERVER_THREADS,
        ident=None,
        # Ours answers 413 with a problem; the server's own limit only stops what is far beyond it.
        max_request_body_size=2 * largest_request(house.settings),
        clear_untrusted_proxy_headers=True,
    )
