"""The six agencies' systems as one HTTP process, for demo and tests: invented registers, real failures."""

from web.simulators.app import make_simulators_app
from web.simulators.knobs import SYSTEMS, Knobs, KnobsInvalid
from web.simulators.server import SimulatorServer

__all__ = ["SYSTEMS", "Knobs", "KnobsInvalid", "SimulatorServer", "make_simulators_app"]
