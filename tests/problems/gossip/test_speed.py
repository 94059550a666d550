"""How fast an evaluation is, as ratios within one process."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.gossip.names import load
from tests.problems.gossip.conftest import order_of

MIXINGS = ("ring", "one-peer-exp", "complete", "alternating-exp-ring&local=8")


def _least_s(call: Callable[[], object], times: int = 5) -> float:
    seconds = []
    for _ in range(times):
        before = time.process_time()
        call()
        seconds.append(time.process_time() - before)
    return min(seconds)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_the_meter_is_ten_times_as_fast_as_the_judge(mixing: str) -> None:
    """An evaluation of 64 devices, compiled and metered, against the readable one."""
    problem = load(f"gossip/measured/aws10-uneven-64?mixing={mixing}")
    order = order_of(problem)
    run = Meter(problem, Budget(evaluations=10**6), lambda reported: None)
    run.start_clocks()
    run.evaluate(order)
    metered_s = _least_s(lambda: [run.evaluate(order) for _ in range(50)]) / 50
    assert _least_s(lambda: problem.judge(order), 2) >= 10 * metered_s


@pytest.mark.slow
@pytest.mark.parametrize("mixing", ["ring", "one-peer-exp", "complete"])
def test_growth_is_at_most_cubic(mixing: str) -> None:
    """From 64 to 512 devices, eight times as many, an evaluation takes at most 512 times as long."""
    seconds = []
    for n in (64, 512):
        problem = load(f"gossip/generated/uniform?n={n}&seed=1&mixing={mixing}")
        order = order_of(problem)
        problem.cost(order)
        seconds.append(_least_s(lambda: problem.cost(order)))  # noqa: B023 - called at once
    assert seconds[1] <= 512 * max(seconds[0], 1e-5)
