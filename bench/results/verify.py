"""Score every stored candidate again, by the judge of its problem, and find what does not agree."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.execution.rescore import Rescored, judgement
from tasklet_bench.bench.plugins import load_stored
from tasklet_bench.bench.results.record_checks import curve_fault, record_fault
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.bench.runs.tolerances import PROVEN_GAP, SAME_COST, same_cost
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.results.store import Store

Attempt = tuple[str, int]
"""Key and attempt of a record."""


@dataclass(frozen=True)
class Verification:
    """How many records were scored again, which of them do not hold, and how many have nothing to score."""

    checked: int
    mismatches: tuple[str, ...]
    without_allocation: int
    whole: bool
    """Whether SQLite finds the file itself intact."""


def verify(store: Store, sample: int | None = None, seed: int = 0, *, trusted: Sequence[Path] = ()) -> Verification:
    """Check all records of a store, or a random sample of so many of those that have a candidate.

    A record holds if its numbers are finite, its status, evaluations and clocks agree with its budget and each other,
    its instance and the penalty of that are still the same, its candidate is a solution and costs what the record says
    (each part, to 1e-9), its bound is no higher, it is called proven only if it is, and its trajectory falls down to
    its cost. `trusted` are the files of problems that the user typed.
    """
    runs = store.runs()
    scored = runs[runs["candidate"].notna()]
    looked_at = runs
    if sample is not None and sample < len(scored):
        looked_at = scored = scored.iloc[sorted(random.Random(seed).sample(range(len(scored)), sample))]  # noqa: S311
    mismatches = mismatches_of(looked_at, store, trusted=trusted)
    return Verification(len(scored), tuple(mismatches), int(runs["candidate"].isna().sum()), store.is_whole())


def mismatches_of(
    runs: pd.DataFrame, store: Store, beside: Store | None = None, *, trusted: Sequence[Path] = ()
) -> list[str]:
    """What does not hold of some records of a store, a sentence for each; instances may be those of another store."""
    instances = _Instances({**({} if beside is None else beside.instances()), **store.instances()}, trusted)
    curves = _curves(store, runs)
    penalties_s = store.penalties()
    result = []
    for row in runs.astype(object).where(runs.notna(), None).to_dict("records"):
        fault = _fault(instances, row, curves.get((row["key"], row["attempt"])), penalties_s)
        if fault is not None:
            result.append(f"{row['strategy']} on {row['problem']}, seed {row['seed']}, {row['budget']}: {fault}")
    return result


class _Instances:
    """The instances of a store, loaded when they are asked for, and what their judges said."""

    def __init__(self, refs: Mapping[str, ProblemRef], trusted: Sequence[Path]) -> None:
        self._refs = refs
        self._trusted = trusted
        self._loaded: dict[str, tuple[Problem | None, str]] = {}
        self._penalties_s: dict[str, float] = {}
        self._judgements: dict[tuple[str, str], Rescored] = {}

    def get(self, digest: str) -> tuple[Problem | None, str]:
        """The problem, or None and why there is none."""
        if digest not in self._loaded:
            try:
                self._loaded[digest] = (load_stored(self._refs[digest], self._trusted), "")
            except KeyError:
                self._loaded[digest] = (None, "the store does not hold its instance")
            except BadInput as fault:
                self._loaded[digest] = (None, f"its instance cannot be had: {fault}")
        return self._loaded[digest]

    def penalty_s(self, digest: str, problem: Problem) -> float:
        """The penalty of an instance (in seconds), which families draw a hundred candidates for."""
        if digest not in self._penalties_s:
            self._penalties_s[digest] = problem.penalty()
        return self._penalties_s[digest]

    def judgement(self, digest: str, problem: Problem, text: str, candidate: dict[str, Any]) -> Rescored:
        """What the judge says of a candidate; where several records hold the same text, they share one judgement."""
        if (digest, text) not in self._judgements:
            self._judgements[digest, text] = judgement(problem, candidate)
        return self._judgements[digest, text]


def _curves(store: Store, runs: pd.DataFrame) -> dict[Attempt, NDArray[np.float64]]:
    wanted = set(zip(runs["key"], runs["attempt"], strict=True))
    return {
        (one.key, one.attempt): one.rows for one in store.unpacked_trajectories() if (one.key, one.attempt) in wanted
    }


def _fault(
    instances: _Instances,
    row: Mapping[Any, Any],
    curve: NDArray[np.float64] | None,
    penalties_s: Mapping[str, float],
) -> str | None:
    """What is wrong with one record, if anything."""
    problem, absence = instances.get(row["problem_digest"])
    if problem is None:
        return absence
    stored_s = penalties_s.get(row["problem_digest"])
    if stored_s is not None:
        penalty_s = instances.penalty_s(row["problem_digest"], problem)
        if not same_cost(stored_s, penalty_s):
            return f"the penalty of its instance is stored as {stored_s!r} and is {penalty_s!r}"
    return _score_fault(instances, problem, row) or record_fault(row) or curve_fault(row, curve)


def _score_fault(instances: _Instances, problem: Problem, row: Mapping[Any, Any]) -> str | None:
    """What scoring again does not confirm."""
    if row["candidate"] is None:
        return None
    try:
        candidate, parts_s = json.loads(row["candidate"]), json.loads(row["parts_s"])
    except (ValueError, RecursionError) as fault:
        return f"its candidate or its parts are no JSON: {fault}"
    if not (isinstance(candidate, dict) and isinstance(parts_s, dict)):
        return "its candidate or its parts are no objects"
    if row["cost_s"] is None:
        return "it has a candidate and no cost"
    rescored = instances.judgement(row["problem_digest"], problem, row["candidate"], candidate).against(row["cost_s"])
    if rescored.cost is None or rescored.mismatch is not None:
        return rescored.mismatch
    cost = rescored.cost
    if set(parts_s) != set(cost.parts_s):
        return f"its parts are stored as {', '.join(parts_s)} and are {', '.join(cost.parts_s)}"
    for name, value in cost.parts_s.items():
        if not (isinstance(parts_s[name], int | float) and same_cost(parts_s[name], value)):
            return f"{name} is stored as {parts_s[name]!r} and is {value!r}"
    tolerance_s = SAME_COST * abs(cost.total_s)
    if not row["bound_s"] <= cost.total_s + tolerance_s:
        return f"its bound of {row['bound_s']!r} s is above its cost of {cost.total_s!r} s"
    if row["proven"] and cost.total_s - row["bound_s"] > PROVEN_GAP * abs(cost.total_s):
        return f"it is called proven with a bound of {row['bound_s']!r} s below its cost of {cost.total_s!r} s"
    return None
