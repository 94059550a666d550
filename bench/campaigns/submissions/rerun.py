"""Make some stored runs again with code that was handed in, and say which come out otherwise."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.bench.campaigns.hidden import hidden_folders
from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.plugins import entrant
from tasklet_bench.bench.plugins.bundle import Bundle
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import Entrant, RunSpec
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.results.store import Store


def make_again(store: Store, rows: pd.DataFrame, target: str, *, untrusted: bool = True) -> list[str]:
    """Run each row's instance, seed and budget with the strategy of `target`; returns the differences in words.

    A run is the same if its status, its number of evaluations and its cost are, the cost to the last bit. Untrusted
    runs see no results, no tables and no network; a plug-in's file is copied out of the results for them. Raises
    `BadInput` where the system does not separate runs.
    """
    with tempfile.TemporaryDirectory(prefix="tasklet-bench-submission-") as folder:
        bundle = Bundle.of(target)
        here = target if bundle is None else bundle.unpack(Path(folder), target)
        of = entrant(here, json.loads(rows["parameters"].iloc[0]))
        hidden = hidden_folders([store.folder], [of]) if untrusted else None
        return _differences(store, rows, of, partial(run_all, hidden=hidden))


def _differences(store: Store, rows: pd.DataFrame, of: Entrant, engine: Callable[..., bool]) -> list[str]:
    instances = store.instances()
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
