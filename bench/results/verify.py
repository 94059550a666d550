"""Score every stored allocation again, with the readable cost model, and find what does not agree."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.execution.outcome import SAME_COST
from tasklet_bench.bench.plugins import load_problem
from tasklet_bench.bench.runs.record import PROVEN_GAP, ProblemRef
from tasklet_bench.problems.allocation import Allocation, AllocationProblem, cost_model
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import InvalidCandidate, Problem

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.results.store import Store


@dataclass(frozen=True)
class Verification:
    """How many records were scored again, which of them do not hold, and how many have nothing to score."""

    checked: int
    mismatches: tuple[str, ...]
    without_allocation: int
    whole: bool
    """Whether SQLite finds the file itself intact."""


def verify(store: Store, sample: int | None = None, seed: int = 0) -> Verification:
    """Check all records of a store, or a random sample of so many.

    A record holds if its instance is still the same, its grid is a solution and costs what the record says (each part,
    to 1e-9), its bound is no higher, it is called proven only if it is, and its trajectory falls down to its cost.
    """
    runs = store.runs()
    scored = runs[runs["allocation"].notna()]
    if sample is not None and sample < len(scored):
        scored = scored.iloc[sorted(random.Random(seed).sample(range(len(scored)), sample))]  # noqa: S311
    rows = store.trajectories(scored["key"])
    curves = {key: curve.to_numpy() for key, curve in rows.groupby("key")["cost_s"]}
    instances = _Instances(store.instances())
    mismatches = []
    for _, row in scored.iterrows():
        fault = _fault(instances, row) or _curve_fault(curves.get(row["key"]), row)
        if fault is not None:
            mismatches.append(f"{row['strategy']} on {row['problem']}, seed {row['seed']}, {row['budget']}: {fault}")
    return Verification(len(scored), tuple(mismatches), int(runs["allocation"].isna().sum()), store.is_whole())


class _Instances:
    """The instances of a store, loaded when they are asked for."""

    def __init__(self, refs: dict[str, ProblemRef]) -> None:
        self._refs = refs
        self._loaded: dict[str, Problem | str] = {}

    def get(self, digest: str) -> Problem | str:
        """The problem, or why there is none."""
        if digest not in self._loaded:
            try:
                self._loaded[digest] = load_problem(self._refs[digest])
            except KeyError:
                self._loaded[digest] = "the store does not hold its instance"
            except BadInput as fault:
                self._loaded[digest] = f"its instance cannot be had: {fault}"
        return self._loaded[digest]


def _fault(instances: _Instances, row: pd.Series[Any]) -> str | None:
    """What is wrong with one record, if anything."""
    problem = instances.get(row["problem_digest"])
    if isinstance(problem, str):
        return problem
    try:
        allocation = Allocation(np.array(json.loads(row["allocation"])))
        if isinstance(problem, AllocationProblem):
            grid = problem.checked_grid(allocation)
            cost = cost_model.grid_cost(problem.dp_pair_s, problem.pp_pair_s, grid)
        else:
            cost = problem.cost(allocation)
    except (InvalidCandidate, ValueError) as fault:
        return f"its allocation is no solution: {fault}"
    for name, value in {"cost_s": cost.total_s, **cost.parts_s}.items():
        if name in row and not _same(row[name], value):
            return f"{name} is stored as {row[name]!r} and is {value!r}"
    if row["bound_s"] > cost.total_s * (1 + SAME_COST):
        return f"its bound of {row['bound_s']!r} s is above its cost of {cost.total_s!r} s"
    if row["proven"] and cost.total_s - row["bound_s"] > PROVEN_GAP * cost.total_s:
        return f"it is called proven with a bound of {row['bound_s']!r} s below its cost of {cost.total_s!r} s"
    return None


def _curve_fault(curve_s: NDArray[np.float64] | None, row: pd.Series[Any]) -> str | None:
    """A trajectory that is missing, rises, or does not end at the cost of its `ok` run."""
    if curve_s is None:
        return "it has an allocation and no trajectory"
    if (curve_s[1:] > curve_s[:-1]).any():
        return "its trajectory rises"
    if row["status"] == "ok" and not _same(curve_s[-1], row["cost_s"]):
        return f"its trajectory ends at {curve_s[-1]} s, its cost is {row['cost_s']} s"
    return None


def _same(stored: float, found: float) -> bool:
    return bool(abs(stored - found) <= SAME_COST * max(abs(stored), abs(found)))
