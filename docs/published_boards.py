"""The leaderboards of the README as Markdown: first places of two suites, the best entrants of each other family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
from findings.published import COUNTED, TIMED, entry

from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.problems import families
from tasklet_bench.strategies.parameters import split_entrant
from tasklet_bench.strategies.registry import STRATEGIES, strategy_class

RANKED = {"core": "the paper's cost model", "seconds": "whole grids in simulated seconds of an iteration"}
"""Suites that get a table of their own, with what they score by."""
OTHERS = ("gossip", "mixing-graph", "federated-round", "swarm", "tensor-parallel", "atom")
"""Suites of the other families, each called as its family."""
PLACES = 3
"""So many first places are shown."""
ANCHORS = {"genetic": "the paper's algorithm", "megatron": "ranks in the order of the host list"}
"""Entrants that are shown whatever their place."""
NO_SEARCH = "known-starts"
"""The entrant that takes the best of what needs no search."""


@dataclass(frozen=True)
class Board:
    """The leaderboard of a suite under a budget, with the sample that it was made of."""

    sample: Sample
    table: pd.DataFrame

    def excess(self, strategy: str) -> str:
        """Cost above the best known in words; a dash for an entrant that is not ranked."""
        rows = self.table.set_index("strategy")
        return percent(entry(rows, strategy, "excess")) if strategy in rows.index else "–"


Boards = Mapping[str, Mapping[str, Board]]
"""Boards by suite and budget."""


def boards_of(results: Results) -> dict[str, dict[str, Board]]:
    """The boards of the suites that the README shows; a suite or a budget without runs is left out.

    Raises `ValueError` if there are runs of two versions of one suite, which nobody could compare.
    """
    result: dict[str, dict[str, Board]] = {}
    for sample in results.samples:
        if sample.suite not in (*RANKED, *OTHERS) or sample.budget not in (TIMED, COUNTED):
            continue
        own = result.setdefault(sample.suite, {})
        if sample.budget in own:
            raise ValueError(f"suite {sample.suite} under {sample.budget}: runs of two versions of the suite")
        own[sample.budget] = Board(sample, leaderboard(sample, results.champions.get(sample.suite)))
    return result


def rows(boards: Boards) -> str:
    """All that stands between the marks of the README."""
    parts = [_ranked(suite, boards[suite]) for suite in RANKED if TIMED in boards.get(suite, {})]
    others = [suite for suite in OTHERS if TIMED in boards.get(suite, {})]
    parts += [_best_of(others, boards)] if others else []
    changed = _changed(boards)
    if changed:
        parts.append(f"Of these, {', '.join(f'`{name}`' for name in changed)} ran as earlier versions than today's.")
    return "\n\n".join(parts)


def _ranked(suite: str, own: Mapping[str, Board]) -> str:
    """The first places of a suite by mean rank under the budget of seconds, and the anchors."""
    timed = own[TIMED]
    shown = [
        f"| {place} | {_named(row['strategy'])} | {row['mean_rank']:.2f} "
        f"({row['mean_rank_low']:.2f}–{row['mean_rank_high']:.2f}) | {percent(row['excess'])} | "
        f"{own[COUNTED].excess(row['strategy']) if COUNTED in own else '–'} |"
        for place, row in enumerate(timed.table.to_dict("records"), start=1)
        if place <= PLACES or row["strategy"] in ANCHORS
    ]
    counts = f"{len(timed.sample.instances)} instances, {len(timed.table)} entrants"
    return "\n".join(
        [
            f"**Suite `{suite}`**, {RANKED[suite]}: {counts}",
            "",
            "| place | strategy | mean rank (95 %) | after 2 CPU seconds | after 1,000 evaluations |",
            "| ---: | --- | ---: | ---: | ---: |",
            *shown,
        ]
    )


def _named(strategy: str) -> str:
    return f"`{strategy}`, {ANCHORS[strategy]}" if strategy in ANCHORS else f"`{strategy}`"


def _best_of(suites: list[str], boards: Boards) -> str:
    """A line for each other family: its best entrant, the next, and what takes no search, after 2 CPU seconds."""
    lines = [
        "**Other families**, after 2 CPU seconds",
        "",
        "| family | what is decided | instances | first | second | no search |",
        "| --- | --- | ---: | --- | --- | ---: |",
    ]
    for suite in suites:
        board = boards[suite][TIMED]
        first, second, *_ = [*(f"`{name}` {board.excess(name)}" for name in board.table["strategy"]), "–"]
        lines.append(
            f"| [`{suite}`](docs/{suite}.md) | {families.SUMMARIES[suite]} | {len(board.sample.instances)} | "
            f"{first} | {second} | {board.excess(NO_SEARCH)} |"
        )
    return "\n".join(lines)


def _changed(boards: Boards) -> list[str]:
    """Entrants in the README whose search has another version today than in these runs."""
    return sorted(set(_earlier(boards)))


def _earlier(boards: Boards) -> Iterator[str]:
    for suite, own in boards.items():
        if TIMED not in own:
            continue
        places = own[TIMED].table["strategy"].tolist()
        shown = {*places[:PLACES], *ANCHORS} if suite in RANKED else {*places[:2], NO_SEARCH}
        runs = own[TIMED].sample.runs.drop_duplicates(["strategy", "strategy_version"])
        for name, version in zip(runs["strategy"], runs["strategy_version"], strict=True):
            strategy, _ = split_entrant(str(name))
            if name in shown and strategy in STRATEGIES and str(strategy_class(strategy).version) != str(version):
                yield str(name)
