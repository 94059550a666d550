"""Give published results the identity of the present code, after checking that this still finds the same.

`python -m tasklet_bench.bench.campaigns.rekey EXPORT…` makes a seeded sample of each entrant's runs again, those that
evaluations ended. Where every digit comes back, all runs of the entrant get the keys that the present code would give
them; where one does not, its runs keep the identity of the code that made them, and are reported. To be used when code
has changed in what it says and not in what it finds, such as a refactoring: a key says what a result depends on, and
only a repeated result shows that it does not depend on the change.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.plugins import entrant, stored_target
from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.merge import merge
from tasklet_bench.bench.results.repeatable import repeatable
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import Entrant, ProblemRef, RunSpec
from tasklet_bench.problems.bad_input import BadInput

SAMPLE = 4
"""Runs of each entrant that are made again."""


@dataclass(frozen=True)
class Check:
    """An entrant's runs that were made again: how many came out the same, and in words those that did not."""

    entrant: Entrant
    same: int
    different: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the present code may take over the entrant's results."""
        return self.same > 0 and not self.different


def check(store: Store, sample: int = SAMPLE, seed: int = 0, workers: int | None = None) -> dict[str, Check]:
    """Make a sample of each entrant's runs again; entrants that nobody can load any more, or repeat, are left out."""
    runs = store.runs()
    instances = store.instances()
    curves = _curves(store)
    asked: dict[str, tuple[str, RunSpec, dict[str, Any]]] = {}
    for name, own in runs[repeatable(runs) & (runs["status"] == "ok")].groupby("strategy"):
        rows = list(_rows(own.sort_values("key")))
        for row in random.Random(seed).sample(rows, min(sample, len(rows))):  # noqa: S311 - any sample will do
            try:
                spec = _spec(row, entrant(stored_target(row["target"], ""), json.loads(row["parameters"])), instances)
            except BadInput as fault:
                sys.stderr.write(f"{name}: {fault}\n")
                continue
            asked[spec.key] = (str(name), spec, row)
    records: list[RunRecord] = []
    if not run_all([spec for _, spec, _ in asked.values()], records.append, workers=workers):
        raise SystemExit("stopped before all runs were made again; nothing is rewritten")
    checks: dict[str, Check] = {}
    for record in records:
        name, spec, row = asked[record.spec.key]
        before = checks.get(name, Check(spec.entrant, 0, ()))
        change = _difference(record, row, curves.get(row["key"]))
        different = before.different if change is None else (*before.different, f"{spec.label}: {change}")
        checks[name] = replace(before, same=before.same + (change is None), different=different)
    return checks


def rekey(tables: dict[str, pd.DataFrame], checks: dict[str, Check]) -> int:
    """Give the runs of the entrants that hold the present keys, in all tables of an export; returns how many.

    Runs of older code of the same entrants, and any that would take the key of another, stay as they are.
    """
    runs = tables["runs"]
    latest = runs.groupby("strategy")["code_hash"].transform("last")
    instances = {
        row["digest"]: ProblemRef(row["name"], row["digest"], row["content"]) for row in _rows(tables["instances"])
    }
    taken = set(runs["key"])
    new_keys: dict[str, str] = {}
    for place, row in zip(runs.index, _rows(runs), strict=True):
        result = checks.get(row["strategy"])
        if result is None or not result.holds or row["code_hash"] != latest[place]:
            continue
        spec = _spec(row, _as_made(result.entrant, json.loads(row["versions"])), instances)
        if spec.key in taken and spec.key != row["key"] and new_keys.get(row["key"]) != spec.key:
            continue
        taken.add(spec.key)
        new_keys[row["key"]] = spec.key
        runs.loc[place, ["strategy_version", "code_hash", "libraries", "parameters"]] = [
            spec.entrant.strategy_version,
            spec.entrant.code_hash,
            canonical_json(spec.entrant.libraries),
            canonical_json(spec.entrant.parameters),
        ]
    for name in ("runs", "trajectories", "suites"):
        tables[name]["key"] = [new_keys.get(key, key) for key in tables[name]["key"]]
    return len(new_keys)


