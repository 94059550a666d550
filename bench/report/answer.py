"""The answer that the page and Markdown open on, every figure of it computed.

Whom to take, by how much, how surely, for which case, and whether it matters in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.report.summary import place_sentence
from tasklet_bench.bench.report.wording import budget_words, listed, percent
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.bench.stats.verdicts import MEGATRON

if TYPE_CHECKING:
    import pandas as pd

NOTICEABLE = 0.01
"""Differences of simulated seconds below this share are called too small to notice."""
MOST_EXCEPTIONS = 3


@dataclass(frozen=True)
class Board:
    """A sample with the tables that its answer is made from, as `figures.figure_tables` and `simulated` make them."""

    sample: Sample
    leaderboard: pd.DataFrame
    verdicts: pd.DataFrame
    decisions: pd.DataFrame
    seconds: pd.DataFrame
    champion: str | None

    @property
    def alone(self) -> bool:
        """Whether there is nobody to compare with."""
        return len(self.leaderboard) < 2


def first_view(samples: Sequence[Sample]) -> int:
    """Which of the samples a reader sees first: of the largest suite, the one under CPU seconds that most took part in.

    Seconds are the fairer budget, as an evaluation costs some strategies a thousand times more than others; of several
    budgets of seconds the shortest counts.
    """

    def size(sample: Sample) -> int:
        return len(sample.entrants) * len(sample.instances)

    def preference(place: int) -> tuple[Any, ...]:
        sample = samples[place]
        suite = max(size(other) for other in samples if other.suite_digest == sample.suite_digest)
        runs = sample.runs
        timed = bool(runs["budget_cpu_s"].notna().all() and runs["budget_evaluations"].isna().all())
        seconds = float(runs["budget_cpu_s"].min()) if timed else 0.0
        return -suite, -(len(sample.entrants) > 1), -timed, -len(sample.entrants), seconds, place

    return min(range(len(samples)), key=preference, default=0)


def title(board: Board) -> str:
    """Whom to take, in a few words."""
    table = board.leaderboard
    if board.alone:
        return f"{table.iloc[0]['strategy']} alone, nothing to compare" if len(table) else "No results yet"
    rivals = _rivals(table)
    if len(rivals) > 1:
        return f"Take {table.iloc[0]['strategy']}, though these runs do not settle it"
    return f"Take {' or '.join([table.iloc[0]['strategy'], *rivals])}"


def sentences(board: Board, others: Sequence[Board], highlighted: Sequence[str] = ()) -> list[str]:
    """The answer, a sentence or two for each question; where the reader has entrants, first where these stand.

    `others` are the same suite's boards under its other budgets.
    """
    table = board.leaderboard
    if board.alone:
        return [_alone(board)] if len(table) else []
    own = [place_sentence(name, table) for name in table["strategy"] if name in highlighted]
    answers = [_by_how_much(board), _how_surely(board), _for_which_case(board), _in_seconds(board)]
    elsewhere = [_elsewhere(board, other) for other in others if not other.alone]
    return [*own, *filter(None, answers), *elsewhere]


def above(share: float) -> str:
    """An excess in a sentence: `1.29 % above the best known cost`."""
    figure = percent(abs(share)).lstrip("+")
    if figure == "0 %":
        return "at the best known cost"
    return f"{figure} {'above' if share > 0 else 'below'} the best known cost"


def _short(share: float) -> str:
    """The same after it has been said once what it is above of."""
    return above(share).replace("at the best known cost", "exactly at it").removesuffix(" the best known cost")


def _rivals(table: pd.DataFrame) -> list[str]:
    """Whose interval reaches the leader's."""
    high = table.iloc[0]["mean_rank_high"]
    return [str(row["strategy"]) for row in table.iloc[1:].to_dict("records") if row["mean_rank_low"] <= high]


def _alone(board: Board) -> str:
    row = board.leaderboard.iloc[0]
    return (
        f"{row['strategy']} is the only strategy with results after {budget_words(board.sample.budget)}: it ends "
        f"{above(row['excess'])} on {_instances(board)}. There is nobody to rank it against."
    )


def _instances(board: Board) -> str:
    n = len(board.sample.instances)
    return f"{n} instance{'s' if n != 1 else ''}"


