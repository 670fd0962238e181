"""The command line `lintas`."""

import click

from web.commands.bench import bench
from web.commands.cases import case, history, incident, task
from web.commands.check import check
from web.commands.common import HouseGroup
from web.commands.demo import demo
from web.commands.doctor import doctor
from web.commands.models import deploy
from web.commands.people import agencies, one_person, people
from web.commands.reference import docs
from web.commands.server import migrate, serve, worker
from web.commands.simulate import simulate
from web.commands.token import token


@click.group(
    cls=HouseGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="lintas")
def main() -> None:
    """Lintas runs procedures that cross public agencies."""


for command in (
    demo,
    serve,
    worker,
    migrate,
    check,
    deploy,
    case,
    task,
    incident,
    history,
    agencies,
    people,
    one_person,
    token,
    doctor,
    simulate,
    bench,
    docs,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
