"""The HTTP connector: one JSON request to a partner, its answer read strictly, its failures sorted into may-pass and cannot.

Settings of the service task (README.md beside this file): ``method``, ``path``, ``errors``, ``query``.
"""

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx

from engine.connector import Call, Refused, Reply, System, TryAgain

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
KNOWN_SETTINGS = frozenset({"method", "path", "errors", "query"})
MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which a repeat can succeed (RFC 9110 §15; 425 from RFC 8470)."""

ANSWER_LIMIT_BYTES = 1_000_000
_PLACE = re.compile(r"\{(\w+)\}")
_ERROR_RULE = re.compile(r"\s*([45]\d\d)\s*:\s*(\w[\w.-]*)\s*")


class HttpConnector:
    """Thread-safe; keeps one connection pool for all systems."""

    def __init__(self, *, transport: httpx.BaseTransport | None = None) -> None:
        # Redirects are not followed: the administrator said where the partner is, not the partner's answer.
        self._client = httpx.Client(follow_redirects=False, transport=transport, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def problems(self, settings: Mapping[str, str]) -> list[str]:
        found = [
            f"the connector http does not know the setting {name!r}; it knows {', '.join(sorted(KNOWN_SETTINGS))}"
            for name in sorted(settings.keys() - KNOWN_SETTINGS - {"connector", "system"})
        ]
        if not settings.get("system"):
            found.append('name the partner with the property "system"; an administrator sets its address')
        method = settings.get("method", "POST")
        if method.upper() not in METHODS:
            found.append(f"method {method!r} is not one of {', '.join(METHODS)}")
        path = settings.get("path", "")
        if not path.startswith("/") or path.startswith("//") or ".." in path or "://" in path:
            found.append(f'path {path!r} must begin with one "/" and stay on the partner\'s own address')
        try:
            error_codes(settings)
        except ValueError as error:
            found.append(str(error))
        return found

    def run(self, call: Call) -> Reply:
        if call.system is None:
            raise Refused('the task names no partner system; set the property "system"')
        request = self._request(call, call.system)
        try:
            answer, body = self._send(request, call.system)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TryAgain(f"{call.system.key} cannot be reached ({type(error).__name__})") from error
        except (httpx.TimeoutException, _TooSlow) as error:
            raise TryAgain(
                f"{call.system.key} did not answer within {call.system.timeout_s:g} s", outcome_unknown=True
            ) from error
        except httpx.TransportError as error:
            raise TryAgain(
                f"the connection to {call.system.key} broke ({type(error).__name__})", outcome_unknown=True
            ) from error
        return self._read(call, call.system, answer, body)

    def _request(self, call: Call, system: System) -> httpx.Request:
        method = call.settings.get("method", "POST").upper()
        path, used = fill_path(call.settings.get("path", "/"), call.inputs)
        query = {name.strip() for name in call.settings.get("query", "").split(",") if name.strip()}
        unknown = query - call.inputs.keys()
        if unknown:
            raise Refused(
                f"the setting query names {', '.join(sorted(unknown))}, which the task has no input for"
            )
        rest = {name: value for name, value in call.inputs.items() if name not in used and name not in query}
        headers = {
            **system.headers,
            "Accept": "application/json",
            "Idempotency-Key": call.idempotency_key,
            "X-Lintas-Attempt": str(call.attempt),
        }
        content = None
        if method not in {"GET", "DELETE"}:
            content = json.dumps(rest, default=_plain, ensure_ascii=False, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        elif rest:
            raise Refused(
                f"{method} sends no body: use {', '.join(sorted(rest))} in the path or name them in query"
            )
        return self._client.build_request(
            method,
            system.base_url + path,
            params={name: _text(call.inputs[name]) for name in sorted(query)} or None,
            headers=headers,
            content=content,
            timeout=system.timeout_s,
        )

    def _send(self, request: httpx.Request, system: System) -> tuple[httpx.Response, bytes]:
        # The client's own timeout is per read: a partner that drips a byte a second would hold a worker for ever.
        deadline = _Deadline(system.timeout_s)
        answer = self._client.send(request, stream=True)
        try:
            chunks: list[bytes] = []
            size = 0
            for chunk in answer.iter_bytes():
                size += len(chunk)
                if size > ANSWER_LIMIT_BYTES:
                    raise Refused(f"{system.key} answered with more than {ANSWER_LIMIT_BYTES} bytes")
                deadline.check()
                chunks.append(chunk)
            return answer, b"".join(chunks)
        finally:
            answer.close()

    def _read(self, call: Call, system: System, answer: httpx.Response, body: bytes) -> Reply:
        status = answer.status_code
        # The model's own reading of a status comes first: a partner may say 404 for "no such person".
        code = error_codes(call.settings).get(status)
        if code is not None:
            return Reply(data=_json_or_none(answer, body), error=code)
        if status in MAY_PASS:
            raise TryAgain(
                f"{system.key} answered {status}",
                after_s=retry_after_s(answer.headers.get("Retry-After")),
                outcome_unknown=status in {500, 502, 504},
            )
        if not 200 <= status < 300:
            raise Refused(f"{system.key} refused the call with status {status}")
        if status == 204 or not body:
            return Reply()
        kind = answer.headers.get("Content-Type", "")
        if not is_json(kind):
            raise Refused(
                f"{system.key} answered {status} with {kind.split(';')[0] or 'no content type'}, not with JSON; "
                "check its address and path with the partner"
            )
        try:
            return Reply(data=json.loads(body, parse_constant=_no_constant))
        except (ValueError, RecursionError) as error:
            raise Refused(f"{system.key} answered {status} with JSON that cannot be read") from error


class _TooSlow(Exception):
    """The whole answer took longer than the system's limit."""


class _Deadline:
    def __init__(self, limit_s: float) -> None:
        self._end = time.monotonic() + limit_s

    def check(self) -> None:
        if time.monotonic() > self._end:
            raise _TooSlow


def error_codes(settings: Mapping[str, str]) -> dict[int, str]:
    """``errors`` = "404:NIK_NOT_FOUND, 410:DECEASED" as status → BPMN error code.

    Raises:
        ValueError: a part is not ``status:CODE`` with a status from 400 to 599.
    """
    rules: dict[int, str] = {}
    text = settings.get("errors", "").strip()
    for part in text.split(",") if text else []:
        match = _ERROR_RULE.fullmatch(part)
        if match is None:
            raise ValueError(f"errors: {part.strip()!r} is not like 404:NOT_FOUND")
        rules[int(match[1])] = match[2]
    return rules


def fill_path(path: str, inputs: Mapping[str, Any]) -> tuple[str, set[str]]:
    """Put inputs into ``{name}`` places of the path, each escaped as one segment; returns the names used.

    Raises:
        Refused: a place has no input, or an input cannot stand in a path.
    """
    used: set[str] = set()

    def put(match: re.Match[str]) -> str:
        name = match[1]
        if name not in inputs or inputs[name] in (None, "", ".", ".."):
            raise Refused(f"the path needs a value for {{{name}}}; add it to the task's inputs")
        used.add(name)
        return quote(_text(inputs[name]), safe="")

    return _PLACE.sub(put, path), used


def retry_after_s(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for (number or HTTP date), at most a day; None when it says nothing usable."""
    if not header:
        return None
    if header.strip().isdigit():
        return min(float(header), 86_400.0)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), 86_400.0)


def is_json(content_type: str) -> bool:
    media = content_type.split(";")[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _json_or_none(answer: httpx.Response, body: bytes) -> Any:
    if not is_json(answer.headers.get("Content-Type", "")):
        return None
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_plain(value)) if not isinstance(value, str) else value
