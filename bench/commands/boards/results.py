"""The results of a store, ready to be ranked and reported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.report.results import Results
    from tasklet_bench.bench.results.store import Store
    from tasklet_bench.problems.problem import Problem


FIDELITY = "fidelity"
"""Stands for a region of practical equivalence that is measured on the instances themselves."""


def results_of(
    store: Store,
    suite_digest: str | None = None,
    champions: dict[str, str] | None = None,
    equal_within: str | None = None,
    trusted: Sequence[Path] = (),
    cluster: str | None = None,
    verify: bool = False,
) -> Results:
    """All results of a store, or those of one suite, with the best-known table beside them.

    `equal_within` is the region of practical equivalence as it was typed: a share of the cost, or `fidelity`. `trusted`
    are the files of problems that the user typed; a problem of any other file is shown without its topology. With
    `cluster` `base`, instances that were made from one base count as one fact. With `verify` every stored candidate is
    scored again.
    """
    from tasklet_bench.bench.report.results import Results
    from tasklet_bench.bench.results import best_known
    from tasklet_bench.problems.instances.relatives import base_of

    store.require_finite()
    known = best_known.read()
    runs = store.runs(suite_digest) if suite_digest else _of_every_suite(store)
    results = Results(
        runs,
        store.trajectories(runs["key"].tolist()),
        {digest: entry.cost_s for digest, entry in known.items()},
        frozenset(digest for digest, entry in known.items() if entry.proven),
        {**_champions(), **(champions or {})},
        load=_loader(store, runs, trusted),
        superseded=store.superseded(),
    )
    if verify:
        results = replace(results, verified=_verified(store, trusted))
    if cluster == "base":
        results = replace(results, bases={name: base_of(name) for name in runs["problem"].unique()})
    return results if equal_within is None else replace(results, equal_within=_region(equal_within, results))


def _verified(store: Store, trusted: Sequence[Path]) -> tuple[int, int]:
    """How many candidates were scored again, and how many records do not hold."""
    from tasklet_bench.bench.results.verify import verify

    done = verify(store, trusted=trusted)
    return done.checked, len(done.mismatches)


def _region(typed: str, results: Results) -> float:
    """A share of the cost; raises `BadInput` for what is neither one nor `fidelity`."""
    if typed == FIDELITY:
        from tasklet_bench.bench.studies import fidelity

        share = fidelity.region(results.problems.values())
        sys.stderr.write(f"on these instances a difference of formal cost carries order in seconds from {share:.2%}\n")
        return share
    try:
        share = float(typed)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise BadInput.at("option --equal-within", "its value", repr(typed), f"a share from 0 to 1, or {FIDELITY}")
    return share


def _of_every_suite(store: Store) -> pd.DataFrame:
    """The runs of each suite of the store; a run that counts in several stands there several times."""
    import pandas as pd

    digests = store.table("suites")["suite_digest"].unique()
    return pd.concat([store.runs(digest) for digest in digests], ignore_index=True) if len(digests) else store.runs()


def _champions() -> dict[str, str]:
    from tasklet_bench.problems.instances import catalogue, sealed

    own = {name: catalogue.suite(name).champion for name in catalogue.suites()}
    return own | {f"{sealed.NAME}-{known.number}": sealed.CHAMPION for known in sealed.read_rounds()}


def _loader(store: Store, runs: pd.DataFrame, trusted: Sequence[Path]) -> Callable[[str], Problem]:
    """Make a problem of its name among these runs: from the catalogue, or from the text that the store keeps."""
    from tasklet_bench.bench.plugins import load_stored

    refs = store.instances()
    named = runs.drop_duplicates("problem")
    known = {
        name: refs[digest]
        for name, digest in zip(named["problem"], named["problem_digest"], strict=True)
        if digest in refs
    }

    def load(name: str) -> Problem:
        if name not in known:
            raise BadInput.unknown("problem of this store", name, known)
        return load_stored(known[name], trusted)

    return load
