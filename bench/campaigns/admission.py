"""What a record is held against before it is stored: what is known about its problem, and the entrant's other runs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from tasklet_bench.bench.plugins import load_problem
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.runs import flags
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.bench.runs.tolerances import SAME_COST, same_cost
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue

if TYPE_CHECKING:
    import pandas as pd

FEWEST_RUNS = 5
"""Other runs of an entrant on a problem from which on a median of theirs says what is usual for it."""
USUAL_SHARE = 0.05
"""Evaluations per CPU second below this share of the usual are odd."""
LEAST_CPU_S = 0.1
"""Shorter runs are not compared: starting up is most of them."""
_KEPT = ("status", "cost_s", "evaluations", "cpu_s", "bound_s", "candidate", "flags")


@dataclass
class Admission:
    """Holds the records of a campaign, in the order in which they are stored, against what is known.

    `known` is the table of best known costs by problem digest.
    """

    known: Mapping[str, best_known.BestKnown]
    _rates: dict[tuple[str, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    _without_search_s: dict[str, float] = field(default_factory=dict)

    def admit(self, record: RunRecord) -> RunRecord:
        """The record with the flags that the table and other runs call for; invalid where its bound cannot be."""
        entry = self.known.get(record.spec.problem.digest)
        if entry is not None and record.status == "ok" and record.bound_s > entry.cost_s * (1 + SAME_COST):
            error = f"the run reported a bound of {record.bound_s!r} s, above the best known cost of {entry.cost_s!r} s"
            return replace(record, status="invalid", error=error)
        result = [*self._at_once(record, None if entry is None else entry.cost_s), *self._slow_for_itself(record)]
        return replace(record, flags=(*record.flags, *result)) if result else record

    def _at_once(self, record: RunRecord, known_s: float | None) -> list[str]:
        """Whether the first evaluation had what nobody finds at once: not even the problem's own start solutions."""
        spec = record.spec
        first = next((row for row in record.trajectory if math.isfinite(row.cost_s)), None)
        if first is None or first.evaluations > 1 or spec.start is not None or spec.entrant.start is not None:
            return []
        planted_s = _planted_s(spec.problem)
        hits = {
            flags.TABLE_AT_ONCE: known_s is not None and first.cost_s <= known_s * (1 + SAME_COST),
            flags.PLANTED_AT_ONCE: planted_s is not None and same_cost(first.cost_s, planted_s),
        }
        if not any(hits.values()) or first.cost_s >= self._without_search(spec.problem) * (1 - SAME_COST):
            return []
        return [flag for flag, hit in hits.items() if hit]

    def _without_search(self, ref: ProblemRef) -> float:
        """The cheapest of a problem's start solutions, in seconds."""
        if ref.digest not in self._without_search_s:
            problem = load_problem(ref)
            costs_s = [math.inf]
            for candidate in problem.starts().values():
                with suppress(ValueError):
                    costs_s.append(problem.cost(candidate).total_s)
            self._without_search_s[ref.digest] = min(costs_s)
        return self._without_search_s[ref.digest]

    def _slow_for_itself(self, record: RunRecord) -> list[str]:
        spec = record.spec
        if record.status != "ok" or record.cpu_s < LEAST_CPU_S:
            return []
        rates = self._rates[spec.entrant.name, spec.problem.digest, spec.budget.name]
        rate = record.evaluations / record.cpu_s
        slow = len(rates) >= FEWEST_RUNS and rate < USUAL_SHARE * median(rates)
        rates.append(rate)
        return [flags.SLOW_FOR_ITSELF] if slow else []


def _planted_s(ref: ProblemRef) -> float | None:
    """The cost that an instance was built to have at best; None for those that were not."""
    try:
        plant = None if ref.content is not None else catalogue.planted_optimum(ref.name)
    except (BadInput, ValueError):
        return None
    return None if plant is None else load_problem(ref).cost(plant).total_s


def changed_since(written: dict[str, RunRecord], runs: pd.DataFrame) -> list[str]:
    """The records, by their labels, that a store has otherwise, or no more, than they were written; by key."""
    from tasklet_bench.bench.results.schema import row_of

    stored = runs.set_index("key")
    changed = []
    for key, record in written.items():
        row = row_of(record)
        here = stored.loc[key] if key in stored.index else None
        if here is None or any(not _same(row[name], here[name]) for name in _KEPT):
            changed.append(record.spec.label)
    return changed


def _same(written: object, stored: object) -> bool:
    """Whether a value came back; what is not there is None in a record and may be NaN in a table."""
    return written == stored or (written is None and stored != stored)
