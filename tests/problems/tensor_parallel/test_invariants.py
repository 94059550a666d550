"""What must hold of every cost, at random instances and candidates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.tensor_parallel import TensorParallelOptions, TensorParallelProblem, TensorShape
from tasklet_bench.problems.tensor_parallel.judge import pipeline_seconds, step
from tests.problems.tensor_parallel.conftest import Maker, of_mode, with_devices

SEEDS = st.integers(0, 10_000)
SIZES = st.integers(2, 18)


def draw(problem: TensorParallelProblem, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A random candidate."""
    return problem.random(np.random.default_rng(seed))


@given(SIZES, SEEDS)
def test_both_ways_of_scoring_agree(make: Maker, n: int, seed: int) -> None:
    """Compiled code and loops give the same parts, which are at least 0 and sum to the total, above the bound."""
    problem = make(n, seed)
    for number in np.random.default_rng(seed).integers(0, len(problem.shapes), 8):
        candidate = (np.array([number]), draw(problem, seed)[1])
        cost, rescored = problem.cost(candidate), problem.judge(candidate)
        for name, seconds in rescored.parts_s.items():
            np.testing.assert_allclose(cost.parts_s[name], seconds, rtol=1e-12)
        assert min(cost.parts_s.values()) >= 0
        assert cost.total_s == sum(cost.parts_s.values())
        assert problem.shape_bounds[number] <= cost.total_s * (1 + 1e-12)


@given(SIZES, SEEDS)
@settings(max_examples=25)
def test_renumbering_the_devices_changes_nothing(make: Maker, n: int, seed: int) -> None:
    """Devices under other numbers, and the candidate with them, cost the same to rounding."""
    problem = make(n, seed)
    chosen, order = draw(problem, seed)
    new = np.random.default_rng(seed + 1).permutation(n)  # device i is called new[i]
    old = np.argsort(new)
    one = {name: getattr(problem.devices, name)[old] for name in ("flops", "memory_bytes", "host_link_bytes_s")}
    two = {name: getattr(problem.devices, name)[np.ix_(old, old)] for name in ("delay_s", "bandwidth_bytes_s")}
    renamed = with_devices(problem, **one, **two)
    assert renamed.cost((chosen, new[order])).parts_s == problem.cost((chosen, order)).parts_s


@given(SIZES, SEEDS, st.floats(0.1, 10))
@settings(max_examples=25)
def test_faster_devices_and_links_scale_the_cost(make: Maker, n: int, seed: int, factor: float) -> None:
    """All rates times c and all delays over c: the cost over c."""
    problem = make(n, seed)
    candidate = draw(problem, seed)
    devices = problem.devices
    faster = with_devices(
        problem,
        flops=devices.flops * factor,
        host_link_bytes_s=devices.host_link_bytes_s * factor,
        bandwidth_bytes_s=devices.bandwidth_bytes_s * factor,
        delay_s=devices.delay_s / factor,
    )
    np.testing.assert_allclose(faster.cost(candidate).total_s * factor, problem.cost(candidate).total_s, rtol=1e-9)


@given(SIZES, SEEDS, st.sampled_from(["flops", "memory_bytes", "host_link_bytes_s", "bandwidth_bytes_s", "delay_s"]))
@settings(max_examples=50)
def test_better_figures_never_cost_more(make: Maker, n: int, seed: int, name: str) -> None:
    """More speed, memory, host link or bandwidth, or less delay, of some devices or links: no higher cost."""
    problem = make(n, seed)
    candidate = draw(problem, seed)
    figures = getattr(problem.devices, name)
    chance = np.random.default_rng(seed + 1).random(figures.shape)
    factor = np.where(chance < 0.5, 1.0, 1.0 + chance)
    better = with_devices(problem, **{name: figures / factor if name == "delay_s" else figures * factor})
    assert better.cost(candidate).total_s <= problem.cost(candidate).total_s * (1 + 1e-12)