def rekey_export(folder: Path, checks: dict[str, Check], scratch: Path) -> int:
    """Rewrite an export with the present keys; returns how many runs got one."""
    with Store(scratch / "before", writing=True) as store:
        merge(store, folder)
        tables = {name: store.table(name) for name in ("instances", "suites", "runs", "trajectories")}
    changed = rekey(tables, checks)
    with Store(scratch / "after", writing=True) as store:
        for name, table in tables.items():
            store.fill(name, table)
        for file in export(store, scratch / "export", "parquet"):
            beside = folder / f".{file.name}"
            shutil.copyfile(file, beside)
            beside.replace(folder / file.name)
    return changed


def _as_made(result: Entrant, versions: dict[str, str]) -> Entrant:
    """The entrant with the versions of libraries that a run was made with, where its record tells them."""
    return replace(result, libraries={name: versions.get(name, version) for name, version in result.libraries.items()})


def _spec(row: dict[str, Any], of: Entrant, instances: dict[str, ProblemRef]) -> RunSpec:
    """The run of a row, by an entrant."""
    return RunSpec(
        problem=instances[row["problem_digest"]],
        entrant=of,
        seed=int(row["seed"]),
        budget=Budget.parse(row["budget"]),
        memory_bytes=int(row["memory_bytes"]),
        timing=row["timing_mode"] == "alone",
        attempt=int(row["attempt"]),
        start=None if row["start"] is None else json.loads(row["start"]),
    )


def _difference(record: RunRecord, row: dict[str, Any], curve: list[tuple[int, float]] | None) -> str | None:
    """What is not the same in a run that was made again, in words; clocks never are."""
    pairs = [
        ("status", record.status, row["status"]),
        ("evaluations", record.evaluations, row["evaluations"]),
        ("cost", record.cost_s, row["cost_s"]),
        ("improvements", [(step.evaluations, step.cost_s) for step in record.trajectory], curve or []),
    ]
    return next((f"{name} {now!r}, stored {before!r}" for name, now, before in pairs if now != before), None)


def _curves(store: Store) -> dict[str, list[tuple[int, float]]]:
    rows = store.trajectories()
    return {
        str(key): list(zip(own["evaluations"].tolist(), own["cost_s"].tolist(), strict=True))
        for key, own in rows.groupby("key", sort=False)
    }


def _rows(table: pd.DataFrame) -> Iterable[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return ({str(key): value for key, value in row.items()} for row in plain.to_dict("records"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the entrants of all exports together, and rewrite each export; 1 where results have changed."""
    import tempfile

    parser = argparse.ArgumentParser(prog="rekey", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("exports", nargs="+", type=Path, metavar="EXPORT", help="a folder with runs.parquet")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="runs of each entrant that are made again")
    parser.add_argument("--seed", type=int, default=0, help="which runs")
    parser.add_argument("--workers", type=int, default=None, help="runs at a time")
    parser.add_argument("--dry-run", action="store_true", help="check only, and write nothing")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        with Store(Path(scratch, "all"), writing=True) as store:
            for folder in options.exports:
                merge(store, folder)
            checks = check(store, options.sample, options.seed, options.workers)
            names = sorted(set(store.runs()["strategy"]))
        for name in names:
            result = checks.get(name)
            print(f"{name}: {'nothing to repeat' if result is None else f'{result.same} the same'}", flush=True)  # noqa: T201
            for fault in result.different if result else ():
                print(f"  {fault}", flush=True)  # noqa: T201
        for number, folder in enumerate([] if options.dry_run else options.exports):
            place = Path(scratch, str(number))
            print(f"{folder}: {rekey_export(folder, checks, place)} runs have the present keys")  # noqa: T201
    return int(not all(name in checks and checks[name].holds for name in names))


if __name__ == "__main__":
    sys.exit(main())
