"""lintas check: what is wrong with processes, as a compiler would say it; with a house or without one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from engine.bpmn.admit import Admission, Upload
from engine.errors import Invalid
from engine.usecases.check_alone import check_alone
from engine.usecases.check_process import check_process
from web import uploads
from web.commands.common import data_option, opened, person, settings_of
from web.commands.findings import Report, as_json, as_sarif, as_text, findings
from web.commands.models import lane_option, lanes_of, roles_option
from web.wiring import connectors_here

FORMATS = ("text", "json", "sarif")


@dataclass(frozen=True, slots=True)
class Target:
    """One upload on disk. ``name``: as it was given, for the reader; ``paths``: file name in the upload → where it lies."""

    name: str
    upload: Upload
    paths: dict[str, Path]


@click.command()
@data_option
@click.option(
    "--as",
    "username",
    metavar="USER",
    help="Check against the house too, as this person: its agencies, people, systems and processes.",
)
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE|FOLDER…"
)
@lane_option
@roles_option
@click.option("--json", "json_wanted", is_flag=True, help="The same as --format json.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="json: one object an upload, a line each; sarif: for code scanners.",
)
@click.option("--warnings-as-errors", is_flag=True, help="End with 1 when there are warnings, too.")
def check(
    data_dir: Path | None,
    username: str | None,
    paths: tuple[Path, ...],
    lane_pairs: tuple[str, ...],
    create_roles: bool,
    json_wanted: bool,
    form: str,
    warnings_as_errors: bool,
) -> None:
    """Find everything that is wrong with processes.

    Files given one by one are one upload: a BPMN file with its tables, forms and process.toml. Each folder is an upload of
    its own, with what lies in its forms/; of a folder without a model, the folders in it are taken. Without --as no house
    and no database is needed, and what only a house can tell is named at the end.

    Ends with 0, with 1 when there are errors, with 2 when the command itself is wrong.
    """
    if username is None and (data_dir is not None or create_roles):
        raise click.UsageError("--data and --create-roles are about a house: say who you are with --as USER.")
    targets = list(_targets(paths))
    lanes = lanes_of(lane_pairs)
    reports: list[Report] = []
    if username is None:
        limits = uploads.limits(settings_of(None))
        connectors = {name: connector.problems for name, connector in connectors_here().items()}
        for target in targets:
            found = check_alone(target.upload, lanes=lanes, connectors=connectors, limits=limits)
            reports.append(_report(target, found.admission, found.unchecked))
    else:
        with opened(data_dir) as house:
            for target in targets:
                with house.db.read(person(house, username)) as uow:
                    sent = uploads.Sent(target.upload, lanes, create_roles)
                    admission = uploads.handed(check_process, uow, sent, house)
                reports.append(_report(target, admission, ()))
    match "json" if json_wanted else form:
        case "json":
            click.echo("\n".join(as_json(report) for report in reports))
        case "sarif":
            click.echo(as_sarif(reports))
        case _:
            as_text(reports)
    kinds = {finding.kind for report in reports for finding in report.findings}
    if "error" in kinds or (warnings_as_errors and "warning" in kinds):
        raise SystemExit(1)


def _report(
    target: Target, admission: Admission, unchecked: tuple[tuple[str, tuple[str, ...]], ...]
) -> Report:
    keys = tuple(admitted.process.key for admitted in admission.processes)
    return Report(target.name, keys, findings(admission, target.paths), unchecked)


def _targets(paths: Sequence[Path]) -> Iterator[Target]:
    """The uploads of the command line.

    Raises:
        UsageError: no model, or two files of one name.
    """
    loose = [path for path in paths if not path.is_dir()]
    if loose:
        yield _target(loose[0].name if len(loose) == 1 else ", ".join(map(str, loose)), loose)
    for path in paths:
        if path.is_dir():
            folders = list(_folders(path))
            if not folders:
                raise click.UsageError(f"There is no BPMN model (.bpmn) in {path}.")
            for folder in folders:
                yield _target(str(folder), [folder])


def _target(name: str, paths: list[Path]) -> Target:
    files = uploads.on_disk(paths)
    names = [path.name for path in files]
    if twice := next((n for n in names if names.count(n) > 1), None):
        raise click.UsageError(
            f"Two files are called {twice}. Check their folders, each an upload of its own."
        )
    try:
        return Target(name, uploads.from_disk(paths), {path.name: path for path in files})
    except Invalid as none:
        raise click.UsageError(f"{name}: {none.message}") from none


def _folders(path: Path) -> Iterable[Path]:
    """``path`` if it holds a model, else the folders in it that do."""
    if uploads.has_model(path):
        return [path]
    inner = sorted(p for p in path.iterdir() if p.is_dir() and not p.is_symlink() and p.name[0] != ".")
    return [found for folder in inner for found in _folders(folder)]
