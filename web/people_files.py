"""Reads lists of agencies (CSV, TOML) and people (CSV) as spreadsheets and editors write them; says what is wrong by line."""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from engine.errors import Invalid
from engine.states import Power
from engine.usecases.import_people import PersonLine, Wish
from engine.usecases.keep_agency import AgencyWish, RoleWish

Lines = list[tuple[int, str, Wish | Invalid]]
"""Line number, key, and what the line wishes or why it cannot be read."""

SIZE_LIMIT_BYTES = 5_000_000
ROW_LIMIT = 20_000
_DELIMITERS = ",;\t"
_WORDS = re.compile(r"[\s|]+")
_YES = {
    "yes": True,
    "ya": True,
    "true": True,
    "1": True,
    "no": False,
    "tidak": False,
    "false": False,
    "0": False,
}


def people_of_csv(content: bytes) -> Lines:
    """People of a CSV file: ``username,name`` and, where the file has them, ``language,works,powers,active``.

    ``works`` are ``agency`` or ``agency/role``, several with spaces between, and so are ``powers``; ``active`` is yes or
    no. What a file has no column for stays as it is; so do an empty language and an empty ``active``.

    Raises:
        Invalid ``file_invalid``: the file as a whole cannot be read.
    """
    return _rows(
        content,
        _person,
        key="username",
        must={"username", "name"},
        may={"language", "works", "powers", "active"},
    )


def agencies_of_csv(content: bytes) -> Lines:
    """Agencies of a CSV file: ``key,name_id,name_en`` and perhaps ``roles``, keys with spaces between.

    Raises:
        Invalid ``file_invalid``: the file as a whole cannot be read.
    """
    return _rows(content, _agency, key="key", must={"key", "name_id", "name_en"}, may={"roles"})


