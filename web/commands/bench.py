"""lintas bench: what this machine and its database can do, in one table."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from web.bench.measure import STATE_BYTES, Result, run
from web.commands.common import json_option, show


@click.command()
@click.option(
    "--database-url",
    metavar="URL",
    help="A PostgreSQL server; a database beside the one it names is made and dropped. Without it: SQLite.",
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="On the disk that SQLite is to use; here by default. What is made in it is removed.",
)
@click.option(
    "--cases", type=click.IntRange(2, 20_000), default=300, show_default=True, help="Cases of each kind."
)
@click.option(
    "--seconds",
    "each_s",
    type=click.FloatRange(0.1, 600),
    default=20.0,
    show_default=True,
    help="No measurement takes longer; the old case six times that.",
)
@click.option(
    "--oldest",
    type=click.IntRange(10, 10_000),
    default=1_000,
    show_default=True,
    help="Steps of the old case.",
)
@json_option
def bench(
    database_url: str | None, folder: Path, cases: int, each_s: float, oldest: int, as_json: bool
) -> None:
    """Measure start, completion, message, timer and connector in process, on a database that is thrown away.

    The bare driver's commits are measured before and after in the same run, so that a busy machine shows.
    """
    tell = (
        (lambda line: click.echo(f"  {line} …", err=True))
        if sys.stderr.isatty() or not as_json
        else lambda _: None
    )
    try:
        result = run(database_url, folder=folder, cases=cases, each_s=each_s, oldest=oldest, tell=tell)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--database-url") from error
    if as_json:
        show(asdict(result) | {"per_s": {m.name: m.per_s for m in result.measures}})
    else:
        click.echo(table(result))


def table(result: Result) -> str:
    """The result for a person's eyes."""
    lines = [
        f"{result.database}, one client in process; the bare driver commits {result.limit_before:,.0f} such "
        f"transactions a second before and {result.limit_after:,.0f} after (state {STATE_BYTES / 1000:.0f} kB).",
        "",
        f"{'':20}{'count':>7}{'a second':>10}{'of limit':>10}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}{'SQL':>6}{'commits':>9}",
    ]
    for m in result.measures:
        of_limit = "" if m.of_limit is None else f"{m.of_limit:.0%}"
        lines.append(
            f"{m.name:20}{m.count:>7}{m.per_s:>10,.0f}{of_limit:>10}{_ms(m.p50_ms):>9}{_ms(m.p95_ms):>9}"
            f"{_ms(m.cpu_ms):>9}{m.statements or '':>6}{m.commits or '':>9}"
        )
    lines += ["", f"{'a case of … steps':>20}{'ms a completion':>17}{'SQL':>6}{'state bytes':>13}"]
    lines += [
        f"{age.steps:>20,}{age.ms:>17.1f}{age.statements:>6}{age.state_bytes:>13,}" for age in result.ages
    ]
    return "\n".join(lines)


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