def _by_how_much(board: Board) -> str:
    table = board.leaderboard
    first, second = table.iloc[0], table.iloc[1]
    low, high = (percent(first[name]).lstrip("+") for name in ("excess_low", "excess_high"))
    text = (
        f"After {budget_words(board.sample.budget)}, {first['strategy']} ends {above(first['excess'])} "
        f"(mean of the middle half of {_instances(board)}, 95 % {low} to {high}); {second['strategy']}, next by mean "
        f"rank, {_short(second['excess'])}"
    )
    order = table[table["strategy"] == MEGATRON]
    if len(order) and MEGATRON not in (first["strategy"], second["strategy"]):
        text += f", and Megatron's default order {_short(float(order['excess'].iloc[0]))}"
    return text + "."


def _how_surely(board: Board) -> str:
    table = board.leaderboard
    first = table.iloc[0]
    name, rivals = str(first["strategy"]), _rivals(table)
    surely = f"It ranks first in {percent(first['p_best']).lstrip('+')} of the bootstrap's draws of instances"
    if rivals:
        reach = f"the interval{'s' * (len(rivals) > 1)} of {listed(rivals)} {'reach' if len(rivals) > 1 else 'reaches'}"
        text = f"{surely}, and {reach} into its own: these data do not settle the order."
    else:
        text = f"{surely}, and no other strategy's interval reaches its own."
    if name == board.champion:
        return f"{text} It had been named champion before the runs."
    rows = board.verdicts[(board.verdicts["strategy"] == name) & (board.verdicts["role"] == "champion")]
    if rows.empty:
        return text
    row = rows.iloc[0]
    return (
        f"{text} Against {row['against']}, the champion named before the runs, the verdict is: {row['verdict']} "
        f"({percent(row['difference'])} cost)."
    )


def _for_which_case(board: Board) -> str:
    name = str(board.leaderboard.iloc[0]["strategy"])
    rows = board.decisions.to_dict("records")
    if not rows:
        return ""
    exceptions = [row for row in rows if row["leader"] != name]
    if not exceptions:
        return "It leads on every kind of instance of which there are at least three."
    exceptions.sort(key=lambda row: not row["clear"])
    words = [
        f"{row['leader']} for {row['dimension']}: {row['kind']}" + ("" if row["clear"] else " (not clearly)")
        for row in exceptions
    ]
    lead = len(rows) - len(exceptions)
    if not lead:
        return f"By kind of instance others lead: {_some(words)}."
    return f"It leads on {lead} of {len(rows)} kinds of instances; the others: {_some(words)}."


def _some(words: list[str]) -> str:
    more = len(words) - MOST_EXCEPTIONS
    return "; ".join(words[:MOST_EXCEPTIONS]) + (f"; and {more} more" if more > 0 else "")


def _in_seconds(board: Board) -> str:
    """Whether the difference would be noticed: simulated seconds of an iteration of the best allocations."""
    if board.seconds.empty:
        return ""
    costs_s = board.seconds.pivot(index="problem", columns="strategy", values="simulated_s")
    first, second = (str(name) for name in board.leaderboard["strategy"].iloc[:2])
    parts = []
    for other in dict.fromkeys([MEGATRON, second]):
        if other == first or not {first, other} <= set(costs_s.columns):
            continue
        pair = costs_s[[first, other]].dropna()
        pair = pair[pair[other] > 0]
        if len(pair):
            name = "Megatron's default order" if other == MEGATRON else other
            parts.append(_comparison(float((pair[first] / pair[other]).median() - 1), name, pair))
    if not parts:
        return ""
    return f"In seconds: on the median instance, a simulated iteration of its best allocation takes {'; '.join(parts)}."


def _comparison(difference: float, name: str, pair: pd.DataFrame) -> str:
    own_s, other_s = (float(pair[column].median()) for column in pair.columns)
    if abs(difference) < NOTICEABLE:
        return f"as long as that of {name} (within {100 * NOTICEABLE:g} %), a difference that nobody would notice"
    size = f"{abs(difference):.0%}".replace("%", " %")
    way = "less" if difference < 0 else "more"
    return f"{size} {way} than that of {name} (medians {own_s:.3g} s and {other_s:.3g} s)"


def _elsewhere(board: Board, other: Board) -> str:
    name, leader = (str(one.leaderboard.iloc[0]["strategy"]) for one in (board, other))
    row = other.leaderboard.iloc[0]
    start = f"After {budget_words(other.sample.budget)} instead,"
    if name == leader:
        return f"{start} it leads as well, {above(row['excess'])}."
    places = list(other.leaderboard["strategy"])
    own = f"; {name} is number {places.index(name) + 1}" if name in places else ""
    return f"{start} {leader} leads, {above(row['excess'])}{own}."
