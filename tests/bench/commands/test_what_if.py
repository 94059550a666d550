"""`solve` and `evaluate` when devices leave, links vary, shapes are open and money counts."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.bench.campaigns.shape_choice import choose_shape
from tasklet_bench.bench.plugins import Resolved, resolve, shapes_of
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.problems.bad_input import BadInput

CITIES: dict[str, Any] = {
    "name": "two cities",
    "sites": [{"name": "Oslo", "devices": 5}, {"name": "Rome", "devices": 3}],
    "delay_ms": [[1, 38], [38, 1]],
    "bandwidth_gbps": [[10, 0.9], [0.7, 5]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 4},
    "workload": {"layers": 24, "hidden": 2048, "sequence_length": 2048, "sequences_per_iteration": 64},
}
HERE = {"grid": [[0, 1, 2, 3], [4, 5, 6, 7]]}


@pytest.fixture
def cities(tmp_path: Path) -> Path:
    """The README's problem file, with an allocation beside it."""
    (tmp_path / "here.json").write_text(json.dumps(HERE))
    path = tmp_path / "cities.json"
    path.write_text(json.dumps(CITIES))
    return path


def test_draws_and_prices_stand_beside_the_cost(answered: Callable[..., Any], cities: Path, tmp_path: Path) -> None:
    """The same draws give the same figures, in their order, and only sites with prices have one."""
    here = tmp_path / "here.json"
    plain = answered("evaluate", cities, here)
    assert set(plain) == {"cost_s", "data_parallel_s", "pipeline_s"}
    first = answered("evaluate", cities, here, "--draws", 30)["over_draws"]
    assert first == answered("evaluate", cities, here, "--draws", 30)["over_draws"]
    assert first["interval_s"][0] <= first["median_s"] <= first["interval_s"][1] <= first["worst_s"]
    assert first["median_s"] <= first["p90_s"] <= first["worst_s"]
    sites = [{**site, "price_per_hour": 2.0} for site in CITIES["sites"]]
    cities.write_text(json.dumps({**CITIES, "sites": sites}))
    price = answered("evaluate", cities, here)["price"]
    simulated_s = answered("simulate", cities, here)["iteration_s"]
    assert price["total"] == pytest.approx(8 * 2.0 * simulated_s / 3600, rel=1e-9)
    assert price["egress"] == 0


def test_a_file_without_a_model_has_no_open_shape(refused: Callable[..., str], cities: Path) -> None:
    """Bytes are those of one shape, which the message says."""
    workload = {"gradient_bytes": 1e9, "activation_bytes": 1e9}
    cities.write_text(json.dumps({**{k: v for k, v in CITIES.items() if k != "grid"}, "workload": workload}))
    assert "workload" in refused("solve", cities)


def test_who_leaves_must_be_there(refused: Callable[..., str], cities: Path) -> None:
    """An unknown site is named with the nearest one, a percentile that is none with an example."""
    assert "'Rome'" in refused("solve", cities, "--without", "Roma")
    assert "p90" in refused("solve", cities, "--robust", "ninety")
    assert "one for each stage" in refused("solve", cities, "--without", "Oslo")


def open_file(tmp_path: Path, memory_gb: float | None = None) -> dict[str, Any]:
    """Four devices at two sites, without a grid."""
    data = {k: v for k, v in CITIES.items() if k != "grid"}
    sites = [{"name": "Oslo", "devices": 2, "tflops": 50.0}, {"name": "Rome", "devices": 2, "tflops": 50.0}]
    return {**data, "sites": [{**s, **({} if memory_gb is None else {"memory_gb": memory_gb})} for s in sites]}


def best_by_hand(resolved: Resolved) -> tuple[float, dict[str, Any]]:
    """The least simulated seconds over every placement of a shape."""
    from tasklet_bench.bench.plugins import simulated_s
    from tasklet_bench.problems.allocation import Allocation

    problem = resolved.problem
    d, k = (int(n) for n in str(problem.shape).split("×"))  # type: ignore[attr-defined]
    result = []
    for order in itertools.permutations(range(4), d * k):
        grid = [list(order[row * k : (row + 1) * k]) for row in range(d)]
        result.append((simulated_s(problem, Allocation(grid, n_devices=4)) or 0.0, {"grid": grid}))
    return min(result, key=lambda one: one[0])


class _Answer:
    """What a search of a shape found: the best of all."""

    status = "ok"

    def __init__(self, candidate: dict[str, Any]) -> None:
        self.candidate = candidate


