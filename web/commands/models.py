"""lintas deploy: BPMN files with the tables, forms and settings that belong to them."""

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from engine.bpmn.admit import Admission
from engine.errors import ProcessInvalid
from engine.problems import Problem
from engine.usecases.deploy import Deployment
from engine.usecases.deploy import deploy as deploy_process
from engine.usecases.keep_model import KeptModel, keep_model
from web.commands.common import as_option, data_option, json_option, opened, person, show
from web.commands.findings import findings, line, plain
from web.uploads import Sent, from_disk, handed

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
view_option = click.option(
    "--view-only",
    is_flag=True,
    help="Keep the model for viewing, with what it lacks to run; no case is started.",
)
roles_option = click.option("--create-roles", is_flag=True, help="Make the roles that candidate groups name.")


@click.command()
@data_option
@as_option
@files_argument
@lane_option
@roles_option
@view_option
@json_option
def deploy(
    data_dir: Path | None,
    username: str,
    files: tuple[Path, ...],
    lane_pairs: tuple[str, ...],
    create_roles: bool,
    view_only: bool,
    as_json: bool,
) -> None:
    """Deploy a process as its next version."""
    upload = from_disk(files)
    with opened(data_dir) as house:
        try:
            with house.db.unit(person(house, username)) as uow:
                verb: Callable[..., Deployment | KeptModel] = keep_model if view_only else deploy_process
                done = handed(verb, uow, Sent(upload, lanes_of(lane_pairs), create_roles), house)
                versions = [(row.process_key, row.version) for row in done.versions]
                told = list(done.problems)
        except ProcessInvalid as error:
            _tell(error.problems, as_json=as_json)
            raise SystemExit(1) from None
    _tell(told, as_json=as_json)
    for key, version in versions:
        if as_json:
            show({"key": key, "version": version, "view_only": view_only})
        else:
            click.echo(f"{key} version {version}{', kept for viewing' if view_only else ''}")


def _tell(problems: Iterable[Problem], *, as_json: bool) -> None:
    """Problems as ``lintas check`` prints them, on standard error; as JSON one a line on standard output."""
    for finding in findings(Admission(problems=list(problems)), {}):
        show(plain(finding)) if as_json else click.echo(line(finding), err=True)


def lanes_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """``--lane`` options as lane → agency or agency/role."""
    lanes = {}
    for pair in pairs:
        lane, equals, agency = pair.rpartition("=")
        if not equals or not lane or not agency:
            raise click.BadParameter(f"{pair!r}: write LANE=AGENCY or LANE=AGENCY/ROLE", param_hint="--lane")
        lanes[lane] = agency
    return lanes
