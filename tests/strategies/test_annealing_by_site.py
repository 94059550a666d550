"""Annealing on classes of devices: its state is what a fresh one would be, and it works on very many devices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems import Shape, Site, Workload
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.generated import farm
from tasklet_bench.problems.site_topology import SiteTopology
from tasklet_bench.strategies.annealing.class_state import sum_anew
from tasklet_bench.strategies.annealing.class_walk import ClassWalker
from tasklet_bench.strategies.annealing.strategy import Annealing

SHAPES = [(1, 12), (3, 4), (8, 8), (12, 1), (20, 3), (70, 2)]


def drawn_problem(shape: Shape, spares: int, seed: int) -> SiteLevelProblem:
    """Sites of uneven sizes with links of few kinds, directed ones among them."""
    rng = np.random.default_rng(seed)
    n = shape.n_devices + spares
    cuts = np.sort(rng.choice(np.arange(1, n), size=min(5, n - 1), replace=False))
    sizes = np.diff([0, *cuts, n])
    figures = (len(sizes), len(sizes))
    links = SiteTopology(
        tuple(Site(f"s{i}", int(size)) for i, size in enumerate(sizes)),
        rng.choice([0.001, 0.05, 0.2], figures),
        rng.choice([1e7, 3e8, 1e9], figures),
    )
    return SiteLevelProblem("drawn", links, Workload(4e8, 1e8), shape)


@given(
    shape=st.sampled_from(SHAPES),
    spares=st.sampled_from([0, 1, 7]),
    seed=st.integers(0, 2**32),
    warmth=st.sampled_from([0.0, 0.1, 10.0]),
)
@settings(max_examples=60, deadline=None)
def test_state_is_what_its_allocation_costs(shape: tuple[int, int], spares: int, seed: int, warmth: float) -> None:
    """After any walk, loads, boundaries and sums are those of a fresh state, and the allocation costs what it says."""
    problem = drawn_problem(Shape(*shape), spares, seed)
    rng = np.random.default_rng(seed)
    walker = ClassWalker(problem, rng, 1.0)
    walker.begin(problem.random(rng))
    before = walker.cost_s
    unit_s, _ = walker.mean_rise_s(50)
    assert walker.cost_s == before
    scored, refused = walker.walk(warmth * unit_s, 1.0, 200, 2_000)
    assert scored <= 200
    assert scored + refused <= 2_000
    names = ("load_s", "tree_s", "pipeline_s", "level", "below")
    kept = {name: getattr(walker._state, name).copy() for name in names}
    sum_anew(walker._ready, walker._state)
    for name in names:
        np.testing.assert_allclose(kept[name], getattr(walker._state, name), rtol=1e-9, atol=1e-9)
    assert problem.cost(walker.allocation).total_s == pytest.approx(walker.cost_s, rel=1e-9)
    counts = problem.classes.counts(walker.allocation.labels, problem.shape.pipeline_parallel)
    assert (counts.sum(axis=0) <= problem.classes.sizes).all()


def anneal(problem: SiteLevelProblem, seed: int, evaluations: int, start: str | None = None) -> Meter:
    """A run of so many evaluations, from a start of the problem's where one is named."""
    meter = Meter(problem, Budget(evaluations=evaluations), lambda _: None)
    if start is not None:
        meter.begin_from(problem.starts()[start])
    meter.start_clocks()
    Annealing().search(problem, meter, np.random.default_rng(seed))
    return meter


def test_a_seed_gives_one_result_within_its_evaluations() -> None:
    """Two runs of one seed end alike, another seed does not, and all evaluations are used."""
    problem = drawn_problem(Shape(8, 40), 3, 1)
    first, again, other = (anneal(problem, seed, 3_000) for seed in (5, 5, 6))
    assert first.evaluations == 3_000
    assert first.best_s == again.best_s
    assert first.best_s != other.best_s


def test_it_improves_what_it_begins_from() -> None:
    """From random labels it ends far below them, from a structural start below that."""
    problem = SiteLevelProblem("farm", farm.site_topology(512, 1, 12, 4), Workload(4e8, 1e8), Shape(16, 32))
    random_s = problem.cost(problem.wire_in_order(problem.random(np.random.default_rng(0)))).total_s
    assert anneal(problem, 0, 20_000).best_s < 0.7 * random_s
    start_s = problem.cost(problem.starts()["dealt-clusters"]).total_s
    assert anneal(problem, 0, 20_000, "dealt-clusters").best_s < start_s


def test_largest_instance_is_annealed() -> None:
    """65,536 devices are annealed for a few evaluations, and what is handed in is what it costs."""
    problem = catalogue.load("generated/farm?n=65536&dp=64&seed=1&sites=128")
    assert isinstance(problem, SiteLevelProblem)
    meter = anneal(problem, 0, 6)
    assert meter.incumbent is not None
    assert problem.judge(meter.incumbent).total_s == pytest.approx(meter.best_s, rel=1e-12)
