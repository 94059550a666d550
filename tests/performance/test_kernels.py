"""What an evaluation costs: full, incremental, through Python, and how it grows.

`transcription` is the same cost as one would first write it down in Python; ratios are taken to it, in one process, on
the same partitions. Times are CPU seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.kernels import (
    evaluate_batch,
    new_state,
    order_labels,
    pack,
    propose_swap,
    rollback,
    start,
)
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.instances import catalogue

pytestmark = pytest.mark.benchmark(timer=time.process_time, disable_gc=True)

AT_LEAST = {"datacentre": 4000, "spot": 4000, "two-datacentres": 4000, "regional": 1800, "worldwide": 1800}
GROWTH = {16: 4, 64: 8, 256: 16, 1024: 32}
"""Devices and replicas, K = D."""


@jit
def propose_all(ready, state, swaps):  # type: ignore[no-untyped-def]
    """Propose swaps `(M, 2)` and take each back; returns a sum, so that nothing is left out."""
    total = 0.0
    for i in range(len(swaps)):
        total += propose_swap(ready, state, swaps[i, 0], swaps[i, 1])
        rollback(ready, state)
    return total


def per_call(benchmark: Any, function: Callable[[], object], calls: int, rounds: int = 15) -> float:
    """Median seconds of one of the `calls` that the function makes, after it has been compiled."""
    benchmark.pedantic(function, rounds=rounds, warmup_rounds=2)
    seconds = benchmark.stats.stats.median / calls
    benchmark.extra_info["seconds"] = seconds
    return float(seconds)


def median_s(function: Callable[[], object], rounds: int) -> float:
    """Median CPU seconds of a call."""
    spent = []
    for _ in range(rounds):
        begun = time.process_time()
        function()
        spent.append(time.process_time() - begun)
    return float(np.median(spent))


def partitions(problem: AllocationProblem, count: int) -> np.ndarray:
    """Random partitions, `(count, N)`."""
    rng = np.random.default_rng(0)
    return np.array([problem.random(rng) for _ in range(count)])


def full_evaluations(problem: AllocationProblem, count: int) -> Callable[[], object]:
    """Evaluate as many different partitions in compiled code."""
    labels, cost_s = partitions(problem, count), np.empty(count)
    return lambda: evaluate_batch(pack(problem), labels, cost_s)


def proposals(problem: AllocationProblem, count: int) -> Callable[[], object]:
    """Propose as many swaps between stages of a random partition in its best order."""
    ready, labels = pack(problem), partitions(problem, 1)[0]
    order_labels(ready, labels)
    state = new_state(ready)
    start(ready, state, labels)
    rng = np.random.default_rng(1)
    swaps = rng.integers(0, len(labels), (3 * count, 2))
    swaps = swaps[labels[swaps[:, 0]] != labels[swaps[:, 1]]][:count]
    return lambda: propose_all(ready, state, swaps)


@pytest.mark.parametrize("name", [*AT_LEAST, "uniform"])
def test_full_evaluation(benchmark: Any, line: Callable[[str], None], transcription: Any, name: str) -> None:
    """A full 8×8 evaluation is thousands of times as fast as the transcription."""
    problem = catalogue.load("generated/uniform?n=64&dp=8&seed=1" if name == "uniform" else f"paper/{name}")
    kernel_s = per_call(benchmark, full_evaluations(problem, 500), 500)
    labels = partitions(problem, 5)
    plain_s = float(
        np.median(
            [
                median_s(lambda row=row: transcription.partition_cost_s(problem.dp_pair_s, problem.pp_pair_s, row), 3)  # type: ignore[misc]
                for row in labels
            ]
        )
    )
    ratio = plain_s / kernel_s
    line(f"full 8×8 {name:16s} {kernel_s * 1e6:8.2f} µs   transcription {plain_s * 1e3:6.2f} ms   ratio {ratio:7.0f}")
    assert ratio >= AT_LEAST.get(name, 1800)


@pytest.mark.parametrize("name", [*AT_LEAST, "uniform"])
def test_proposal(benchmark: Any, line: Callable[[str], None], name: str) -> None:
    """An ordered proposal is cheaper than a full evaluation of the same 8×8 problem."""
    problem = catalogue.load("generated/uniform?n=64&dp=8&seed=1" if name == "uniform" else f"paper/{name}")
    proposal_s = per_call(benchmark, proposals(problem, 5000), 5000)
    full_s = median_s(full_evaluations(problem, 2000), 9) / 2000
    rate = f"{1 / proposal_s:9.0f}/s   of a full {proposal_s / full_s:.2f}"
    line(f"proposal 8×8 {name:16s} {proposal_s * 1e6:8.2f} µs   {rate}")
    assert proposal_s < full_s / 2


@pytest.mark.parametrize("n", GROWTH)
def test_growth(benchmark: Any, line: Callable[[str], None], n: int) -> None:
    """How full evaluations and proposals grow with the devices, all links distinct."""
    problem = catalogue.load(f"generated/uniform?n={n}&dp={int(n**0.5)}&seed=1")
    count = max(2, 2_000_000 // n**2)
    full_s = median_s(full_evaluations(problem, count), 5) / count
    proposal_s = per_call(benchmark, proposals(problem, 2000), 2000)
    small = catalogue.load("generated/uniform?n=64&dp=8&seed=1")
    small_s = median_s(proposals(small, 5000), 5) / 5000
    benchmark.extra_info.update(devices=n, full_s=full_s, proposal_s=proposal_s)
    line(
        f"N = {n:5d}  full {full_s * 1e6:10.2f} µs   proposal {proposal_s * 1e6:8.2f} µs   {1 / proposal_s:9.0f}/s   "
        f"proposal to N = 64: {proposal_s / small_s:5.1f}"
    )


def test_through_python(benchmark: Any, line: Callable[[str], None]) -> None:
    """`Problem.cost` adds at most 10 µs to the kernel."""
    problem = catalogue.load("paper/worldwide")
    labels = partitions(problem, 500)

    def score() -> None:
        for row in labels:
            problem.cost(row)

    python_s = per_call(benchmark, score, 500)
    kernel_s = median_s(full_evaluations(problem, 500), 9) / 500
    line(f"Problem.cost 8×8   {python_s * 1e6:8.2f} µs   of which kernel {kernel_s * 1e6:6.2f} µs")
    assert python_s - kernel_s < 10e-6
