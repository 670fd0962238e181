"""Which agency, and which roles in it, stand behind a lane."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.bpmn.bindings import to_write
from engine.bpmn.settings import LaneTarget, lane_target


@dataclass(frozen=True, slots=True)
class Route:
    """Where the work of a node goes. No roles: every officer of the agency.

    ``apart``: elements of the process whose doers may not do it (four eyes).
    """

    agency: str
    roles: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Misroute:
    """Why a lane leads nowhere: a problem code and a sentence."""

    code: str
    message: str


@dataclass(slots=True)
class LaneBook:
    """Finds the target of a lane by what the deployment says, then process.toml, then the agencies themselves.

    Attributes:
        used: the mapping keys that were needed, so that a mistyped one can be told.
        new_roles: (agency, role) pairs that the deployment has to make.
    """

    agencies: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    given: Mapping[str, str]
    written: Mapping[str, LaneTarget]
    create_roles: bool
    used: set[str] = field(default_factory=set)
    new_roles: set[tuple[str, str]] = field(default_factory=set)

    def route(self, path: tuple[str, ...]) -> Route | Misroute:
        """The innermost name of ``path`` that leads to an agency decides; names inside it are roles of that agency."""
        for depth in range(len(path), 0, -1):
            target = self._target(path[:depth])
            if target is not None:
                return self._checked(target, path[depth:], path)
        return Misroute(
            "lane_without_agency",
            f'No agency stands behind the lane "{"/".join(path)}". Choose an agency when deploying. '
            + to_write("lanes", "/".join(path), '"agency/role"'),
        )

    def _target(self, path: tuple[str, ...]) -> LaneTarget | None:
        keys = ["/".join(path[begin:]) for begin in range(len(path))]
        for key in keys:
            if key in self.given:
                self.used.add(key)
                return lane_target(self.given[key])
        for key in keys:
            if key in self.written:
                self.used.add(key)
                return self.written[key]
        name = path[-1]
        if name in self.agencies:
            return LaneTarget(name)
        known = self.names.get(name.casefold())
        return LaneTarget(known) if known else None

    def _checked(self, target: LaneTarget, inner: tuple[str, ...], path: tuple[str, ...]) -> Route | Misroute:
        known = self.agencies.get(target.agency)
        if known is None:
            return Misroute(
                "agency_unknown",
                f'The lane "{"/".join(path)}" is mapped to "{target.agency}", which is no agency here. '
                f"Known are {few(self.agencies)}.",
            )
        roles = target.roles or inner[-1:]
        for role in roles:
            if role in known:
                continue
            if not self.create_roles:
                return Misroute(
                    "role_unknown",
                    f'The lane "{"/".join(path)}" asks for the role "{role}", which {target.agency} does not have. '
                    f"Its roles are {few(known)}. Map the lane, or deploy with create_roles.",
                )
            self.new_roles.add((target.agency, role))
        return Route(target.agency, tuple(roles))


def few(names: Mapping[str, object] | frozenset[str] | set[str], *, most: int = 12) -> str:
    """The names for a sentence: sorted, not too many."""
    ordered = sorted(names)
    shown = ", ".join(ordered[:most])
    return f"{shown} and {len(ordered) - most} more" if len(ordered) > most else shown or "none"
