"""lintas case, task, incident, history: the work itself, from the command line."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from engine.errors import StepFailed
from engine.store import cases, inbox, incidents
from engine.store.history import EventRow
from engine.store.history import history as events_of
from engine.store.rows import TaskRow
from engine.store.uow import UnitOfWork
from engine.usecases.cancel_case import cancel_case
from engine.usecases.complete_task import complete_task
from engine.usecases.retry_incident import retry_incident
from engine.usecases.start_case import start_case
from engine.usecases.step_failed import note_step_failed
from web.api.case_view import case_view
from web.api.schemas.cases import CaseWithWaits, EventOut
from web.api.schemas.jobs import IncidentOut
from web.api.schemas.tasks import TaskOut
from web.app import create_app
from web.commands.common import as_option, data_option, json_option, opened, person, show
from web.telling import told

MOST = 200

answers_option = click.option(
    "--answers", type=click.File("rb"), help="JSON file of the form's answers; - reads standard input."
)


@click.group()
def case() -> None:
    """Cases: start, show, cancel."""


@case.command("start")
@data_option
@as_option
@click.argument("process_key")
@click.option("--key", "business_key", help="The authority's own number of the case.")
@answers_option
def start(
    data_dir: Path | None, username: str, process_key: str, business_key: str | None, answers: Any
) -> None:
    """Start a case of the newest version of a process."""
    given = _object(answers)
    with opened(data_dir) as house, house.db.unit(person(house, username)) as uow:
        case_id = start_case(uow, process_key, business_key=business_key, data=given).case_id
    click.echo(case_id)


@case.command("show")
@data_option
@as_option
@json_option
@click.argument("case_id")
def show_case(data_dir: Path | None, username: str, case_id: str, as_json: bool) -> None:
    """Show where a case stands and what it waits for."""
    with opened(data_dir) as house, house.db.read(person(house, username)) as uow:
        row, waits = cases.case(uow, case_id), cases.waits(uow, case_id)
        if as_json:
            show(CaseWithWaits().dump(case_view(uow, case_id)))
            return
    click.echo(
        f"{row.case_id}  {row.process.key} {row.business_key or ''}  {row.state}, since {row.started_at:%Y-%m-%d %H:%M}Z"
    )
    for task in waits.tasks:
        click.echo(
            f"  task      {task.id}  {task.name}  {task.agency.key}  {task.assignee_name or 'nobody yet'}{_due(task.due_at)}"
        )
    for deadline in waits.deadlines:
        click.echo(f"  deadline  {deadline.name or deadline.element_id}{_due(deadline.run_at)}")
    for job in waits.jobs:
        click.echo(f"  call      {job.name or job.element_id}  {job.state}  attempt {job.attempts}")
    for message in waits.subscriptions:
        click.echo(f"  {message.kind:9} {message.name}")


@case.command("cancel")
@data_option
@as_option
@click.argument("case_id")
@click.option("--reason", required=True, help="Stays in the history.")
def cancel(data_dir: Path | None, username: str, case_id: str, reason: str) -> None:
    """Cancel a running case with everything it waits for."""
    with opened(data_dir) as house, house.db.unit(person(house, username)) as uow:
        cancel_case(uow, case_id, reason)
    click.echo(f"{case_id} cancelled")


@click.group()
def task() -> None:
    """Tasks: list and complete."""


@task.command("list")
@data_option
@as_option
@json_option
@click.option("--agency", help="Only of this agency.")
@click.option("--case", "case_id", help="Only of this case.")
@click.option("--mine", is_flag=True, help="Only those I hold.")
def list_tasks(
    data_dir: Path | None, username: str, as_json: bool, agency: str | None, case_id: str | None, mine: bool
) -> None:
    """List the open tasks of the person's agencies and roles, soonest due first."""
    with opened(data_dir) as house, house.db.read(person(house, username)) as uow:
        page = inbox.inbox(uow, agency=agency, case=case_id, assignee="me" if mine else None, limit=MOST)
    for row in page.items:
        if as_json:
            show(TaskOut().dump(row))
        else:
            who = row.assignee_name or "nobody yet"
            click.echo(f"{row.id}  {row.name}  {row.agency.key}  {who}{_due(row.due_at)}  {_title(row)}")
    if page.next:
        click.echo(f"… more than {MOST}; narrow the list", err=True)


@task.command()
@data_option
@as_option
@click.argument("task_id")
@answers_option
def complete(data_dir: Path | None, username: str, task_id: str, answers: Any) -> None:
    """Complete a task with its form's answers; the case moves on."""
    given = _object(answers)
    with opened(data_dir) as house:
        try:
            with house.db.unit(person(house, username)) as uow:
                case_id = complete_task(uow, task_id, given).case_id
        except StepFailed as failure:
            note_step_failed(house.db, failure, task_id=task_id)
            raise
    click.echo(f"{task_id} completed; case {case_id}")


@click.group()
def incident() -> None:
    """Incidents: list and retry."""


@incident.command("list")
@data_option
@as_option
@json_option
def list_incidents(data_dir: Path | None, username: str, as_json: bool) -> None:
    """List the open incidents."""
    with opened(data_dir) as house, house.db.read(person(house, username)) as uow:
        page = incidents.incidents(uow, limit=MOST)
    for row in page.items:
        if as_json:
            show(IncidentOut().dump(row))
        else:
            click.echo(
                f"{row.id}  {row.created_at:%Y-%m-%d %H:%M}Z  {row.element_id}  {row.code}  {row.message}"
            )


@incident.command()
@data_option
@as_option
@click.argument("incident_id")
def retry(data_dir: Path | None, username: str, incident_id: str) -> None:
    """Let the house try again what an incident stopped."""
    with opened(data_dir) as house, house.db.unit(person(house, username)) as uow:
        retry_incident(uow, incident_id)
    click.echo(f"{incident_id} will be tried again")


@click.command()
@data_option
@as_option
@json_option
@click.option("--language", type=click.Choice(["id", "en"]), default="en", show_default=True)
@click.argument("case_id")
def history(data_dir: Path | None, username: str, as_json: bool, language: str, case_id: str) -> None:
    """Tell what happened in a case, one sentence an event."""
    with opened(data_dir) as house:
        with house.db.read(person(house, username)) as uow:
            events = list(_all_events(uow, case_id))
        if as_json:
            for event in events:
                show(EventOut().dump(event))
            return
        for line in told(create_app(house), events, locale=language):
            click.echo(line)


def _all_events(uow: UnitOfWork, case_id: str) -> Iterator[EventRow]:
    last = 0
    while events := events_of(uow, case_id, after=last, limit=MOST):
        yield from events
        last = events[-1].seq


def _due(due_at: datetime | None) -> str:
    return f"  due {due_at:%Y-%m-%d %H:%M}Z" if due_at else ""


def _title(row: TaskRow) -> str:
    return str(row.facts.get("title") or row.business_key or row.case_id)


def _object(file: Any) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        value = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"no JSON: {error}", param_hint="--answers") from error
    if not isinstance(value, dict):
        raise click.BadParameter("must be a JSON object", param_hint="--answers")
    return value
