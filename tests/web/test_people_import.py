"""Lists of agencies and people: what spreadsheets write is read, what is wrong is told by line, and half is never done."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.config import Settings
from engine.errors import Invalid
from engine.model import SYSTEM
from engine.states import Power
from engine.store import people
from engine.store.db import Database
from engine.store.people import PersonRow
from tests.people import FIRE, LICENSING, World
from web.cli import main
from web.people_files import agencies_of_csv, agencies_of_toml, people_of_csv

Run = Callable[..., Result]

CITY = Path(__file__).resolve().parents[2] / "processes" / "kota_muara_lestari.toml"
STAFF = """username,name,language,works,powers,active
eko,Eko Purwadinata,en,damkar/inspector,,
joni,Joni Kalalo,,damkar | dpmptsp/verifier,designer operator,ya
"""


@pytest.fixture
def run(
    settings: Settings, database: Database, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs the command line on the test's house; a text or bytes given as ``file`` is put into a file first."""
    monkeypatch.setenv("LINTAS_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("LINTAS_DATA_DIR", str(tmp_path))

    def run(*words: str, file: str | bytes | None = None, name: str = "list.csv") -> Result:
        if file is not None:
            path = tmp_path / name
            path.write_bytes(file if isinstance(file, bytes) else file.encode())
            words = (*words, str(path))
        return CliRunner().invoke(main, list(words))

    return run


def row(database: Database, username: str) -> PersonRow | None:
    with database.read(SYSTEM) as uow:
        if people.by_username(uow, username) is None:
            return None
        return people.person(uow, username)


def everything(database: Database) -> tuple[object, ...]:
    with database.read(SYSTEM) as uow:
        return (tuple(people.agencies(uow)), tuple(people.people(uow, limit=500).items))


def test_people_of_a_list_are_there_afterwards(run: Run, database: Database) -> None:
    done = run("people", "import", file=STAFF)
    assert done.exit_code == 0, done.output
    assert "     2  new        eko" in done.output
    assert "2 new, 0 changed, 0 unchanged" in done.output
    eko, joni = row(database, "eko"), row(database, "joni")
    assert eko is not None
    assert joni is not None
    assert (eko.name, eko.locale, eko.roles, eko.powers) == (
        "Eko Purwadinata",
        "en",
        ((FIRE, "inspector"),),
        (),
    )
    assert joni.agencies == (FIRE, LICENSING)
    assert joni.roles == ((LICENSING, "verifier"),)
    assert joni.powers == (Power.DESIGNER, Power.OPERATOR)
    again = run("people", "import", file=STAFF)
    assert "0 new, 0 changed, 2 unchanged" in again.output


def test_what_has_no_column_stays(run: Run, database: Database) -> None:
    before = row(database, "citra")
    done = run("people", "import", file="username,name\ncitra,Citra Ayu\n")
    assert "changed    citra" in done.output
    after = row(database, "citra")
    assert before is not None
    assert after is not None
    assert (after.name, after.agencies, after.powers, after.active) == (
        "Citra Ayu",
        before.agencies,
        before.powers,
        True,
    )
    assert (
        "unchanged"
        not in run("people", "import", file="username,name,active\ncitra,Citra Ayu,tidak\n").output.split(
            "\n"
        )[0]
    )
    assert row(database, "citra").active is False
    run("people", "import", file="username,name,active\ncitra,Citra,\n")
    assert row(database, "citra").active is False


def test_a_dry_run_tells_all_and_changes_nothing(run: Run, database: Database, tmp_path: Path) -> None:
    before = everything(database)
    out = tmp_path / "passwords.csv"
    done = run("people", "import", "--dry-run", "--passwords", str(out), file=STAFF)
    assert "2 new" in done.output
    assert "nothing was changed" in done.output
    assert everything(database) == before
    assert not out.exists()


BAD = """username,name,works,powers,active
eko,Eko,damkar/inspector,,
Joni,Joni,damkar,,
rudi,=cmd|'/c calc'!A1,damkar,,
sita,Sita,nowhere,,
tari,Tari,damkar/nothing,,
umar,Umar,damkar,king,
vera,Vera,damkar,,perhaps
eko,Eko again,damkar,,
wati,Wati,damkar
,Nobody,damkar,,
yuni,"Yuni
Sara",damkar,,
"""


def test_each_bad_line_is_told_and_none_of_the_list_is_done(run: Run, database: Database) -> None:
    before = everything(database)
    done = run("people", "import", "--json", file=BAD)
    assert done.exit_code == 1
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [(line["line"], line["effect"], line.get("code")) for line in said] == [
        (2, "new", None),
        (3, "refused", "username_invalid"),
        (4, "refused", "name_invalid"),
        (5, "refused", "agency_unknown"),
        (6, "refused", "role_unknown"),
        (7, "refused", "power_unknown"),
        (8, "refused", "active_invalid"),
        (9, "refused", "named_twice"),
        (10, "refused", "columns_wrong"),
        (11, "refused", "username_invalid"),
        (13, "refused", "name_invalid"),  # a cell with a line break ends here
    ]
    assert "10 lines are refused; nothing was changed" in done.output
    assert everything(database) == before


def test_new_people_get_passwords_in_a_file_that_only_its_maker_reads(
    run: Run, database: Database, tmp_path: Path
) -> None:
    out = tmp_path / "passwords.csv"
    done = run("people", "import", "--passwords", str(out), file=STAFF + "ana,Ana,,dpmptsp/front_desk,,\n")
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    lines = out.read_text().splitlines()
    assert lines[0] == "username,password"
    assert [line.split(",")[0] for line in lines[1:]] == ["eko", "joni"]
    from web.auth import _fits

    with database.read(SYSTEM) as uow:
        eko = people.by_username(uow, "eko")
    assert eko is not None
    assert _fits(eko.password_hash or "", lines[1].split(",")[1])
    before = everything(database)
    refused = run("people", "import", "--passwords", str(out), file="username,name\nzed,Zed\n")
    assert refused.exit_code == 1
    assert everything(database) == before


@pytest.mark.parametrize(
    "content",
    [
        STAFF.encode("utf-8-sig"),
        STAFF.replace("\n", "\r\n").encode(),
        STAFF.replace(",", ";").encode(),
        STAFF.replace(",", "\t").encode(),
        ("\n" + STAFF + "\n\n").encode(),
        STAFF.replace("username,name", "Username , NAME").encode(),
    ],
    ids=["bom", "crlf", "semicolons", "tabs", "blank lines", "loud names"],
)
def test_what_spreadsheets_write_is_read(content: bytes) -> None:
    assert [(key, getattr(wish, "says", wish)["name"]) for _, key, wish in people_of_csv(content)] == [
        ("eko", "Eko Purwadinata"),
        ("joni", "Joni Kalalo"),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (STAFF.encode("utf-16"), "UTF-8"),
        ("username,name\nà,b\n".encode("latin-1"), "line 2 is not UTF-8"),
        (b"username,name\na,\0\n", "line 2 holds a NUL"),
        (b"name\nEko\n", "no column username"),
        (b"username,name,pasword\n", "unknown column"),
        (b"username,name,name\n", "the column name twice"),
        (b'username,name\neko,"Eko\n', "no CSV"),
        (b"PK\x03\x04\x14\x00\x06\x00", "NUL"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(content: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refusal:
        people_of_csv(content)
    assert refusal.value.problem_code == "file_invalid"


def test_a_list_that_is_too_long_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.people_files.ROW_LIMIT", 1)
    assert "more than 1 rows" in run("people", "import", file=STAFF).output
    monkeypatch.setattr("web.people_files.SIZE_LIMIT_BYTES", 10)
    assert "larger than" in run("people", "import", file=STAFF).output


def test_agencies_come_from_csv_with_their_roles(run: Run, database: Database) -> None:
    text = "key,name_id,name_en,roles\ndinkes,Dinas Kesehatan,Health service,h_head h_nurse\ndamkar,Damkar,Fire,\n"
    done = run("agencies", "import", file=text)
    assert done.exit_code == 0, done.output
    with database.read(SYSTEM) as uow:
        found = {agency.key: agency for agency in people.agencies(uow)}
    assert [role.key for role in found["dinkes"].roles] == ["h_head", "h_nurse"]
    assert [role.key for role in found["damkar"].roles] == ["inspector"]
    assert found["damkar"].name_en == "Fire"
    bad = run("agencies", "import", file="key,name_id,name_en\nDinas X,X,X\nok,@x,y\n")
    assert bad.exit_code == 1
    assert "key_invalid" in bad.output
    assert "name_invalid" in bad.output


def test_the_sample_city_s_file_is_such_a_list(run: Run, database: Database) -> None:
    done = run("agencies", "import", file=CITY.read_bytes(), name="city.toml")
    assert done.exit_code == 0, done.output
    assert "people in" in done.output
    with database.read(SYSTEM) as uow:
        found = {agency.key: agency for agency in people.agencies(uow)}
    holidays = found["dpmptsp"].calendar["holidays"]
    assert "2026-01-01" in holidays
    assert "2026-11-11" in holidays
    again = run("agencies", "import", file=CITY.read_bytes(), name="city.toml")
    assert "0 new, 0 changed" in again.output


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[[agencies]]\nkey = "a"\nname_id = "A"\nname_en = "A"\nextra = 1', "entry_invalid"),
        ('[[agencies]]\nkey = 5\nname_id = "A"\nname_en = "A"', "entry_invalid"),
        ('[[agencies]]\nname_id = "A"\nname_en = "A"', "key_invalid"),
        ('[[agencies]]\nkey = "a"\nname_id = "A"\nname_en = "A"\nroles = ["x"]', "entry_invalid"),
        ('[[agencies]]\nkey = "a"\nname_id = "A"\nname_en = "A"\ncalendar = "c"', "calendar_unknown"),
        (
            '[[agencies]]\nkey = "a"\nname_id = "A"\nname_en = "A"\ncalendar = "c"\n[calendars.c]\nextends = "c"',
            "calendar_invalid",
        ),
        (
            '[[agencies]]\nkey = "a"\nname_id = "A"\nname_en = "A"\ncalendar = "c"\n[calendars.c]\nholidays = 5',
            "calendar_invalid",
        ),
        (
            '[[agencies]]\nkey = "a"\nname_id = "A"\nname_en = "A"\ncalendar = "c"\n[calendars.c]\nhours = "all"',
            "calendar_invalid",
        ),
        ("agencies = [5]", "entry_invalid"),
        ("agencies = 5", "file_invalid"),
        ("persons = []", "file_invalid"),
        ("[[agencies", "file_invalid"),
    ],
)
def test_a_bad_toml_is_told(run: Run, database: Database, text: str, code: str) -> None:
    before = everything(database)
    done = run("agencies", "import", file=text, name="x.toml")
    assert done.exit_code == 1, done.output
    assert code in done.output
    assert everything(database) == before


def test_lists_are_read_the_same_by_both_readers() -> None:
    (csv_line,) = agencies_of_csv(b"key,name_id,name_en,roles\na,A,B,r\n")
    ((toml_line,), others) = agencies_of_toml(
        b'[[agencies]]\nkey = "a"\nname_id = "A"\nname_en = "B"\nroles = [{ key = "r" }]\n'
    )
    assert (csv_line[2], others) == (toml_line[2], 0)


def test_the_first_administrator_is_made_on_the_command_line(run: Run, database: Database) -> None:
    made = run("person", "create", "vonny", "--name", "Vonny", "--admin", "--works", "damkar/inspector")
    assert made.exit_code == 0, made.output
    vonny = row(database, "vonny")
    assert vonny is not None
    assert (vonny.powers, vonny.roles) == ((Power.ADMINISTRATOR,), ((FIRE, "inspector"),))
    assert run("person", "password", "vonny").output != made.output
    assert run("person", "deactivate", "vonny").output == "vonny: changed\n"
    assert "person_inactive" in run("person", "password", "vonny").output
    assert run("person", "activate", "vonny").output == "vonny: changed\n"
    assert "username_taken" in run("person", "create", "vonny", "--name", "Vonny").output


def test_a_named_person_must_be_an_administrator(run: Run, database: Database) -> None:
    before = everything(database)
    assert "not_permitted" in run("people", "import", "--as", "ana", file=STAFF).output
    assert "not_permitted" in run("person", "create", "x", "--name", "X", "--as", "dewi").output
    assert everything(database) == before
    assert run("people", "import", "--as", "sari", file=STAFF).exit_code == 0
