"""Names, baselines, what is reported and drawn, bad input, and the speed of the compiled cost."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import InvalidCandidate, Problem
from tasklet_bench.problems.swarm import SwarmOptions, SwarmProblem, instance_file
from tasklet_bench.problems.swarm.starts import consecutive, rebalance
from tests.problems.swarm.conftest import Maker, with_devices, with_options

HYBRID = "swarm/measured/hybrid-dgx2-t4-a10-24"
HOMES = "swarm/measured/residential-20?cards=RTX4090,RTX3090&rates=10"


@pytest.mark.parametrize(
    ("name", "optimum_s", "baselines_s"),
    [(HYBRID, 19.21, [26.20, 81.17, 23.67]), (HOMES, 114.54, [195.55, 146.11, 137.21])],
)
def test_baselines_of_published_rows(name: str, optimum_s: float, baselines_s: list[float]) -> None:
    """Baselines of two measured instances cost what came with the statement of the family; bounds tell something."""
    problem = families.load(name)
    assert problem.name == name
    assert isinstance(problem, Problem)
    assert 0.7 * optimum_s < problem.bound() < optimum_s
    assert list(problem.starts()) == ["consecutive", "fill-slowest", "rebalanced"]
    costs = [problem.cost(labels).total_s for labels in problem.starts().values()]
    np.testing.assert_allclose(costs, baselines_s, atol=0.006)


def test_rebalancing_helps_the_slowest_stage(make: Maker) -> None:
    """The stage that can do least can do no less afterwards, and the reserve stays what it was."""
    for seed in range(10):
        problem = make(9, 3, seed)
        capacity, start = problem.tables.capacity, consecutive(3, 9)
        start[4] = 3
        after = rebalance(capacity, start)
        least = [min(capacity[s, labels == s].sum() for s in range(3)) for labels in (start, after)]
        assert least[1] >= least[0]
        assert (np.flatnonzero(after == 3) == [4]).all()


def test_options_of_a_name() -> None:
    """Stages, wiring, activations, layers and churn come from the name, in one spelling."""
    name = "swarm/measured/gcp4-hivemind-32?stages=3&stage_layers=10,10,4&wiring=proportional&scenarios=2&draw=5"
    problem: Any = families.load(name)
    assert problem.name == name
    assert problem.options.stage_layers == (10, 10, 4)
    assert problem.options.wiring == "proportional"
    assert len(problem.options.absences) == 2
    assert problem.digest != families.load(name.replace("draw=5", "draw=6")).digest


@pytest.mark.parametrize(
    ("query", "reported"),
    [
        ("stages=40", "stages: found 40 for 24 layers, expected at most 24"),
        ("stages=0", "stages"),
        ("dp=8", "dp: found dp=8, expected stages=K"),
        ("stages=3&stage_layers=10,10,10", "3 whole numbers above 0 with the sum 24"),
        ("wiring=worst", "unknown value of wiring"),
        ("scenario=2", "did you mean 'scenarios'"),
    ],
)
def test_names_that_say_too_much_or_too_little(query: str, reported: str) -> None:
    """Impossible stages, keys of other families and wrong words are refused, with what would fit."""
    with pytest.raises(BadInput, match=reported):
        families.load(f"swarm/measured/gcp4-hivemind-32?{query}")


def test_fewer_devices_than_stages_are_refused() -> None:
    """More stages than devices are refused with both numbers."""
    with pytest.raises(BadInput, match="stages: found 24 for 20 devices, expected at most 20"):
        families.load("swarm/measured/residential-20?stages=24")


@pytest.mark.parametrize(
    ("options", "reported"),
    [
        ({"stages": 9}, "9 for 6 layers, expected at most 6"),
        ({"stages": 6}, "6 for 5 devices, expected at most 5"),
        ({"stage_layers": [1, 2, 3]}, "stage_layers: found 3 numbers, expected 2"),
        ({"stage_layers": [1, 2]}, "the model's 6 layers"),
        ({"absences": [[0, 1]]}, r"absences\[0\]: found 2 entries, expected 5"),
        ({"wire": "best"}, "did you mean 'wiring'"),
    ],
)
def test_files_with_options_that_do_not_fit(check_values: list[dict[str, Any]], options: Any, reported: str) -> None:
    """The message names file and field, and says what would fit."""
    data = copy.deepcopy(check_values[0])
    data["options"] |= options
    with pytest.raises(BadInput, match=reported):
        instance_file.from_json(data, "file.json")


@pytest.mark.parametrize("layers", [(), (0, 6)])
def test_options_refuse_nonsense(layers: tuple[int, ...]) -> None:
    """Stages need layers."""
    with pytest.raises(BadInput, match="stage_layers"):
        SwarmOptions(layers)


def test_candidates_are_written_and_read(make: Maker) -> None:
    """A candidate file's object reads back, results beside it ignored; another object is refused."""
    problem = make(5, 2)
    labels = np.array([0, 1, 2, 0, 1])
    written = problem.candidate_to_json(labels) | {"cost_s": 1.0}
    np.testing.assert_array_equal(problem.candidate_from_json(written), labels)
    with pytest.raises(InvalidCandidate, match="expected stage_of_device"):
        problem.candidate_from_json({"order": [1]})


def test_what_is_reported_and_drawn(make: Maker) -> None:
    """Facts and kinds are named; a drawing has every device in one group and links between neighbouring stages."""
    problem = with_options(make(6, 3), absences=((False,) * 5 + (True,),))
    labels = np.array([0, 0, 1, 1, 2, 3])
    assert problem.facts()["stages"] == 3
    assert problem.kinds()["churn"] == "yes"
    drawing = problem.drawing(labels)
    assert sorted(i for group in drawing.groups.values() for i in group) == list(range(6))
    assert drawing.groups["reserve"] == (5,)
    assert all(labels[link.target] == labels[link.source] + 1 for link in drawing.links)


def test_spills_are_reported(make: Maker) -> None:
    """A drawing says which devices spill and how much, or that nothing does."""
    problem = make(3, 2)
    labels = np.array([0, 1, 2])
    ample = with_devices(problem, memory_bytes=np.full(3, 1e12))
    assert ample.drawing(labels).caption.endswith("nothing spills")
    tight = with_devices(problem, memory_bytes=np.array([1e12, 1e6, 1e6])).drawing(labels).caption
    assert "device 1 in stage 1 spills 0.0" in tight
    assert "device 2" not in tight


def test_a_copy_scores_the_same(make: Maker) -> None:
    """A problem that went through pickle, scratch memory left out, scores the same."""
    problem = make(5, 2)
    labels = np.array([0, 0, 1, 1, 2])
    cost = problem.cost(labels)
    assert pickle.loads(pickle.dumps(problem)).cost(labels) == cost  # noqa: S301 - our own bytes


def fastest_s(call: Callable[[], object], times: int) -> float:
    """The fastest of several calls (in seconds)."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def test_compiled_cost_is_much_faster_than_the_judge() -> None:
    """With 64 devices in 8 stages one cost takes at most a twentieth of the judge's time."""
    problem: SwarmProblem = families.load("swarm/measured/aws10-uneven-64?stages=8")  # type: ignore[assignment]
    labels = problem.random(np.random.default_rng(0))
    problem.cost(labels), problem.judge(labels)
    assert 20 * fastest_s(lambda: problem.cost(labels), 200) < fastest_s(lambda: problem.judge(labels), 3)
