"""Settings: read once from ``LINTAS_*`` variables into a frozen object; an unknown or ill-formed one stops the start."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.connector import System

PREFIX = "LINTAS_"


class SettingsInvalid(Exception):
    """A setting that cannot be used; the message names the variable, what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force. Each field is the variable ``LINTAS_<FIELD>``; ``lintas doctor`` prints them.

    Attributes:
        data_dir: folder for the SQLite file, the secret key and ``demo.json``.
        database_url: SQLAlchemy URL; "" = SQLite in ``data_dir``.
        secret_key: signs sessions; "" = kept in ``data_dir/secret.key``, made at the first start.
        systems_file: TOML file of partner systems (``[key] base_url, timeout_s, headers, recognises_repeats``).
        authority: name of the public body in the page footer.
        locale, timezone: of pages for people who chose none.
        host, port: where ``lintas serve`` listens.
        secure_cookies: True behind HTTPS.
        worker_threads: calls to partners at once in one process.
        tick_s: seconds between looks for due jobs.
        lease_s: seconds a claimed job is ours; a call's timeout is kept under half of it.
        max_attempts: of a connector job before it becomes an incident.
        backoff_s: base of the exponential backoff.
        message_kept_h: hours that a message of one case waits for another before it becomes an incident.
        upload_limit_bytes, upload_limit_elements: of one BPMN file.
        metrics_token: bearer token for ``GET /metrics``, at least 16 characters; "" = there is no such page.
    """

    data_dir: Path = Path("data")
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    systems_file: Path | None = None
    authority: str = "Pemerintah Kota Muara Lestari"
    locale: str = "id"
    timezone: str = "Asia/Makassar"
    host: str = "127.0.0.1"
    port: int = 8000
    secure_cookies: bool = False
    worker_threads: int = 4
    tick_s: float = 1.0
    lease_s: float = 60.0
    max_attempts: int = 5
    backoff_s: float = 2.0
    message_kept_h: float = 168.0
    upload_limit_bytes: int = 5_000_000
    upload_limit_elements: int = 5_000
    metrics_token: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'lintas.sqlite3'}"

    def systems(self) -> dict[str, System]:
        """The partner systems by key.

        Raises:
            SettingsInvalid: the file is missing, is no TOML, or an entry has a wrong or unknown field.
        """
        return read_systems(self.systems_file) if self.systems_file else {}


def read_settings(environ: Mapping[str, str], **overrides: Any) -> Settings:
    """Settings from the environment; ``overrides`` (from the command line) win.

    Raises:
        SettingsInvalid: names every unknown or ill-formed variable at once.
    """
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for variable, text in environ.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in known:
            wrong.append(
                f"{variable} is not a setting; known are {', '.join(PREFIX + n.upper() for n in known)}"
            )
            continue
        try:
            values[name] = _read(known[name].type, text)
        except ValueError as error:
            wrong.append(f"{variable}={text!r}: {error}")
    values |= {name: value for name, value in overrides.items() if value is not None}
    wrong += _out_of_range(values)
    if wrong:
        raise SettingsInvalid("; ".join(wrong))
    return Settings(**values)


def _read(kind: Any, text: str) -> Any:
    match kind:
        case k if k is bool:
            if text.lower() not in {"0", "1", "true", "false"}:
                raise ValueError("write true or false")
            return text.lower() in {"1", "true"}
        case k if k is int:
            return int(text)
        case k if k is float:
            return float(text)
        case k if k is str:
            return text
        case _:
            return Path(text) if text else None


def _out_of_range(values: Mapping[str, Any]) -> list[str]:
    wrong = []
    if values.get("locale", "id") not in {"id", "en"}:
        wrong.append("LINTAS_LOCALE must be id or en")
    try:
        ZoneInfo(values.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        wrong.append(f"LINTAS_TIMEZONE={values['timezone']!r} is no time zone; write one like Asia/Makassar")
    if 0 < len(values.get("metrics_token", "")) < 16:
        wrong.append("LINTAS_METRICS_TOKEN must have at least 16 characters")
    for name, low, high in (
        ("port", 0, 65535),
        ("worker_threads", 1, 64),
        ("tick_s", 0.05, 60),
        ("lease_s", 2, 3600),
        ("max_attempts", 1, 50),
        ("backoff_s", 0, 3600),
        ("message_kept_h", 0, 8760),
        ("upload_limit_bytes", 1_000, 50_000_000),
        ("upload_limit_elements", 10, 50_000),
    ):
        if name in values and not low <= values[name] <= high:
            wrong.append(f"{PREFIX}{name.upper()} must be from {low} to {high}")
    return wrong


def read_systems(path: Path) -> dict[str, System]:
    """Partner systems from a TOML file; see ``Settings.systems``."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(f"LINTAS_SYSTEMS_FILE: {path} cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"LINTAS_SYSTEMS_FILE: {path} is no TOML: {error}") from error
    systems = {}
    for key, table in tables.items():
        if not isinstance(table, dict):
            raise SettingsInvalid(f"{path}: [{key}] must be a table with base_url")
        unknown = table.keys() - {f.name for f in fields(System)} - {"key"}
        if unknown:
            raise SettingsInvalid(f"{path}: [{key}] has unknown {', '.join(sorted(unknown))}")
        url = table.get("base_url", "")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise SettingsInvalid(f"{path}: [{key}] base_url must begin with http:// or https://")
        timeout_s = table.get("timeout_s", 10.0)
        if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float) or timeout_s <= 0:
            raise SettingsInvalid(f"{path}: [{key}] timeout_s must be a positive number of seconds")
        systems[key] = System(
            **{**table, "key": key, "base_url": url.rstrip("/"), "timeout_s": float(timeout_s)}
        )
    return systems
