"""Bring results together: other stores, and exports, into one store; or to read them, as one, where they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.bench.results.store import FILE_NAME, Store
from tasklet_bench.bench.results.verify import mismatches_of
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.results.chain import ChainCheck

EXPORT_NAME = "runs.parquet"
MOST_FAULTS = 5
"""So many are spelled out where results are refused; `verify` names all."""


@dataclass(frozen=True)
class Merged:
    """How many records are new, and which runs both sides have with another result; of these the first stays."""

    added: int
    clashes: tuple[str, ...]


def merge(store: Store, source: Path, *, trusted: Sequence[Path] = ()) -> Merged:
    """Append to a store what it lacks of a folder's results: a store, an export in Parquet, or a folder of exports.

    Every new record is scored again first, and nothing is taken in unless all of them hold. Only results with a
    different status, cost or number of evaluations clash; clocks never agree. Raises `BadInput` if the folder holds no
    results, if they are damaged, or if some do not hold; `trusted` are the files of problems that the user typed.
    """
    from tasklet_bench.bench.results.chain import check_chain

    with ExitStack() as opened:
        parts: list[Store] = []
        faults: list[str] = []
        if (source / FILE_NAME).is_file():
            parts.append(opened.enter_context(Store(source)))
            opened.enter_context(parts[0].snapshot())
        else:
            for folder in exports_in(source):
                parts.append(opened.enter_context(_read(folder)))
                faults += check_chain(folder, parts[-1]).faults
        for part in parts:
            faults += _faults(store, part, trusted)
        if faults:
            more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
            said = "; ".join(faults[:MOST_FAULTS])
            raise BadInput(f"{source}: nothing is taken in, as not all of it holds: {said}{more}")
        return _take_in(store, parts)


@contextmanager
def results_at(folder: Path) -> Iterator[Store]:
    """The results of a folder, to be read: its store as it is now, or its exports as one store in memory.

    A campaign may go on writing to the store: what is read stays of one moment. Raises `BadInput` if there are none, or
    if two exports contradict each other.
    """
    if (folder / FILE_NAME).is_file():
        with Store(folder) as store, store.snapshot():
            yield store
        return
    with Store.in_memory(folder) as store:
        for export in exports_in(folder):
            with _read(export) as part:
                clashes = _take_in(store, [part]).clashes
            if clashes:
                raise BadInput(f"{folder}: its exports differ: " + "; ".join(clashes))
        yield store


def chains_at(folder: Path) -> list[ChainCheck]:
    """What the hash chains of a folder's exports say; nothing of a store."""
    from tasklet_bench.bench.results.chain import check_chain

    if (folder / FILE_NAME).is_file():
        return []
    result = []
    for export in exports_in(folder):
        with _read(export) as part:
            result.append(check_chain(export, part))
    return result


def exports_in(folder: Path) -> list[Path]:
    """The folder itself, or the folders in it, that are exports in Parquet."""
    result = [
        path.parent for path in (folder / EXPORT_NAME, *sorted(folder.glob(f"*/{EXPORT_NAME}"))) if path.is_file()
    ]
    if not result:
        raise BadInput(f"{folder}: no results there (neither {FILE_NAME} nor {EXPORT_NAME})")
    return result


def _read(folder: Path) -> Store:
    from tasklet_bench.bench.results.export import read_export

    return read_export(folder)


def _faults(store: Store, part: Store, trusted: Sequence[Path]) -> list[str]:
    """What does not hold of the records that a store would take in."""
    lacking = store.lacking(part)
    runs = part.table("runs")
    new = [pair in lacking for pair in zip(runs["key"], runs["attempt"], strict=True)]
    return mismatches_of(runs.loc[new], part, beside=store, trusted=trusted)


def _take_in(store: Store, parts: Sequence[Store]) -> Merged:
    added, clashes = 0, []
    with store.transaction():
        for part in parts:
            clashes += store.clashes(part)
            added += store.take_in(part)
    return Merged(added, tuple(clashes))
