"""What must hold for every order of every instance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.gossip import GossipProblem
from tests.problems.gossip.conftest import draw_problem, order_of, problems, with_computing, with_links

SEEDS = st.integers(0, 2**32)
some = settings(max_examples=25, deadline=None)


def _cost_s(problem: GossipProblem, order: np.ndarray | None = None) -> float:
    return problem.cost(order_of(problem) if order is None else order).total_s


@given(problems(), SEEDS)
@some
def test_renaming_devices_changes_nothing(problem: GossipProblem, seed: int) -> None:
    """Links, speeds and multipliers of renamed devices go with their names."""
    name_of = np.random.default_rng(seed).permutation(problem.schedule.n_ranks)
    old = np.argsort(name_of)  # old[new name]
    topology = problem.network.topology
    grid = np.ix_(old, old)
    links = with_links(problem, topology.delay_s[grid], topology.bandwidth_bytes_s[grid])
    devices = replace(problem.network.devices, flops_s=problem.network.devices.flops_s[old])
    renamed = replace(links, network=replace(links.network, devices=devices), multipliers=problem.multipliers[:, old])
    order = order_of(problem)
    assert _cost_s(renamed, name_of[order]) == pytest.approx(_cost_s(problem, order), rel=1e-12)


@given(problems(("ring",), jitter=False), st.integers(0, 7), st.booleans())
@some
def test_a_ring_may_be_turned_and_reversed(problem: GossipProblem, steps: int, reverse: bool) -> None:
    """Which rank is first, and which way the ring runs, is no matter without jitter."""
    order = order_of(problem)
    other = np.roll(order[::-1] if reverse else order, steps)
    assert _cost_s(problem, other) == pytest.approx(_cost_s(problem, order), rel=1e-12)


@given(problems(("one-peer-exp",)), st.integers(0, 7))
@some
def test_a_cube_may_be_mirrored(problem: GossipProblem, mask: int) -> None:
    """Ranks may change by xor with a constant."""
    order = order_of(problem)
    mirrored = order[np.arange(len(order)) ^ (mask % len(order))]
    assert _cost_s(problem, mirrored) == pytest.approx(_cost_s(problem, order), rel=1e-12)


@given(problems(("complete",)), st.integers(0, 7))
@some
def test_one_ring_of_all_may_be_turned(problem: GossipProblem, steps: int) -> None:
    """And with symmetric links reversed."""
    order = order_of(problem)
    assert _cost_s(problem, np.roll(order, steps)) == pytest.approx(_cost_s(problem, order), rel=1e-12)
    topology = problem.network.topology
    both = np.maximum(topology.bandwidth_bytes_s, topology.bandwidth_bytes_s.T)
    symmetric = with_links(problem, np.maximum(topology.delay_s, topology.delay_s.T), both)
    assert _cost_s(symmetric, order[::-1]) == pytest.approx(_cost_s(symmetric, order), rel=1e-12)


@given(problems())
@some
def test_more_overlap_is_never_dearer(problem: GossipProblem) -> None:
    """None, backward, delayed: each at most the one before."""
    none, backward, delayed = (
        _cost_s(replace(problem, options=problem.options.model_copy(update={"overlap": overlap})))
        for overlap in ("none", "backward", "delayed")
    )
    assert none * (1 + 1e-12) >= backward
    assert backward * (1 + 1e-12) >= delayed


@given(problems(), SEEDS)
@some
def test_slower_links_and_devices_are_never_cheaper(problem: GossipProblem, seed: int) -> None:
    """The cost rises with every delay and computing, and falls with every bandwidth."""
    rng = np.random.default_rng(seed)
    n, topology = problem.schedule.n_ranks, problem.network.topology
    before_s = _cost_s(problem) * (1 - 1e-12)
    more = 1.0 + (rng.random((n, n)) < 0.2)
    assert _cost_s(with_links(problem, topology.delay_s * more, topology.bandwidth_bytes_s)) >= before_s
    assert _cost_s(with_links(problem, topology.delay_s, topology.bandwidth_bytes_s / more)) >= before_s
    assert _cost_s(with_computing(problem, more[0])) >= before_s


@given(problems(), st.floats(0.1, 10.0))
@some
def test_all_seconds_times_a_factor(problem: GossipProblem, factor: float) -> None:
    """The cost takes the same factor."""
    topology = problem.network.topology
    slower = with_links(problem, topology.delay_s * factor, topology.bandwidth_bytes_s / factor)
    assert _cost_s(with_computing(slower, factor)) == pytest.approx(factor * _cost_s(problem), rel=1e-10)


@given(problems(jitter=False), st.floats(0.0, 2.0))
@some
def test_equal_links_and_devices(problem: GossipProblem, delay_s: float) -> None:
    """Then an iteration takes c + τ, or max(c, τ) if delayed, in the mean over the sizes of a rank's groups."""
    n = problem.schedule.n_ranks
    even = with_links(problem, np.full((n, n), delay_s), np.full((n, n), 1e8))
    even = replace(even, network=replace(even.network, devices=replace(even.network.devices, flops_s=np.full(n, 3e14))))
    c = even.compute_s[0, 0]
    sizes = [len(group) for groups in even.schedule.rounds for group in groups if 0 in group]
    taken = [2 * (m - 1) * (delay_s + even.message_bytes / (m * 1e8)) for m in sizes]
    reported = [
        float(even.overlap.seconds(np.array(c), tau)) if m > 1 else c for m, tau in zip(sizes, taken, strict=True)
    ]
    steps = np.maximum(c, reported)
    assert _cost_s(even) == pytest.approx(np.mean(steps), rel=1e-12)


@given(problems(("complete",)))
@some
def test_one_group_of_all_without_overlap(problem: GossipProblem) -> None:
    """Everybody waits for the slowest in every iteration: computing of the slowest, and one exchange."""
    plain = replace(problem, options=problem.options.model_copy(update={"overlap": "none"}))
    order = order_of(plain)
    hops = plain.system.hop_s[0][order, np.roll(order, -1)]
    exchange_s = hops.max() if len(order) > 1 else 0.0
    assert _cost_s(plain, order) == pytest.approx(plain.compute_s.max(axis=1).mean() + exchange_s, rel=1e-12)


@pytest.mark.parametrize("mixing", ["ring", "one-peer-exp", "complete", "alternating-exp-ring"])
def test_without_exchange_the_slowest_device_decides(mixing: str) -> None:
    """Links that take no time leave computing alone, without jitter."""
    problem = draw_problem(3, 8, mixing)
    free = with_links(problem, np.zeros((8, 8)), np.full((8, 8), np.inf))
    cost = free.cost(order_of(free))
    assert cost.total_s == pytest.approx(free.compute_s.max(), rel=1e-12)
    assert cost.parts_s["exchange_s"] >= 0
