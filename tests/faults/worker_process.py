"""A worker in a process of its own, ended by SIGTERM: python tests/faults/worker_process.py DATABASE_URL PARTNER_URL."""

import os
import signal
import sys
import threading

from connectors.http.connector import HttpConnector
from engine.config import Settings
from engine.connector import System
from engine.store.db import Database
from engine.worker import Worker

LEASE_S = float(os.environ.get("LEASE_S", "2"))


def main(database_url: str, partner_url: str) -> None:
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    database = Database(database_url)
    recognises = os.environ.get("FORGETFUL") is None
    worker = Worker(
        database,
        {"http": HttpConnector()},
        {"population": System("population", partner_url, recognises_repeats=recognises)},
        Settings(lease_s=LEASE_S, tick_s=0.05, backoff_s=0.05, worker_threads=4),
    )
    worker.start()
    over.wait(60)
    worker.stop()
    database.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
