"""The scenarios of the sample procedures hold: each file says what is given, what is done, and what must then be so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.stage.script import USUAL, ScenarioInvalid, read_scenario
from tests.processes.stage.stage import Stage
from web.simulators import SimulatorServer

PROCESSES = Path(__file__).parents[2] / "processes"
FILES = sorted(path for path in PROCESSES.glob("*/scenarios/*.toml") if path.name != USUAL)
NAMES = [f"{path.parents[1].name}/{path.stem}" for path in FILES]
BOTH = [path for path in FILES if read_scenario(path).both]


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer() as running:
        yield running


@pytest.fixture
def partners(server: SimulatorServer) -> SimulatorServer:
    server.knobs.reset()
    return server


def play(path: Path, database_url: str, folder: Path, partners: SimulatorServer) -> None:
    stage = Stage(read_scenario(path), database_url, folder, partners)
    try:
        stage.play()
    finally:
        stage.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_scenario_holds(path: Path, database_url: str, tmp_path: Path, partners: SimulatorServer) -> None:
    play(path, database_url, tmp_path, partners)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("path", BOTH, ids=lambda path: path.stem)
def test_a_scenario_holds_on_postgresql_too(
    path: Path, database_url: str, tmp_path: Path, partners: SimulatorServer
) -> None:
    play(path, database_url, tmp_path, partners)


def test_a_word_that_scenarios_do_not_know_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "permit" / "scenarios"
    folder.mkdir(parents=True)
    (folder / USUAL).write_text("")
    path = folder / "typo.toml"
    path.write_text('title = "x"\n[given]\nat = "2026-01-05 09:00"\nby = "ana"\n[[step]]\ntaks = "t"\n')
    with pytest.raises(ScenarioInvalid, match=r"typo\.toml: unknown taks"):
        read_scenario(path)
