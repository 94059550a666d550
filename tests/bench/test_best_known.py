"""The best-known table: only verified entries, never a worse one, never an impossible bound."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.runs.tolerances import SAME_COST
from tasklet_bench.problems import families
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.cost_model import grid_cost
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue, digests

ProblemMaker = Callable[..., AllocationProblem]


@pytest.fixture
def entry(random_problem: ProblemMaker) -> best_known.BestKnown:
    """A verified entry of a random partition."""
    problem = random_problem(3, 4)
    labels = problem.random(np.random.default_rng(0))
    return best_known.verified(problem, {"grid": problem.allocation(labels).grid.tolist()}, "test", 0.0, "none")


@pytest.fixture(scope="module")
def small_runs() -> pd.DataFrame:
    """A store's table of three good runs on two instances."""
    rows = []
    for name, seed in (("paper/regional", 0), ("paper/regional", 1), ("measured/residential-20", 0)):
        problem = catalogue.load(name)
        allocation = problem.allocation(problem.random(np.random.default_rng(seed)))
        rows.append(
            {
                "problem": name,
                "problem_digest": problem.digest,
                "strategy": "random-partition",
                "target": "random-partition",
                "status": "ok",
                "cost_s": problem.cost(allocation).total_s,
                "bound_s": problem.bound(),
                "candidate": json.dumps({"grid": allocation.grid.tolist()}),
            }
        )
    return pd.DataFrame(rows)


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
    result = table[entry.digest]
    assert (result.found_by, result.bound_by) == ("better", "proof")
    assert result.proven
    assert len(changes) == 2
    assert best_known.merged(table, [entry]) == (table, [])


def test_a_bound_above_a_cost_is_refused(random_problem: ProblemMaker, entry: best_known.BestKnown) -> None:
    """A bound that a verified cost contradicts raises, in an entry and in a merge."""
    with pytest.raises(ValueError, match="above the verified cost"):
        best_known.verified(random_problem(3, 4), entry.candidate, "x", entry.cost_s * 2, "liar")
    with pytest.raises(ValueError, match="one of them is wrong"):
        best_known.merged({entry.digest: entry}, [replace(entry, bound_s=entry.cost_s * 1.1, bound_by="liar")])


def test_a_result_says_what_it_adds(entry: best_known.BestKnown) -> None:
    """Better costs and bounds are said with what they beat; equal and worse ones, and unknown problems, say nothing."""
    known = {entry.digest: entry}
    cheaper_s = entry.cost_s * 0.9
    (cost,) = best_known.improvement_messages(entry.digest, cheaper_s, 0.0, known)
    assert f"{cheaper_s:.6g} s beats the best known, {entry.cost_s:.6g} s by test, by 10.00%" in cost
    (bound,) = best_known.improvement_messages(entry.digest, entry.cost_s, entry.cost_s, known)
    assert bound.endswith("and proves it")
    assert best_known.improvement_messages(entry.digest, entry.cost_s * (1 - 1e-12), entry.bound_s, known) == []
    assert best_known.improvement_messages(entry.digest, entry.cost_s * 1.1, entry.bound_s * 0.9, known) == []
    assert best_known.improvement_messages("0" * 64, 0.0, 1.0, known) == []


def test_what_a_store_adds_is_scored_again(small_runs: pd.DataFrame) -> None:
    """An update takes the cheapest allocation of each instance at what the cost model says, and is complete then."""
    result = best_known.improvements(small_runs, {})
    cheapest = small_runs.groupby("problem_digest")["cost_s"].min()
    assert {entry.digest: entry.cost_s for entry in result} == pytest.approx(cheapest.to_dict(), rel=1e-12)
    known, changes = best_known.merged({}, result)
    assert len(changes) == len(cheapest)
    assert best_known.store_improvement_messages(small_runs, known) == []
    assert best_known.improvements(small_runs, known) == []


def test_a_store_that_beats_the_table_says_so(small_runs: pd.DataFrame) -> None:
    """With a table of worse costs, each instance is reported once; an unknown one is not."""
    known = {
        entry.digest: replace(entry, cost_s=entry.cost_s * 1.25) for entry in best_known.improvements(small_runs, {})
    }
    sentences = best_known.store_improvement_messages(small_runs, known)
    assert len(sentences) == len(known)
    assert all("beats the best known" in sentence and "by 20.00%" in sentence for sentence in sentences)
    assert best_known.store_improvement_messages(small_runs, {}) == []


