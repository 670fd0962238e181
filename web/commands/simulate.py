"""lintas simulate: the six agencies' systems as one real HTTP process."""

import click

from web.simulators.knobs import SYSTEMS, Knobs
from web.simulators.server import SimulatorServer


@click.command()
@click.option(
    "--port", type=int, default=8100, show_default=True, help="Port on 127.0.0.1; 0 for a free one."
)
@click.option("--latency-ms", type=click.IntRange(0, 60_000), default=0, help="Added to every answer.")
@click.option("--error-rate", type=click.FloatRange(0, 1), default=0.0, help="Share of calls answered 500.")
@click.option(
    "--outage",
    "down",
    multiple=True,
    type=click.Choice(SYSTEMS),
    help="A system that answers 503; repeat for more.",
)
@click.option("--seed", type=int, default=0, help="Makes the errors fall alike each time.")
def simulate(port: int, latency_ms: int, error_rate: float, down: tuple[str, ...], seed: int) -> None:
    """Serve the population, tax, spatial, environment, health and fire systems.

    Prints a systems file; save it and name it in LINTAS_SYSTEMS_FILE.
    """
    knobs = Knobs(seed=seed)
    for system in SYSTEMS:
        knobs.turn(system, latency_ms=latency_ms, error_rate=error_rate, outage=system in down)
    server = SimulatorServer(port=port, knobs=knobs)
    click.echo(f"# Simulated systems on {server.url}; stop them with Ctrl-C.")
    for key, system_ in server.systems().items():
        click.echo(f'[{key}]\nbase_url = "{system_.base_url}"\ntimeout_s = {system_.timeout_s}\n')
    server.run()
