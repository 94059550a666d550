"""Write a store out for other tools: Parquet and CSV, table by table, and IOHprofiler's format for IOHanalyzer.

Parquet is complete: `read_export` makes the same store of it again. CSV is for reading.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from tasklet_bench.bench.results.migrations import upgrade_table
from tasklet_bench.bench.results.schema import FIELDS, TABLES, packed_values, unpacked
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.results.store import Store

Format = Literal["parquet", "csv", "iohprofiler"]
FORMATS: tuple[Format, ...] = ("parquet", "csv", "iohprofiler")


def export(store: Store, folder: Path, format_: Format) -> list[Path]:
    """Write the whole store to a folder; returns the files. Raises `BadInput` for an unknown format."""
    if format_ not in FORMATS:
        raise BadInput.unknown("format", format_, FORMATS)
    folder.mkdir(parents=True, exist_ok=True)
    if format_ == "iohprofiler":
        from tasklet_bench.bench.results.export_iohprofiler import write

        return write(store, folder)
    written = []
    for name in TABLES:
        table = expanded(store.table(name)) if name == "trajectories" else store.table(name)
        path = folder / f"{name}.{format_}"
        if format_ == "parquet":
            table.to_parquet(path, compression="zstd", index=False)
        else:
            table.to_csv(path, index=False)
        written.append(path)
    return written


def read_export(folder: Path, store: Store) -> None:
    """Fill an empty store from an export in Parquet."""
    for name in TABLES:
        table = upgrade_table(name, pd.read_parquet(folder / f"{name}.parquet"))
        store.fill(name, _folded(table, store) if name == "trajectories" else table)


def expanded(trajectories: pd.DataFrame) -> pd.DataFrame:
    """The packed trajectories of the store, one row per improvement; a run without any has no row."""
    tables = [np.array(unpacked(blob)).reshape(-1, len(FIELDS)) for blob in trajectories["rows"]]
    lengths = [len(table) for table in tables]
    frame = pd.DataFrame(np.concatenate([*tables, np.empty((0, len(FIELDS)))]), columns=list(FIELDS))
    frame["evaluations"] = frame["evaluations"].astype("int64")
    frame.insert(0, "key", np.repeat(trajectories["key"].to_numpy(dtype=object), lengths))
    frame.insert(1, "attempt", np.repeat(trajectories["attempt"].to_numpy(dtype="int64"), lengths))
    return frame


def _folded(rows: pd.DataFrame, store: Store) -> pd.DataFrame:
    """The inverse of `expanded`, with an empty trajectory for each run that has no row."""
    groups = rows.groupby(["key", "attempt"], sort=False)
    found = {pair: packed_values(group[list(FIELDS)].to_numpy(dtype=float).ravel()) for pair, group in groups}
    empty = packed_values(np.empty(0))
    runs = store.table("runs")[["key", "attempt"]]
    runs["rows"] = [found.get(pair, empty) for pair in runs.itertuples(index=False, name=None)]
    return runs
