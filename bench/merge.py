"""Bring results together: other stores, and exports, into one store."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.store import FILE_NAME, Store
from problems.bad_input import BadInput


@dataclass(frozen=True)
class Merged:
    """How many records are new, and which runs both sides have with another result; of these the first stays."""

    added: int
    clashes: tuple[str, ...]


def merge(store: Store, source: Path) -> Merged:
    """Append to a store what it lacks of a folder's results: a store, or an export in Parquet.

    Only results with a different status, cost or number of evaluations clash; clocks never agree. Raises `BadInput`
    if the folder holds neither.
    """
    if (source / FILE_NAME).is_file():
        with Store(source):  # refuses what is of another schema
            return _taken(store, source)
    if not (source / "runs.parquet").is_file():
        raise BadInput(f"{source}: no results there (neither {FILE_NAME} nor runs.parquet)")
    from bench.export import read_export

    with tempfile.TemporaryDirectory() as folder:
        with Store(Path(folder), writing=True) as imported:
            read_export(source, imported)
        return _taken(store, Path(folder))


def _taken(store: Store, folder: Path) -> Merged:
    added, clashes = store.take_in(folder / FILE_NAME)
    return Merged(added, tuple(clashes))
