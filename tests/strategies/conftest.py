"""What the tests of strategies share: a search under the real meter, and problems of odd shapes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import strategies as st

from tasklet_bench.bench.execution.meter import Meter, ReportedResult
from tasklet_bench.bench.execution.problem_cache import make_ready
from tasklet_bench.bench.execution.starting import score_starts
from tasklet_bench.bench.execution.worker import seed_sequence
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.problem import Candidate, Problem
from tasklet_bench.strategies.enumeration.strategy import ExactSmall
from tasklet_bench.strategies.run import BudgetExhausted
from tasklet_bench.strategies.strategy import Strategy


@dataclass
class SearchResult:
    """What a search reported the meter."""

    meter: Meter
    reported: list[ReportedResult] = field(default_factory=list)

    @property
    def cost_s(self) -> float:
        """Cost of the incumbent (in seconds)."""
        return self.meter.best_s

    @property
    def candidate(self) -> Candidate:
        """The incumbent."""
        return next(reported.candidate for reported in reversed(self.reported) if reported.candidate is not None)

    @property
    def curve(self) -> list[tuple[int, float]]:
        """Evaluations and cost of each improvement."""
        return [(reported.evaluations, reported.cost_s) for reported in self.reported]


Searched = Callable[..., SearchResult]


@pytest.fixture(scope="session")
def searched() -> Searched:
    """Search a problem as the worker of a run does: same seed stream, same meter, same starts."""

    def search(
        strategy: Strategy,
        problem: Problem,
        seed: int = 0,
        start: Candidate | None = None,
        known: bool = False,
        **budget: float,
    ) -> SearchResult:
        reported: list[ReportedResult] = []
        make_ready(problem)
        strategy.prepare()
        meter = Meter(problem, Budget(**budget), reported.append)
        rng = np.random.Generator(np.random.PCG64(seed_sequence(seed, problem.digest)))
        meter.start_clocks()
        with suppress(BudgetExhausted):
            score_starts(problem, meter, start, known=known)
            strategy.search(problem, meter, rng)
        return SearchResult(meter, reported)

    return search


@pytest.fixture(scope="session")
def tiny_excesses(searched: Searched, random_problem: Callable[..., AllocationProblem]) -> Callable[..., list[float]]:
    """How far above the optimum that `exact-small` proves a strategy ends, on each of ten tiny problems."""
    shapes = [(3, 2), (2, 3), (4, 2), (2, 4), (3, 3)] * 2
    problems = [random_problem(*shape, seed=seed) for seed, shape in enumerate(shapes)]
    proofs = [searched(ExactSmall(), problem, evaluations=10**6) for problem in problems]
    assert all(proof.meter.bound_s == pytest.approx(proof.cost_s, rel=1e-9) for proof in proofs)

    def excesses(strategy: Strategy, evaluations: int) -> list[float]:
        costs_s = [searched(strategy, problem, evaluations=evaluations).cost_s for problem in problems]
        return [cost_s / proof.cost_s - 1 for cost_s, proof in zip(costs_s, proofs, strict=True)]

    return excesses


@pytest.fixture(scope="session")
def odd_problems() -> st.SearchStrategy[AllocationProblem]:
    """Problems of shapes and links at the edge: one replica, one stage, two devices, equal links, a dead-slow link."""
    shapes = st.sampled_from([(1, 2), (2, 1), (1, 7), (6, 1), (2, 2), (5, 2), (2, 5), (3, 4), (1, 1)])
    links = st.sampled_from(["equal", "distinct", "dead-slow", "none"])
    return st.builds(_odd_problem, shapes, links, st.integers(0, 1000))


def _odd_problem(shape: tuple[int, int], links: str, seed: int) -> AllocationProblem:
    n = shape[0] * shape[1]
    rng = np.random.default_rng(seed)
    delay_s, bandwidth_bytes_s = np.full((n, n), 0.01), np.full((n, n), 1e8)
    if links in ("distinct", "dead-slow"):
        delay_s, bandwidth_bytes_s = rng.uniform(0, 0.1, (n, n)), rng.uniform(1e7, 1e9, (n, n))
    if links == "dead-slow":
        bandwidth_bytes_s[0, -1] /= 1e6
    payload = Workload(0.0, 0.0) if links == "none" else Workload(6e8, 5e8)
    topology = Topology(tuple(Site(f"device {i}", 1) for i in range(n)), delay_s, bandwidth_bytes_s)
    return AllocationProblem(f"odd-{links}-{seed}", topology, payload, Shape(*shape))
