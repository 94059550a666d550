"""Everything that the page shows, as plain values and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.report.answer import Board, first_view, sentences, title
from tasklet_bench.bench.report.figures import figure_tables, main_clock
from tasklet_bench.bench.report.instance_data import instance_data
from tasklet_bench.bench.report.payload import table
from tasklet_bench.bench.report.provenance import (
    failure_table,
    flag_table,
    provenance_data,
    retry_table,
    strategy_table,
)
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.simulated import seconds_table
from tasklet_bench.bench.report.summary import omnibus_sentence, too_few_instances, verdict_sentence
from tasklet_bench.bench.report.wording import budget_words
from tasklet_bench.bench.stats.machines import several_machines
from tasklet_bench.bench.stats.ranks import friedman
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.problems.families import SUMMARIES

if TYPE_CHECKING:
    import pandas as pd


def page_data(results: Results) -> dict[str, Any]:
    """The data block of the page."""
    if results.runs.empty:
        nothing = table(results.runs[[]])
        empty = dict.fromkeys(("strategies", "failures", "flags", "retries"), nothing)
        return {"samples": [], "instances": [], "first": 0, **empty}
    boards = [_board(sample, results) for sample in results.views]
    return {
        "samples": [_sample_data(board, boards, results) for board in boards],
        "first": first_view(results.views),
        "highlighted": list(results.highlighted),
        "instances": instance_data(results),
        "strategies": table(strategy_table(results.distinct_runs)),
        "failures": table(failure_table(results.distinct_runs)),
        "retries": table(retry_table(results)),
        "flags": table(flag_table(results.distinct_runs)),
        "provenance": provenance_data(results),
    }


def board_of(sample: Sample, results: Results) -> Board:
    """A sample with the tables of its answer alone, which Markdown is made of."""
    from tasklet_bench.bench.stats.by_kind import decision_table
    from tasklet_bench.bench.stats.leaderboard import leaderboard
    from tasklet_bench.bench.stats.verdicts import verdict_table

    champion = results.champions.get(sample.suite)
    verdicts = verdict_table(sample, champion)
    return Board(
        sample,
        leaderboard(sample, champion, verdicts=verdicts),
        verdicts,
        decision_table(sample, results.kinds),
        seconds_table(sample, results.problems),
        champion,
    )


def _board(sample: Sample, results: Results) -> tuple[Board, dict[str, pd.DataFrame]]:
    tables = figure_tables(sample, results) | {"seconds": seconds_table(sample, results.problems)}
    champion = results.champions.get(sample.suite)
    shown = (tables[name] for name in ("leaderboard", "verdicts", "decisions", "seconds"))
    leaderboard, verdicts, decisions, seconds = shown
    return Board(sample, leaderboard, verdicts, decisions, seconds, champion), tables


def others_of(board: Board, boards: Sequence[Board]) -> list[Board]:
    """The boards of the same suite and the same view under other budgets."""
    own = board.sample
    return [
        other
        for other in boards
        if other is not board
        and (other.sample.suite_digest, other.sample.view) == (own.suite_digest, own.view)
        and other.sample.budget != own.budget
    ]


def _sample_data(
    drawn: tuple[Board, dict[str, Any]], boards: list[tuple[Board, dict[str, Any]]], results: Results
) -> dict[str, Any]:
    board, tables = drawn
    sample = board.sample
    family = _family(sample, results)
    return {
        "suite": sample.suite,
        "suite_digest": sample.suite_digest,
        "family": family,
        "objective": SUMMARIES.get(family, ""),
        "budget": sample.budget,
        "budget_words": budget_words(sample.budget),
        "view": sample.view,
        "champion": board.champion,
        "clock": main_clock(sample),
        "n_instances": len(sample.instances),
        "n_seeds": len(sample.seeds),
        "equal_within": sample.equal_within,
        "scope": sample.scope(),
        "mixed_machines": several_machines(sample.runs),
        "title": title(board),
        "answer": sentences(board, others_of(board, [other for other, _ in boards]), results.highlighted),
        "alone": board.alone,
        "seconds_to_spend": _seconds_to_spend(sample),
        "too_few": "" if board.alone else too_few_instances(board.leaderboard, sample),
        "omnibus": omnibus_sentence(friedman(sample)),
        "sentences": [verdict_sentence(row) for row in board.verdicts.to_dict("records")],
        "tables": {name: table(frame) for name, frame in tables.items()},
    }


def _family(sample: Sample, results: Results) -> str:
    """The family that most instances of a sample are of; empty where none could be made."""
    families = [results.problems[name].family for name in sample.instances if name in results.problems]
    return max(families, key=families.count, default="")


def _seconds_to_spend(sample: Sample) -> float:
    """CPU seconds of a run: those of its budget, else the median of what runs took."""
    runs = sample.runs
    if runs["budget_cpu_s"].notna().all() and runs["budget_evaluations"].isna().all():
        return float(runs["budget_cpu_s"].max())
    return float(runs["cpu_s"].median())
