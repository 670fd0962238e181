"""A bureau that binds foreign code: partners answer what a test says, and the way of a case can be read back."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.clock import MovableClock
from engine.config import Settings
from engine.connector import Call, Reply
from tests.fakes import FakePartner
from tests.models.conftest import Office
from web.wiring import House

Problems = list[tuple[str, str, str]]
"""Code, element and sentence of each error."""


class Bureau(Office):
    """Every connector call reaches one partner. The house is shut and opened anew between any two of its calls, too.

    Attributes:
        replies: element id → its answers, one a call, the last one for ever; {} where nothing is said.
        asked: (element id, inputs), in the order of the calls.
    """

    def __init__(self, settings: Settings, clock: MovableClock) -> None:
        self.replies: dict[str, list[Any]] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        super().__init__(settings, clock)

    def open(self) -> House:
        house = super().open()

        def answer(call: Call) -> Reply:
            turn = [element for element, _ in self.asked].count(call.element_id)
            self.asked.append((call.element_id, dict(call.inputs)))
            said = self.replies.get(call.element_id, [{}])
            return Reply(said[min(turn, len(said) - 1)])

        assert isinstance(house.connectors, dict)
        house.connectors["partner"] = FakePartner(answer)
        return house

    def _send(self, path: Path, toml: str, beside: tuple[Path, ...], bpmn: bytes | None) -> Any:
        files = {one.name: one.read_bytes() for one in beside}
        if toml:
            files["process.toml"] = toml.encode()
        return self.ask(self.world.citra).upload(
            "/processes", bpmn or path.read_bytes(), files, name=path.name, create_roles="true"
        )

    def refused(self, path: Path, *beside: Path) -> Problems:
        """The errors of a bare upload: the file, and what lies beside it."""
        answer = self._send(path, "", beside, None)
        assert answer.status_code == 422, answer.text
        errors = [p for p in answer.json["problems"] if p["severity"] == "error"]
        return [(p["code"], p["element"], p["message"]) for p in errors]

    def bind(self, path: Path, *beside: Path, toml: str) -> list[tuple[str, str, str]]:
        """Deploy with a process.toml. Returns code, element and sentence of the warnings."""
        answer = self._send(path, toml, beside, None)
        assert answer.status_code == 201, answer.text
        return [(p["code"], p["element"], p["message"]) for p in answer.json["warnings"]]

    def bring(self, name: str, bpmn: bytes) -> None:
        """Deploy a small process of ours."""
        answer = self._send(Path(name), "", (), bpmn)
        assert answer.status_code == 201, answer.text

    def work(self) -> None:
        """Run what is due, one batch a run of the house."""
        while self.open().worker.run_once(until_idle=False):
            pass

    def change(self, case_id: str, **data: Any) -> None:
        """Another system tells what it knows."""
        body = {"data": data, "reason": "the other system wrote"}
        answer = self.ask(self.world.ana).post(f"/cases/{case_id}/data", body)
        assert answer.status_code == 200, answer.text

    def events(self, case_id: str, kind: str) -> Iterator[dict[str, Any]]:
        """The history's events of a kind."""
        after = ""
        while after is not None:
            page = self.ask(self.world.dewi).get(f"/cases/{case_id}/history?limit=100{after}").json
            yield from (event for event in page["items"] if event["kind"] == kind)
            after = f"&after={page['next']}" if page["next"] else None  # type: ignore[assignment]

    def way(self, case_id: str) -> list[str]:
        """The elements that the case has passed, in order."""
        return [e for event in self.events(case_id, "elements_passed") for e in event["data"]["passed"]]


@pytest.fixture
def bureau(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Bureau]:
    opened = Bureau(Settings(data_dir=tmp_path, database_url=database_url, secret_key="k" * 48), clock)
    yield opened
    opened.shut()


def the_line(problems: Problems, element: str, table: str, key: str | None = None) -> None:
    """The element's problem shows the line of process.toml that would settle it."""
    told = [message for _, at, message in problems if at == element]
    assert any(f"under [{table}]: " in one and (key or element) in one for one in told), (element, told)


def elements(problems: Problems, code: str) -> list[str]:
    return sorted({element for found, element, _ in problems if found == code})


def folder_of(models: Path, number: str) -> Path:
    """A model's folder, also among those kept apart for their licence."""
    (found,) = [*models.glob(f"{number}-*"), *models.glob(f"copyleft/{number}-*")]
    return found


def reasons(warnings: Problems) -> Mapping[str, str]:
    """Element → the warning that says why nothing is done there."""
    return {element: message for code, element, message in warnings if code == "service_skipped"}
