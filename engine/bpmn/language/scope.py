"""What an expression sees while it is evaluated: variables, and the world's time."""

from collections import ChainMap
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from engine.bpmn.language.names import variable_of
from engine.bpmn.language.values import Failed, Unset, spend
from engine.bpmn.step import World

MARK = "_x_"
"""Prefix of our own functions in written code; no variable can hide one."""


class Scope:
    """Also the mapping of names that written code is evaluated in; ``_s`` in it is the scope itself."""

    __slots__ = ("variables", "world")

    def __init__(self, variables: Mapping[str, Any], world: World | None) -> None:
        self.variables = variables
        self.world = world

    def __getitem__(self, name: str) -> Any:
        if name == "_s":
            return self
        if name.startswith(MARK):
            raise KeyError(name)
        return self.variables[name]

    def inner(self, names: dict[str, Any], cost: int) -> "Scope":
        """A scope for one round of a loop, whose body has ``cost`` parts. Raises OverLimit when all is spent."""
        spend(cost)
        return Scope(ChainMap(names, self.variables), self.world)  # type: ignore[arg-type]  # only read

    def get(self, name: str) -> Any:
        """The variable, or null. A name of several words also finds the variable that is made of it."""
        if name not in self.variables:
            name = variable_of(name)
        return self.variables.get(name)

    def has(self, name: str) -> bool:
        return name in self.variables

    def business_key(self) -> str | None:
        return self.world.business_key if self.world is not None else None

    def need(self, name: str) -> Any:
        try:
            return self.variables[name]
        except KeyError:
            raise Unset(name) from None

    def now(self) -> datetime:
        """Local time of the process's calendar."""
        if self.world is None:
            raise Failed("the time is not known here, so now() and today() cannot be used")
        return self.world.now.astimezone(zone(self.world))

    def today(self) -> date:
        return self.now().date()


def zone(world: World) -> tzinfo:
    """The time zone of the calendar that keeps the process's clock; UTC when it has none."""
    found = getattr(world.calendar, "timezone", None)
    return found if isinstance(found, tzinfo) else UTC
