"""Bring results together: other stores, and exports, into one store; or to read them, as one, where they are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasklet_bench.bench.results.store import FILE_NAME, Store
from tasklet_bench.problems.bad_input import BadInput

EXPORT_NAME = "runs.parquet"


@dataclass(frozen=True)
class Merged:
    """How many records are new, and which runs both sides have with another result; of these the first stays."""

    added: int
    clashes: tuple[str, ...]


def merge(store: Store, source: Path) -> Merged:
    """Append to a store what it lacks of a folder's results: a store, an export in Parquet, or a folder of exports.

    Only results with a different status, cost or number of evaluations clash; clocks never agree. Raises `BadInput`
    if the folder holds none of them.
    """
    if (source / FILE_NAME).is_file():
        with Store(source):  # refuses what is of another schema
            return _taken(store, source)
    taken = [_from_export(store, folder) for folder in _exports(source)]
    return Merged(sum(one.added for one in taken), tuple(clash for one in taken for clash in one.clashes))


@contextmanager
def results_at(folder: Path) -> Iterator[Store]:
    """The results of a folder, to be read: its store, or its exports as one store that lasts as long as it is open.

    Raises `BadInput` if there are none, or if two exports contradict each other.
    """
    if (folder / FILE_NAME).is_file():
        with Store(folder) as store:
            yield store
        return
    with tempfile.TemporaryDirectory() as scratch, Store(Path(scratch), writing=True) as store:
        clashes = merge(store, folder).clashes
        if clashes:
            raise BadInput(f"{folder}: its exports differ: " + "; ".join(clashes))
        yield store


def _exports(folder: Path) -> list[Path]:
    """The folder itself, or the folders in it, that are exports in Parquet."""
    found = [path.parent for path in (folder / EXPORT_NAME, *sorted(folder.glob(f"*/{EXPORT_NAME}"))) if path.is_file()]
    if not found:
        raise BadInput(f"{folder}: no results there (neither {FILE_NAME} nor {EXPORT_NAME})")
    return found


def _from_export(store: Store, folder: Path) -> Merged:
    from tasklet_bench.bench.results.export import read_export

    with tempfile.TemporaryDirectory() as scratch:
        with Store(Path(scratch), writing=True) as imported:
            read_export(folder, imported)
        return _taken(store, Path(scratch))


def _taken(store: Store, folder: Path) -> Merged:
    added, clashes = store.take_in(folder / FILE_NAME)
    return Merged(added, tuple(clashes))
