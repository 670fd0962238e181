"""Each case of these tests is run three ways; see ``harness.Play``."""

from collections.abc import Callable

import pytest

from tests.unit.bpmn.harness import Play

Begin = Callable[..., Play]


@pytest.fixture(params=["kept", "reloaded", "restarted"])
def begin(request: pytest.FixtureRequest) -> Begin:
    def start(xml: str, *called: str, **kw: object) -> Play:
        data = kw.pop("data", None)
        return Play(xml, *called, mode=request.param, data=data, **kw)  # type: ignore[arg-type]

    return start
