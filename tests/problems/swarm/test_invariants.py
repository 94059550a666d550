"""What must hold of every instance of the family."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.problem import InvalidCandidate
from tasklet_bench.problems.swarm import SwarmProblem
from tasklet_bench.problems.topology import Site
from tests.problems.swarm.conftest import Maker, all_labels, with_devices, with_network, with_options

SIZES = st.sampled_from([(1, 1), (3, 1), (2, 2), (4, 2), (5, 3), (7, 3), (6, 6)])
SEEDS = st.integers(0, 10_000)
WIRINGS = st.sampled_from(["best", "proportional"])


def draw(problem: SwarmProblem, seed: int) -> Any:
    """Random labels."""
    return problem.random(np.random.default_rng(seed))


def picked(problem: SwarmProblem, order: Any) -> dict[str, Any]:
    """The figures and links of some devices, in an order."""
    arrays = {name: getattr(problem.devices, name) for name in Devices.__dataclass_fields__ if name != "sites"}
    return {name: array[order] if array.ndim == 1 else array[np.ix_(order, order)] for name, array in arrays.items()}


@settings(max_examples=60)
@given(SIZES, SEEDS, WIRINGS)
def test_compiled_cost_and_judge_agree(make: Maker, size: tuple[int, int], seed: int, wiring: str) -> None:
    """The maximum flow in compiled code is the linear program's, and all parts are at least 0, sum up, and agree."""
    problem = make(*size, seed, wiring=wiring)
    labels = draw(problem, seed)
    cost, rescored = problem.cost(labels), problem.judge(labels)
    assert min(cost.parts_s.values()) >= 0
    assert cost.total_s == sum(cost.parts_s.values())
    for name, seconds in rescored.parts_s.items():
        np.testing.assert_allclose(cost.parts_s[name], seconds, rtol=1e-9)
    assert problem.bound() <= cost.total_s


