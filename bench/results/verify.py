"""Score every stored candidate again, by the judge of its problem, and find what does not agree."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.execution.rescore import rescore
from tasklet_bench.bench.plugins import load_problem
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.bench.runs.tolerances import PROVEN_GAP, SAME_COST, same_cost
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import Problem

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

    A record holds if its instance is still the same, its candidate is a solution and costs what the record says
    (each part, to 1e-9), its bound is no higher, it is called proven only if it is, and its trajectory falls down to
    its cost.
    """
    runs = store.runs()
    scored = runs[runs["candidate"].notna()]
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
    return Verification(len(scored), tuple(mismatches), int(runs["candidate"].isna().sum()), store.is_whole())


class _Instances:
    """The instances of a store, loaded when they are asked for."""

    def __init__(self, refs: dict[str, ProblemRef]) -> None:
        self._refs = refs
        self._loaded: dict[str, tuple[Problem | None, str]] = {}

    def get(self, digest: str) -> tuple[Problem | None, str]:
        """The problem, or None and why there is none."""
        if digest not in self._loaded:
            try:
                self._loaded[digest] = (load_problem(self._refs[digest]), "")
            except KeyError:
                self._loaded[digest] = (None, "the store does not hold its instance")
            except BadInput as fault:
                self._loaded[digest] = (None, f"its instance cannot be had: {fault}")
        return self._loaded[digest]


def _fault(instances: _Instances, row: pd.Series[Any]) -> str | None:
    """What is wrong with one record, if anything."""
    problem, absence = instances.get(row["problem_digest"])
    if problem is None:
        return absence
    try:
        candidate, parts_s = json.loads(row["candidate"]), json.loads(row["parts_s"])
    except ValueError as fault:
        return f"its candidate or its parts are no JSON: {fault}"
    if not (isinstance(candidate, dict) and isinstance(parts_s, dict)):
        return "its candidate or its parts are no objects"
    rescored = rescore(problem, candidate, row["cost_s"])
    if rescored.cost is None or rescored.mismatch is not None:
        return rescored.mismatch
    cost = rescored.cost
    if set(parts_s) != set(cost.parts_s):
        return f"its parts are stored as {', '.join(parts_s)} and are {', '.join(cost.parts_s)}"
    for name, value in cost.parts_s.items():
        if not (isinstance(parts_s[name], int | float) and same_cost(parts_s[name], value)):
            return f"{name} is stored as {parts_s[name]!r} and is {value!r}"
    if not math.isfinite(row["bound_s"]) or row["bound_s"] > cost.total_s * (1 + SAME_COST):
        return f"its bound of {row['bound_s']!r} s is above its cost of {cost.total_s!r} s"
    if row["proven"] and cost.total_s - row["bound_s"] > PROVEN_GAP * cost.total_s:
        return f"it is called proven with a bound of {row['bound_s']!r} s below its cost of {cost.total_s!r} s"
    return None


def _curve_fault(curve_s: NDArray[np.float64] | None, row: pd.Series[Any]) -> str | None:
    """A trajectory that is missing, rises, or does not end at the cost of its `ok` run."""
    if curve_s is None:
        return "it has a candidate and no trajectory"
    if (curve_s[1:] > curve_s[:-1]).any():
        return "its trajectory rises"
    if row["status"] == "ok" and not same_cost(curve_s[-1], row["cost_s"]):
        return f"its trajectory ends at {curve_s[-1]} s, its cost is {row['cost_s']} s"
    return None
