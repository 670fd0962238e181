"""lintas check and lintas deploy: BPMN files with the tables, forms and settings that belong to them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from engine.bpmn.admit import Upload
from engine.errors import ProcessInvalid
from engine.problems import Problem, Severity
from engine.usecases.check_process import check_process
from engine.usecases.deploy import deploy as deploy_process
from web.commands.common import as_option, data_option, json_option, opened, person, show
from web.uploads import from_disk, limits

files_argument = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE…"
)
lane_option = click.option(
    "--lane",
    "lane_pairs",
    multiple=True,
    metavar="LANE=AGENCY[/ROLE]",
    help="Where a lane's tasks go; repeat for more.",
)
roles_option = click.option("--create-roles", is_flag=True, help="Make the roles that candidate groups name.")


@click.command()
@data_option
@as_option
@files_argument
@lane_option
@roles_option
@json_option
def check(
    data_dir: Path | None,
    username: str,
    files: tuple[Path, ...],
    lane_pairs: tuple[str, ...],
    create_roles: bool,
    as_json: bool,
) -> None:
    """Find everything that is wrong with a process: a BPMN file, its tables, forms and process.toml, or their folder."""
    upload = from_disk(files)
    with opened(data_dir) as house, house.db.read(person(house, username)) as uow:
        admission = check_process(
            uow,
            upload,
            lanes=_lanes(lane_pairs),
            create_roles=create_roles,
            connectors=house.connectors,
            systems=house.systems,
            limits=limits(house.settings),
        )
    tell(admission.problems, upload, as_json=as_json)
    if any(problem.severity is Severity.ERROR for problem in admission.problems):
        raise SystemExit(1)


@click.command()
@data_option
@as_option
@files_argument
@lane_option
@roles_option
@json_option
def deploy(
    data_dir: Path | None,
    username: str,
    files: tuple[Path, ...],
    lane_pairs: tuple[str, ...],
    create_roles: bool,
    as_json: bool,
) -> None:
    """Deploy a process as its next version."""
    upload = from_disk(files)
    with opened(data_dir) as house:
        try:
            with house.db.unit(person(house, username)) as uow:
                deployment = deploy_process(
                    uow,
                    upload,
                    lanes=_lanes(lane_pairs),
                    create_roles=create_roles,
                    connectors=house.connectors,
                    systems=house.systems,
                    limits=limits(house.settings),
                )
                versions = [(row.process_key, row.version) for row in deployment.versions]
                warnings = list(deployment.warnings)
        except ProcessInvalid as error:
            tell(error.problems, upload, as_json=as_json)
            raise SystemExit(1) from None
    tell(warnings, upload, as_json=as_json)
    for key, version in versions:
        show({"key": key, "version": version}) if as_json else click.echo(f"{key} version {version}")


def tell(problems: Iterable[Problem], upload: Upload, *, as_json: bool) -> None:
    """Problems as a compiler prints them, for editors to jump to."""
    for problem in sorted(problems):
        file = problem.file or upload.filename
        if as_json:
            show(_as_json(problem, file))
            continue
        place = f"{file}:{problem.line}" if problem.line else file
        element = f" {problem.element}:" if problem.element else ""
        click.echo(f"{place}: {problem.severity} {problem.code}:{element} {problem.message}", err=True)


def _as_json(problem: Problem, file: str) -> dict[str, Any]:
    return {
        "file": file,
        "line": problem.line,
        "element": problem.element,
        "severity": problem.severity.value,
        "code": problem.code,
        "message": problem.message,
    }


def _lanes(pairs: tuple[str, ...]) -> dict[str, str]:
    lanes = {}
    for pair in pairs:
        lane, equals, agency = pair.rpartition("=")
        if not equals or not lane or not agency:
            raise click.BadParameter(f"{pair!r}: write LANE=AGENCY or LANE=AGENCY/ROLE", param_hint="--lane")
        lanes[lane] = agency
    return lanes
