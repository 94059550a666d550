"""The worked family of docs/problem-family.md is one: it runs, its bound holds, and its own strategy helps."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.bench.plugins import problem_named
from tasklet_bench.bench.results.store import Store
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import InvalidCandidate, Problem

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "problem-family.md"


@pytest.fixture(scope="module")
def folder(
    follow: Callable[..., list[tuple[str, str]]],
    bare_environment: Callable[[Path], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of somebody who did what the page says, with `tasklet-bench` on the path."""
    place = tmp_path_factory.mktemp("family")
    environment = bare_environment(tmp_path_factory.mktemp("home"))
    tool = place / "tasklet-bench"
    tool.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from tasklet_bench.bench.cli import main; main()" "$@"\n', "utf-8"
    )
    tool.chmod(0o755)
    environment["PATH"] = f"{place}{os.pathsep}{environment['PATH']}"
    follow(PAGE, place, environment, 120.0)
    return place


def named(folder: Path, name: str) -> Any:
    """A problem of the page's file."""
    return problem_named(f"{folder}/rooms.py:{name}")


def test_strategies_that_know_nothing_of_it_search_it(folder: Path) -> None:
    """Every run of the page's commands is `ok`; the family's own strategy is ahead of random search."""
    with Store(folder / "results" / "local") as store:
        runs = store.runs()
    assert (runs["status"] == "ok").all(), runs["error"].dropna().to_list()
    assert set(runs["problem"]) == {"rooms/24x3", "rooms/24x4", "rooms/30x5"}
    assert set(runs["strategy"]) == {"neighbourly", "random-partition", "evolution-strategy"}
    medians = runs.groupby(["problem", "budget", "strategy"])["cost_s"].median().unstack()
    assert (medians["neighbourly"] < medians["random-partition"]).all()


def test_its_bound_holds_for_every_partition_of_a_small_one(folder: Path) -> None:
    """All ways to share six machines out among two rooms."""
    problem = named(folder, "rooms/6x2")
    assert isinstance(problem, Problem)
    costs = []
    for room in combinations(range(6), 3):
        labels = np.zeros(6, dtype=np.int64)
        labels[list(room)] = 1
        cost = problem.cost(labels)
        assert cost.total_s == pytest.approx(sum(cost.parts_s.values()))
        costs.append(cost.total_s)
    assert 0 < problem.bound() <= min(costs)


def test_what_is_no_solution_is_refused(folder: Path) -> None:
    """Other sizes, another shape, other types; and names that it cannot read."""
    problem = named(folder, "rooms/6x2")
    for candidate in ([0, 0, 0, 0, 1, 1], [0, 1], [0.0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 2], [-1, 0, 0, 1, 1, 1]):
        with pytest.raises(InvalidCandidate):
            problem.cost(candidate)
    for name in ("rooms/7x2", "rooms/six", "rooms"):
        with pytest.raises(BadInput, match="machines x rooms"):
            named(folder, name)


def test_the_digest_is_the_problem_s(folder: Path) -> None:
    """The same for the same name, another for another size."""
    digests = {name: named(folder, name).digest for name in ("rooms/6x2", "rooms/6x3", "rooms/8x2")}
    assert len(set(digests.values())) == 3
    assert named(folder, "rooms/6x2").digest == digests["rooms/6x2"]


def test_the_table_of_members_is_whole() -> None:
    """It has what the protocol has, and nothing else."""
    members = set(re.findall(r"^\| `(\w+)", PAGE.read_text(encoding="utf-8"), re.M))
    inherited = {name for name, member in vars(Problem).items() if callable(member) and not name.startswith("_")}
    assert members == inherited | set(Problem.__annotations__)
