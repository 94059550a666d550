"""Write a store out for other tools: Parquet and CSV, table by table, and IOHprofiler's format for IOHanalyzer.

Parquet is complete: `read_export` makes the same store of it again. CSV is for reading. An export is written beside an
older one and takes its place when it is complete.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from tasklet_bench.bench.results import chain, parquet
from tasklet_bench.bench.results.replace import replace_folder
from tasklet_bench.bench.results.schema import FIELDS, TABLES, packed_values
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.results.trajectories import frame_of
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

Format = Literal["parquet", "csv", "iohprofiler"]
FORMATS: tuple[Format, ...] = ("parquet", "csv", "iohprofiler")


def export(store: Store, folder: Path, format_: Format) -> list[Path]:
    """Write the whole store, as it is now, to a folder; returns the files. Raises `BadInput` for an unknown format."""
    if format_ not in FORMATS:
        raise BadInput.unknown("format", format_, FORMATS)
    if format_ == "iohprofiler":
        from tasklet_bench.bench.results.export_iohprofiler import folders, write

        with store.snapshot():
            return replace_folder(folder, folders(store), lambda draft: write(store, draft))
    own = [chain.FILE_NAME, *(f"{name}.{known}" for name in TABLES for known in FORMATS)]
    with store.snapshot():
        return replace_folder(folder, own, lambda draft: list(_tables(store, draft, format_)))


def _tables(store: Store, folder: Path, format_: Format) -> Iterator[Path]:
    for name in TABLES:
        table = frame_of(store.unpacked_trajectories()) if name == "trajectories" else store.table(name)
        path = folder / f"{name}.{format_}"
        if format_ == "parquet":
            table.to_parquet(path, compression="zstd", index=False)
        else:
            table.to_csv(path, index=False)
        yield path
    if format_ == "parquet":
        yield chain.write_chain(store, folder)


def read_export(folder: Path) -> Store:
    """An export in Parquet as a store in memory; raises `BadInput` that names the file, and what is wrong in it."""
    store = Store.in_memory(folder)
    try:
        for name in ("runs", *(name for name in TABLES if name != "runs")):
            table = parquet.read(folder / f"{name}.parquet", name)
            store.fill(name, _folded(table, store, folder) if name == "trajectories" else table)
        store.check_values()
    except BaseException:
        store.close()
        raise
    return store


def _folded(rows: pd.DataFrame, store: Store, folder: Path) -> pd.DataFrame:
    """The rows of all trajectories as the store packs them, an empty one for each run that has no row."""
    groups = rows.groupby(["key", "attempt"], sort=False)
    result = {pair: packed_values(group[list(FIELDS)].to_numpy(dtype=float).ravel()) for pair, group in groups}
    empty = packed_values(np.empty(0))
    runs = store.table("runs")[["key", "attempt"]]
    pairs = list(runs.itertuples(index=False, name=None))
    if strays := result.keys() - set(pairs):
        key, attempt = min(strays, key=repr)
        raise BadInput.at(
            str(folder), "trajectories.parquet", f"run {key!s:.16}, attempt {attempt}", "runs of runs.parquet"
        )
    runs["rows"] = [result.get(pair, empty) for pair in pairs]
    return runs
