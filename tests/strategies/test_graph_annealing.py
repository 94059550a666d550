"""Annealing of mixing graphs: its state stays true, its graphs are valid, and better than what takes no search."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.families import load
from tasklet_bench.problems.mixing_graph import MixingGraphProblem
from tasklet_bench.problems.mixing_graph.enumeration import optimum
from tasklet_bench.strategies.graph_annealing.guide import measure_all
from tasklet_bench.strategies.graph_annealing.mixing import invert
from tasklet_bench.strategies.graph_annealing.strategy import GraphAnnealing
from tasklet_bench.strategies.graph_annealing.walk import Walker
from tasklet_bench.strategies.graph_enumeration import GraphEnumeration
from tasklet_bench.strategies.run import BudgetExhausted
from tasklet_bench.strategies.strategy import Strategy


def _problem(query: str) -> MixingGraphProblem:
    problem = load(f"mixing-graph/{query}")
    assert isinstance(problem, MixingGraphProblem)
    return problem


def _run(problem: MixingGraphProblem, strategy: Strategy, evaluations: int, seed: int = 0) -> Meter:
    meter = Meter(problem, Budget(evaluations=evaluations), lambda message: None)
    meter.start_clocks()
    with suppress(BudgetExhausted):
        strategy.search(problem, meter, np.random.Generator(np.random.PCG64(seed)))
    return meter


@pytest.mark.parametrize("query", ["generated/uniform?n=16&seed=1&clusters=3", "measured/residential-20?degree=4"])
@pytest.mark.parametrize("temperature", [0.1, 1000.0])
def test_what_is_updated_is_what_is_computed_anew(query: str, temperature: float) -> None:
    """After thousands of moves: neighbours, places, sums, terms, counts and inverses."""
    problem = _problem(query)
    walker = Walker(problem.arrays, np.random.Generator(np.random.PCG64(0)))
    edges = problem.random(np.random.Generator(np.random.PCG64(1)))
    walker.begin(edges, problem.cost(edges).total_s)
    walker.walk(temperature, 5000, 20_000)
    state = walker._state
    standing = np.sort(state.edges[: state.counts[0]], axis=1)
    problem.judge(standing)
    problem.judge(walker.best)
    degrees = np.bincount(standing.ravel(), minlength=problem.n_devices)
    assert (state.degrees == degrees).all()
    assert all(state.place[i, j] == state.place[j, i] == spot for spot, (i, j) in enumerate(standing.tolist()))
    assert (state.place >= 0).sum() == 2 * len(standing)
    assert (state.slot == -1).all()
    updated = [array.copy() for array in (state.sums_s, state.inverse, state.between)]
    linked = state.place >= 0
    assert state.counts[1] == (state.terms[np.triu(linked)] >= 1).sum() + (np.diag(state.terms) >= 1).sum()
    terms = state.terms.copy()
    measure_all(problem.arrays, state, state.unit_s[0])
    assert invert(problem.arrays, state)
    for before, after in zip(updated, (state.sums_s, state.inverse, state.between), strict=True):
        assert before == pytest.approx(after, rel=1e-5, abs=1e-6)
    assert terms[linked] == pytest.approx(state.terms[linked], rel=1e-9)
    assert np.diag(terms) == pytest.approx(np.diag(state.terms), rel=1e-9)


@pytest.mark.parametrize(
    "query", ["measured/residential-20?degree=4", "measured/gcp4-hivemind-32?clusters=2&connectivity=0.8"]
)
def test_it_is_better_than_the_baselines(query: str) -> None:
    """With some thousand evaluations, by a judge."""
    problem = _problem(query)
    meter = _run(problem, GraphAnnealing(), 20_000)
    known_s = min(problem.judge(edges).total_s for edges in problem.starts().values())
    assert problem.judge(meter.incumbent).total_s == pytest.approx(meter.best_s, rel=1e-12)
    assert meter.best_s < known_s
    assert meter.evaluations <= 20_000


def test_it_starts_where_the_only_valid_graphs_are_on_the_border() -> None:
    """All of the reference's connectivity, and no room for another edge."""
    problem = _problem("measured/planetlab-128?first=24&degree=4&connectivity=1")
    meter = _run(problem, GraphAnnealing(), 5000)
    assert problem.judge(meter.incumbent).total_s <= min(problem.cost(e).total_s for e in problem.starts().values())


def test_the_same_seed_gives_the_same_run() -> None:
    """Under a budget of evaluations; another seed gives another."""
    problem = _problem("generated/uniform?n=16&seed=1")
    first, again = (_run(problem, GraphAnnealing(), 3000, seed=3) for _ in range(2))
    assert first.best_s == again.best_s
    assert (first.incumbent == again.incumbent).all()


def test_it_begins_from_what_the_run_gives() -> None:
    """A start that cannot be bettered within one evaluation is what comes out."""
    problem = _problem("generated/uniform?n=16&seed=1")
    start = _run(problem, GraphAnnealing(), 5000).incumbent
    meter = Meter(problem, Budget(evaluations=1), lambda message: None)
    if start is not None:
        meter.begin_from(start)
    meter.start_clocks()
    GraphAnnealing().search(problem, meter, np.random.Generator(np.random.PCG64(0)))
    assert (meter.incumbent == start).all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("clusters", [1, 2])
def test_it_finds_proven_optima(seed: int, clusters: int) -> None:
    """Of six devices; enumeration as a strategy proves the same."""
    problem = _problem(f"generated/uniform?n=6&seed={seed}&clusters={clusters}")
    _, optimum_s = optimum(problem)
    assert _run(problem, GraphAnnealing(), 5000).best_s == pytest.approx(optimum_s, rel=1e-12)
    exact = _run(problem, GraphEnumeration(), 40_000)
    assert exact.best_s == pytest.approx(optimum_s, rel=1e-12)
    assert exact.bound_s == exact.best_s
    assert _run(problem, GraphEnumeration(), 1000).bound_s == -np.inf


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_devices_are_no_trouble(n: int) -> None:
    """One device, a pair, and the smallest graphs that leave a choice."""
    problem = _problem(f"measured/residential-20?first={n}")
    assert _run(problem, GraphAnnealing(), 200).best_s == pytest.approx(optimum(problem)[1], rel=1e-12)


@pytest.mark.slow
def test_hundreds_of_devices_run() -> None:
    """512 devices get a graph that is better than its reference on a tour."""
    problem = _problem("generated/geometric?n=512&seed=1")
    meter = _run(problem, GraphAnnealing(), 3000)
    assert meter.best_s < problem.cost(problem.starts()["circulant-on-tour"]).total_s
