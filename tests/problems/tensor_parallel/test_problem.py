"""Baselines, neighbours, memory, facts and pictures of the family."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tasklet_bench.problems.tensor_parallel import TensorParallelProblem, TensorShape, names, report_memory
from tasklet_bench.problems.tensor_parallel.starts import score_shapes
from tests.problems.tensor_parallel.conftest import Maker, with_devices

HYBRID = "tensor-parallel/measured/hybrid-dgx2-t4-a10-24"


@pytest.fixture(scope="module")
def hybrid() -> TensorParallelProblem:
    """A V100 machine, T4 and A10 machines, far apart: devices of three kinds."""
    return names.load(HYBRID)


def test_baselines_cost_what_is_known(hybrid: TensorParallelProblem) -> None:
    """Grid search 67.77 s, rule of thumb 880.33 s: the figures of the family's definition."""
    costs_s = {name: hybrid.cost(candidate).total_s for name, candidate in hybrid.starts().items()}
    np.testing.assert_allclose(costs_s["grid-search"], 67.76665763171208, rtol=1e-9)
    np.testing.assert_allclose(costs_s["rule-of-thumb"], 880.3264356903568, rtol=1e-9)
    assert costs_s["shuffled"] > costs_s["grid-search"]


def test_grid_search_takes_the_best_shape(make: Maker) -> None:
    """No shape costs less on the host order than the one that grid search takes."""
    problem = make(8, 1)
    order = np.arange(8)
    costs_s = [problem.cost((np.array([k]), order)).total_s for k in range(len(problem.shapes))]
    np.testing.assert_array_equal(costs_s, score_shapes(problem, order))
    assert problem.cost(problem.starts()["grid-search"]).total_s == min(costs_s)


def test_the_rule_of_thumb_keeps_tensor_groups_within_a_node() -> None:
    """1d, as wide as a machine, all devices, and the fewest stages that fit."""
    problem = names.load("tensor-parallel/generated/machines?n=32&seed=1&cards=V100-16&workload=llama-7b")
    chosen, _ = problem.starts()["rule-of-thumb"]
    assert problem.shapes[chosen[0]] == TensorShape("1d", 8, 1, 2, 2, 1)


def test_neighbours_are_members_and_differ(make: Maker) -> None:
    """Every neighbour is a member; most are other candidates, and all shapes are reached."""
    problem = make(4, 0)
    rng = np.random.default_rng(0)
    candidate = problem.random(rng)
    seen, moved = set(), 0
    for _ in range(4000):
        other = problem.decision.check(problem.neighbour(candidate, rng))
        moved += other[0][0] != candidate[0][0] or not np.array_equal(other[1], candidate[1])
        seen.add(int(other[0][0]))
        candidate = other
    assert moved > 3800
    assert len(seen) == len(problem.shapes)


def test_memory_is_reported_by_stage(make: Maker) -> None:
    """What spills is named by stage and device, and explains the cost's part."""
    problem = make(8, 2)
    order = np.random.default_rng(1).permutation(8)
    for number, shape in enumerate(problem.shapes):
        candidate = (np.array([number]), order)
        report = report_memory(problem, candidate)
        assert len(report) == shape.stages
        spills = any(stage.spilled_bytes for stage in report)
        assert spills == (max(stage.spill_s for stage in report) > 0)
        assert spills or problem.cost(candidate).parts_s["spill_s"] == 0
        for stage in report:
            assert ("spills" in str(stage)) == bool(stage.spilled_bytes)
            assert (stage.summary in problem.drawing(candidate).caption) == bool(stage.spilled_bytes)
            for device, over in stage.spilled_bytes.items():
                assert stage.need_bytes - problem.devices.memory_bytes[device] == over > 0


def test_memory_decides_where_the_blind_choice_spills(make: Maker) -> None:
    """Kinds tell whether who ignores memory is led astray; with endless memory nobody is."""
    problem = make(8, 0)
    assert problem.kinds()["memory"] == "decides"
    endless = with_devices(problem, memory_bytes=np.full(8, 1e12))
    assert endless.kinds()["memory"] == "does not decide"
    assert endless.facts()["memory"] == "does not decide"


def test_facts_name_devices_and_shapes(hybrid: TensorParallelProblem) -> None:
    """Kinds of devices, the model's weights and the number of shapes stand among the facts."""
    facts = hybrid.facts()
    assert facts["kinds of devices"] == "V100-16, T4, A10"
    assert facts["shapes"] == 198
    assert hybrid.kinds() == {"devices": "17–32", "kinds of devices": "three or more", "memory": "decides"}


def test_the_picture_shows_every_device_once(make: Maker) -> None:
    """Groups are tensor groups and the idle; boundaries and gradients join devices of different groups."""
    problem = make(9, 0)
    for seed in range(20):
        candidate = problem.random(np.random.default_rng(seed))
        shape = problem.shapes[candidate[0][0]]
        drawing = problem.drawing(candidate)
        devices = [device for group in drawing.groups.values() for device in group]
        assert sorted(devices) == list(range(9))
        assert len(drawing.groups) == shape.stages * shape.replicas + (shape.devices < 9)
        boundaries = [link for link in drawing.links if link.directed]
        assert len(boundaries) == (shape.stages - 1) * shape.replicas * shape.tensor_devices


def test_compiled_code_is_twenty_times_faster() -> None:
    """At 64 devices a cost takes at most a twentieth of what the loops take, checks of the candidate included."""
    problem = names.load("tensor-parallel/generated/machines?n=64&seed=1&cards=V100-16&workload=llama-13b")
    for mode in ("1d", "3d"):
        number = next(k for k, shape in enumerate(problem.shapes) if shape.mode == mode and shape.devices == 64)
        candidate = (np.array([number]), np.random.default_rng(0).permutation(64))
        assert problem.cost(candidate).parts_s == pytest.approx(problem.judge(candidate).parts_s, rel=1e-12)
        cost_s = min(_timed(lambda c=candidate: problem.cost(c), 200) for _ in range(5))
        judge_s = min(_timed(lambda c=candidate: problem.judge(c), 3) for _ in range(5))
        assert judge_s >= 20 * cost_s


def _timed(work: object, times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        work()  # type: ignore[operator]
    return (time.perf_counter() - begun) / times
