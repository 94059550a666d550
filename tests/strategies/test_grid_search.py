"""Searches of whole grids and layers in simulated seconds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest

from tasklet_bench.bench.execution.meter import Meter, ReportedResult
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time import IterationTimeProblem, SimulationOptions
from tasklet_bench.problems.workload import Transformer
from tasklet_bench.strategies.parameters import configured
from tasklet_bench.strategies.registry import strategy_class
from tasklet_bench.strategies.run import BudgetExhausted

ProblemMaker = Callable[..., AllocationProblem]
MODEL = Transformer(layers=6, hidden=2048, sequence_length=1024, sequences_per_iteration=24)
SEARCHES = ["annealing", "neighbourhood-search"]


def modelled(formal: AllocationProblem, memory_gb: float | None = None) -> AllocationProblem:
    """The problem with a model, and devices of three speeds."""
    speeds = (5.0, 15.0, 60.0)
    sites = tuple(replace(site, tflops=speeds[i % 3], memory_gb=memory_gb) for i, site in enumerate(formal.sites))
    topology = replace(formal.topology, sites=sites)
    return replace(formal, topology=topology, workload=MODEL.workload(formal.shape))


def searched(
    problem: IterationTimeProblem, name: str, evaluations: int, seed: int = 0
) -> tuple[float, list[ReportedResult]]:
    """The best seconds that a search finds, and all that it reported."""
    reported: list[ReportedResult] = []
    meter = Meter(problem, Budget(evaluations=evaluations), reported.append)
    strategy = configured(strategy_class(name), {})
    strategy.prepare()
    meter.start_clocks()
    with suppress(BudgetExhausted):
        strategy.search(problem, meter, np.random.default_rng(seed))
    assert meter.evaluations <= evaluations
    return meter.best_s, reported


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize(("d", "k"), [(d, k) for d in range(1, 7) for k in range(1, 7) if d * k <= 6])
def test_exhaustive_search_finds_nothing_better(random_problem: ProblemMaker, name: str, d: int, k: int) -> None:
    """All grids and all cuts of six layers, on every shape of at most six devices."""
    problem = IterationTimeProblem.wrap(
        modelled(random_problem(d, k, d + k)), SimulationOptions("1f1b", 3), wiring="free", layers="free"
    )
    cuts = [np.diff([0, *inner, 6]) for inner in combinations(range(1, 6), k - 1)]
    least_s = min(problem.cost((np.array(order), cut)).total_s for order in permutations(range(d * k)) for cut in cuts)
    found_s, _ = searched(problem, name, 8000 if name == "annealing" else 40_000)
    assert found_s == pytest.approx(least_s, rel=1e-12)


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("layers", ["equal", "free"])
def test_never_slower_than_what_takes_no_search(random_problem: ProblemMaker, name: str, layers: str) -> None:
    """Megatron's order, the formal heuristics and devices by speed are among what a search begins from."""
    formal = modelled(random_problem(4, 3, 5))
    problem = IterationTimeProblem.wrap(formal, SimulationOptions("1f1b", 4), "free", layers)  # type: ignore[arg-type]
    starts = {start: problem.cost(candidate).total_s for start, candidate in problem.starts().items()}
    assert "by-speed" in starts
    found_s, reported = searched(problem, name, 1500)
    assert problem.bound() <= found_s <= min(starts.values())
    assert problem.judge(reported[-1].candidate).total_s == found_s


@pytest.mark.parametrize("name", SEARCHES)
def test_a_seed_is_a_run(random_problem: ProblemMaker, name: str) -> None:
    """The same seed finds the same under a budget of evaluations, and another one something else on its way."""
    problem = IterationTimeProblem.wrap(modelled(random_problem(3, 3, 2)), SimulationOptions("1f1b", 4), "free", "free")
    first, again = searched(problem, name, 700, 3), searched(problem, name, 700, 3)
    assert first[0] == again[0]
    assert [report.cost_s for report in first[1]] == [report.cost_s for report in again[1]]


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("options", [{"sharing": "nic"}, {"memory": "required"}, {"sends": "deepspeed"}], ids=str)
def test_shared_links_scarce_memory_and_runtimes_are_searched_too(
    random_problem: ProblemMaker, name: str, options: dict[str, object]
) -> None:
    """Where links share rates by whole evaluations; where memory is required only what fits is reported."""
    formal = modelled(random_problem(2, 3, 7))
    if "memory" in options:
        sites = tuple(replace(site, memory_gb=(20.0 if i % 2 else 5.0)) for i, site in enumerate(formal.topology.sites))
        formal = replace(formal, topology=replace(formal.topology, sites=sites))
    problem = IterationTimeProblem.wrap(
        formal,
        SimulationOptions("1f1b", 24, **options),
        "free",
        "free",  # type: ignore[arg-type]
    )
    found_s, reported = searched(problem, name, 300)
    best = [report.candidate for report in reported if report.candidate is not None][-1]
    assert problem.judge(best).total_s == found_s