def test_a_forged_allocation_does_not_get_in(small_runs: pd.DataFrame) -> None:
    """What a store claims of a grid is not trusted: the table gets the grid's own cost."""
    forged = small_runs.assign(cost_s=small_runs["cost_s"] / 2)
    honest = {entry.digest: entry.cost_s for entry in best_known.improvements(small_runs, {})}
    assert {entry.digest: entry.cost_s for entry in best_known.improvements(forged, {})} == honest


def test_what_a_killed_run_had_found_counts(small_runs: pd.DataFrame) -> None:
    """Allocations are scored again, so those of killed runs are as good as any; an invalid run adds nothing."""
    killed = small_runs.assign(status="timeout")
    assert best_known.improvements(killed, {}) == best_known.improvements(small_runs, {})
    assert best_known.improvements(small_runs.assign(status="invalid"), {}) == []


def test_bounds_of_strangers_are_not_trusted(small_runs: pd.DataFrame) -> None:
    """A bound cannot be checked: a plug-in's or a killed run's is left out, that of the project's provers is taken."""
    proven = small_runs.assign(bound_s=small_runs.groupby("problem")["cost_s"].transform("min"))
    for entry in best_known.improvements(proven, {}):
        assert entry.proven
    strangers = proven.assign(target="mine.py:Mine")
    for unsure in (strangers, proven.assign(status="timeout"), strangers.assign(status="timeout")):
        for entry in best_known.improvements(unsure, {}):
            assert (entry.bound_by, entry.bound_s) == ("problem", catalogue.load(entry.problem).bound())
    assert (
        best_known.store_improvement_messages(
            strangers, dict(best_known.merged({}, best_known.improvements(small_runs, {}))[0])
        )
        == []
    )


def test_planted_optima_are_entries_of_their_own() -> None:
    """Instances that were built from their optimum are proven without any run; known ones are not built again."""
    of_table = best_known.read()
    plants = [entry for entry in of_table.values() if entry.found_by == "construction"]
    dropped = plants[0]
    rest = {digest: entry for digest, entry in of_table.items() if digest != dropped.digest}
    (again,) = best_known.planted(rest)
    assert (again.candidate, again.cost_s) == (dropped.candidate, dropped.cost_s)
    assert again.proven
    assert best_known.planted(of_table) == []


def test_every_listed_instance_has_an_entry() -> None:
    """The shipped table knows every listed instance of `allocation` by its digest, and none that is not listed."""
    known = {digest: entry.problem for digest, entry in best_known.read().items()}
    assert known.items() >= {digests.digest(name): name for name in catalogue.names()}.items()
    assert known.items() <= {digests.digest(name): name for name in catalogue.listed()}.items()


def test_core_has_proven_optima() -> None:
    """At least 15 instances of core are solved, so that true gaps are known."""
    known = best_known.read()
    proven = [name for name in catalogue.suite("core").problems if known[digests.digest(name)].proven]
    assert len(proven) >= 15


@pytest.mark.slow
def test_every_shipped_entry_is_what_it_says() -> None:
    """Each entry of the shipped table names an instance of that digest, and its grid costs what stands there."""
    for entry in best_known.read().values():
        if entry.problem not in catalogue.names():
            other = families.load(entry.problem)
            assert other.digest == entry.digest
            assert other.judge(other.candidate_from_json(entry.candidate)).total_s == pytest.approx(entry.cost_s)
            assert other.bound() <= entry.cost_s
            continue
        problem = catalogue.load(entry.problem)
        assert problem.digest == entry.digest
        grid = problem.checked_grid(Allocation(entry.candidate["grid"]))
        by_site = isinstance(problem, SiteLevelProblem)
        judge = problem.judge(Allocation(grid)) if by_site else grid_cost(problem.dp_pair_s, problem.pp_pair_s, grid)
        assert judge.total_s == entry.cost_s
        if problem.shape.n_devices <= 512:
            again = best_known.verified(problem, entry.candidate, entry.found_by, entry.bound_s, entry.bound_by)
            assert (again.cost_s, again.bound_by) == (entry.cost_s, entry.bound_by)
            assert again.bound_s == pytest.approx(entry.bound_s, rel=SAME_COST)
