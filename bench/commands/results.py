"""The results of a store, ready to be ranked and reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from bench.report.results import Results
    from bench.store import Store
    from problems.problem import Problem


def results_of(store: Store, suite_digest: str | None = None, champions: dict[str, str] | None = None) -> Results:
    """All results of a store, or those of one suite, with the best-known table beside them."""
    from bench import best_known
    from bench.report.results import Results

    known = best_known.read()
    runs = store.runs(suite_digest) if suite_digest else _of_every_suite(store)
    return Results(
        runs,
        store.trajectories(runs["key"].tolist()),
        {digest: entry.cost_s for digest, entry in known.items()},
        frozenset(digest for digest, entry in known.items() if entry.proven),
        {**_champions(), **(champions or {})},
        load=_loader(store),
    )


def _of_every_suite(store: Store) -> pd.DataFrame:
    """The runs of each suite of the store; a run that counts in several stands there several times."""
    import pandas as pd

    digests = store.table("suites")["suite_digest"].unique()
    return pd.concat([store.runs(digest) for digest in digests], ignore_index=True) if len(digests) else store.runs()


def _champions() -> dict[str, str]:
    from problems.instances import catalogue

    return {name: catalogue.suite(name).champion for name in catalogue.suites()}


def _loader(store: Store) -> Callable[[str], Problem]:
    """Make a problem of its name: from the catalogue, or from the problem file whose text the store keeps."""
    from bench.plugins import load_problem

    known = {ref.name: ref for ref in store.instances().values()}

    def load(name: str) -> Problem:
        if name not in known:
            raise BadInput.unknown("problem of this store", name, known)
        return load_problem(known[name])

    return load
