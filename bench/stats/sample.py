"""The sample that a table is made of: every entrant's runs of one suite under one budget, as arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.library_versions import mixed_versions
from tasklet_bench.bench.stats.machines import several_machines
from tasklet_bench.bench.stats.metrics import PRACTICALLY_EQUAL, scored

if TYPE_CHECKING:
    import pandas as pd

COMPARED = ("strategy", "problem", "seed", "failed", "score_s", "order_s", "excess", "score", "excess_cap", "reference")
"""The columns of runs that a sample's arrays are made of."""
FEWEST_SHARED = 0.5
"""An entrant that would shrink the shared instances below this share of all instances is left unranked."""


@dataclass(frozen=True)
class Sample:
    """Runs of one suite under one budget, on the instances that all ranked entrants share.

    Arrays have shape `(instances, entrants, seeds)`, or `(instances,)`. A cell without a run of its own (a
    deterministic strategy runs once) repeats that entrant's runs on the instance in order of seeds.
    `n_runs` and `n_failed` count real runs. Seeds stand at the same index for every entrant: they are pairs.
    """

    suite: str
    suite_digest: str
    budget: str
    entrants: tuple[str, ...]
    instances: tuple[str, ...]
    seeds: tuple[int, ...]
    score_s: NDArray[np.float64]
    order_s: NDArray[np.float64]
    excess: NDArray[np.float64]
    excess_cap: NDArray[np.float64]
    score: NDArray[np.float64]
    n_runs: NDArray[np.int64]
    n_failed: NDArray[np.int64]
    in_store: int
    """Instances whose excess is over the best in the store, as no best known cost was given."""
    unranked: Mapping[str, int]
    """Entrants that ran on too few instances to be compared, with how many they ran on."""
    runs: pd.DataFrame
    """The scored runs of the sample, one row per run, those of unranked entrants included."""
    equal_within: float = PRACTICALLY_EQUAL
    """Region of practical equivalence: a relative difference of cost that counts as none."""
    view: str = ""
    """What was left out of the sample, in words; empty where nothing was."""
    bases: Mapping[str, str] | None = None
    """What each instance was made from, where instances of one base are to count as one cluster; None if all differ."""

    @property
    def clusters(self) -> NDArray[np.int64] | None:
        """Number of each instance's cluster, `(instances,)`; None where every instance counts for itself."""
        if self.bases is None:
            return None
        return np.unique([self.bases[name] for name in self.instances], return_inverse=True)[1].astype(np.int64)

    @property
    def n_independent(self) -> int:
        """How many facts the sample holds: its clusters, or its instances."""
        return len(self.instances) if self.bases is None else len({self.bases[name] for name in self.instances})

    def scope(self) -> str:
        """What every table says beneath itself: n, failures, rule for ties, family of tests, reference, digest."""
        seeds = f"{len(self.seeds)} seed{'s' if len(self.seeds) != 1 else ''}"
        equal = f"{100 * self.equal_within:.2g} %"
        parts = [
            f"suite {self.suite} (digest {self.suite_digest[:12]})",
            f"budget {self.budget}",
            *filter(None, [self.view]),
            f"{len(self.instances)} instances × {seeds}",
            f"{self.n_failed.sum()} of {self.n_runs.sum():,} runs failed (scored at the penalty, last in ranks)",
            f"costs within one part in 10⁹ of each other tie (in won–tied–lost, within {equal})",
            "verdicts: an entrant's own tests, at most two, after Holm",
            self._reference(),
        ]
        if self.bases is not None:
            parts.append(f"intervals and tests by base: {self.n_independent} bases are drawn, each with its instances")
        if mixed_machines := several_machines(self.runs):
            parts.append(mixed_machines)
        mixed = "; ".join(f"{name} with {versions}" for name, versions in mixed_versions(self.runs).items())
        if mixed:
            parts.append(f"several versions of libraries: {mixed}")
        if self.unranked:
            few = ", ".join(f"{name} ({count})" for name, count in self.unranked.items())
            parts.append(f"too few instances to be ranked: {few}")
        return " · ".join(parts)

    def _reference(self) -> str:
        if not self.in_store:
            return "excess over the best known cost"
        known = len(self.instances) - self.in_store
        return (
            f"excess over the best known cost on {known} instances, over the best in this store on {self.in_store}"
            if known
            else "excess over the best in this store, as no best known costs were given"
        )


