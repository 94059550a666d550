"""What the allocations of a CSV file cost, by the judge of their problem, against what the file says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.execution.rescore import Rescored, rescore
from tasklet_bench.bench.plugins import load_stored, resolve_stored
from tasklet_bench.bench.results.csv_rows import Row
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.bench.runs.tolerances import SAME_COST, same_cost
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.problem import Problem

if TYPE_CHECKING:
    from tasklet_bench.bench.results.store import Store


class Instances:
    """Problems by the names in a file: those of the store, else of catalogue and installed families, or of files.

    Problem files are looked for beside the table; `trusted` are the plug-in files that the user typed.
    """

    def __init__(self, store: Store, folder: Path, trusted: Sequence[Path] = ()) -> None:
        shown = store.problem_names()
        self._stored = {shown.get(digest, ref.name): ref for digest, ref in store.instances().items()}
        self._folder = folder
        self._trusted = trusted
        self._problems: dict[str, tuple[Problem, ProblemRef]] = {}

    def get(self, name: str) -> Problem:
        """The problem; raises `BadInput` for an unknown name."""
        return self._both(name)[0]

    def ref(self, name: str) -> ProblemRef:
        """How a record names it."""
        return self._both(name)[1]

    def of_digest(self, digest: str) -> Problem:
        """The problem of a digest among those that were asked for."""
        return next(problem for problem, ref in self._problems.values() if ref.digest == digest)

    def _both(self, name: str) -> tuple[Problem, ProblemRef]:
        if name not in self._problems:
            self._problems[name] = self._loaded(name)
        return self._problems[name]

    def _loaded(self, name: str) -> tuple[Problem, ProblemRef]:
        if name in self._stored:
            return load_stored(self._stored[name], self._trusted), self._stored[name]
        several = sorted(known for known, ref in self._stored.items() if ref.name == name)
        if several:
            raise BadInput.at(name, "problem", f"{len(several)} of that name in the store", " or ".join(several))
        resolved = resolve_stored(name, self._folder, self._trusted)
        return resolved.problem, resolved.ref


def rescore_row(row: Row, instances: Instances) -> Rescored | None:
    """The row's candidate, scored again; None where it has none.

    Raises `BadInput` naming line and field for an unknown problem, a cost below the problem's bound, a candidate that
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
    result = rescore(problem, _as_object(row, problem), None)
    if result.cost is None:
        raise BadInput(f"{row.source}: allocation: no solution of {problem.name}: {result.mismatch}")
    if not same_cost(result.cost.total_s, row.cost_s):
        expected = f"{result.cost.total_s!r} s, which its allocation costs"
        raise BadInput.at(row.source, "cost", f"{row.cost_s!r} s", expected)
    return result


def _as_object(row: Row, problem: Problem) -> dict[str, Any]:
    """The object of an allocation file that a cell means: itself, the rows of a grid, or a member of the decision."""
    given = row.allocation
    if isinstance(given, dict):
        return given
    if isinstance(given, list) and given and isinstance(given[0], list):
        return {"grid": given}
    try:
        return problem.candidate_to_json(problem.decision.from_json(given))
    except InvalidCandidate as fault:
        raise BadInput(f"{row.source}: allocation: no solution of {problem.name}: {fault}") from None
