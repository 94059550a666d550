"""Repairs after a loss: no device moves that need not, and nobody finds a cheaper repair of as few moves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tasklet_bench.problems.allocation import Allocation, AllocationProblem, cost_model
from tasklet_bench.problems.allocation.loss import repair_after_loss, without_devices
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.workload import Shape, Transformer, Workload


def drawn(seed: int, n: int, shape: Shape, workload: Workload | None = None) -> AllocationProblem:
    """A problem of devices with links of their own."""
    rng = np.random.default_rng(seed)
    sites = tuple(Site(f"s{i}", 1) for i in range(n))
    delay_s, rate = rng.uniform(0.001, 0.1, (n, n)), rng.uniform(1e7, 1e9, (n, n))
    return AllocationProblem(f"drawn-{seed}", Topology(sites, delay_s, rate), workload or Workload(1e8, 2e8), shape)


def fewest_and_cheapest(problem: AllocationProblem, before: np.ndarray) -> tuple[int, float]:
    """Fewest moves and the least cost of so few, by trying every assignment of stages and every wiring."""
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    best: dict[int, float] = {}
    for used in itertools.permutations(problem.available.tolist(), d * k):
        grid = np.array(used).reshape(d, k)
        moves = int((before[grid] != np.arange(k)).sum())
        cost_s = cost_model.grid_cost(problem.dp_pair_s, problem.pp_pair_s, grid).total_s
        best[moves] = min(best.get(moves, np.inf), cost_s)
    fewest = min(best)
    return fewest, best[fewest]


@pytest.mark.parametrize(
    ("n", "shape", "lost"),
    [
        (7, Shape(2, 3), [0]),
        (8, Shape(2, 3), [1, 5]),
        (7, Shape(2, 3), [0, 3]),
        (6, Shape(3, 2), [0, 2]),
        (6, Shape(2, 3), [4]),
    ],
)
def test_a_repair_moves_nobody_that_it_need_not(n: int, shape: Shape, lost: list[int]) -> None:
    """With spares and with fewer replicas, moves and cost are those of an enumeration of everything."""
    for seed in range(3):
        problem = drawn(seed, n, shape)
        allocation = problem.complete(problem.random(np.random.default_rng(seed)))
        left = without_devices(problem, lost)
        repair = repair_after_loss(left, allocation.labels)
        fewest, cheapest_s = fewest_and_cheapest(left, allocation.labels)
        assert repair.fewest == len(repair.moved) == fewest
        assert repair.proven
        assert repair.cost.total_s == pytest.approx(cheapest_s, rel=1e-12)
        assert not set(lost) & set(repair.allocation.grid.ravel().tolist())
        assert repair.fetched_bytes == fewest * left.workload.gradient_bytes


def test_local_search_finds_what_enumeration_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of reach of enumeration a repair has as few moves, and on small cases the same cost."""
    problem = drawn(1, 9, Shape(2, 3))
    before = problem.complete(problem.random(np.random.default_rng(1))).labels
    left = without_devices(problem, [int(np.flatnonzero(before == 0)[0])])
    proven = repair_after_loss(left, before)
    monkeypatch.setattr("tasklet_bench.problems.allocation.loss.MOST_ENUMERATED", 0)
    searched = repair_after_loss(left, before)
    assert not searched.proven
    assert len(searched.moved) == len(proven.moved) == 1
    assert searched.cost.total_s == pytest.approx(proven.cost.total_s, rel=1e-12)


def test_more_moves_cost_no_more() -> None:
    """What a repair may move beyond the fewest is used where it helps, and never exceeded."""
    problem = drawn(2, 8, Shape(2, 3))
    before = problem.complete(problem.random(np.random.default_rng(2))).labels
    left = without_devices(problem, [int(np.flatnonzero(before == 1)[0])])
    costs_s = []
    for moves in (1, 3, 6):
        repair = repair_after_loss(left, before, moves)
        assert len(repair.moved) <= moves
        costs_s.append(repair.cost.total_s)
    assert costs_s == sorted(costs_s, reverse=True)
    with pytest.raises(BadInput, match="at least 1"):
        repair_after_loss(left, before, 0)


def test_fewer_replicas_share_the_same_batch() -> None:
    """Where devices do not suffice, replicas are given up, not stages, and each takes more of the batch."""
    model = Transformer(layers=6, hidden=64, sequence_length=32, sequences_per_iteration=12)
    problem = drawn(0, 6, Shape(2, 3), model.workload(Shape(2, 3)))
    left = without_devices(problem, [5])
    assert left.shape == Shape(1, 3)
    assert left.workload == model.workload(Shape(1, 3))
    by_bytes = without_devices(AllocationProblem("bytes", problem.topology, Workload(1e6, 2e6), Shape(2, 3)), [5])
    assert by_bytes.workload == Workload(1e6, 4e6)
    with pytest.raises(BadInput, match="at least 3, one for each stage"):
        without_devices(problem, [0, 1, 2, 3])


def test_nobody_moves_when_only_a_spare_leaves() -> None:
    """The loss of a device that stands nowhere leaves every stage as it is."""
    problem = drawn(3, 7, Shape(2, 3))
    allocation = problem.complete(problem.random(np.random.default_rng(3)))
    repair = repair_after_loss(without_devices(problem, allocation.spares.tolist()), allocation.labels)
    assert repair.moved == ()
    assert isinstance(repair.allocation, Allocation)
    assert np.array_equal(np.sort(repair.allocation.grid, axis=0), np.sort(allocation.grid, axis=0))
