"""The leaderboard as Markdown, for a README."""

from __future__ import annotations

from typing import Any

from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.summary import headline, too_few_instances, verdict_sentence
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.verdicts import verdict_table

_HEAD = (
    "#", "strategy", "mean rank (95 %)", "excess (95 %)", "capped mean", "wins", "failed", "vs champion", "vs Megatron",
)  # fmt: skip


def render(results: Results) -> str:
    """One table per suite and budget, the verdicts that need words, and what each rests on."""
    parts = []
    for sample in results.samples:
        champion = results.champions.get(sample.suite)
        verdicts = verdict_table(sample, champion)
        board = leaderboard(sample, champion, verdicts=verdicts)
        rows = [_row(place, row) for place, row in enumerate(board.to_dict("records"), start=1)]
        unclear = verdicts[verdicts["verdict"] == "not separated"].to_dict("records")
        parts += [f"### {sample.suite}, {sample.budget}", headline(board, sample), _table(rows)]
        parts += ["\n".join(f"- {verdict_sentence(row)}" for row in unclear)] if unclear else []
        parts += [note] if (note := too_few_instances(board, sample)) else []
        parts.append(f"<sub>{sample.scope()}; champion: {champion or 'not named'}.</sub>")
    return "\n\n".join(parts or ["No results yet."]) + "\n"


def _row(place: int, row: dict[Any, Any]) -> tuple[str, ...]:
    return (
        str(place),
        f"`{row['strategy']}`",
        f"{row['mean_rank']:.2f} ({row['mean_rank_low']:.2f} to {row['mean_rank_high']:.2f})",
        f"{percent(row['excess'])} ({percent(row['excess_low'])} to {percent(row['excess_high'])})",
        percent(row["excess_capped_mean"]),
        str(row["wins"]),
        f"{row['failed']} of {row['runs']}" + (f" ({row['flagged']} flagged)" if row["flagged"] else ""),
        row["vs_champion"] or "–",
        row["vs_megatron"] or "–",
    )


def _table(rows: list[tuple[str, ...]]) -> str:
    rule = ["---:", "---", *["---:"] * 5, "---", "---"]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (_HEAD, rule, *rows))
