"""Make some stored runs again with code that was handed in, and say which come out otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.plugins import entrant
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.results.store import Store


def make_again(store: Store, rows: pd.DataFrame, target: str, engine: Callable[..., bool] = run_all) -> list[str]:
    """Run each row's instance, seed and budget with the strategy of `target`; returns the differences in words.

    A run is the same if its status, its number of evaluations and its cost are, the cost to the last bit.
    """
    instances = store.instances()
    of = entrant(target, json.loads(rows["parameters"].iloc[0]))
    specs, stored = [], {}
    for row in rows.to_dict("records"):
        ref, budget = instances[row["problem_digest"]], Budget.parse(row["budget"])
        spec = RunSpec(ref, of, int(row["seed"]), budget, int(row["memory_bytes"]))
        specs.append(spec)
        stored[spec.key] = row
    records: list[RunRecord] = []
    if not engine(specs, records.append):
        raise BadInput("stopped before all runs were made again")
    differences = []
    for record in records:
        row = stored[record.spec.key]
        if (record.status, record.evaluations, record.cost_s) != (row["status"], row["evaluations"], row["cost_s"]):
            there, here = (
                f"{one} with {cost} s" for one, cost in ((row["status"], row["cost_s"]), (record.status, record.cost_s))
            )
            differences.append(f"{row['problem']}, seed {row['seed']}: {there} in the export, {here} here")
    return differences
