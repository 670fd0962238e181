"""The sample people as clients of the API: over real HTTP, each with their own token."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx
import uuid6

from engine.bpmn.admit import Upload
from engine.states import Power
from web.demo.folder import Account
from web.demo.plays import Act, Cancel, Claim, Complete, Play, Send

PATIENCE_S = 30.0
_PAUSE_S = 0.05


class CheckFailed(Exception):
    """Something did not go as it must; the message says what and where."""


class Townspeople:
    """Everybody in the sample city at the API of one house.

    Args:
        base_url: of the house.
        accounts: the people with their tokens.
        patience_s: how long a task, or the end of a case, may take to come; None = half a minute.
    """

    def __init__(
        self, base_url: str, accounts: Sequence[Account], *, patience_s: float | None = None
    ) -> None:
        self._accounts = accounts
        self._patience_s = patience_s or PATIENCE_S
        self._http = httpx.Client(base_url=f"{base_url}/api/v1", timeout=30.0, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def deploy(self, upload: Upload) -> dict[str, Any]:
        """The designer uploads a process."""
        parts: list[tuple[str, tuple[str, bytes]]] = [("file", (upload.filename, upload.bpmn))]
        parts += [("files", (name, content)) for name, content in upload.files.items()]
        return self._send(self.with_power(Power.DESIGNER), "POST", "/processes", files=parts)

    def start(self, play: Play) -> dict[str, Any]:
        """Somebody of the owner agency who may starts the case."""
        process = self._send(self.with_power(Power.AUDITOR), "GET", f"/processes/{play.process}")
        roles = set(process["start_roles"])
        starter = self._first(
            a
            for a in self._accounts
            if a.agency == process["owner"]["key"] and (not roles or roles & set(a.roles))
        )
        body = {"business_key": play.business_key, "data": dict(play.data)}
        return self._send(starter, "POST", f"/processes/{play.process}/start", json=body)

    def do(self, case: Mapping[str, Any], act: Act) -> str:
        """Do one act of a play; a sentence that says what was done."""
        match act:
            case Complete():
                task, who = self._task(case["id"], act)
                self._send(who, "POST", f"/tasks/{task['id']}/claim")
                body: dict[str, Any] = {"data": dict(act.answers)}
                self._send(who, "POST", f"/tasks/{task['id']}/complete", json=body)
                return f"{who.name} ({who.agency_name}) completed “{task['name']}”"
            case Claim():
                task, who = self._task(case["id"], act)
                self._send(who, "POST", f"/tasks/{task['id']}/claim")
                return f"{who.name} ({who.agency_name}) claimed “{task['name']}”"
            case Send():
                body = {"name": act.name, "case_id": case["id"], "data": dict(act.data)}
                self._send(self._of(case["owner"]["key"]), "POST", "/messages", json=body)
                return f"The message “{act.name}” arrived"
            case Cancel():
                path = f"/cases/{case['id']}/cancel"
                self._send(self._of(case["owner"]["key"]), "POST", path, json={"reason": act.reason})
                return f"The case was cancelled: {act.reason}"
            case _:
                raise CheckFailed(f"{act} cannot be done over HTTP: real time does not jump.")

    def case(self, case_id: str) -> dict[str, Any]:
        """The case as the auditor sees it."""
        return self._send(self.with_power(Power.AUDITOR), "GET", f"/cases/{case_id}")

    def ended(self, case_id: str) -> dict[str, Any]:
        """The case, once it has ended."""
        found: dict[str, Any] = self._until(
            case_id, lambda case: case if case["state"] != "running" else None, "its end"
        )
        return found

    def history(self, case_id: str) -> list[dict[str, Any]]:
        """All events of the case, as the auditor sees them."""
        events: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            place = f"&after={after}" if after else ""
            auditor = self.with_power(Power.AUDITOR)
            page = self._send(auditor, "GET", f"/cases/{case_id}/history?limit=200{place}")
            events += page["items"]
            after = page["next"]
            if after is None:
                return events

    def with_power(self, power: Power) -> Account:
        """Somebody who has it."""
        return self._first(a for a in self._accounts if power.value in a.powers)

    def _task(self, case_id: str, act: Complete | Claim) -> tuple[dict[str, Any], Account]:
        def there(case: Mapping[str, Any]) -> dict[str, Any] | None:
            return next((t for t in case["waits"]["tasks"] if t["element"] == act.element), None)

        task = self._until(case_id, there, f"the task {act.element}")
        if act.by is not None:
            return task, self._first(a for a in self._accounts if a.username == act.by)
        roles, users = set(task["roles"]), set(task["users"])
        return task, self._first(
            a
            for a in self._accounts
            if a.agency == task["agency"]["key"]
            and (a.username in users or roles & set(a.roles) or not (roles or users))
        )

    def _until(self, case_id: str, found: Any, what: str) -> Any:
        """What ``found`` makes of the case, as soon as it makes something of it."""
        give_up_at = time.monotonic() + self._patience_s
        while True:
            case = self.case(case_id)
            something = found(case)
            if something is not None:
                return something
            incident = self._incident(case_id)
            if incident is not None:
                raise CheckFailed(f"An incident at {incident['element']}: {incident['message']}")
            if case["state"] != "running":
                raise CheckFailed(f"The case is {case['state']} at {case['outcome']} before {what}.")
            if time.monotonic() > give_up_at:
                there = [task["element"] for task in case["waits"]["tasks"]]
                raise CheckFailed(f"{what} did not come in {self._patience_s:.0f} s; open are {there}.")
            time.sleep(_PAUSE_S)

    def _incident(self, case_id: str) -> dict[str, Any] | None:
        page = self._send(self.with_power(Power.AUDITOR), "GET", f"/incidents?case={case_id}")
        return next(iter(page["items"]), None)

    def _of(self, agency: str) -> Account:
        return self._first(a for a in self._accounts if a.agency == agency)

    def _first(self, able: Any) -> Account:
        found = next(iter(able), None)
        if not isinstance(found, Account):
            raise CheckFailed("Nobody in the sample city may do this.")
        return found

    def _send(self, who: Account, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {who.token}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid6.uuid7())
        try:
            answer = self._http.request(method, path, headers=headers, **more)
        except httpx.HTTPError as error:
            raise CheckFailed(f"{method} {path}: no answer ({error or type(error).__name__})") from error
        body = answer.json()
        if answer.is_error:
            raise CheckFailed(
                f"{method} {path} as {who.username}: {answer.status_code} {body.get('code')}: "
                f"{body.get('detail')} {body.get('fields') or body.get('problems') or ''}".strip()
            )
        return dict(body)
