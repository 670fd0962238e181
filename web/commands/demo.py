"""lintas demo: a sample city with real cases, in one command, on this machine only."""

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from engine.errors import EngineError
from web.commands.common import log_to_stderr, settings_of
from web.demo.check import CheckFailed, check
from web.demo.folder import Account, FolderTaken
from web.demo.run import demo as opened_demo
from web.demo.run import serve

FOLDER = Path("demo-data")


@click.command()
@click.option(
    "--data",
    "data_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    show_default=True,
    help="The demonstration's own folder; an empty one is prepared, an earlier one goes on.",
)
@click.option("--port", type=int, help="Port on 127.0.0.1; a free one when it is taken.")
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Run one licence without a browser, from upload to the issued licence; ends with 1 when something breaks.",
)
def demo(data_dir: Path, port: int | None, only_check: bool) -> None:
    """Start simulated systems, server and worker with sample agencies, processes, people and cases."""
    log_to_stderr(logging.WARNING)
    if only_check:
        _check()
        return
    try:
        with opened_demo(settings_of(data_dir, port=port), tell=click.echo) as running:
            _print_people(running.accounts)
            click.echo(f"\nLintas listens on {running.url}  (stop it with Ctrl-C)")
            click.echo(f"For programs: {data_dir / 'demo.json'}")
            serve(running)
    except FolderTaken as taken:
        raise click.ClickException(str(taken)) from taken


def _check() -> None:
    with tempfile.TemporaryDirectory(prefix="lintas-check-") as scratch:
        settings = settings_of(Path(scratch), port=0, tick_s=0.1, backoff_s=0.2)
        try:
            check(settings, tell=click.echo)
        except (CheckFailed, EngineError) as broken:
            raise click.ClickException(f"The demonstration is broken: {broken}") from broken


def _print_people(accounts: Sequence[Account]) -> None:
    rows = [(a.username, a.name, a.agency_name, ", ".join((*a.powers, *a.roles))) for a in accounts]
    heads = ("User name", "Name", "Agency", "May")
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(3)]
    click.echo()
    for row in (heads, *rows):
        click.echo(
            "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        )
    click.echo(f"\nPassword of everybody: {accounts[0].password}")
