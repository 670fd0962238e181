"""All lines of the conformance report."""

from tests.conformance import activities, data, events, pools, routing

CASES = [*activities.cases(), *events.cases(), *routing.cases(), *data.cases(), *pools.cases()]
