"""Results of other tools, from a CSV file: checked as far as they can be, and put beside those of a store.

Columns: `strategy, problem, seed, evaluations, cost` (in seconds), and `allocation` if it is known. Rows of the same
strategy, problem and seed are one run: what it had found after so many evaluations. An allocation (JSON: an allocation
file's object, the rows of a grid, or labels) is scored again and must cost what its row says. A run whose best cost has
none is *unverified*, and so is its strategy, by name, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.bench.execution.rescore import Rescored
from tasklet_bench.bench.results.csv_rows import Row, read_rows
from tasklet_bench.bench.results.csv_scoring import Instances, rescore_row
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import Entrant, RunSpec
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.results.store import Store

VERIFIED, UNVERIFIED = "imported", "unverified"
"""What stands behind the name of an imported strategy, so that it is never taken for one that ran here."""
SUITE = "imported"
"""Title of the leaderboard of problems that are in no suite of the store."""
UNKNOWN_S = float("nan")
"""When an improvement came, in seconds: nobody knows. On the axes of clocks, such runs reach nothing."""


@dataclass(frozen=True)
class Imported:
    """What came of an import: new runs, how many of all runs are verified, and runs that were there already.

    `cut` rows were beyond the budget's evaluations. `entrants` are the strategies' names from now on.
    """

    added: int
    verified: int
    known: int
    cut: int
    budget: str
    entrants: tuple[str, ...]


def import_csv(store: Store, path: Path, budget: Budget | None = None, *, trusted: Sequence[Path] = ()) -> Imported:
    """Take the runs of a CSV file in, as runs under `budget` (the store's, if it has one only that counts evaluations).

    They join every suite of the store that has runs on their problem. Raises `BadInput` naming the line and the field
    of whatever does not hold; nothing is taken in then. `trusted` are the plug-in files that the user typed.
    """
    rows = read_rows(path)
    stored = store.runs()
    budget = _limited(budget, path) if budget else _only_budget(stored, path)
    kept = [row for row in rows if row.evaluations <= (budget.evaluations or 0)]
    if not kept:
        raise BadInput.at(str(path), "evaluations", "none within the budget", f"at most {budget.evaluations}")
    instances = Instances(store, path.parent, trusted)
    runs = [_Run(group, instances) for group in _by_run(kept)]
    unsure = {run.first.strategy for run in runs if run.best is None}
    records = [run.record(instances, budget, run.first.strategy not in unsure, path.name) for run in runs]
    known = _stored_results(store)
    suites = _suites(store, stored, records)
    with store.transaction():
        added = sum(_add(store, record, instances, known, suites) for record in records)
    names = tuple(dict.fromkeys(record.spec.entrant.name for record in records))
    verified = sum(run.best is not None for run in runs)
    return Imported(added, verified, len(records) - added, len(rows) - len(kept), budget.name, names)


def _add(
    store: Store,
    record: RunRecord,
    instances: Instances,
    known: dict[str, tuple[int, tuple[object, ...]]],
    suites: dict[str, set[tuple[str, str]]],
) -> bool:
    """Store one record with its instance and its suites; False for what is there already."""
    if record.spec.problem.digest not in store.penalties():
        store.add_instance(record.spec.problem, instances.of_digest(record.spec.problem.digest))
    attempt, result = known.get(record.spec.key, (0, None))
    own = [
        replace(record.spec, suite=name, suite_digest=digest)
        for name, digest in sorted(suites[record.spec.problem.digest])
    ]
    new = result != _result(record)
    if new:
        store.append(replace(record, spec=replace(own[0], attempt=attempt + 1)))
    store.add_to_suite(own)
    return new


class _Run:
    """The rows of one run: the cost falls from improvement to improvement, whatever the rows in between say."""

    def __init__(self, rows: list[Row], instances: Instances) -> None:
        self.first = rows[0]
        self.improvements: list[Row] = []
        self.best: Rescored | None = None
        for row in sorted(rows, key=lambda row: row.evaluations):
            imported = rescore_row(row, instances)
            if not self.improvements or row.cost_s < self.improvements[-1].cost_s:
                self.improvements.append(row)
                self.best = imported
        self.evaluations = max(row.evaluations for row in rows)

    def record(self, instances: Instances, budget: Budget, verified: bool, file: str) -> RunRecord:
        """The run as it will stand in the store; seconds are unknown."""
        best, problem = self.best, instances.get(self.first.problem)
        bound_s = problem.bound()
        mark = VERIFIED if verified else UNVERIFIED
        name = f"{self.first.strategy} ({mark})"
        entrant = Entrant(f"import:{file}", name, name, mark, mark, families=(problem.family,))
        rows = [Improvement(r.evaluations, UNKNOWN_S, UNKNOWN_S, r.cost_s, bound_s) for r in self.improvements]
        return RunRecord(
            spec=RunSpec(instances.ref(self.first.problem), entrant, self.first.seed, budget),
            status="ok",
            error=None,
            cost_s=best.cost.total_s if best and best.cost else rows[-1].cost_s,
            parts_s=dict(best.cost.parts_s) if best and best.cost else {},
            exact=best.cost.exact if best and best.cost else None,
            bound_s=bound_s,
            evaluations=self.evaluations,
            self_counted=True,
            cpu_s=0.0,
            wall_s=0.0,
            prepare_s=None,
            meter_s=0.0,
            peak_memory_bytes=None,
            machine=f"unknown ({VERIFIED if best else f'imported, {UNVERIFIED}'})",
            versions={},
            started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            candidate=best.candidate if best else None,
            trajectory=tuple(rows),
        )


def _by_run(rows: Iterable[Row]) -> Iterable[list[Row]]:
    runs: dict[tuple[str, str, int], list[Row]] = {}
    for row in rows:
        runs.setdefault((row.strategy, row.problem, row.seed), []).append(row)
    return runs.values()


def _limited(budget: Budget, path: Path) -> Budget:
    if budget.evaluations is None:
        raise BadInput.at(str(path), "budget", budget.name, "one that limits evaluations: nothing else is known")
    return budget


def _only_budget(stored: pd.DataFrame, path: Path) -> Budget:
    """The one budget of the store that limits evaluations."""
    names = sorted(stored.loc[stored["budget_evaluations"].notna(), "budget"].unique())
    if len(names) != 1:
        raise BadInput.at(str(path), "budget", f"{', '.join(names) or 'none'} in the store", "--budget to name one")
    return Budget.parse(names[0])


def _stored_results(store: Store) -> dict[str, tuple[int, tuple[object, ...]]]:
    """Last attempt of each key, and what came of it."""
    runs = store.table("runs").sort_values("attempt").drop_duplicates("key", keep="last")
    return {
        run["key"]: (run["attempt"], (run["cost_s"], run["evaluations"], run["candidate"] or None))
        for run in runs.fillna({"candidate": ""}).to_dict("records")
    }


def _result(record: RunRecord) -> tuple[object, ...]:
    candidate = None if record.candidate is None else canonical_json(record.candidate)
    return record.cost_s, record.evaluations, candidate


def _suites(store: Store, stored: pd.DataFrame, records: list[RunRecord]) -> dict[str, set[tuple[str, str]]]:
    """The suites that have runs on each problem, by digest; what is in none makes a suite of its own."""
    members: dict[str, set[tuple[str, str]]] = {}
    runs = store.table("suites").merge(stored[["key", "problem_digest"]], on="key")
    for run in runs.to_dict("records"):
        members.setdefault(run["problem_digest"], set()).add((run["suite"], run["suite_digest"]))
    others = {record.spec.problem.digest for record in records} - set(members)
    own = (SUITE, catalogue.suite_digest(others, ""))
    return members | {digest: {own} for digest in others}
