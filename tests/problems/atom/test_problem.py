"""Names, baselines, what is reported and drawn, bad input, and the speed of the compiled cost."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.atom import AtomOptions, AtomProblem, instance_file
from tasklet_bench.problems.atom.menu import Menu
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import InvalidCandidate, Problem
from tests.problems.atom.conftest import Maker

HYBRID = "atom/measured/hybrid-dgx2-t4-a10-24?sequences=2048"
HOMES = "atom/measured/residential-20?sequences=2048&cards=RTX4090,RTX3090&rates=10"
SWAPPING = "atom/measured/hybrid-dgx2-t4-a10-24?workload=llama-7b&host_memory_gb=128"


@pytest.mark.parametrize(
    ("name", "best_s", "baselines_s"),
    [(HYBRID, 86.86, [116.55, 116.55, 86.86, 116.55]), (HOMES, 264.68, [396.16, 301.62, 264.67, 396.16])],
)
def test_baselines_of_published_rows(name: str, best_s: float, baselines_s: list[float]) -> None:
    """Baselines of two measured instances cost what came with the statement of the family; bounds tell something."""
    problem: Any = families.load(name)
    assert isinstance(problem, Problem)
    assert 0.6 * best_s < problem.bound() < best_s
    starts = problem.starts()
    named = ("all", "by-rate", "by-network", "dropping")
    assert list(starts) == [*named, *(f"{start}-hidden" for start in named)]
    np.testing.assert_allclose([problem.cost(starts[start]).total_s for start in named], baselines_s, atol=0.006)


def test_all_ways_fit_and_the_plain_one_is_fastest() -> None:
    """On gpt3-xl every card holds all 56 ways, and none is faster than one piece and one micro-batch a pass."""
    problem: Any = families.load(HOMES)
    assert {len(menu.ways) for menu in problem.menus} == {56}
    assert {menu.ways[menu.fastest] for menu in problem.menus} == {(1, 1)}


def test_pieces_matter_where_the_model_does_not_fit() -> None:
    """llama-7b takes pieces on cards of 16 and 24 GB."""
    problem: Any = families.load(SWAPPING)
    assert all(menu.ways[0][0] > 1 for menu in problem.menus)
    assert problem.kinds()["swaps"] == "decide"


def test_ties_of_ways_are_broken_by_accumulation() -> None:
    """Ways that tie but for rounding go by accumulation, then by place."""
    menu = Menu(((1, 2), (2, 1), (3, 1), (3, 2)), (2.0, 1.0 + 1e-14, 1.0, 2.0 - 1e-13))
    assert menu.fastest == 1


def test_a_host_that_cannot_hold_the_model_is_refused() -> None:
    """The message names the device and its site, what the model needs, and what would fit there."""
    match = r"device 0 of site 'DGX2_8xV100_EU': found 96 GB, expected at least 103\.1 GB"
    with pytest.raises(BadInput, match=match) as reported:
        families.load("atom/measured/hybrid-dgx2-t4-a10-24?workload=llama-7b")
    assert "29 such layers, or gpt3-xl, gpt3-2.7b" in str(reported.value)


def test_a_card_that_fits_no_piece_is_refused() -> None:
    """A peer without any way is named, with the memory that the smallest pieces need."""
    with pytest.raises(BadInput, match=r"memory of device 0 of site 'DGX2_8xV100_EU': found 0.1 GB, expected at least"):
        families.load("atom/measured/hybrid-dgx2-t4-a10-24?memory_gb=0.1")


@pytest.mark.parametrize(
    ("query", "reported"),
    [
        ("dp=8", "who takes part is what is decided"),
        ("stages=4", "every peer runs the whole model"),
        ("micro_batch=3", "3 for 512 sequences"),
        ("accumulations=4,2", "ascending"),
        ("accumulations=a", "whole numbers"),
        ("accumulation=1", "did you mean 'accumulations'"),
    ],
)
def test_names_that_do_not_fit(query: str, reported: str) -> None:
    """Keys of other families, batches that do not divide and wrong lists are refused, with what would fit."""
    with pytest.raises(BadInput, match=reported):
        families.load(f"atom/measured/gcp4-hivemind-32?{query}")


@pytest.mark.parametrize(
    ("options", "reported"),
    [({"accumulations": [2, 1]}, "ascending"), ({"micro_batch": 0}, "micro_batch"), ({"batch": 1}, "unknown key")],
)
def test_files_with_options_that_do_not_fit(check_values: list[dict[str, Any]], options: Any, reported: str) -> None:
    """The message names file and field."""
    data = copy.deepcopy(check_values[0])
    data["options"] |= options
    with pytest.raises(BadInput, match=reported):
        instance_file.from_json(data, "file.json")


def test_gradients_need_bytes() -> None:
    """A gradient of no bytes is refused."""
    with pytest.raises(BadInput, match="bytes_per_gradient"):
        AtomOptions(bytes_per_gradient=0.0)


@pytest.mark.parametrize(
    ("rows", "reported"),
    [
        ([None, [1, 1]], "found 2 entries, expected 3"),
        ([None, [5, 1], None], r"\[1\]: found \[5, 1\], expected null or one of"),
        ("all", "found str"),
    ],
)
def test_candidate_files_that_do_not_fit(make: Maker, rows: Any, reported: str) -> None:
    """Wrong lengths and ways that are not on the menu are refused, with the ways that are."""
    problem = make(3)
    with pytest.raises(InvalidCandidate, match=reported):
        problem.candidate_from_json({"pieces_and_accumulation": rows})
    with pytest.raises(InvalidCandidate, match="expected pieces_and_accumulation"):
        problem.candidate_from_json({"stage_of_device": [0, 1, 2]})


def test_what_is_reported_and_drawn(make: Maker) -> None:
    """Facts are named; a drawing has every peer in one group, and links between participants alone."""
    problem = make(6)
    assert problem.facts()["devices"] == 6
    takes_part, ways = problem.random(np.random.default_rng(1))
    drawing = problem.drawing((takes_part, ways))
    assert sorted(i for group in drawing.groups.values() for i in group) == list(range(6))
    assert set(drawing.groups["stays out"]) == set(np.flatnonzero(takes_part == 0).tolist())
    assert all(takes_part[link.source] and takes_part[link.target] for link in drawing.links)


def fastest_s(call: Callable[[], object], times: int) -> float:
    """The fastest of several calls (in seconds)."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def test_compiled_cost_is_much_faster_than_the_judge() -> None:
    """With 32 peers and 2,048 sequences one cost takes at most a twentieth of the judge's time."""
    problem: AtomProblem = families.load("atom/measured/gcp4-hivemind-32?sequences=2048")  # type: ignore[assignment]
    candidate = problem.random(np.random.default_rng(0))
    everybody = np.ones(32, dtype=np.int64), candidate[1] * 0
    problem.cost(everybody), problem.judge(everybody)
    assert 20 * fastest_s(lambda: problem.cost(everybody), 200) < fastest_s(lambda: problem.judge(everybody), 5)
