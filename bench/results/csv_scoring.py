"""What the allocations of a CSV file cost, by the readable cost model, against what the file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tasklet_bench.bench.execution.outcome import SAME_COST
from tasklet_bench.bench.plugins import load_problem, located, problem_named, problem_ref
from tasklet_bench.bench.results.csv_rows import Row
from tasklet_bench.bench.runs.record import ProblemRef
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import Candidate, Cost, InvalidCandidate, Problem

if TYPE_CHECKING:
    from tasklet_bench.bench.results.store import Store


@dataclass(frozen=True)
class Confirmed:
    """A candidate that costs what its row says; `grid` is None in families without one."""

    cost_s: float
    parts_s: Mapping[str, float]
    exact: bool
    grid: list[list[int]] | None


class Instances:
    """Problems by the names in a file: those of the store, else of catalogue, plug-ins and problem files beside it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._stored = {ref.name: ref for ref in store.instances().values()}
        self._folder = folder
        self._found: dict[str, tuple[Problem, ProblemRef]] = {}

    def get(self, name: str) -> Problem:
        """The problem; raises `BadInput` for an unknown name."""
        return self._both(name)[0]

    def ref(self, name: str) -> ProblemRef:
        """How a record names it."""
        return self._both(name)[1]

    def _both(self, name: str) -> tuple[Problem, ProblemRef]:
        if name not in self._found:
            found = self._loaded(name)
            self._found[name] = self._found[found[1].name] = found
        return self._found[name]

    def _loaded(self, name: str) -> tuple[Problem, ProblemRef]:
        if name in self._stored:
            return load_problem(self._stored[name]), self._stored[name]
        if name.endswith(".json"):
            from tasklet_bench.problems.files import read_problem

            file = self._folder / name
            problem: Problem = read_problem(file)
            return problem, problem_ref(problem, file.read_text(encoding="utf-8"))
        problem = problem_named(located(name, self._folder))
        return problem, problem_ref(problem)


def confirmed(row: Row, instances: Instances) -> Confirmed | None:
    """The row's allocation, scored again; None where it has none.

    Raises `BadInput` naming line and field for an unknown problem, a cost below the problem's bound, an allocation that
    is no solution, and one that costs something else.
    """
    try:
        problem = instances.get(row.problem)
    except BadInput as fault:
        raise BadInput(f"{row.source}: problem: {fault}") from None
    bound_s = problem.bound()
    if row.cost_s < bound_s * (1 - SAME_COST):
        raise BadInput.at(row.source, "cost", f"{row.cost_s!r} s", f"at least {bound_s!r} s, the proven bound")
    if row.allocation is None:
        return None
    try:
        found = _scored(problem, _candidate(row, problem))
    except InvalidCandidate as fault:
        raise BadInput(f"{row.source}: allocation: no solution of {problem.name}: {fault}") from None
    if abs(found.cost_s - row.cost_s) > SAME_COST * max(found.cost_s, row.cost_s):
        raise BadInput.at(row.source, "cost", f"{row.cost_s!r} s", f"{found.cost_s!r} s, which its allocation costs")
    return found


def _candidate(row: Row, problem: Any) -> Candidate:
    """What the JSON means: an allocation file's object, the rows of a grid, or labels."""
    given = row.allocation
    if isinstance(given, list) and given and not isinstance(given[0], list):
        if not all(type(label) is int for label in given):
            raise BadInput.at(row.source, "allocation", "labels that are no whole numbers", "a group for each device")
        return np.array(given, dtype=np.int64)
    if not hasattr(problem, "shape"):
        raise BadInput.at(row.source, "allocation", type(given).__name__, f"labels, for family {problem.family}")
    from tasklet_bench.problems.files.allocation_file import candidate_from_json

    return candidate_from_json(
        {"grid": given} if isinstance(given, list) else given, problem, f"{row.source}: allocation"
    )


def _scored(problem: Any, candidate: Candidate) -> Confirmed:
    from tasklet_bench.problems.allocation import Allocation, AllocationProblem, cost_model

    if not hasattr(problem, "allocation"):
        return _confirmed(problem.cost(candidate), None)
    wired = candidate if isinstance(candidate, Allocation) else problem.allocation(candidate)
    grid = problem.checked_grid(wired)
    if isinstance(problem, AllocationProblem):
        return _confirmed(cost_model.grid_cost(problem.dp_pair_s, problem.pp_pair_s, grid), grid.tolist())
    return _confirmed(problem.cost(wired), grid.tolist())


def _confirmed(cost: Cost, grid: list[list[int]] | None) -> Confirmed:
    return Confirmed(cost.total_s, cost.parts_s, cost.exact, grid)
