"""The leaderboard as Markdown, for a README."""

from __future__ import annotations

import re
from typing import Any

from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.summary import headline, place_sentence, too_few_instances, verdict_sentence
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.runs.text import clean
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.verdicts import verdict_table

_START = 2
"""Where the column stands that says what an entrant begins from, in tables that mix known starts with own ones."""
_HEAD = (
    "#", "strategy", "mean rank (95 %)", "excess (95 %)", "capped mean", "score (95 %)", "wins", "failed",
    "vs champion", "vs Megatron",
)  # fmt: skip


def render(results: Results) -> str:
    """One table per suite and budget, the verdicts that need words, and what each rests on."""
    parts = []
    for sample in results.views:
        champion = results.champions.get(sample.suite)
        verdicts = verdict_table(sample, champion)
        board = leaderboard(sample, champion, verdicts=verdicts)
        rows = [
            _row(place, row, row["strategy"] in results.highlighted)
            for place, row in enumerate(board.to_dict("records"), start=1)
        ]
        starts = list(board["start"]) if board["start"].nunique() > 1 else []
        unclear = verdicts[verdicts["verdict"] == "not separated"].to_dict("records")
        own = [name for name in board["strategy"] if name in results.highlighted]
        lead = [place_sentence(name, board) for name in own] or [headline(board, sample)]
        title = ", ".join(filter(None, [sample.suite, sample.budget, sample.view]))
        parts += [f"### {_plain(title)}", *map(_plain, lead), _table(rows, starts)]
        parts += ["\n".join(f"- {_plain(verdict_sentence(row))}" for row in unclear)] if unclear else []
        parts += [_plain(note)] if (note := too_few_instances(board, sample)) else []
        parts.append(f"<sub>{_plain(sample.scope())}; champion: {_plain(champion or 'not named')}.</sub>")
    return "\n\n".join(parts or ["No results yet."]) + "\n"


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