@pytest.mark.parametrize("spread", [1.0, 4.0, 9.0])
def test_flows_of_very_different_links_are_exact(make: Maker, spread: float) -> None:
    """With links over up to eight orders of magnitude, 30 devices and 5 stages, the flow is that of the program."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        problem = make(30, 5, seed)
        links = problem.devices.bandwidth_bytes_s * np.exp(spread * rng.standard_normal((30, 30)))
        problem = with_devices(problem, bandwidth_bytes_s=links)
        labels = draw(problem, seed)
        np.testing.assert_allclose(problem.cost(labels).total_s, problem.judge(labels).total_s, rtol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_bound_below_the_optimum(make: Maker, seed: int) -> None:
    """The bound is no higher than the cheapest of all decisions of five devices, with and without churn."""
    absences = tuple(tuple(row) for row in (np.random.default_rng(seed).random((3, 5)) < 0.3).tolist())
    for options in ({}, {"absences": absences, "restart_s": 5.0}):
        problem = make(5, 2, seed, **options)
        assert problem.bound() <= min(problem.cost(labels).total_s for labels in all_labels(problem))


@given(SIZES, SEEDS, WIRINGS)
@settings(max_examples=20)
def test_renumbering_changes_nothing(make: Maker, size: tuple[int, int], seed: int, wiring: str) -> None:
    """Devices under other numbers, and the labels with them, cost the same and have the same bound."""
    problem = make(*size, seed, wiring=wiring)
    order = np.random.default_rng(seed).permutation(size[0])
    other, labels = with_devices(problem, **picked(problem, order)), draw(problem, seed)
    np.testing.assert_allclose(other.cost(labels[order]).total_s, problem.cost(labels).total_s, rtol=1e-12)
    np.testing.assert_allclose(other.bound(), problem.bound(), rtol=1e-9)


@given(SIZES, SEEDS, st.floats(0.01, 100.0))
@settings(max_examples=20)
def test_a_faster_world_costs_less_in_proportion(make: Maker, size: tuple[int, int], seed: int, c: float) -> None:
    """All speeds and rates times c and all delays over c divide the cost by c."""
    problem = make(*size, seed)
    devices, labels = problem.devices, draw(problem, seed)
    faster = with_devices(
        with_network(problem, c),
        flops=devices.flops * c,
        host_link_bytes_s=devices.host_link_bytes_s * c,
        delay_s=devices.delay_s / c,
    )
    np.testing.assert_allclose(faster.cost(labels).total_s, problem.cost(labels).total_s / c, rtol=1e-9)


@given(SIZES, SEEDS, st.sampled_from(["flops", "memory_bytes", "host_link_bytes_s", "bandwidth_bytes_s", "delay_s"]))
@settings(max_examples=40)
def test_better_figures_never_cost_more(make: Maker, size: tuple[int, int], seed: int, name: str) -> None:
    """With best wiring and declared rates, one better speed, memory, link or delay never costs more."""
    problem = make(*size, seed)
    rng, labels = np.random.default_rng(seed), draw(problem, seed)
    figures = getattr(problem.devices, name)
    factor = np.where(rng.random(figures.shape) < 0.3, 0.5 if name == "delay_s" else 2.0, 1.0)
    better = with_devices(problem, **{name: figures * factor})
    assert better.cost(labels).total_s <= problem.cost(labels).total_s * (1 + 1e-9)


@given(SEEDS, st.sampled_from(["upload_bytes_s", "download_bytes_s"]))
@settings(max_examples=20)
def test_better_cards_never_cost_more_where_shares_are_halves(make: Maker, seed: int, name: str) -> None:
    """In stages of two devices, a faster card never costs more."""
    problem, labels = make(6, 3, seed), np.array([0, 0, 1, 1, 2, 2])
    factor = np.where(np.random.default_rng(seed).random(6) < 0.5, 2.0, 1.0)
    better = with_devices(problem, **{name: getattr(problem.devices, name) * factor})
    assert better.cost(labels).total_s <= problem.cost(labels).total_s * (1 + 1e-9)


def test_a_faster_card_can_cost_more(make: Maker) -> None:
    """The first exception: a larger rate draws a larger share of the vector onto links that did not grow."""
    each, links = np.full(3, 1e6), np.full((3, 3), 1e9)
    links[0, :] = links[:, 0] = 1e5
    problem = with_devices(
        make(3, 1), upload_bytes_s=each, download_bytes_s=each, bandwidth_bytes_s=links, delay_s=np.zeros((3, 3))
    )
    faster = np.array([2e6, 1e6, 1e6])
    better = with_devices(problem, upload_bytes_s=faster, download_bytes_s=faster)
    labels = np.zeros(3, dtype=np.int64)
    assert better.cost(labels).parts_s["allreduce_s"] > problem.cost(labels).parts_s["allreduce_s"] * 1.05


def test_a_faster_device_can_cost_more_where_wiring_is_proportional(make: Maker) -> None:
    """The second exception: a faster device draws traffic onto its links, whatever these carry."""
    links = np.full((3, 3), 1e7)
    links[0, 2] = links[2, 0] = 1e5
    huge = np.full(3, 1e12)
    problem = with_devices(
        make(3, 2, wiring="proportional"),
        flops=np.array([5e9, 5e9, 2e10]),
        memory_bytes=huge,
        upload_bytes_s=huge,
        download_bytes_s=huge,
        bandwidth_bytes_s=links,
    )
    better = with_devices(problem, flops=np.array([1e10, 5e9, 2e10]))
    labels = np.array([0, 0, 1])
    assert better.cost(labels).total_s > problem.cost(labels).total_s * 1.05
    assert with_options(better, wiring="best").cost(labels).total_s <= better.cost(labels).total_s


@given(SIZES, SEEDS)
@settings(max_examples=20)
def test_without_a_network_stages_alone_count(make: Maker, size: tuple[int, int], seed: int) -> None:
    """With endless rates the throughput is the slowest stage's, for either wiring, and the exchange twice a delay."""
    problem = with_network(make(*size, seed), 1e15)
    labels, k = draw(problem, seed), size[1]
    cost = problem.cost(labels)
    slowest = min(problem.tables.capacity[s, labels == s].sum() for s in range(k))
    np.testing.assert_allclose(cost.parts_s["stream_s"], problem.micro_batches / slowest, rtol=1e-9)
    other = with_options(problem, wiring="proportional").cost(labels)
    np.testing.assert_allclose(other.total_s, cost.total_s, rtol=1e-9)
    delays = [
        problem.devices.delay_s[np.ix_(labels == s, labels == s)][~np.eye((labels == s).sum(), dtype=bool)]
        for s in range(k)
    ]
    longest = max((delay.max() for delay in delays if delay.size), default=0.0)
    np.testing.assert_allclose(cost.parts_s["allreduce_s"], 2 * longest, atol=1e-6)


@given(st.integers(1, 7), SEEDS)
@settings(max_examples=15)
def test_one_stage_is_a_sum_without_network(make: Maker, n: int, seed: int) -> None:
    """With one stage the throughput is the sum of what all its devices compute."""
    problem = make(n, 1, seed)
    labels = draw(problem, seed)
    total = problem.tables.capacity[0, labels == 0].sum()
    np.testing.assert_allclose(problem.cost(labels).parts_s["stream_s"], problem.micro_batches / total, rtol=1e-9)
    np.testing.assert_allclose(with_network(problem, 1e-3).cost(labels).parts_s["stream_s"], 96 / total, rtol=1e-9)


@given(st.integers(1, 6), SEEDS)
@settings(max_examples=15)
def test_one_device_a_stage_exchanges_nothing(make: Maker, n: int, seed: int) -> None:
    """With as many devices as stages there is no exchange, and both wirings are alike."""
    problem = make(n, n, seed)
    labels = draw(problem, seed)
    assert problem.cost(labels).parts_s["allreduce_s"] == 0.0
    other = with_options(problem, wiring="proportional")
    np.testing.assert_allclose(other.cost(labels).total_s, problem.cost(labels).total_s, rtol=1e-9)


