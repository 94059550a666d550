"""What a report is made from: runs, their trajectories, and what is known about the problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tasklet_bench.bench.stats.metrics import PRACTICALLY_EQUAL
from tasklet_bench.bench.stats.sample import Sample, samples
from tasklet_bench.bench.stats.starts import by_start
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import Problem

if TYPE_CHECKING:
    import pandas as pd


def _from_catalogue(name: str) -> Problem:
    from tasklet_bench.problems import families

    return families.load(name)


@dataclass(frozen=True)
class Results:
    """The tables of a store, and what it takes to read them.

    `runs` and `trajectories` are the store's tables (a run that counts in several suites stands in `runs` once for
    each); `best_known` gives the best known cost (in seconds) of each
    problem digest, and `proven` the digests whose value is a proven optimum; `champions` names each suite's champion;
    `verified` is how many stored allocations were scored again and how many of them came out differently; `load` makes
    a problem of its name, and problems that it does not know (`BadInput`) are reported without their topology;
    `equal_within` is the region of practical equivalence; `highlighted` are the reader's own entrants among others;
    `bases` names what each problem was made from, where problems of one base are to count as one fact; `superseded`
    are attempts that were made again, with the columns of `Store.superseded`.
    """

    runs: pd.DataFrame
    trajectories: pd.DataFrame
    best_known: Mapping[str, float] = field(default_factory=dict)
    proven: frozenset[str] = frozenset()
    champions: Mapping[str, str] = field(default_factory=dict)
    verified: tuple[int, int] | None = None
    load: Callable[[str], Problem] = _from_catalogue
    equal_within: float = PRACTICALLY_EQUAL
    highlighted: tuple[str, ...] = ()
    bases: Mapping[str, str] | None = None
    superseded: pd.DataFrame | None = None

    @cached_property
    def distinct_runs(self) -> pd.DataFrame:
        """Every run once, also one that counts in several suites."""
        return self.runs.drop_duplicates("key", ignore_index=True)

    @cached_property
    def samples(self) -> list[Sample]:
        """One sample per suite digest and budget."""
        return samples(self.runs, self.best_known, self.equal_within, self.bases)

    @cached_property
    def views(self) -> list[Sample]:
        """Every sample, each followed by itself without known starts where some of its entrants have one."""
        return [view for sample in self.samples for view in by_start(sample)]

    @cached_property
    def problems(self) -> dict[str, Problem]:
        """Every problem among the runs that can be made of its name."""
        result = {}
        for name in sorted(self.runs["problem"].unique()):
            try:
                result[str(name)] = self.load(str(name))
            except BadInput:
                continue
        return result

    @cached_property
    def kinds(self) -> dict[str, dict[str, str]]:
        """Kind by dimension of each problem."""
        return {name: dict(problem.kinds()) or {"family": problem.family} for name, problem in self.problems.items()}
