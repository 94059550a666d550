"""The page as Markdown, for a README: the answer, the tables, and what they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tasklet_bench.bench.report.answer import Board, first_view, sentences, title
from tasklet_bench.bench.report.figures import outlier_table
from tasklet_bench.bench.report.markdown_remarks import bullets, records, what_was_run, what_went_wrong
from tasklet_bench.bench.report.page_data import board_of, others_of
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.summary import too_few_instances, verdict_sentence
from tasklet_bench.bench.report.wording import budget_words, percent
from tasklet_bench.bench.runs.text import clean
from tasklet_bench.bench.stats.exact_solvers import exact_table
from tasklet_bench.bench.stats.sample import median_over_seeds
from tasklet_bench.problems.tolerances import SAME_COST

_START = 2
"""Where the column stands that says what an entrant begins from, in tables that mix known starts with own ones."""
_HEAD = (
    "#", "strategy", "mean rank (95 %)", "excess (95 %)", "capped mean", "score (95 %)", "wins", "failed",
    "vs champion", "vs Megatron",
)  # fmt: skip
_ALONE = (1, 3, 4, 7)
"""Columns that say something about one strategy by itself: its name, excess, capped mean, failures."""


def render(results: Results) -> str:
    """The answer, all budgets side by side, one part per suite and budget, what went wrong, and what was run."""
    if results.runs.empty:
        return "No results yet.\n"
    boards = [board_of(sample, results) for sample in results.views]
    first = boards[first_view(results.views)]
    parts = [f"## {_plain(title(first))}", *_answer(first, boards, results.highlighted), *_budgets(boards)]
    for board in boards:
        parts += _view(board, [] if board is first else _answer(board, boards, results.highlighted), results)
    parts += [_plain(line) for line in what_went_wrong(results)]
    parts += [_plain(line) for line in what_was_run(results)]
    return _joined(parts)


def _joined(parts: Sequence[str]) -> str:
    """Paragraphs apart, the lines of a list together."""
    text = ""
    for before, part in zip(["", *parts], parts, strict=False):
        text += ("\n" if before.startswith("- ") and part.startswith("- ") else "\n\n") + part
    return text.lstrip("\n") + "\n"


def _answer(board: Board, boards: Sequence[Board], highlighted: Sequence[str]) -> list[str]:
    return [_plain(sentence) for sentence in sentences(board, others_of(board, boards), highlighted)]


def _budgets(boards: Sequence[Board]) -> list[str]:
    """The excess under every budget of a suite, side by side."""
    parts: list[str] = []
    seen = set()
    for board in boards:
        group = [one for one in [board, *others_of(board, boards)] if not one.alone]
        group.sort(key=lambda one: float(one.sample.runs["cpu_s"].median()))
        key = tuple(id(one) for one in group)
        if len(group) < 2 or key in seen:
            continue
        seen.add(key)
        by_budget = [dict(zip(one.leaderboard["strategy"], one.leaderboard["excess"], strict=True)) for one in group]
        names = list(dict.fromkeys(name for one in group[::-1] for name in one.leaderboard["strategy"]))
        head = ("strategy", *(f"after {budget_words(one.sample.budget)}" for one in group))
        rows = [(name, *(percent(excess[name]) if name in excess else "–" for excess in by_budget)) for name in names]
        words = ", ".join(filter(None, [board.sample.suite, board.sample.view]))
        parts += [f"Excess over the best known cost in {_plain(words)}, by budget:", _rows(head, rows)]
    return parts


def _view(board: Board, answer: Sequence[str], results: Results) -> list[str]:
    sample, table = board.sample, board.leaderboard
    rows = [_row(place, row, row["strategy"] in results.highlighted) for place, row in enumerate(records(table), 1)]
    starts = list(table["start"]) if table["start"].nunique() > 1 else []
    unclear = board.verdicts[board.verdicts["verdict"] == "not separated"]
    name = ", ".join(filter(None, [sample.suite, sample.budget, sample.view]))
    parts = [f"### {_plain(name)}: {_plain(title(board))}", *answer]
    parts.append(_alone(rows) if board.alone else _table(rows, starts))
    parts += [_plain(line) for line in bullets(verdict_sentence(row) for row in records(unclear))]
    parts += [_plain(note)] if not board.alone and (note := too_few_instances(table, sample)) else []
    remarks = [
        f"At more than ten times the best known cost on {problem}: "
        + ", ".join(f"{row['strategy']} {percent(row['excess'])}" for row in records(rows))
        + "."
        for problem, rows in outlier_table(sample).groupby("problem", sort=False)
    ]
    remarks += [
        f"{row['strategy']} proved the optimum in {row['proven']} of {row['runs']} runs and raised a bound in "
        f"{row['bounded']}."
        for row in records(exact_table(sample).reset_index())
    ]
    parts += [_plain(line) for line in bullets(remarks)]
    parts += [] if board.alone else [*_kinds(board), *_where(board)]
    return [*parts, f"<sub>{_plain(sample.scope())}; champion: {_plain(board.champion or 'not named')}.</sub>"]


def _kinds(board: Board) -> list[str]:
    rows = [
        (
            f"{row['dimension']}: {row['kind']}",
            str(row["instances"]),
            row["leader"],
            percent(row["leader_excess"]),
            "nobody" if row["clear"] else ", ".join(row["as_good"]),
        )
        for row in records(board.decisions)
    ]
    return [_rows(("for", "instances", "take", "its excess", "not clearly behind"), rows)] if rows else []


def _where(board: Board) -> list[str]:
    """Who is best on each instance, folded up as it is long."""
    sample, leader = board.sample, str(board.leaderboard.iloc[0]["strategy"])
    excess = median_over_seeds(sample.excess)
    own = excess[:, sample.entrants.index(leader)]
    best = excess.min(axis=1)
    names = np.array(sample.entrants)
    rows = [
        (name, ", ".join(names[row <= low + SAME_COST]), percent(low), percent(mine))
        for name, row, low, mine in zip(sample.instances, excess, best, own, strict=True)
    ]
    head = ("instance", "best", "its excess", f"excess of {leader}")
    return ["<details><summary>Who wins where</summary>", _rows(head, rows), "</details>"]


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *([_code(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _alone(rows: list[tuple[str, ...]]) -> str:
    """One strategy has no ranks, wins or verdicts."""
    lines = [_HEAD, ("---:", "---", *["---:"] * 6, "---", "---"), *rows]
    return "\n".join("| " + " | ".join(cells[place] for place in _ALONE) + " |" for cells in lines)


def _plain(text: str) -> str:
    """Text in which no name can close a cell, begin code or a link, or bring HTML in."""
    line = " ".join(clean(text).split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([`|]|(?<=\])\()", r"\\\1", line)


def _code(name: str) -> str:
    """A name between backticks, in a cell."""
    return " ".join(clean(name).split()).replace("`", "'").replace("|", "\\|")


def _row(place: int, row: dict[Any, Any], own: bool) -> tuple[str, ...]:
    name = f"`{_code(row['strategy'])}`"
    return (
        str(place),
        f"**{name}**" if own else name,
        f"{row['mean_rank']:.2f} ({row['mean_rank_low']:.2f} to {row['mean_rank_high']:.2f})",
        f"{percent(row['excess'])} ({percent(row['excess_low'])} to {percent(row['excess_high'])})",
        percent(row["excess_capped_mean"]),
        f"{row['score']:.3f} ({row['score_low']:.3f} to {row['score_high']:.3f})",
        str(row["wins"]),
        f"{row['failed']} of {row['runs']}" + (f" ({row['flagged']} flagged)" if row["flagged"] else ""),
        row["vs_champion"] or "–",
        row["vs_megatron"] or "–",
    )


def _table(rows: list[tuple[str, ...]], starts: list[str]) -> str:
    lines = [_HEAD, ("---:", "---", *["---:"] * 6, "---", "---"), *rows]
    if starts:
        column = ["start", "---", *starts]
        lines = [(*cells[:_START], start, *cells[_START:]) for cells, start in zip(lines, column, strict=True)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
