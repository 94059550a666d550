"""What must hold of every instance of the family."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.atom import AtomProblem
from tasklet_bench.problems.atom.menu import card_bytes
from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.problem import InvalidCandidate
from tests.problems.atom.conftest import Maker, with_devices
from tests.problems.atom.test_check_values import brute_force_s

NUMBERS = st.integers(1, 9)
SEEDS = st.integers(0, 10_000)


def draw(problem: AtomProblem, seed: int) -> Any:
    """A random candidate."""
    return problem.random(np.random.default_rng(seed))


@settings(max_examples=80)
@given(NUMBERS, SEEDS)
def test_compiled_cost_and_judge_agree(make: Maker, n: int, seed: int) -> None:
    """Narrowing the time down gives what pass after pass gives; parts are at least 0, sum up, and respect the bound."""
    problem = make(n, seed)
    candidate = draw(problem, seed)
    cost, rescored = problem.cost(candidate), problem.judge(candidate)
    assert min(cost.parts_s.values()) >= 0
    assert cost.total_s == sum(cost.parts_s.values())
    for name, seconds in rescored.parts_s.items():
        np.testing.assert_allclose(cost.parts_s[name], seconds, rtol=1e-12)
    assert problem.bound() <= cost.total_s


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(1e-3, 1e3), st.integers(1, 64)), min_size=1, max_size=12), st.integers(1, 5000))
def test_finishing_times_of_very_different_peers(make: Maker, peers: list[tuple[float, int]], batch: int) -> None:
    """With passes over six orders of magnitude and 1 to 64 micro-batches each, both count the same passes."""
    from tasklet_bench.problems.atom.evaluate import finish_seconds
    from tasklet_bench.problems.atom.judge import finish

    pack, n = make(12).pack._replace(micro_batches=batch), len(peers)
    pack.own_s[:n], pack.own[:n] = [t for t, _ in peers], [a for _, a in peers]
    assert finish_seconds(pack, n) == finish(*zip(*peers, strict=True), batch)  # type: ignore[call-arg]


@given(SEEDS)
@settings(max_examples=5)
def test_bound_below_the_optimum(make: Maker, seed: int) -> None:
    """The bound is no higher than the cheapest of all decisions of three peers."""
    problem = make(3, seed, accumulations=(1, 4))
    assert problem.bound() <= brute_force_s(problem)


@given(NUMBERS, SEEDS)
@settings(max_examples=20)
def test_renumbering_changes_nothing(make: Maker, n: int, seed: int) -> None:
    """Peers under other numbers, and the candidate with them, cost the same and have the same bound."""
    problem = make(n, seed)
    order = np.random.default_rng(seed).permutation(n)
    arrays = {name: getattr(problem.devices, name) for name in Devices.__dataclass_fields__ if name != "sites"}
    turned = {name: a[order] if a.ndim == 1 else a[np.ix_(order, order)] for name, a in arrays.items()}
    other, (takes_part, ways) = with_devices(problem, **turned), draw(problem, seed)
    cost_s = problem.cost((takes_part, ways)).total_s
    np.testing.assert_allclose(other.cost((takes_part[order], ways[order])).total_s, cost_s, rtol=1e-12)
    np.testing.assert_allclose(other.bound(), problem.bound(), rtol=1e-12)


@given(NUMBERS, SEEDS, st.floats(0.01, 100.0))
@settings(max_examples=20)
def test_a_faster_world_costs_less_in_proportion(make: Maker, n: int, seed: int, c: float) -> None:
    """All speeds and rates times c and all delays over c divide the cost by c."""
    problem = make(n, seed)
    devices, candidate = problem.devices, draw(problem, seed)
    names = ("flops", "host_link_bytes_s", "upload_bytes_s", "download_bytes_s", "bandwidth_bytes_s")
    faster = with_devices(problem, delay_s=devices.delay_s / c, **{name: getattr(devices, name) * c for name in names})
    np.testing.assert_allclose(faster.cost(candidate).total_s, problem.cost(candidate).total_s / c, rtol=1e-9)


@given(NUMBERS, SEEDS, st.sampled_from(["flops", "host_link_bytes_s", "bandwidth_bytes_s", "delay_s"]))
@settings(max_examples=40)
def test_better_figures_never_cost_more(make: Maker, n: int, seed: int, name: str) -> None:
    """With declared rates, better speeds, host links, links and delays never cost more."""
    problem = make(n, seed)
    rng, candidate = np.random.default_rng(seed), draw(problem, seed)
    figures = getattr(problem.devices, name)
    factor = np.where(rng.random(figures.shape) < 0.3, 0.5 if name == "delay_s" else 2.0, 1.0)
    better = with_devices(problem, **{name: figures * factor})
    assert better.cost(candidate).total_s <= problem.cost(candidate).total_s * (1 + 1e-9)


@given(SEEDS)
@settings(max_examples=10)
def test_more_memory_only_adds_ways(make: Maker, seed: int) -> None:
    """A peer with more memory has all the ways that it had, at the same cycles, so that the optimum costs no more."""
    problem = make(4, seed)
    larger = with_devices(problem, memory_bytes=problem.devices.memory_bytes * 1.5)
    for less, more in zip(problem.menus, larger.menus, strict=True):
        cycles = dict(zip(more.ways, more.cycle_s, strict=True))
        assert all(cycles[way] == cycle for way, cycle in zip(less.ways, less.cycle_s, strict=True))
    assert larger.bound() <= problem.bound()


def test_a_faster_card_can_cost_more(make: Maker) -> None:
    """The exception: a larger rate draws a larger share of the gradients onto links that did not grow."""
    each, links = np.full(3, 1e6), np.full((3, 3), 1e9)
    links[0, :] = links[:, 0] = 1e5
    problem = with_devices(make(3), upload_bytes_s=each, download_bytes_s=each, bandwidth_bytes_s=links)
    faster = np.array([2e6, 1e6, 1e6])
    better = with_devices(problem, upload_bytes_s=faster, download_bytes_s=faster)
    candidate = np.ones(3, dtype=np.int64), np.zeros(3, dtype=np.int64)
    assert better.cost(candidate).parts_s["allreduce_s"] > 1.05 * problem.cost(candidate).parts_s["allreduce_s"]


@given(SEEDS)
@settings(max_examples=15)
def test_better_cards_never_cost_two_peers_more(make: Maker, seed: int) -> None:
    """Between two peers shares are halves, so that a faster card never costs more."""
    problem, ways = make(2, seed), np.zeros(2, dtype=np.int64)
    factor = np.where(np.random.default_rng(seed).random(2) < 0.5, 3.0, 1.0)
    better = with_devices(problem, upload_bytes_s=problem.devices.upload_bytes_s * factor)
    both = np.ones(2, dtype=np.int64), ways
    assert better.cost(both).total_s <= problem.cost(both).total_s * (1 + 1e-12)


@given(SEEDS, st.integers(1, 6))
@settings(max_examples=25)
def test_equal_peers_run_in_rounds(make: Maker, seed: int, n: int) -> None:
    """One participant takes t·⌈m/a⌉, and n equal ones with equal ways t·⌈m/(n·a)⌉."""
    one = make(1, seed)
    _, (way,) = draw(one, seed)
    (_, a), t = one.menus[0].ways[way], one.menus[0].cycle_s[way]
    alone = one.cost((np.ones(1, dtype=np.int64), np.array([way])))
    assert alone.parts_s == {"compute_s": pytest.approx(t * ceil(96 / a)), "allreduce_s": 0.0}
    problem = make(n, seed)
    alike = {name: np.full(n, getattr(one.devices, name)[0]) for name in ("flops", "memory_bytes", "host_link_bytes_s")}
    several = with_devices(problem, **alike).cost((np.ones(n, dtype=np.int64), np.full(n, way)))
    np.testing.assert_allclose(several.parts_s["compute_s"], t * ceil(96 / (n * a)))


@given(NUMBERS, SEEDS)
@settings(max_examples=20)
def test_endless_host_links_make_pieces_alike(make: Maker, n: int, seed: int) -> None:
    """With endless host links a pass takes 4·a·b·L·u/F in however many pieces."""
    problem = with_devices(make(n, seed), host_link_bytes_s=np.full(n, 1e30))
    for flops, menu in zip(problem.devices.flops, problem.menus, strict=True):
        for (_, a), cycle_s in zip(menu.ways, menu.cycle_s, strict=True):
            np.testing.assert_allclose(cycle_s, 4 * a * 6 * problem.model.forward_flops / flops)


@given(NUMBERS, SEEDS)
@settings(max_examples=30)
def test_computing_waits_for_the_last_pass_at_most(make: Maker, n: int, seed: int) -> None:
    """Computing takes at least m over the summed rate, and less than a longest pass more."""
    problem = make(n, seed)
    takes_part, ways = draw(problem, seed)
    peers = np.flatnonzero(takes_part)
    rate = sum(problem.menus[i].rates[ways[i]] for i in peers)
    compute_s = problem.cost((takes_part, ways)).parts_s["compute_s"]
    longest_s = max(problem.menus[i].cycle_s[ways[i]] for i in peers)
    assert 96 / rate * (1 - 1e-12) <= compute_s < 96 / rate + longest_s * (1 + 1e-12)


@given(st.integers(2, 9), SEEDS)
@settings(max_examples=20)
def test_ways_of_peers_that_stay_out_do_not_count(make: Maker, n: int, seed: int) -> None:
    """Whatever a peer that stays out would do, the cost is the same, and is stored as its first way."""
    problem = make(n, seed)
    takes_part, ways = draw(problem, seed)
    other = np.where(takes_part == 1, ways, draw(problem, seed + 1)[1])
    assert problem.cost((takes_part, other)) == problem.cost((takes_part, ways))
    np.testing.assert_array_equal(problem.complete((takes_part, other))[1], problem.complete((takes_part, ways))[1])


def test_two_pieces_save_no_weights(make: Maker) -> None:
    """G = 2 holds as many weights as G = 1; three pieces hold fewer."""
    problem = make(2)
    one, two, three = (card_bytes(g, 1, problem.model, problem.options) for g in (1, 2, 3))
    weights = 4.0 * problem.model.parameters_per_layer * 6
    assert two > one - weights / 2
    assert three < one


@given(st.integers(2, 9), SEEDS)
@settings(max_examples=10)
def test_operations_keep_the_decision(make: Maker, n: int, seed: int) -> None:
    """Samples, neighbours, crossings, decoded keys and baselines are members of the decision."""
    problem, rng = make(n, seed), np.random.default_rng(seed)
    decision = problem.decision
    one, other = decision.sample(rng), decision.sample(rng)
    for candidate in (
        problem.neighbour(one, rng),
        decision.cross(one, other, rng),
        decision.decode(rng.random(decision.dimension)),
        decision.from_categories([0] * len(decision.categories())),
        *problem.starts().values(),
    ):
        decision.check(candidate)


@pytest.mark.parametrize("candidate", [([0, 0], [0, 0]), ([1, 2], [0, 0]), ([1, 1], [0, 999]), ([1], [0]), [1, 1]])
def test_what_is_no_member_is_refused(make: Maker, candidate: Any) -> None:
    """Nobody taking part, unknown labels or ways and wrong lengths raise `InvalidCandidate` in cost and judge."""
    problem = make(2)
    pair = tuple(np.array(part) for part in candidate) if isinstance(candidate, tuple) else candidate
    for score in (problem.cost, problem.judge):
        with pytest.raises(InvalidCandidate):
            score(pair)


@given(NUMBERS, SEEDS)
@settings(max_examples=10)
def test_twice_the_gradients_double_their_part(make: Maker, n: int, seed: int) -> None:
    """Without delays the exchange is proportional to the bytes of a gradient."""
    problem = with_devices(make(n, seed), delay_s=np.zeros((n, n)))
    twice = replace(problem, options=replace(problem.options, bytes_per_gradient=8.0))
    candidate = draw(problem, seed)
    parts, doubled = problem.cost(candidate).parts_s, twice.cost(candidate).parts_s
    np.testing.assert_allclose(doubled["allreduce_s"], 2 * parts["allreduce_s"])