@given(SIZES, SEEDS)
@settings(max_examples=30)
def test_proportional_wiring_never_beats_the_best(make: Maker, size: tuple[int, int], seed: int) -> None:
    """What proportional wiring gets through is a flow, so the maximum flow is no less."""
    problem = make(*size, seed)
    labels = draw(problem, seed)
    proportional = with_options(problem, wiring="proportional")
    assert problem.cost(labels).total_s <= proportional.cost(labels).total_s * (1 + 1e-9)


@given(SEEDS, WIRINGS)
@settings(max_examples=15)
def test_pipelines_run_both_ways(make: Maker, seed: int, wiring: str) -> None:
    """Stages in reverse, with their layers, cost the same."""
    problem = make(6, 3, seed, wiring=wiring)
    problem = with_options(problem, stage_layers=(3, 2, 1))
    labels = draw(problem, seed)
    turned = np.where(labels < 3, 2 - labels, 3)
    other = with_options(problem, stage_layers=(1, 2, 3)).cost(turned)
    np.testing.assert_allclose(other.total_s, problem.cost(labels).total_s, rtol=1e-9)


@given(SIZES, SEEDS)
@settings(max_examples=15)
def test_twice_the_sequences_double_the_stream_alone(make: Maker, size: tuple[int, int], seed: int) -> None:
    """The exchange does not depend on the batch, the stream is proportional to it."""
    problem = make(*size, seed)
    labels = draw(problem, seed)
    twice = replace(problem, model=problem.model.with_batch(192)).cost(labels)
    np.testing.assert_allclose(twice.parts_s["stream_s"], 2 * problem.cost(labels).parts_s["stream_s"])
    assert twice.parts_s["allreduce_s"] == problem.cost(labels).parts_s["allreduce_s"]


@given(SEEDS)
@settings(max_examples=15)
def test_the_reserve_does_nothing(make: Maker, seed: int) -> None:
    """One more device in reserve changes no cost."""
    problem = make(7, 3, seed)
    labels = np.append(draw(make(6, 3, seed), seed), 3)
    sites = tuple(Site(f"device-{i}", 1) for i in range(6))
    fewer = replace(problem, devices=Devices(sites, **picked(problem, np.arange(6))))
    assert fewer.cost(labels[:6]).total_s == pytest.approx(problem.cost(labels).total_s, rel=1e-12)


def test_one_more_device_can_cost_more_and_less(make: Maker) -> None:
    """A device that joins a stage adds capacity and may slow the exchange down."""
    changes = []
    for seed in range(30):
        problem = make(5, 2, seed)
        inside, outside = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2])
        changes.append(problem.cost(inside).total_s - problem.cost(outside).total_s)
    assert min(changes) < 0 < max(changes)


def test_a_scenario_without_absences_is_none(make: Maker) -> None:
    """A scenario in which nobody is absent costs what no churn costs, and has the same digest."""
    plain = make(5, 2, 1)
    one = with_options(plain, absences=((False,) * 5,))
    labels = draw(plain, 0)
    assert one.cost(labels) == plain.cost(labels)
    assert one.digest == plain.digest
    assert with_options(plain, absences=((True,) + (False,) * 4,)).digest != plain.digest


def test_absent_devices_are_reserve_and_empty_stages_restart(make: Maker) -> None:
    """Each scenario counts absent devices as reserve; one that empties a stage counts as none, and restarts."""
    plain = make(4, 2, 3)
    labels = np.array([0, 0, 1, 1])
    churn = with_options(plain, absences=((True, False, False, False), (False, False, True, True)), restart_s=30.0)
    cost = churn.cost(labels)
    without = plain.cost(np.array([2, 0, 1, 1]))
    assert cost.parts_s["restart_s"] == 15.0
    expected = (without.parts_s["stream_s"] + plain.cost(labels).parts_s["stream_s"]) / 2
    np.testing.assert_allclose(cost.parts_s["stream_s"], expected)
    np.testing.assert_allclose(churn.judge(labels).total_s, cost.total_s, rtol=1e-9)


@given(SEEDS)
@settings(max_examples=10)
def test_operations_keep_the_decision(make: Maker, seed: int) -> None:
    """Samples, neighbours, crossings and decoded keys are members of the decision."""
    problem, rng = make(6, 3, seed), np.random.default_rng(seed)
    decision = problem.decision
    one, other = decision.sample(rng), decision.sample(rng)
    for labels in (
        problem.neighbour(one, rng),
        decision.cross(one, other, rng),
        decision.decode(rng.random(decision.dimension)),
        decision.from_categories([0] * 6),
        *problem.starts().values(),
    ):
        decision.check(labels)


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1, 3, 0], [0, -1, 1, 0], [0, 1], [0.5, 1, 0, 1]])
def test_what_is_no_member_is_refused(make: Maker, labels: list[float]) -> None:
    """Empty stages, unknown labels and wrong lengths raise `InvalidCandidate` in cost and judge."""
    problem = make(4, 2)
    for score in (problem.cost, problem.judge):
        with pytest.raises(InvalidCandidate):
            score(np.array(labels))