@given(SIZES, SEEDS)
@settings(max_examples=20)
def test_network_cards_play_no_part(make: Maker, n: int, seed: int) -> None:
    """Other rates of cards and another host memory cost the same: the family's one exception among rates."""
    problem = make(n, seed)
    other = with_devices(problem, upload_bytes_s=np.ones(n), download_bytes_s=np.ones(n), host_memory_bytes=np.ones(n))
    candidate = draw(problem, seed)
    assert other.cost(candidate) == problem.cost(candidate)
    assert other.digest == problem.digest


@given(SIZES, SEEDS)
@settings(max_examples=25)
def test_limits_of_the_parts(make: Maker, n: int, seed: int) -> None:
    """No tensor group, one stage, one copy of the weights, endless memory: the part that goes with it is 0."""
    problem = make(n, seed)
    order = draw(problem, seed)[1]
    endless = with_devices(problem, memory_bytes=np.full(n, np.inf))
    for number, shape in enumerate(problem.shapes):
        parts_s = problem.cost((np.array([number]), order)).parts_s
        assert (parts_s["tensor_s"] == 0) == (shape.tensor_devices == 1)
        assert (parts_s["boundary_s"] == 0) == (shape.stages == 1)
        assert (parts_s["gradients_s"] == 0) == (shape.replicas * shape.depth == 1)
        assert endless.cost((np.array([number]), order)).parts_s["spill_s"] == 0


@given(SIZES, SEEDS)
@settings(max_examples=25)
def test_without_network_only_work_is_left(make: Maker, n: int, seed: int) -> None:
    """Endless bandwidth, no delay, equal devices that hold everything: 3·B·L·u/(F·P·pp·dp)·(m + pp − 1)/m."""
    problem = make(n, seed, layers=12)
    flops = 5e9
    equal = with_devices(
        problem,
        flops=np.full(n, flops),
        memory_bytes=np.full(n, np.inf),
        delay_s=np.zeros((n, n)),
        bandwidth_bytes_s=np.full((n, n), np.inf),
    )
    model = problem.model
    work = 3 * model.sequences_per_iteration * model.layers * model.forward_flops
    order = draw(problem, seed)[1]
    for number, shape in enumerate(problem.shapes):
        if model.layers % shape.stages == 0:
            m = shape.micro_batches(model)
            expected_s = work / (flops * shape.devices) * (m + shape.stages - 1) / m
            np.testing.assert_allclose(equal.cost((np.array([number]), order)).total_s, expected_s, rtol=1e-12)


@given(SIZES, SEEDS)
@settings(max_examples=25)
def test_turning_replicas_and_idle_devices_changes_nothing(make: Maker, n: int, seed: int) -> None:
    """Replicas of all stages turned round, and another order of the idle devices: the same cost."""
    problem = make(n, seed)
    order = draw(problem, seed)[1]
    for number, shape in enumerate(problem.shapes):
        grid = order[: shape.devices].reshape(shape.stages, shape.replicas, shape.tensor_devices)
        turned = np.concatenate([np.roll(grid, 1, axis=1).ravel(), order[shape.devices :][::-1]])
        same = [problem.cost((np.array([number]), each)).total_s for each in (order, turned)]
        np.testing.assert_allclose(same[1], same[0], rtol=1e-14)


@given(SIZES, SEEDS)
@settings(max_examples=25)
def test_cutting_sequences_never_costs_more(make: Maker, n: int, seed: int) -> None:
    """1d-sequence costs at most what 1d of the same numbers does, on any order."""
    problem = make(n, seed)
    order = draw(problem, seed)[1]
    for number in of_mode(problem, "1d-sequence"):
        plain = problem.shapes.index(replace(problem.shapes[number], mode="1d"))
        costs_s = [problem.cost((np.array([k]), order)).total_s for k in (number, plain)]
        assert costs_s[0] <= costs_s[1] * (1 + 1e-12)


def exchange_seconds(problem: TensorParallelProblem, mode: str, **numbers: int) -> float:
    """Tensor exchange of one shape on the host order (in seconds)."""
    shape = next(
        shape
        for shape in problem.shapes
        if shape.mode == mode and all(getattr(shape, key) == value for key, value in numbers.items())
    )
    candidate = (np.array([problem.shapes.index(shape)]), np.arange(problem.devices.n_devices))
    return (
        problem.cost(candidate).parts_s["tensor_s"]
        * problem.model.sequences_per_iteration
        / shape.micro_batches(problem.model)
    )


