"""More devices than D×K: who is left out is decided, and every cost and bound is exact about it."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import Shape
from tasklet_bench.problems.allocation import Allocation, AllocationProblem, cost_model
from tasklet_bench.problems.allocation.kernels import (
    commit,
    evaluate,
    new_state,
    order_labels,
    pack,
    propose_swap,
    rollback,
    start,
    write_labels,
)
from tasklet_bench.problems.allocation.kernels.ordering.held_karp import best_order, path_tables
from tasklet_bench.problems.allocation.rules import Bond, Pin, Rules
from tasklet_bench.problems.candidate import InvalidCandidate
from tests.problems.spares import all_labels, cheapest_s, spare_problem

SIZES = st.sampled_from([(7, 2, 3), (6, 2, 2), (9, 4, 2), (5, 1, 4), (20, 3, 5), (7, 5, 1), (13, 9, 1), (20, 9, 2)])


@settings(max_examples=60, deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 1000), levels=st.sampled_from([0, 2]))
def test_kernels_equal_the_cost_model(sizes: tuple[int, int, int], seed: int, levels: int) -> None:
    """Labels with spares cost what the readable formulas say, to the last bit what their grid costs, and no less."""
    problem = spare_problem(*sizes, seed=seed, levels=levels)
    labels = problem.random(np.random.default_rng(seed))
    cost = problem.cost(labels)
    truth = cost_model.partition_cost(problem.dp_pair_s, problem.pp_pair_s, labels, problem.shape.pipeline_parallel)
    assert cost.total_s == pytest.approx(truth.total_s, rel=1e-13)
    assert cost.parts_s == pytest.approx(truth.parts_s, rel=1e-13)
    grid = problem.allocation(labels)
    assert problem.cost(grid) == cost
    assert grid.spares.tolist() == np.flatnonzero(labels == problem.shape.pipeline_parallel).tolist()
    assert problem.bound() <= cost.total_s


@settings(max_examples=40, deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 1000))
def test_cost_is_that_of_the_used_devices_alone(sizes: tuple[int, int, int], seed: int) -> None:
    """A problem of nothing but the devices that are used gives the same cost to the last bit."""
    problem = spare_problem(*sizes, seed=seed)
    labels = problem.random(np.random.default_rng(seed))
    used = np.flatnonzero(labels < problem.shape.pipeline_parallel)
    links, pick = problem.topology, np.ix_(used, used)
    topology = type(links)(
        tuple(links.sites[device] for device in used), links.delay_s[pick], links.bandwidth_bytes_s[pick]
    )
    alone = AllocationProblem("alone", topology, problem.workload, problem.shape)
    assert alone.cost(labels[used]) == problem.cost(labels)


@settings(max_examples=25, deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 1000))
def test_swaps_with_spares_are_replacements(sizes: tuple[int, int, int], seed: int) -> None:
    """The ordered state follows any swaps, spares included, and says what starting from the labels anew would."""
    problem = spare_problem(*sizes, seed=seed)
    rng = np.random.default_rng(seed)
    ready, labels = pack(problem), problem.random(rng)
    order_labels(ready, labels)
    state, fresh = new_state(ready), new_state(ready)
    cost_s = start(ready, state, labels)
    for a, b in rng.integers(problem.n_devices, size=(30, 2)):
        proposed_s = propose_swap(ready, state, a, b)
        if rng.random() < 0.5:
            rollback(ready, state)
            assert state.parts_s.sum() == cost_s
            continue
        commit(ready, state)
        write_labels(ready, state, labels)
        cost_s = proposed_s
        assert proposed_s == pytest.approx(start(ready, fresh, labels), rel=1e-13)
        assert sum(evaluate(ready, labels)) <= proposed_s * (1 + 1e-13)


@pytest.mark.parametrize(("n", "d", "k"), [(6, 2, 2), (5, 3, 1), (7, 2, 3), (7, 3, 2)])
def test_bound_is_below_the_best_of_all_choices(n: int, d: int, k: int) -> None:
    """Whatever devices are left out, nothing costs less than the bound, which is not 0."""
    for seed in range(3):
        problem = spare_problem(n, d, k, seed=seed, rules=Rules(exclude=(seed,)) if seed else None)
        assert 0 < problem.bound() <= cheapest_s(problem)
        assert problem.tighten_bound(0.1) <= cheapest_s(problem)


@pytest.mark.parametrize("position", [(-1, -1, -1, 0, -1), (4, -1, -1, -1, 0), (0, 1, 2, 3, 4), (-1, -1, 2, -1, -1)])
def test_pinned_groups_keep_their_place_and_the_rest_is_best(position: tuple[int, ...]) -> None:
    """Of all orders in which the pinned groups stand where they must, the kernels and the model find the shortest."""
    length_s = np.random.default_rng(len(position)).uniform(0.1, 1, (5, 5))
    length_s = length_s + length_s.T
    allowed = [o for o in permutations(range(5)) if all(at in (-1, o.index(g)) for g, at in enumerate(position))]
    shortest_s = min(sum(length_s[a, b] for a, b in pairwise(order)) for order in allowed)
    tables, order = path_tables(5, position), np.zeros(5, dtype=np.int64)
    tables.length_s[:, :5] = length_s
    assert best_order(tables, order) == pytest.approx(shortest_s, rel=1e-13)
    assert tuple(order) in allowed
    modelled = cost_model.shortest_path(length_s, position)
    assert sum(length_s[a, b] for a, b in pairwise(modelled)) == pytest.approx(shortest_s, rel=1e-13)


def test_many_groups_with_pins_are_ordered_by_a_search_that_keeps_them() -> None:
    """Above 12 groups each pinned group stands at its place, and the order is no longer than that of the numbers."""
    length_s = np.random.default_rng(1).uniform(0.1, 1, (16, 16))
    length_s = length_s + length_s.T
    position = np.full(16, -1)
    position[[0, 7]] = 3, 15
    tables, order = path_tables(16, position), np.zeros(16, dtype=np.int64)
    tables.length_s[:, :16] = length_s
    path_s = best_order(tables, order)
    assert order[3] == 0
    assert order[15] == 7
    assert sorted(order.tolist()) == list(range(16))
    assert path_s == pytest.approx(length_s[order[:-1], order[1:]].sum(), rel=1e-13)
    plain = [1, 2, 3, 0, 4, 5, 6, *range(8, 16), 7]
    assert path_s <= length_s[plain[:-1], plain[1:]].sum()


def test_starts_leave_out_devices_and_cost_something() -> None:
    """Every start, whatever it leaves out, is a candidate; excluded devices are in none of them."""
    problem = spare_problem(40, 6, 6, rules=Rules(exclude=(0, 7)))
    for name, candidate in problem.starts().items():
        allocation = problem.complete(candidate)
        assert {0, 7} <= set(allocation.spares.tolist()), name
        assert problem.bound() <= problem.cost(candidate).total_s
    assert problem.penalty() > problem.bound()


def test_clusters_leave_out_the_device_that_all_pay_most_for() -> None:
    """A device behind a dead link is a spare in the starts that read the links."""
    problem = spare_problem(7, 2, 3)
    delay_s = problem.topology.delay_s.copy()
    delay_s[4, :] = delay_s[:, 4] = 9.0
    topology = type(problem.topology)(problem.sites, delay_s, problem.topology.bandwidth_bytes_s)
    slow = AllocationProblem("slow", topology, problem.workload, problem.shape)
    starts = slow.starts()
    for name in ("aligned", "compact-clusters", "dealt-clusters"):
        assert slow.complete(starts[name]).spares.tolist() == [4], name


def test_allocations_show_their_spares_and_read_back() -> None:
    """Grids and groups are written with the spares beside them; what is read costs the same."""
    problem = spare_problem(7, 2, 3)
    labels = problem.random(np.random.default_rng(0))
    for candidate in (labels, problem.allocation(labels)):
        written = problem.candidate_to_json(candidate)
        assert len(written["spares"]) == 1
        assert problem.cost(problem.candidate_from_json(written)) == problem.cost(candidate)


def test_grids_of_other_sizes_are_refused() -> None:
    """A grid without its spares, one with a device twice, and labels with too many spares are no candidates."""
    problem = spare_problem(7, 2, 3)
    with pytest.raises(InvalidCandidate, match="6 devices, expected 7"):
        problem.cost(Allocation([[0, 1, 2], [3, 4, 5]]))
    with pytest.raises(InvalidCandidate, match="device 2 twice"):
        Allocation([[0, 1, 2], [3, 2, 5]], n_devices=7)
    with pytest.raises(InvalidCandidate, match="group"):
        problem.cost(np.array([0, 0, 1, 1, 2, 3, 3]))
    with pytest.raises(InvalidCandidate, match="at most once"):
        problem.candidate_from_json({"grid": [[0, 1, 2], [3, 2, 5]]})


def test_rules_count_in_the_digest_and_spares_do_too() -> None:
    """Two problems that differ in a rule or in a spare have different digests; the name does not count."""
    shape = Shape(2, 3)
    assert shape.n_devices == 6
    digests = [
        spare_problem(7, 2, 3, rules=rules).digest
        for rules in (None, Rules(exclude=(0,)), Rules(exclude=(1,)), Rules(pins=(Pin(1, stage=0),)))
    ]
    assert len({*digests, spare_problem(6, 2, 3).digest}) == 5


def test_rules_in_another_order_are_the_same_problem() -> None:
    """Digest and decision do not depend on the order in which rules and their devices are written."""
    bonds = (Bond((0, 1), "stage"), Bond((2, 3), "stage"))
    one = spare_problem(8, 2, 3, rules=Rules((Pin(0, stage=1), Pin(4, stage=0)), (6, 7), bonds))
    turned = tuple(Bond(bond.devices[::-1], bond.place) for bond in reversed(bonds))
    other = spare_problem(8, 2, 3, rules=Rules((Pin(4, stage=0), Pin(0, stage=1)), (7, 6, 7), turned))
    assert (one.digest, one.rules, one.decision) == (other.digest, other.rules, other.decision)


def test_every_labelling_is_met_once_in_brute_force() -> None:
    """The brute force of these tests counts 7!/(2!³·1!·3!) partitions with one spare: nothing is left out."""
    assert len({labels.tobytes() for labels in all_labels(spare_problem(7, 2, 3))}) == 105