def agencies_of_toml(content: bytes) -> tuple[Lines, int]:
    """Agencies of a TOML file (``[[agencies]]``, ``[calendars.*]``), numbered as they come; and how many people stand in it,
    which are not read.

    Raises:
        Invalid ``file_invalid``: the file as a whole cannot be read.
    """
    try:
        table = tomllib.loads(_text(content))
    except tomllib.TOMLDecodeError as error:
        raise _file(f"it is no TOML: {error}") from error
    unknown = table.keys() - {"agencies", "calendars", "people", "title_id", "title_en"}
    if unknown:
        raise _file(f"it has unknown {', '.join(sorted(unknown))}")
    agencies, calendars = table.get("agencies", []), table.get("calendars", {})
    if not isinstance(agencies, list) or not isinstance(calendars, dict):
        raise _file("agencies must be [[agencies]] and calendars [calendars.NAME]")
    lines: Lines = []
    seen: dict[str, int] = {}
    for number, entry in enumerate(agencies, start=1):
        key = str(entry.get("key", "")) if isinstance(entry, dict) else ""
        lines.append((number, key, _guarded(partial(_agency_table, entry, calendars), key, number, seen)))
    return lines, len(table.get("people", ()))


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises Invalid ``file_invalid``."""
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise _file(f"it cannot be read ({error.strerror})") from error
    if len(content) > SIZE_LIMIT_BYTES:
        raise _file(f"it is larger than {SIZE_LIMIT_BYTES // 1_000_000} MB")
    return content


def calendar_with_base(calendars: Mapping[str, Any], key: str) -> dict[str, Any]:
    """One calendar with what it extends; its own days off come on top.

    Raises:
        Invalid ``calendar_unknown``, ``calendar_invalid`` (it extends itself).
    """
    chain: list[str] = []
    whole: dict[str, Any] = {}
    name: str | None = key
    while name is not None:
        if name in chain:
            raise Invalid(f"The calendar “{key}” extends itself.", code="calendar_invalid", key=key)
        chain.append(name)
        own = calendars.get(name)
        if not isinstance(own, dict):
            raise Invalid(f"There is no calendar “{name}” in the file.", code="calendar_unknown", key=name)
        if not isinstance(own.get("holidays", []), list):
            raise Invalid(
                f"holidays of the calendar “{name}” must be a list.", code="calendar_invalid", key=name
            )
        holidays = [*own.get("holidays", ()), *whole.get("holidays", ())]
        whole = {**own, **whole, **({"holidays": holidays} if holidays else {})}
        name = own.get("extends")
    whole.pop("extends", None)
    return whole


def _rows(
    content: bytes, make: Callable[[Mapping[str, str]], Wish], *, key: str, must: set[str], may: set[str]
) -> Lines:
    text = _text(content)
    head = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: Lines = []
    seen: dict[str, int] = {}
    names: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _columns(cells, must, may)
                continue
            if len(lines) >= ROW_LIMIT:
                raise _file(f"it has more than {ROW_LIMIT} rows")
            if len(cells) != len(names):
                said = f"This row has {len(cells)} cells, the first one {len(names)}."
                lines.append((reader.line_num, cells[0].strip()[:64], Invalid(said, code="columns_wrong")))
                continue
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
            lines.append(
                (
                    reader.line_num,
                    row[key][:64],
                    _guarded(partial(make, row), row[key], reader.line_num, seen),
                )
            )
    except csv.Error as error:
        raise _file(f"line {reader.line_num} is no CSV: {error}") from error
    if names is None:
        raise _file("it is empty; the first row names the columns")
    return lines


def _columns(cells: list[str], must: set[str], may: set[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    wrong = [f"no column {name}" for name in sorted(must - set(names))]
    wrong += [f"an unknown column “{name}”" for name in sorted(set(names) - must - may)]
    wrong += [f"the column {name} twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if wrong:
        raise _file(f"it has {', '.join(wrong)}; it may have {', '.join(sorted(must | may))}")
    return names


def _guarded(make: Callable[[], Wish], key: str, number: int, seen: dict[str, int]) -> Wish | Invalid:
    if key in seen:
        return Invalid(f"“{key[:64]}” stands at {seen[key]} already.", code="named_twice", key=key[:64])
    seen[key] = number
    try:
        return make()
    except Invalid as problem:
        return problem


def _person(row: Mapping[str, str]) -> PersonLine:
    says: dict[str, Any] = {"name": row["name"]}
    if row.get("language"):
        says["locale"] = row["language"].lower()
    if "works" in row:
        pairs = [word.partition("/")[::2] for word in _words(row["works"])]
        says["agencies"] = frozenset(agency for agency, _ in pairs)
        says["roles"] = frozenset((agency, role) for agency, role in pairs if role)
    if "powers" in row:
        says["powers"] = frozenset(_power(word) for word in _words(row["powers"]))
    if row.get("active"):
        says["active"] = _yes(row["active"])
    return PersonLine(row["username"], says)


def _agency(row: Mapping[str, str]) -> AgencyWish:
    roles = tuple(RoleWish(key) for key in _words(row.get("roles", "")))
    return AgencyWish(row["key"], row["name_id"], row["name_en"], roles)


def _agency_table(entry: Any, calendars: Mapping[str, Any]) -> AgencyWish:
    if not isinstance(entry, dict):
        raise Invalid("An agency is a table.", code="entry_invalid")
    _only_texts(entry, {"key", "name_id", "name_en", "calendar"}, but=frozenset({"roles"}))
    roles = entry.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, dict) for role in roles):
        raise Invalid("roles is a list of tables.", code="entry_invalid")
    for role in roles:
        _only_texts(role, {"key", "name_id", "name_en"})
    return AgencyWish(
        key=entry.get("key", ""),
        name_id=entry.get("name_id"),
        name_en=entry.get("name_en"),
        roles=tuple(
            RoleWish(role.get("key", ""), role.get("name_id"), role.get("name_en")) for role in roles
        ),
        calendar=calendar_with_base(calendars, entry["calendar"]) if "calendar" in entry else None,
    )


def _only_texts(table: Mapping[str, Any], known: set[str], *, but: frozenset[str] = frozenset()) -> None:
    unknown = table.keys() - known - but
    if unknown:
        raise Invalid(f"It has unknown {', '.join(sorted(unknown))}.", code="entry_invalid")
    for name in known & table.keys():
        if not isinstance(table[name], str):
            raise Invalid(f"{name} must be a text.", code="entry_invalid")


def _words(cell: str) -> list[str]:
    return [word for word in _WORDS.split(cell) if word]


def _power(word: str) -> Power:
    try:
        return Power(word.lower())
    except ValueError:
        raise Invalid(
            f"“{word[:64]}” is no power; there are {', '.join(Power)}.", code="power_unknown", power=word[:64]
        ) from None


def _yes(word: str) -> bool:
    try:
        return _YES[word.lower()]
    except KeyError:
        raise Invalid(f"active is yes or no, not “{word[:64]}”.", code="active_invalid") from None


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _file(f"line {line} is not UTF-8; save it as “CSV UTF-8”") from error
    if "\0" in text:
        raise _file(
            f"line {text[: text.index(chr(0))].count(chr(10)) + 1} holds a NUL; save it as “CSV UTF-8”"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _file(why: str) -> Invalid:
    return Invalid(f"The file cannot be used: {why}.", code="file_invalid")