@pytest.mark.parametrize(("sequence", "batch", "best"), [(64, 4, "1d"), (96, 4, "3d"), (512, 8, "3d")])
def test_which_mode_carries_fewer_bytes(make: Maker, sequence: int, batch: int, best: str) -> None:
    """On equal links without delay, 8 devices: 3d carries fewer bytes than 1d from b·s > h on, 2.5d from 10.3·h on."""
    hidden = 264 if sequence != 96 else 256
    problem = make(
        8,
        options=TensorParallelOptions(micro_batch_sizes=(4, 8), most_tensor=8, least_used=1.0),
        hidden=hidden,
        heads=8,
        sequence_length=sequence,
    )
    equal = with_devices(problem, delay_s=np.zeros((8, 8)), bandwidth_bytes_s=np.full((8, 8), 1e8))
    common = {"stages": 1, "replicas": 1, "micro_batch": batch}
    seconds = {mode: exchange_seconds(equal, mode, **common) for mode in ("1d", "3d", "2.5d")}
    assert (seconds["3d"] < seconds["1d"]) == (batch * sequence > hidden) == (best == "3d")
    assert (seconds["2.5d"] < seconds["1d"]) == (batch * sequence > 10.3 * hidden)


def test_1d_carries_fewer_bytes_than_2d_but_has_more_hops(make: Maker) -> None:
    """On equal links 1d carries less than 2d of the same P at any size, and has more hops from P = 9 on."""
    for n, heads, more_hops in ((4, 12, False), (9, 36, True)):
        for sequence in (36, 720):
            problem = make(
                n,
                options=TensorParallelOptions(micro_batch_sizes=(6,), most_tensor=9, least_used=1.0),
                hidden=36,
                heads=heads,
                sequence_length=sequence,
            )
            common = {"stages": 1, "replicas": 1, "micro_batch": 6}
            bytes_only = with_devices(problem, delay_s=np.zeros((n, n)), bandwidth_bytes_s=np.full((n, n), 1e8))
            hops_only = with_devices(problem, delay_s=np.ones((n, n)), bandwidth_bytes_s=np.full((n, n), np.inf))
            one, two = ({"q": q, **common} for q in (n, int(n**0.5)))
            assert exchange_seconds(bytes_only, "1d", **one) < exchange_seconds(bytes_only, "2d", **two)
            assert (exchange_seconds(hops_only, "1d", **one) > exchange_seconds(hops_only, "2d", **two)) == more_hops


def test_a_ring_of_two_uses_both_directions(make: Maker) -> None:
    """The slower direction of a link counts, whichever it is."""
    problem = make(2, options=TensorParallelOptions(("1d",), (1,), 2, 1.0))
    number = problem.shapes.index(TensorShape("1d", 2, 1, 1, 1, 1))
    slow = problem.devices.bandwidth_bytes_s.copy()
    for link in ((0, 1), (1, 0)):
        slow[:] = 1e8
        slow[link] = 1e6
        cost = with_devices(problem, bandwidth_bytes_s=slow).cost((np.array([number]), np.arange(2)))
        assert cost.parts_s["tensor_s"] > 24 * 6 * 8 * 96 * 264 / 1e6


@given(SEEDS)
@settings(max_examples=20)
def test_parts_come_from_one_replica(make: Maker, seed: int) -> None:
    """The parts are those of one replica, the slowest: maxima of each part over replicas would not sum to the cost."""
    problem = make(6, seed, TensorParallelOptions(("1d",), (1,), 1, 1.0))
    number = problem.shapes.index(TensorShape("1d", 1, 1, 2, 3, 1))
    candidate = (np.array([number]), draw(problem, seed)[1])
    placement = problem.placement(candidate)
    micro_batches = placement.shape.micro_batches(problem.model)
    replicas = [pipeline_seconds([step(placement, p, d) for p in range(2)], micro_batches) for d in range(3)]
    slowest = max(replicas, key=lambda parts: sum(parts.values()))
    parts_s = problem.cost(candidate).parts_s
    np.testing.assert_allclose([parts_s[name] for name in slowest], list(slowest.values()), rtol=1e-12)
