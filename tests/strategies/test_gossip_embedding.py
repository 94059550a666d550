"""The search of gossip orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.families import from_json
from tasklet_bench.problems.gossip import GossipProblem
from tasklet_bench.problems.gossip.names import load
from tasklet_bench.strategies.gossip_embedding.layout import layout_of
from tasklet_bench.strategies.gossip_embedding.moves import draw_move
from tasklet_bench.strategies.gossip_embedding.strategy import GossipEmbedding
from tasklet_bench.strategies.gossip_embedding.walk import Walker
from tasklet_bench.strategies.registry import strategy_class
from tests.problems.gossip.conftest import check_instances, draw_problem, order_of

MIXINGS = ("ring", "one-peer-exp", "complete", "alternating-exp-ring")
ANNEALING_S = {
    "measured/aws10-uneven-64?mixing=complete&overlap=backward": (32.4, 29.9),
    "measured/aws10-uneven-64?mixing=ring": (4.16, 3.57),
    "measured/aws10-uneven-64": (5.19, 5.00),
    "measured/aws10-uneven-64?mixing=alternating-exp-ring&local=8": (15.3, 15.3),
    "measured/aws32-cloudping-64?overlap=none": (1.81, 1.81),
    "measured/planetlab-128?first=64": (23.8, 23.8),
    "measured/sky-3metro-3cloud-72?first=64&jitter=0.3": (0.928, 0.928),
    "paper/worldwide": (5.16, 5.16),
    "measured/residential-20?mixing=ring": (242.8, 242.8),
}
"""Seconds that 2,000 to 2,500 evaluations of plain annealing reach from a random order, and the better of that and from
a tour, where both are known."""


def _search(problem: GossipProblem, evaluations: int, seed: int = 0, start: np.ndarray | None = None) -> Meter:
    run = Meter(problem, Budget(evaluations=evaluations), lambda reported: None)
    if start is not None:
        run.begin_from(start)
    run.start_clocks()
    GossipEmbedding().search(problem, run, np.random.default_rng(seed))
    return run


def test_it_is_registered() -> None:
    """By its name, for its family."""
    assert strategy_class("gossip-embedding") is GossipEmbedding
    assert GossipEmbedding.families == ("gossip",)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_a_move_only_moves(mixing: str) -> None:
    """The ranks of a change are distinct, and get each other's devices."""
    problem = draw_problem(0, 16, mixing, local=4 if mixing == "alternating-exp-ring" else 1)
    order = order_of(problem)
    layout, rng = layout_of(problem.system), np.random.default_rng(1)
    exchange_s = np.ones(problem.system.ends.shape)
    ranks, devices = np.empty(16, dtype=np.int64), np.empty(16, dtype=np.int64)
    counts = set()
    for _ in range(300):
        count = draw_move(problem.system, layout, order, np.argsort(order), exchange_s, rng, ranks, devices)
        assert len(set(ranks[:count].tolist())) == count
        assert sorted(devices[:count].tolist()) == sorted(order[ranks[:count]].tolist())
        counts.add(count)
    assert len(counts) > 3


@pytest.mark.parametrize("mixing", MIXINGS)
def test_the_incremental_period_is_the_period(mixing: str) -> None:
    """After many moves, what the walk believes is what the cost says, of its order and of the best one."""
    problem = draw_problem(1, 16, mixing, "none", 4 if mixing == "alternating-exp-ring" else 1, jitter=0.3)
    walker = Walker(problem, np.random.default_rng(2), 0.5)
    walker.begin(order_of(problem))
    for temperature in (0.05, 0.01, 0.001):
        walker.walk(temperature * walker.best_s, temperature * walker.best_s, 400, 10**6)
        assert walker.period_s == pytest.approx(problem.cost(walker.order).total_s, rel=1e-12)
        assert walker.best_s == pytest.approx(problem.cost(walker.best).total_s, rel=1e-12)


def test_the_budget_is_kept_and_a_seed_gives_one_run() -> None:
    """Evaluations add up to the budget; the same seed gives the same order, another seed another run."""
    problem = load("gossip/measured/gcp4-hivemind-32")
    runs = [_search(problem, 1500, seed) for seed in (3, 3)]
    assert [run.evaluations for run in runs] == [1500, 1500]
    np.testing.assert_array_equal(runs[0].incumbent, runs[1].incumbent)


@pytest.mark.parametrize("name", ["ring-4", "all-reduce-6"])
def test_tiny_instances_are_solved(name: str) -> None:
    """What enumeration proves optimal is found."""
    instance = next(instance for instance in check_instances() if instance["name"] == name)
    run = _search(from_json(instance, "file"), 400)
    assert run.best_s == pytest.approx(instance["optimum_s"], rel=1e-9)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_drawn_instances_of_6_or_8_are_solved(mixing: str) -> None:
    """No order is better than what is found: all of 6 devices, a sample of those of 8."""
    n = 6 if mixing in ("ring", "complete") else 8
    problem = draw_problem(5, n, mixing)
    orders = permutations(range(n)) if n == 6 else (order_of(problem, seed) for seed in range(2000))
    best_s = min(problem.cost(np.array(order)).total_s for order in orders)
    assert _search(problem, 3000).best_s <= best_s * (1 + 1e-12)


def test_two_devices_and_one() -> None:
    """Where there is nothing to decide, it ends."""
    for n, mixing in ((1, "complete"), (2, "ring"), (2, "one-peer-exp"), (2, "alternating-exp-ring")):
        problem = draw_problem(0, n, mixing)
        assert _search(problem, 20).best_s == pytest.approx(problem.cost(np.arange(n)).total_s)


def test_it_begins_from_a_given_start() -> None:
    """With a start, a budget of one evaluation gives that."""
    problem = load("gossip/measured/gcp4-hivemind-32")
    start = order_of(problem, 4)
    assert _search(problem, 1, start=start).best_s == problem.cost(start).total_s


@pytest.mark.slow
def test_it_beats_plain_annealing() -> None:
    """At least a tenth below on half of the instances with a known figure, and on none 1 % above the better one."""
    below = 0
    for name, (annealing_s, better_s) in ANNEALING_S.items():
        best_s = _search(load(f"gossip/{name}"), 60_000).best_s
        below += best_s <= 0.9 * annealing_s
        assert best_s <= 1.01 * better_s, name
    assert below >= len(ANNEALING_S) / 2


@pytest.mark.slow
@pytest.mark.parametrize("mixing", ["ring", "one-peer-exp"])
def test_large_instances_run(mixing: str) -> None:
    """512 devices, from the first evaluation on better than a random order."""
    problem = load(f"gossip/generated/clustered?n=512&seed=1&sites=16&mixing={mixing}")
    assert _search(problem, 300).best_s < problem.cost(order_of(problem)).total_s
