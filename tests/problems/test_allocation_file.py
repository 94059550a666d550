"""Allocation files: grids, groups, lists of both, and what is wrong with broken ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.candidate_file import candidate_to_json
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import candidate_from_json, read_allocations

ProblemMaker = Callable[..., AllocationProblem]

BROKEN: dict[str, tuple[Any, str]] = {
    "device listed twice": (
        {"grid": [[0, 1], [2, 3], [4, 4]]},
        r"grid\[2\]\[1\]: found device 4 a second time .*5 is missing",
    ),
    "device missing": (
        {"groups": [[0, 1, 2], [3, 4]]},
        r"groups\[1\]: found 2 devices, expected 3.*device 5 is missing",
    ),
    "unknown device": ({"grid": [[0, 1], [2, 3], [4, 6]]}, r"grid\[2\]\[1\]: found 6, expected a device number 0..5"),
    "text for a device": ({"grid": [[0, 1], [2, 3], [4, "5"]]}, r"grid\[2\]\[1\]: found '5', expected"),
    "fraction for a device": ({"grid": [[0, 1], [2, 3], [4, 5.0]]}, r"grid\[2\]\[1\]: found 5.0, expected"),
    "wrong shape": ({"grid": [[0, 1, 2], [3, 4, 5]]}, "grid: found 2 rows, expected 3 rows of 2 devices"),
    "unknown key": ({"grids": []}, "keys: found 'grids', expected exactly one of 'grid', 'groups'"),
    "two keys": ({"grid": [], "groups": []}, "found 'grid', 'groups', expected exactly one"),
    "no object": (7, "found int, expected an object"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_allocation_file_is_refused(random_problem: ProblemMaker, tmp_path: Path, fault: str) -> None:
    """Each broken input raises one `BadInput` that names the file, the place and what was expected."""
    data, said = BROKEN[fault]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(data))
    with pytest.raises(BadInput, match=rf"a\.json: .*{said}"):
        read_allocations(path, random_problem(3, 2))


def test_a_broken_entry_of_a_list_is_named_by_its_number(random_problem: ProblemMaker, tmp_path: Path) -> None:
    """In a list of allocations the message says which entry is broken."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"grid": [[0, 1]]}, {"grid": [[0, 0]]}]))
    with pytest.raises(BadInput, match=r"a\.json: \[1\]: grid\[0\]\[1\]"):
        read_allocations(path, random_problem(1, 2))


def test_a_grid_is_wired_as_written_and_groups_are_wired_best(random_problem: ProblemMaker) -> None:
    """A grid is scored as it stands; the same columns given as groups cost what the best wiring and order cost."""
    problem = random_problem(3, 2)
    grid = candidate_from_json({"grid": [[0, 1], [2, 3], [4, 5]]}, problem, "a")
    groups = candidate_from_json({"groups": [[0, 2, 4], [1, 3, 5]]}, problem, "a")
    assert grid == Allocation([[0, 1], [2, 3], [4, 5]])
    assert problem.cost(groups).total_s == problem.cost(problem.allocation(grid.labels)).total_s
    assert problem.cost(groups).total_s <= problem.cost(grid).total_s


def test_what_is_written_is_read_back(random_problem: ProblemMaker) -> None:
    """Both kinds of candidates survive the round trip through JSON."""
    problem = random_problem(4, 3)
    labels = problem.random(np.random.default_rng(1))
    allocation = problem.allocation(labels)
    np.testing.assert_array_equal(candidate_from_json(candidate_to_json(labels), problem, "a"), labels)
    assert candidate_from_json(candidate_to_json(allocation), problem, "a") == allocation