def median_over_seeds(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median along the last axis; infinities stay infinities (numpy's own median makes NaN of two of them)."""
    ordered = np.sort(values, axis=-1)
    n = ordered.shape[-1]
    low, high = (np.ascontiguousarray(ordered[..., place]) for place in ((n - 1) // 2, n // 2))
    return low if n % 2 else np.where(low == high, low, low / 2 + high / 2)


def samples(
    runs: pd.DataFrame,
    best_known: pd.DataFrame | Mapping[str, float] | None = None,
    equal_within: float = PRACTICALLY_EQUAL,
    bases: Mapping[str, str] | None = None,
) -> list[Sample]:
    """One sample for each suite digest and budget among the runs, in order of first appearance; they never mix.

    `bases` says what each instance was made from, where instances of one base are to count as one cluster.
    """
    table = current(scored(runs, best_known))
    groups = table.groupby(["suite", "suite_digest", "budget"], sort=False, dropna=False)
    result = [_sample(group, str(key[0]), str(key[1]), str(key[2])) for key, group in groups]
    return [replace(sample, equal_within=equal_within, bases=bases) for sample in result]


def among(sample: Sample, entrants: Sequence[str]) -> Sample:
    """The sample of some entrants only, on all instances that these share: it does not depend on the others.

    Entrants that share no instance with the rest are left unranked.
    """
    runs = sample.runs[sample.runs["strategy"].isin(entrants)]
    return _like(sample, runs, fewest_shared=0.0)


def pair_of(sample: Sample, a: str, b: str) -> Sample:
    """The sample of two entrants, its runs with the `COMPARED` columns alone: most of the time went on the others."""
    return among(replace(sample, runs=sample.runs[list(COMPARED)]), (a, b))


def on(sample: Sample, instances: Collection[str]) -> Sample:
    """The sample on some of its instances only, with the same entrants."""
    runs = ranked_runs(sample)
    return _like(sample, runs[runs["problem"].isin(instances)])


def ranked_runs(sample: Sample) -> pd.DataFrame:
    """The runs behind the sample's arrays: those of ranked entrants on shared instances."""
    runs = sample.runs
    return runs[runs["strategy"].isin(sample.entrants) & runs["problem"].isin(sample.instances)]


def current(runs: pd.DataFrame) -> pd.DataFrame:
    """Only the runs of each entrant's latest code, and of each cell the latest run: stale results are not mixed in.

    What is latest goes by the order of rows, which is the order in which they were stored, not by any clock, and is
    asked for each suite and budget alone, as these are never compared. Versions of libraries do not make other code.
    """
    code = runs["strategy_version"].astype(str) + " " + runs["code_hash"].astype(str)
    board = [runs[column] for column in ("strategy", "suite_digest", "budget")]
    latest = runs[code == code.groupby(board, dropna=False).transform("last")]
    return latest.drop_duplicates(["suite_digest", "budget", "problem", "strategy", "seed"], keep="last")


def _like(sample: Sample, runs: pd.DataFrame, fewest_shared: float = FEWEST_SHARED) -> Sample:
    """A sample of some of a sample's runs."""
    result = _sample(runs, sample.suite, sample.suite_digest, sample.budget, fewest_shared)
    return replace(result, equal_within=sample.equal_within, bases=sample.bases)


def _sample(runs: pd.DataFrame, suite: str, digest: str, budget: str, fewest_shared: float = FEWEST_SHARED) -> Sample:
    entrants, instances = _compared(runs, fewest_shared)
    seeds = tuple(sorted(int(seed) for seed in runs["seed"].unique()))
    ranked = runs[runs["strategy"].isin(entrants) & runs["problem"].isin(instances)]
    cells = _cells(ranked, entrants, instances, seeds)
    per_instance = ranked.drop_duplicates("problem").set_index("problem").loc[list(instances)]
    by_entrant = ranked.groupby("strategy")["failed"].agg(["size", "sum"]).reindex(list(entrants))
    ran_on = runs.groupby("strategy")["problem"].nunique()
    measured = ("score_s", "order_s", "excess", "score")
    values = {name: ranked[name].to_numpy(dtype=float)[cells] for name in measured}
    return Sample(
        suite=suite,
        suite_digest=digest,
        budget=budget,
        entrants=entrants,
        instances=instances,
        seeds=seeds,
        score_s=values["score_s"],
        order_s=values["order_s"],
        excess=values["excess"],
        score=values["score"],
        excess_cap=per_instance["excess_cap"].to_numpy(dtype=float),
        n_runs=by_entrant["size"].to_numpy(dtype=np.int64),
        n_failed=by_entrant["sum"].to_numpy(dtype=np.int64),
        in_store=int((per_instance["reference"] != "best known").sum()),
        unranked={str(name): int(ran_on[name]) for name in ran_on.index if name not in entrants},
        runs=runs,
    )


def _compared(runs: pd.DataFrame, fewest_shared: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Entrants to rank and the instances that all of them ran on, both sorted by name.

    While a campaign is going on, some entrants are behind: the one on the fewest instances is left out until the
    others share enough of all instances, and one at least.
    """
    ran = {str(name): set(group) for name, group in runs.groupby("strategy")["problem"]}
    enough = max(1.0, fewest_shared * runs["problem"].nunique())
    while len(shared := set.intersection(*ran.values())) < enough and len(ran) > 1:
        del ran[min(ran, key=lambda name: (len(ran[name]), name))]
    return tuple(sorted(ran)), tuple(sorted(map(str, shared)))


def _cells(
    runs: pd.DataFrame, entrants: tuple[str, ...], instances: tuple[str, ...], seeds: tuple[int, ...]
) -> NDArray[np.intp]:
    """Row of `runs` in each cell, shape `(instances, entrants, seeds)`; empty ones repeat their entrant's runs."""
    rows = np.full((len(instances), len(entrants), len(seeds)), -1)
    axes = {"problem": instances, "strategy": entrants, "seed": seeds}
    index = [runs[column].map({name: i for i, name in enumerate(names)}) for column, names in axes.items()]
    rows[tuple(index)] = np.arange(len(runs))
    own = np.argsort(rows < 0, axis=-1, kind="stable")
    count = (rows >= 0).sum(axis=-1, keepdims=True)
    recycled = np.take_along_axis(own, np.arange(len(seeds)) % count, axis=-1)
    return np.where(rows >= 0, rows, np.take_along_axis(rows, recycled, axis=-1))
