"""Migrations stand in one numbered line, and HEAD in git is its end: two branches cannot both add the next one."""

from engine.store import migrate


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    numbers = migrate.numbers()
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_each_migration_follows_the_one_before_it() -> None:
    numbers = migrate.numbers()
    assert migrate.descent() == list(zip(numbers, [None, *numbers[:-1]], strict=True))


def test_head_names_the_newest_migration() -> None:
    assert migrate.head() == migrate.numbers()[-1]


def test_migrations_import_nothing_that_may_change_but_column_types() -> None:
    for path in (migrate.FOLDER / "versions").glob("0*.py"):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "import" in line]
        assert set(lines) <= {
            "import sqlalchemy as sa",
            "from alembic import op",
            "from engine.model import base",
        }, path.name
