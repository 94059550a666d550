"""Other people's planners and libraries."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from tasklet_bench.bench.plugins.strategies import entrant, load_strategy
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.registry import THIRD_PARTY, strategy_class
from tasklet_bench.strategies.third_party import library
from tasklet_bench.strategies.third_party.dlrover import group_in_order
from tasklet_bench.strategies.third_party.graphs import (
    Adjacency,
    ranked_links,
    stages_of_devices,
    tasklet_links,
    whole_distances,
)
from tasklet_bench.strategies.third_party.skippipe import cyclic_moves

LIBRARIES = {
    "kahip": "kahip",
    "mtkahypar": "mtkahypar",
    "scotch": "pyscotch",
    "flashflex": "pymetis",
    "nevergrad": "nevergrad",
}
"""The package that a strategy needs."""
PINNED = {
    "kahip": 33.652720394954116,
    "mtkahypar": 32.38853374308764,
    "scotch": 27.59485961098055,
    "flashflex": 51.288074605786726,
    "dlrover-rerank": 104.75975247892339,
    "megatron[order=tp-pp-dp]": 49.48735124776575,
    "nevergrad": 28.453117542194306,
    "skippipe": 31.34996218144566,
}
"""Cost of seed 7 after 40 evaluations on a small instance, by strategy."""


def strategy(name: str) -> Any:
    """The strategy of an entrant's name; skips where its library is missing."""
    package = LIBRARIES.get(name)
    if package and find_spec(package) is None:
        pytest.skip(f"{name} needs {package}")
    return load_strategy(entrant(name))


@pytest.mark.parametrize("name", THIRD_PARTY)
def test_a_seed_gives_the_pinned_result(searched: Any, name: str) -> None:
    """The cost of seed 7 is the one written down here, twice in one process."""
    problem = catalogue.load("generated/clustered?n=24&dp=4&seed=1")
    one = strategy(name)
    result = searched(one, problem, 7, evaluations=40)
    assert result.cost_s == pytest.approx(PINNED[name], rel=1e-9)
    assert searched(one, problem, 7, evaluations=40).curve == result.curve


@pytest.mark.parametrize("name", ["kahip", "mtkahypar", "scotch"])
def test_mappers_find_groups_inside_sites_or_across_them(searched: Any, name: str) -> None:
    """On the world-wide scenario a partitioner's best is as good as the better of both structural heuristics."""
    problem = catalogue.load("paper/worldwide")
    starts_s = {name: problem.cost(start).total_s for name, start in problem.starts().items()}
    result = searched(strategy(name), problem, evaluations=6)
    assert result.cost_s <= starts_s["site-pure"] * (1 + 1e-9)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Without its package a strategy is refused with the package and how to install it."""
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    with pytest.raises(BadInput, match=rf"no {LIBRARIES[name]}, expected .*pip install 'tasklet-bench\["):
        strategy_class(name)()


def test_a_graph_in_compressed_rows_has_each_edge_twice() -> None:
    """Rows hold both ends of an edge, `edges` each once with its weight."""
    graph = Adjacency.of_matrix(np.array([[0, 5, 0], [5, 0, 7], [0, 7, 0]]))
    assert graph.starts.tolist() == [0, 1, 3, 4]
    assert graph.neighbours.tolist() == [1, 0, 2, 1]
    assert (graph.edges, graph.edge_weights) == ([(0, 1), (1, 2)], [5, 7])


def test_weights_are_ranks_and_stay_below_their_limit() -> None:
    """Heavier by the order is heavier as a weight, a device has no link to itself, and the sum is kept."""
    order = np.array([[0.0, 1e-9, 3.0], [1e-9, 0.0, 1e9], [3.0, 1e9, 0.0]])
    weights = ranked_links(order, 2**30)
    assert weights[0, 1] < weights[0, 2] < weights[1, 2]
    assert weights.diagonal().tolist() == [0, 0, 0]
    assert ranked_links(np.random.default_rng(0).random((50, 50)), 10_000).sum() <= 10_000


def test_tasklets_exchange_within_stages_and_along_pipelines() -> None:
    """Of 3×4 tasklets each has two mates of its stage, and one or two neighbours in its pipeline."""
    problem = catalogue.load("generated/uniform?n=12&dp=3&seed=1")
    links = tasklet_links(problem, 100)
    assert (links == links.T).all()
    assert ((links > 0).sum(axis=1) == np.tile([3, 4, 4, 3], 3)).all()
    assert links.max() == 100
    assert links[0, 4] == links[1, 9] > 0
    assert links[0, 1] > 0
    assert links[0, 2] == links[0, 5] == 0


def test_a_mapping_with_two_tasklets_on_a_device_is_repaired_cheaply() -> None:
    """The second tasklet goes to the idle device that is near to what it exchanges with."""
    links = np.array([[0, 9, 0, 1], [9, 0, 1, 0], [0, 1, 0, 9], [1, 0, 9, 0]])
    distances = whole_distances(np.abs(np.subtract.outer([0.0, 1, 10, 11], [0.0, 1, 10, 11])), 1000)
    labels = stages_of_devices(np.array([0, 1, 2, 2]), 2, links, distances)
    assert labels.tolist() == [0, 1, 0, 1]
    assert stages_of_devices(np.array([3, 2, 1, 0]), 2, links, distances).tolist() == [1, 0, 1, 0]


def test_dlrover_puts_the_group_of_the_first_node_first() -> None:
    """Groups follow by their first node, and nodes of a group keep their order."""
    group_of = np.array([0, 0, 1, 1, 2])
    assert group_in_order(np.array([3, 0, 4, 2, 1]), group_of).tolist() == [3, 2, 0, 1, 4]


def test_cyclic_moves_keep_sizes_and_never_lose() -> None:
    """Whatever the gains, groups keep their sizes, and the sum of what devices are worth to each other never falls."""
    rng = np.random.default_rng(4)
    better = 0
    for _ in range(100):
        n_groups, size = int(rng.integers(1, 6)), int(rng.integers(1, 6))
        gain_s = rng.normal(size=(n_groups * size,) * 2)
        gain_s += gain_s.T
        np.fill_diagonal(gain_s, 0.0)
        labels = rng.permutation(np.repeat(np.arange(n_groups), size))
        before = labels.copy()
        moved = cyclic_moves(labels, gain_s, n_groups)
        assert (labels == before).all()
        assert (np.bincount(moved, minlength=n_groups) == size).all()
        worth = [gain_s[which[:, None] == which].sum() for which in (labels, moved)]
        assert worth[1] >= worth[0] - 1e-9
        better += worth[1] > worth[0] + 1e-9
    assert better > 30
