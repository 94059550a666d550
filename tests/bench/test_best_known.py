"""The best-known table: only verified entries, never a worse one, never an impossible bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import best_known
from problems.allocation import AllocationProblem
from problems.bad_input import BadInput

ProblemMaker = Callable[..., AllocationProblem]


@pytest.fixture
def entry(random_problem: ProblemMaker) -> best_known.BestKnown:
    """A verified entry of a random partition."""
    problem = random_problem(3, 4)
    labels = problem.random(np.random.default_rng(0))
    return best_known.verified(problem, problem.allocation(labels).grid.tolist(), "test", 0.0, "none")


def test_an_entry_costs_what_the_cost_model_says(random_problem: ProblemMaker, entry: best_known.BestKnown) -> None:
    """The cost of an entry is computed from its grid, and its bound is at least the problem's own."""
    problem = random_problem(3, 4)
    assert entry.cost_s == problem.cost(problem.random(np.random.default_rng(0))).total_s
    assert entry.bound_s == problem.bound()
    assert not entry.proven


def test_the_table_survives_its_file(tmp_path: Path, entry: best_known.BestKnown) -> None:
    """What is written is read back to the last bit."""
    best_known.write([entry], tmp_path / "t.jsonl")
    assert best_known.read(tmp_path / "t.jsonl") == {entry.digest: entry}
    assert best_known.read(tmp_path / "none.jsonl") == {}


def test_a_broken_table_is_named_by_file_and_line(tmp_path: Path) -> None:
    """A line that is no entry raises `BadInput` with file and line number."""
    path = tmp_path / "t.jsonl"
    path.write_text('{"problem": "x"}\n')
    with pytest.raises(BadInput, match=r"t\.jsonl: line 1"):
        best_known.read(path)


def test_merging_keeps_the_cheaper_grid_and_the_higher_bound(entry: best_known.BestKnown) -> None:
    """A better cost or bound replaces its counterpart alone; a worse one changes nothing."""
    cheaper = replace(entry, cost_s=entry.cost_s * 0.9, found_by="better", bound_s=0.0)
    tighter = replace(entry, cost_s=entry.cost_s * 2, bound_s=entry.cost_s * 0.9, bound_by="proof")
    table, changes = best_known.merged({entry.digest: entry}, [cheaper, tighter])
    found = table[entry.digest]
    assert (found.found_by, found.bound_by) == ("better", "proof")
    assert found.proven
    assert len(changes) == 2
    assert best_known.merged(table, [entry]) == (table, [])


def test_a_bound_above_a_cost_is_refused(random_problem: ProblemMaker, entry: best_known.BestKnown) -> None:
    """A bound that a verified cost contradicts raises, in an entry and in a merge."""
    with pytest.raises(ValueError, match="above the verified cost"):
        best_known.verified(random_problem(3, 4), entry.grid, "x", entry.cost_s * 2, "liar")
    with pytest.raises(ValueError, match="one of them is wrong"):
        best_known.merged({entry.digest: entry}, [replace(entry, bound_s=entry.cost_s * 1.1, bound_by="liar")])


def test_every_shipped_entry_is_what_it_says() -> None:
    """Each entry of the shipped table names an instance of that digest, and its grid costs what stands there."""
    from problems.instances import catalogue

    for entry in best_known.read().values():
        problem = catalogue.load(entry.problem)
        assert problem.digest == entry.digest
        again = best_known.verified(problem, entry.grid, entry.found_by, entry.bound_s, entry.bound_by)
        assert again.cost_s == entry.cost_s
