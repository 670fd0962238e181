"""How long a designer waits for a check: files of 200 and of 5,000 elements, read, linted and made ready to run."""

import gc
import time

import pytest

from engine.bpmn.admit import Upload
from engine.usecases.check_alone import check_alone
from tests.bench.drawings import drawings

pytestmark = pytest.mark.bench


@pytest.mark.parametrize(("elements", "times"), [(200, 7), (1_000, 3), (5_000, 1)])
def test_every_shape_is_admitted(elements: int, times: int) -> None:
    for shape, content in drawings(elements):
        taken = []
        for _ in range(times):
            gc.collect()
            begun = time.process_time()
            found = check_alone(Upload("bench.bpmn", content), connectors={})
            taken.append(time.process_time() - begun)
            assert found.admission.errors == []
        print(
            f"{elements:>5} elements, {shape:<9} {len(content) / 1000:>5.0f} kB: {min(taken) * 1000:>5.0f} ms of processor time, "
            f"{len(found.admission.warnings)} warnings"
        )
