"""A stage: the sample city in a house of its own, one scenario's case in it, and hands to move time and people."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn.admit import Upload
from engine.clock import MovableClock
from engine.config import Settings
from engine.errors import EngineError
from engine.model import SYSTEM, Actor, Case
from engine.store import cases, history, incidents, jobs, people
from engine.usecases.complete_task import complete_task
from engine.usecases.deploy import deploy
from engine.usecases.retry_incident import retry_incident
from engine.usecases.send_message import send_message
from engine.usecases.send_signal import send_signal
from engine.usecases.start_case import start_case
from tests.processes.stage.script import LOCAL, Scenario, Step
from web.demo.city import read_city, settle
from web.simulators import SimulatorServer
from web.wiring import House, open_house

DESIGNER, OPERATOR, READER = "bayu", "rahmat", "maria"


class Stage:
    """One scenario under way."""

    def __init__(
        self, scenario: Scenario, database_url: str, folder: Path, partners: SimulatorServer
    ) -> None:
        self.scenario = scenario
        self._partners = partners
        self._clock = MovableClock(scenario.at)
        settings = Settings(data_dir=folder, database_url=database_url, secret_key="k" * 48)
        self.house: House = open_house(settings, clock=self._clock, systems=partners.systems(), migrate=False)
        with self.house.db.unit(SYSTEM) as uow:
            settle(uow, read_city(), password_hash="no sign-in here")
        with self.house.db.read(SYSTEM) as uow:
            rows = people.people(uow, limit=200).items
            self._actors = {row.username: people.actor_of(uow, row.id) for row in rows}
        self._names = {actor.id: name for name, actor in self._actors.items()}
        self._deploy(scenario.folder)
        with self.house.db.unit(self._actor(scenario.by)) as uow:
            self.case_id = start_case(
                uow, scenario.folder.name, business_key=scenario.business_key, data=scenario.data
            ).case_id
        self.house.worker.run_once()

    def close(self) -> None:
        self.house.close()

    def play(self) -> None:
        """Every step in order, each checked at once."""
        for number, step in enumerate(self.scenario.steps, 1):
            where = f"step {number} ({step.doing} {step.target})".replace("( )", "(time)")
            if step.at is not None:
                self._pass_time(step.at)
            self._do(step, where)
            self.house.worker.run_once()
            self._check(step.then, where)
        with self.house.db.read(self._actor(READER)) as uow:
            assert history.verify(uow, self.case_id).intact

    # ------------------------------------------------------------------------------------------ doing
    def _do(self, step: Step, where: str) -> None:
        if step.refused is None:
            self._act(step)
            return
        with pytest.raises(EngineError) as refusal:
            self._act(step)
        assert refusal.value.problem_code == step.refused, f"{where}: {refusal.value.message}"

    def _act(self, step: Step) -> None:
        match step.doing:
            case "task":
                self._complete(step)
            case "message":
                with self.house.db.unit(self._actor(step.by or self.scenario.by)) as uow:
                    send_message(uow, step.target, case_id=self.case_id, data=step.data)
            case "signal":
                with self.house.db.unit(self._actor(step.by or self.scenario.by)) as uow:
                    send_signal(uow, step.target, step.data)
            case "system":
                self._partners.knobs.turn(step.target, **step.knobs)
            case "retry":
                found = [row.id for row in self._incidents() if row.element_id == step.target]
                assert found, f"no open incident at {step.target}"
                with self.house.db.unit(self._actor(step.by or OPERATOR)) as uow:
                    retry_incident(uow, found[0])

    def _complete(self, step: Step) -> None:
        found = [task for task in self._waits().tasks if task.element_id == step.target]
        who = self._actor(step.by or self.scenario.people[step.target])
        assert found, f"no task waits at {step.target}; open: {self._open()}"
        answers = {**self.scenario.answers.get(step.target, {}), **step.answers}
        with self.house.db.unit(who) as uow:
            complete_task(uow, found[0].id, {name: _plain(value) for name, value in answers.items()})

    def _pass_time(self, until: datetime) -> None:
        """Move the clock, stopping at every deadline and attempt on the way; those of the very moment fire too."""
        while True:
            with self.house.db.read(SYSTEM) as uow:
                due = jobs.soonest(uow)
            if due is None or due > until:
                break
            self._clock.move_to(max(due, self._clock.now()))
            assert self.house.worker.run_once() > 0, "a job is due and does not run"
        self._clock.move_to(until)

    def _deploy(self, folder: Path) -> None:
        parts = [*folder.glob("*.dmn"), *folder.glob("*.bpmn"), *folder.glob("forms/*.form")]
        files = {file.name: file.read_bytes() for file in [*parts, folder / "process.toml"]}
        upload = Upload("process.bpmn", files.pop("process.bpmn"), files)
        with self.house.db.unit(self._actor(DESIGNER)) as uow:
            deploy(uow, upload, connectors=self.house.connectors, systems=self.house.systems)

    # ------------------------------------------------------------------------------------------ looking
    def _check(self, then: Mapping[str, Any], where: str) -> None:
        for word, expected in then.items():
            found = self._found(word, expected)
            assert found == expected, f"{self.scenario.name}, {where}, {word}: {found} instead of {expected}"

    def _found(self, word: str, expected: Any) -> Any:
        """What holds now, in the words of ``expected``."""
        match word:
            case "open":
                return self._open()
            case "due":
                due = {task.element_id: task.due_at for task in self._waits().tasks}
                return {name: _local(due.get(name)) for name in expected}
            case "deadlines":
                due = {job.element_id: job.run_at for job in self._waits().deadlines}
                return {name: _local(due.get(name)) for name in expected}
            case "data":
                variables = self._variables()
                return {name: _plain(variables.get(name)) for name in expected}
            case "state" | "outcome":
                with self.house.db.read(self._actor(READER)) as uow:
                    row = cases.case(uow, self.case_id)
                return row.state.value if word == "state" else row.outcome
            case "incidents":
                return sorted(row.element_id for row in self._incidents())
            case "history":
                return self._in_order(expected)
            case "never":
                events = self._events()
                return [line for line in expected if not any(_same(line, event) for event in events)]
            case "effects":
                return {name: len(self._partners.knobs.effects(name)) for name in expected}
        raise AssertionError(word)

    def _open(self) -> list[str]:
        return sorted(f"{task.element_id}@{task.agency.key}" for task in self._waits().tasks)

    def _in_order(self, expected: list[str]) -> list[str]:
        """The expected events as far as history has them in this order, among others."""
        wanted, found = list(expected), []
        for event in self._events():
            if wanted and _same(wanted[0], event):
                found.append(wanted.pop(0))
        return found

    def _events(self) -> list[str]:
        """``kind element person@agency`` of every event."""
        rows: list[history.EventRow] = []
        with self.house.db.read(self._actor(READER)) as uow:
            while page := history.history(uow, self.case_id, after=rows[-1].seq if rows else None):
                rows += page
        return [
            f"{row.kind.value} {row.element_id or '-'} {self._names.get(row.actor_id, row.actor_id)}"
            f"@{row.agency.key if row.agency else '-'}"
            for row in rows
        ]

    def _waits(self) -> cases.CaseWaits:
        with self.house.db.read(SYSTEM) as uow:
            return cases.waits(uow, self.case_id)

    def _variables(self) -> Mapping[str, Any]:
        with self.house.db.read(SYSTEM) as uow:
            case = uow.row(Case, self.case_id)
            if case.snapshot is None:
                return case.variables or {}
            return uow.machine(case).variables(case.snapshot)

    def _incidents(self) -> list[incidents.IncidentRow]:
        with self.house.db.read(self._actor(OPERATOR)) as uow:
            return [row for row in incidents.incidents(uow).items if row.case_id == self.case_id]

    def _actor(self, username: str) -> Actor:
        return self._actors[username]


def _same(line: str, event: str) -> bool:
    """A line of a scenario may leave out the end of an event."""
    return event == line or event.startswith((f"{line} ", f"{line}@"))


def _local(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")


def _plain(value: Any) -> Any:
    """Dates as text, as a form sends them."""
    return value.isoformat() if hasattr(value, "isoformat") else value
