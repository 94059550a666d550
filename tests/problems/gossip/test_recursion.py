"""The period is what the recursion grows by in the long run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tasklet_bench.problems.collective.cycle_mean import largest_cycle_mean
from tasklet_bench.problems.gossip import GossipProblem
from tasklet_bench.problems.gossip.evaluate import monodromy, set_exchanges
from tasklet_bench.problems.gossip.judge import advance
from tests.problems.gossip.conftest import draw_problem, order_of, problems

TRANSIENT = 70
MOST_CYCLICITY = 30


def _grown_s(problem: GossipProblem, order: np.ndarray, periods: int) -> list[np.ndarray]:
    """When ranks are ready, after each period."""
    state, states = np.zeros(len(order)), []
    for _ in range(periods):
        for k, computing_s in enumerate(problem.compute_s):
            groups = problem.schedule.rounds[k % len(problem.schedule.rounds)]
            topology, message = problem.network.topology, problem.message_bytes
            state = advance(topology, message, computing_s[order], problem.overlap, groups, order, state)
        states.append(state)
    return states


@given(problems())
@settings(max_examples=15, deadline=None)
def test_the_iterated_recursion_grows_by_the_cost(problem: GossipProblem) -> None:
    """After the transient, some multiple of the period lifts every rank by exactly as many costs."""
    order = order_of(problem)
    cost_s = problem.cost(order).total_s
    states = _grown_s(problem, order, TRANSIENT + MOST_CYCLICITY)
    per_period_s = cost_s * len(problem.compute_s)
    errors = [
        np.abs((states[-1] - states[-1 - cyclicity]) / (cyclicity * per_period_s) - 1.0).max()
        for cyclicity in range(1, MOST_CYCLICITY)
    ]
    assert min(errors) < 1e-12


@pytest.mark.parametrize("mixing", ["ring", "one-peer-exp", "complete", "alternating-exp-ring"])
@pytest.mark.parametrize("jitter", [0.0, 0.6])
def test_policy_iteration_equals_karps_theorem_and_the_judge(mixing: str, jitter: float) -> None:
    """Three ways to the same number, on orders of 16 devices."""
    for seed in range(5):
        problem = draw_problem(seed, 16, mixing, "none", 4 if mixing == "alternating-exp-ring" else 1, jitter)
        order = order_of(problem, seed)
        exchange_s = np.zeros(problem.system.ends.shape)
        set_exchanges(problem.system, order, exchange_s)
        karp_s = largest_cycle_mean(monodromy(problem.system, order, exchange_s)) / len(problem.compute_s)
        assert problem.cost(order).total_s == pytest.approx(karp_s, rel=1e-12)
        assert problem.judge(order).total_s == pytest.approx(karp_s, rel=1e-12)
