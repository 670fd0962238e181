"""The unit of work: one transaction for one actor, in which rows change and history is written in the same breath."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, insert, inspect, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.model import Actor, AuditEvent, Base, Case, HouseEvent, new_id
from engine.model.base import dump_json
from engine.states import Audit
from engine.store import chain
from engine.store.visible import visible

if TYPE_CHECKING:
    from engine.bpmn.step import Calendar, Machine
    from engine.store.db import Database

M = TypeVar("M", bound=Base)
Key = str | tuple[Any, ...]


class UnitOfWork:
    """What a use-case is given. Made by ``Database.unit`` and ``Database.read`` only.

    Attributes:
        actor: who acts; decides which rows exist.
        database: where it belongs.
        session: for engine.store only.
        steps: how many cases' steps this unit has written.
        at_hand: for engine.store only: what was read under a lock, by id, and need not be read again.
    """

    def __init__(self, database: "Database", session: Session, actor: Actor, *, writes: bool = True) -> None:
        self.database = database
        self.session = session
        self.actor = actor
        self._writes = writes
        self._locked: dict[str, Case] = {}  # held here: the session's own hold on clean rows is weak
        self._events: list[dict[str, Any]] = []
        self.steps = 0
        self.at_hand: dict[str, Any] = {}
        self._after_commit: list[Callable[[], object]] = []

    def now(self) -> datetime:
        """The present moment, aware, in UTC, by the database object's clock."""
        return self.database.clock.now()

    def get(self, model: type[M], key: Key, *, lock: bool = False) -> M:
        """The row with this key, if it exists for the actor.

        Args:
            key: the row's own id (``case_id`` of a case, ``id`` of a task, job or incident), or its whole primary key.
            lock: wait until no other unit works on the *case* the row belongs to, and keep others out until the end.
                There is one lock a case, so units cannot block each other crosswise.

        Raises:
            NotFound: no such row, or not for this actor.
        """
        return self._get(model, key, visible(model, self.actor), lock=lock)

    def row(self, model: type[M], key: Key, *, lock: bool = False) -> M:
        """As ``get``, whoever the actor is: for rows that the engine itself must touch on the actor's behalf."""
        return self._get(model, key, None, lock=lock)

    def _get(self, model: type[M], key: Key, seen: ColumnElement[bool] | None, *, lock: bool) -> M:
        ours = self._locked.get(key) if isinstance(key, str) else None
        if isinstance(ours, model):
            return ours
        wanted = _where(model, key)
        conditions = wanted if seen is None else and_(wanted, seen)
        query = select(model).where(conditions)
        if lock:
            self._need_writes()
            self.flush()  # what is read again under the lock must not undo what this unit has changed
            query = self._locking(model, query, conditions)
        found = self.session.scalars(query).one_or_none()
        if found is None:
            noun = model.__name__
            raise NotFound(f"There is no such {noun.lower()} for you: {key}.", **{noun.lower(): str(key)})
        if lock and isinstance(found, Case):
            self._locked[found.case_id] = found
        return found

    def _locking(self, model: type[M], query: Select[M], conditions: ColumnElement[bool]) -> Select[M]:
        fresh = query.execution_options(populate_existing=True)
        columns = inspect(model).columns
        if model is Case or "case_id" not in columns:
            return fresh.with_for_update(of=model)
        # The case first, the row in a statement of its own: joined to a locked row, its columns would be those from
        # before the wait for the lock.
        owner = select(columns["case_id"]).where(conditions).scalar_subquery()
        locking = select(Case).where(Case.case_id == owner).with_for_update(of=Case)
        case = self.session.scalars(locking.execution_options(populate_existing=True)).one_or_none()
        if case is not None:
            self._locked[case.case_id] = case
        return fresh

    def hold(self, case: Case) -> None:
        """For engine.store only: a statement of its own has locked this case until the end of the unit."""
        self._need_writes()
        self._locked[case.case_id] = case

    def machine(self, case: Case) -> "Machine":
        """The interpreter of the case's process version, ready to run; kept in memory."""
        from engine.store.machines import machine_of  # it reads through units of work

        return machine_of(self, case)

    def calendar_of(self, case: Case) -> "Calendar":
        """The calendar that keeps the case's clock."""
        from engine.store.calendars import calendar_of  # it reads through units of work

        return calendar_of(self, case)

    def add(self, *rows: Base) -> None:
        """New rows, inserted at the next flush."""
        self._need_writes()
        self.session.add_all(rows)

    def remove(self, *rows: Base) -> None:
        """Rows that are to go, deleted at the next flush."""
        self._need_writes()
        for row in rows:
            self.session.delete(row)

    def insert(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """Many new rows as column mappings, at once and in one statement: for the hot path."""
        self._need_writes()
        if rows:
            self.session.connection().execute(insert(Base.metadata.tables[model.__tablename__]), list(rows))

    def record(
        self,
        kind: Audit,
        case: Case,
        /,
        *,
        element: str | None = None,
        element_name: str | None = None,
        agency: str | None = None,
        **data: Any,
    ) -> None:
        """Write what happened into the case's history, in this transaction.

        Args:
            case: locked by ``get(…, lock=True)`` or added in this unit.
            element, element_name: of the BPMN element it is about.
            agency: whose work it was; its members may read ``data``.
            data: details; JSON values, dates, moments, decimals.
        """
        self._need_writes()
        if case.case_id not in self._locked and case not in self.session.new:
            raise RuntimeError(f"history of case {case.case_id} is written without its lock")
        event: dict[str, Any] = {
            "case_id": case.case_id,
            "seq": (case.chain_seq or 0) + 1,
            "at": self.now(),
            "kind": kind.value,
            "actor_id": self.actor.id,
            "actor_name": self.actor.name,
            "agency_key": agency,
            "element_id": element,
            "element_name": element_name,
            "data": dump_json(data),
        }
        event["hash"] = chain.link(case.chain_hash or "", event)
        # The last link sits in the case's row, which any step writes anyway: no statement of its own.
        case.chain_seq, case.chain_hash = event["seq"], event["hash"]
        self._events.append(event)

    def record_house(self, kind: Audit, subject: str, /, **data: Any) -> None:
        """Write what happened outside any case; ``subject`` is the key of what it is about."""
        self.add(
            HouseEvent(
                id=new_id(),
                at=self.now(),
                kind=kind.value,
                actor_id=self.actor.id,
                actor_name=self.actor.name,
                subject=subject,
                data=dump_json(data),
            )
        )

    def flush(self) -> None:
        """Send what is changed, added and recorded so far to the database; the commit does it by itself."""
        if not self._writes:
            return
        # A case that this unit begins is ours as if locked: nobody else can see it yet.
        self._locked.update((row.case_id, row) for row in self.session.new if isinstance(row, Case))
        self.session.flush()
        events, self._events = self._events, []
        self.insert(AuditEvent, events)

    def after_commit(self, hint: Callable[[], object]) -> None:
        """Call ``hint`` once the unit is saved, never when it is undone. It may be lost in a crash and must not raise."""
        self._after_commit.append(hint)

    def run_after_commit(self) -> None:
        """For ``Database`` only: the unit is saved."""
        for hint in self._after_commit:
            hint()

    def _need_writes(self) -> None:
        if not self._writes:
            raise RuntimeError("this unit only reads; open it with Database.unit to change something")


def _where(model: type[Base], key: Key) -> ColumnElement[bool]:
    columns = inspect(model).columns
    if isinstance(key, str):
        names = ["id"] if "id" in columns else [c.key for c in inspect(model).primary_key]
        values: tuple[Any, ...] = (key,)
    else:
        names, values = [str(c.key) for c in inspect(model).primary_key], key
    if len(names) != len(values):
        raise ValueError(f"{model.__name__} is found by {', '.join(map(str, names))}")
    return and_(*(columns[str(name)] == value for name, value in zip(names, values, strict=True)))