def test_the_chosen_shape_is_the_best_of_all_solved_by_hand(tmp_path: Path) -> None:
    """Every shape tried exhaustively, pruning by bounds included, gives the same choice and the same seconds."""
    shapes = shapes_of(open_file(tmp_path), "open.json")
    assert [shape.shape for shape in shapes] == ["4×1", "2×2", "1×3", "1×4"]
    by_hand = {shape.shape: best_by_hand(shape.resolved) for shape in shapes if shape.resolved}
    best = min(by_hand, key=lambda shape: by_hand[shape][0])

    def solve(resolved: Resolved, share: float) -> RunRecord:
        return _Answer(by_hand[str(resolved.problem.shape)][1])  # type: ignore[return-value,attr-defined]

    choice = choose_shape(shapes, "open.json", solve)
    chosen = [row for row in choice.considered if row.why == "chosen"]
    assert [row.shape for row in chosen] == [best]
    assert chosen[0].simulated_s == pytest.approx(by_hand[best][0], rel=1e-12)


def test_shapes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """More memory refuses no more shapes, some of it some and very little all, which is said."""
    refused = [
        {shape.shape for shape in shapes_of(open_file(tmp_path, gb), "open.json") if shape.refused}
        for gb in (1, *range(40, 81, 2), 1e4)
    ]
    assert all(more <= less for less, more in itertools.pairwise(refused))
    assert len(refused[0]) == 4
    assert not refused[-1]
    assert any(0 < len(some) < 4 for some in refused)
    none = shapes_of(open_file(tmp_path, 0.5), "open.json")
    with pytest.raises(BadInput, match="fit into memory"):
        choose_shape(none, "open.json", lambda *_: None)  # type: ignore[arg-type,return-value]


def test_a_problem_with_a_grid_is_left_as_it_is(cities: Path) -> None:
    """Only a file without a grid is open."""
    from tasklet_bench.bench.plugins import without_grid

    assert without_grid(str(cities)) is None
    assert without_grid("paper/regional") is None
    assert resolve(str(cities)).problem.name == "two cities"


@pytest.mark.slow
def test_a_loss_is_repaired_and_solved_afresh(answered: Callable[..., Any], cities: Path, tmp_path: Path) -> None:
    """The repair scores what it says on the problem that is left, and nobody moves who need not."""
    asked = ("solve", cities, "--lose", "Rome/0", "--cpu-seconds", 1)
    repair = answered(*asked, "--start", tmp_path / "here.json")
    assert repair["lost"] == [5]
    assert len(repair["moved"]) == repair["fewest_moves"] == 0
    assert repair["afresh"]["cost_s"] <= repair["cost_s"] * (1 + 1e-9)
    assert answered(*asked)["cost_s"] == pytest.approx(repair["afresh"]["cost_s"], rel=1e-9)


@pytest.mark.slow
def test_a_robust_solution_is_compared_on_other_networks(answered: Callable[..., Any], cities: Path) -> None:
    """Both are scored on the same draws, and the answer is a grid."""
    answer = answered("solve", cities, "--robust", "p90", "--cpu-seconds", 2)
    assert set(answer["over_draws"]) == {"plain", "robust"}
    assert answer["over_draws"]["plain"]["measured_s"] <= answer["over_draws"]["robust"]["measured_s"] * (1 + 1e-9)
    assert sorted(itertools.chain(*answer["grid"])) == list(range(8))


def test_an_open_shape_stands_for_no_start(refused: Callable[..., str], cities: Path, tmp_path: Path) -> None:
    """An allocation stands at a shape, so a file without a grid cannot be started from one."""
    cities.write_text(json.dumps({key: value for key, value in CITIES.items() if key != "grid"}))
    assert "grid: found nothing" in refused("solve", cities, "--start", tmp_path / "here.json")


@pytest.mark.slow
def test_devices_leave_before_the_shape_is_chosen(answered: Callable[..., Any], cities: Path) -> None:
    """No shape uses more devices than are left, and nobody who left stands anywhere."""
    cities.write_text(json.dumps({key: value for key, value in CITIES.items() if key != "grid"}))
    answer = answered("solve", cities, "--lose", "Rome/0", "--cpu-seconds", 2)
    assert len(answer["shapes"]) == 7
    assert 5 not in itertools.chain(*answer["grid"])


@pytest.mark.slow
def test_a_loss_of_replicas_is_said(typed: Callable[..., Any], cities: Path, tmp_path: Path) -> None:
    """With fewer replicas a lower formal cost is called no gain; the repaired allocation is one of that shape."""
    leave = ("--lose", "Rome/0", "--lose", "Oslo/1")
    done = typed("solve", cities, *leave, "--cpu-seconds", 1, "--start", tmp_path / "here.json")
    assert done.returncode == 0, done.stderr
    assert "1×4 instead of 2×4" in done.stdout
    assert "is no gain" in done.stdout
