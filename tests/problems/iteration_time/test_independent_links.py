"""The pass over the levels against a second way of telling the same times."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate
from tasklet_bench.problems.iteration_time.schedules import SCHEDULES, Pass

ProblemMaker = Callable[..., AllocationProblem]
GOLDEN = {
    ("gpipe", "direct"): 17.317885503496974,
    ("gpipe", "shifted"): 20.756337905282773,
    ("gpipe", "ring"): 29.343193649750038,
    ("gpipe", "tree"): 30.165434513491107,
    ("1f1b", "direct"): 15.39729383005331,
    ("1f1b", "shifted"): 20.170014908411506,
    ("1f1b", "ring"): 28.756870652878767,
    ("1f1b", "tree"): 29.521680002137643,
}
"""Seconds of one random allocation of 4×4 on random links, 6 micro-batches."""


def by_recursion(problem: AllocationProblem, grid: np.ndarray, schedule: str, micro_batches: int) -> float:
    """Seconds of an iteration with the direct exchange and no computing, each time asked of those it waits for."""
    d, k = grid.shape
    delay_s, rate = problem.topology.delay_s, problem.topology.bandwidth_bytes_s
    per_message = problem.workload.activation_bytes / micro_batches
    chains = [SCHEDULES[schedule](stage, k, micro_batches) for stage in range(k)]  # type: ignore[call-arg, index]

    @cache
    def done_s(row: int, stage: int, now: Pass) -> float:
        position = chains[stage].index(now)
        own_s = done_s(row, stage, chains[stage][position - 1]) if position else 0.0
        giver = stage + 1 if now.backward else stage - 1
        if not 0 <= giver < k:
            return max(own_s, done_s(row, stage, Pass(False, now.micro_batch))) if now.backward else own_s
        return max(own_s, sent_s(row, giver, now) + delay_s[grid[row, giver], grid[row, stage]])

    @cache
    def sent_s(row: int, stage: int, now: Pass) -> float:
        peer = stage - 1 if now.backward else stage + 1
        earlier_s = sent_s(row, stage, Pass(now.backward, now.micro_batch - 1)) if now.micro_batch else 0.0
        begin_s = max(done_s(row, stage, now), earlier_s)
        return begin_s + per_message / float(rate[grid[row, stage], grid[row, peer]])

    shard = problem.workload.gradient_bytes / d
    last_s = np.array([[done_s(row, stage, chains[stage][-1]) for stage in range(k)] for row in range(d)])
    pushed_s, summed_s = {}, last_s.copy()
    for stage, a, b in product(range(k), range(d), range(d)):
        if a != b:
            x, y = grid[a, stage], grid[b, stage]
            pushed_s[stage, a, b] = last_s[a, stage] + shard / rate[x, y]
            summed_s[b, stage] = max(summed_s[b, stage], pushed_s[stage, a, b] + delay_s[x, y])
    end_s = summed_s.copy()
    for stage, a, b in pushed_s:
        x, y = grid[a, stage], grid[b, stage]
        begin_s = max(summed_s[a, stage], pushed_s[stage, a, b])
        end_s[b, stage] = max(end_s[b, stage], begin_s + shard / rate[x, y] + delay_s[x, y])
    return float(end_s.max())


@given(
    d=st.integers(1, 4),
    k=st.integers(1, 4),
    micro_batches=st.integers(1, 5),
    schedule=st.sampled_from(["gpipe", "1f1b"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_levels_tell_the_same_times_as_a_recursion(
    random_problem: ProblemMaker, d: int, k: int, micro_batches: int, schedule: str, seed: int
) -> None:
    """On directed links of random speed and delay, both ways agree to 1e-12 on every shape."""
    problem = random_problem(d, k, seed)
    grid = np.random.default_rng(seed).permutation(d * k).reshape(d, k)
    options = SimulationOptions(schedule=schedule, micro_batches=micro_batches)  # type: ignore[arg-type]
    expected_s = by_recursion(problem, grid, schedule, micro_batches)
    assert simulate(problem, Allocation(grid), options).iteration_s == pytest.approx(expected_s, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("collective", ["direct", "shifted", "ring", "tree"])
@pytest.mark.parametrize("schedule", ["gpipe", "1f1b"])
def test_a_simulation_is_a_pure_function(random_problem: ProblemMaker, collective: str, schedule: str) -> None:
    """The same allocation and options give the same times to the last bit, whatever was simulated in between."""
    problem = random_problem(3, 4)
    options = SimulationOptions(schedule=schedule, micro_batches=5, collective=collective)  # type: ignore[arg-type]
    first = simulate(problem, Allocation(np.arange(12).reshape(3, 4)), options)
    simulate(problem, Allocation(np.arange(12)[::-1].reshape(3, 4)), options)
    again = simulate(problem, Allocation(np.arange(12).reshape(3, 4)), options)
    assert first.start_s.tobytes() == again.start_s.tobytes()
    assert first.finish_s.tobytes() == again.finish_s.tobytes()


def test_seeded_iterations_keep_their_seconds(random_problem: ProblemMaker) -> None:
    """What was simulated once for a seed stays so: schedule and collective each leave their mark."""
    problem = random_problem(4, 4, seed=7)
    grid = Allocation(np.random.default_rng(7).permutation(16).reshape(4, 4))
    result = {
        (schedule, collective): simulate(
            problem,
            grid,
            SimulationOptions(schedule=schedule, micro_batches=6, collective=collective),  # type: ignore[arg-type]
        ).iteration_s
        for schedule, collective in GOLDEN
    }
    assert result == pytest.approx(GOLDEN, rel=1e-12)
