"""Make stored runs again and compare: at equal seeds and a budget of evaluations, every digit has to come back.

Runs that a clock ended cannot be repeated to the digit by anybody; they are left out and counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.engines.events import Event, Planned
from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.plugins import entrant, stored_ref, stored_target
from tasklet_bench.bench.results.repeatable import repeatable
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.results.store import Store


@dataclass(frozen=True)
class Again:
    """A run as it is stored and as it came out again; costs in seconds, None where nothing valid was found."""

    spec: RunSpec
    stored_s: float | None
    cost_s: float | None
    same: bool
    """Whether status, number of evaluations and cost are the same, the cost to the last bit."""


@dataclass(frozen=True)
class Reproduction:
    """What came of making runs again; `clocked` stored runs were ended by a clock and were not made."""

    runs: tuple[Again, ...]
    clocked: int
    other_code: tuple[str, ...]
    """Entrants whose code is not the one that the stored runs were made with."""
    finished: bool

    @property
    def same(self) -> int:
        """How many runs came out the same."""
        return sum(run.same for run in self.runs)


def reproduce(
    store: Store,
    strategy: str,
    budget: str | None = None,
    problems: Sequence[str] = (),
    *,
    as_target: str | None = None,
    trusted: Sequence[Path] = (),
    workers: int | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
) -> Reproduction:
    """Make the runs of one entrant again, under one budget or under all that count evaluations.

    `problems` narrows them to names that match one of these patterns. Nothing is stored. What the store names is loaded
    if it is no file, or one of the `trusted` files that the user typed; `as_target` is code that stands in. Raises
    `BadInput` for a name that the store does not hold, and if no run is left that evaluations ended.
    """
    chosen = _chosen(store.runs(), strategy, budget, problems)
    counted = chosen[repeatable(chosen)]
    if counted.empty:
        raise BadInput(f"{strategy}: a clock ended all {len(chosen)} runs; none can be repeated to the digit")
    digests = set(counted["problem_digest"])
    instances = {key: stored_ref(ref, trusted) for key, ref in store.instances().items() if key in digests}
    if missing := digests - instances.keys():
        raise BadInput(f"{strategy}: the results lack {len(missing)} of its instances; none can be made again")
    last = counted.iloc[-1]
    target = as_target or stored_target(last["target"], last["code_hash"], trusted)
    result = entrant(target, json.loads(last["parameters"]))
    stored: dict[str, dict[str, Any]] = {}
    specs = []
    for row in counted.to_dict("records"):
        budgeted = Budget.parse(row["budget"])
        spec = RunSpec(instances[row["problem_digest"]], result, int(row["seed"]), budgeted, int(row["memory_bytes"]))
        specs.append(spec)
        stored[spec.key] = {str(key): value for key, value in row.items()}
    records: list[RunRecord] = []
    on_event(Planned.of(len(specs), specs))
    finished = run_all(specs, records.append, on_event, workers)
    made = {record.spec.key: record for record in records if record.status != "interrupted"}
    return Reproduction(
        tuple(_again(made[spec.key], stored[spec.key]) for spec in specs if spec.key in made),
        len(chosen) - len(counted),
        (strategy,) if (counted["code_hash"] != result.code_hash).any() else (),
        finished,
    )


def _chosen(runs: pd.DataFrame, strategy: str, budget: str | None, patterns: Sequence[str]) -> pd.DataFrame:
    """The stored runs that were asked for; raises `BadInput` with the nearest name where there are none."""
    runs = _with(runs, "strategy", strategy, "strategy among these results")
    if budget is not None:
        runs = _with(runs, "budget", budget, f"budget of {strategy} among these results")
    elif (runs := runs[runs["budget_evaluations"].notna()]).empty:
        raise BadInput(f"{strategy}: found no run here with a budget of evaluations, and no other can be repeated")
    if not patterns:
        return runs
    names = set(runs["problem"])
    matching = {pattern: {name for name in names if fnmatchcase(name, pattern)} for pattern in patterns}
    for pattern, matched in matching.items():
        if not matched:
            raise BadInput.unknown(f"problem of {strategy} among these results", pattern, names)
    return runs[runs["problem"].isin(set().union(*matching.values()))]


def _with(runs: pd.DataFrame, column: str, value: str, what: str) -> pd.DataFrame:
    known = set(runs[column])
    if value not in known:
        raise BadInput.unknown(what, value, known)
    return runs[runs[column] == value]


def _again(record: RunRecord, stored: dict[str, Any]) -> Again:
    stored_s = None if stored["cost_s"] != stored["cost_s"] else stored["cost_s"]
    same = (record.status, record.evaluations, record.cost_s) == (stored["status"], stored["evaluations"], stored_s)
    return Again(record.spec, stored_s, record.cost_s, same)
