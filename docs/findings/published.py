"""The published results as the tables that findings are computed from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import pandas as pd

from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.stats.compare import duel
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.sample import Sample, median_over_seeds

REFERENCE = Path(__file__).resolve().parents[2] / "results" / "reference"
COUNTED, TIMED = "1000-evaluations", "2-cpu-seconds"
PLENTY, PROVING, LARGE = "5000-evaluations+60-cpu-seconds", "60-cpu-seconds", "10-cpu-seconds"
BUDGETS = {COUNTED: "1,000 evaluations", TIMED: "2 CPU seconds"}
CLOSE = 0.01
"""Excess within which a candidate counts as good as the best known one."""

Figures = Iterator[tuple[str, str]]
"""Name and text of each figure of a finding."""


@dataclass(frozen=True, eq=False)
class Published:
    """Results with the tables that several findings ask for; costs are medians over seeds, in seconds."""

    results: Results

    def sample(self, suite: str, budget: str) -> Sample:
        """All runs of a suite under a budget."""
        return next(one for one in self.results.samples if (one.suite, one.budget) == (suite, budget))

    def suites(self) -> list[str]:
        """Suites with results, in the order of first appearance."""
        return list(dict.fromkeys(sample.suite for sample in self.results.samples))

    def board(self, suite: str, budget: str) -> pd.DataFrame:
        """The leaderboard, by strategy."""
        return _board(self, suite, budget)

    def excess(self, suite: str, budget: str) -> pd.DataFrame:
        """Excess over the best known cost: instances × entrants."""
        sample = self.sample(suite, budget)
        return _table(sample, sample.excess)

    def costs_s(self, suite: str, budget: str) -> pd.DataFrame:
        """Costs: instances × entrants."""
        sample = self.sample(suite, budget)
        return _table(sample, sample.order_s)

    def duel(self, suite: str, budget: str, a: str, b: str) -> tuple[str, str]:
        """Of `a` against `b`: won, tied and lost in words, and the difference of cost."""
        overall = duel(self.sample(suite, budget), a, b).overall
        words = f"{overall.wins} won, {overall.ties} tied, {overall.losses} lost"
        return words, percent(overall.difference)

    def kinds(self, names: pd.Index) -> pd.DataFrame:
        """Kinds of instances: instances × dimensions."""
        return pd.DataFrame({name: self.results.kinds[name] for name in names}).T

    def groups(self, names: pd.Index) -> Iterator[tuple[str, pd.Index]]:
        """The instances of each kind, with the kind's name."""
        table = self.kinds(names)
        for dimension in map(str, table):
            for kind, members in table.groupby(dimension).groups.items():
                yield f"{dimension}: {kind}", members

    def devices(self) -> dict[str, int]:
        """Devices of each instance, by its name."""
        return {name: sum(site.devices for site in problem.sites) for name, problem in self.results.problems.items()}


@cache
def _board(published: Published, suite: str, budget: str) -> pd.DataFrame:
    champion = published.results.champions.get(suite)
    return leaderboard(published.sample(suite, budget), champion).set_index("strategy")


def _table(sample: Sample, values: Any) -> pd.DataFrame:
    return pd.DataFrame(median_over_seeds(values), index=list(sample.instances), columns=list(sample.entrants))


def entry(frame: pd.DataFrame, row: str, column: str) -> float:
    """The number in a row and a column."""
    return float(cast("Any", frame.loc[row, column]))


def count(condition: pd.Series) -> str:
    """On how many of all instances a condition holds."""
    return f"{condition.sum()} of {len(condition)}"
