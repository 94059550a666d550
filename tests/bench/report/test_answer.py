"""The answer in words: its figures are those of the tables, and it says where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.report import markdown
from tasklet_bench.bench.report.answer import above, first_view, sentences, title
from tasklet_bench.bench.report.figures import outlier_table
from tasklet_bench.bench.report.instance_data import counts
from tasklet_bench.bench.report.page_data import board_of, others_of
from tasklet_bench.bench.report.provenance import retry_table
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.simulated import seconds_table
from tasklet_bench.bench.report.wording import budget_words, percent
from tasklet_bench.bench.stats.by_kind import decision_table, natural_order
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.problems.instances import catalogue

BUDGETS = ("1000-evaluations", "2-cpu-seconds")


@pytest.fixture(scope="module")
def results(make_results: Callable[..., Results]) -> Results:
    """Six entrants on six instances under two budgets."""
    return make_results(budgets=BUDGETS)


def test_the_page_opens_on_seconds(results: Results) -> None:
    """Of a suite's budgets the shortest of CPU seconds comes first, unless only one strategy ran under it."""
    assert results.views[first_view(results.views)].budget == "2-cpu-seconds"
    runs = results.runs[(results.runs["budget"] != "2-cpu-seconds") | (results.runs["strategy"] == "genetic")]
    few = replace(results, runs=runs)
    assert few.views[first_view(few.views)].budget == "1000-evaluations"
    assert first_view([]) == 0


def test_every_figure_of_the_answer_is_the_tables(results: Results) -> None:
    """Excess, interval, share of draws and seconds in the sentences are those of leaderboard and simulation."""
    boards = [board_of(sample, results) for sample in results.views]
    board = boards[first_view(results.views)]
    table = leaderboard(board.sample, "annealing")
    first = table.iloc[0]
    text = sentences(board, others_of(board, boards))
    assert title(board).startswith(f"Take {first['strategy']}")
    assert text[0].startswith(f"After 2 CPU seconds, {first['strategy']} ends {above(first['excess'])}")
    assert percent(first["excess_high"]).lstrip("+") in text[0]
    assert percent(first["p_best"]).lstrip("+") in text[1]
    seconds = seconds_table(board.sample, results.problems).pivot(
        index="problem", columns="strategy", values="simulated_s"
    )
    if {first["strategy"], "megatron"} <= set(seconds):
        assert f"{seconds[first['strategy']].median():.3g} s" in " ".join(text)
    other = leaderboard(next(one for one in boards if one is not board).sample, "annealing").iloc[0]
    assert text[-1].startswith("After 1,000 evaluations instead")
    assert above(other["excess"]) in text[-1]


def test_seconds_say_whether_a_difference_matters(results: Results) -> None:
    """Twice as long is a figure in the answer, half a per cent is called too little to notice."""
    board = board_of(results.views[1], results)
    first, second = board.leaderboard["strategy"].iloc[:2]
    rows = [
        (problem, strategy, 1.0, {first: 1.0, second: 1.004, "megatron": 2.0}[strategy])
        for problem in ("a", "b", "c")
        for strategy in {first, second, "megatron"}
    ]
    known = pd.DataFrame(rows, columns=["problem", "strategy", "cost_s", "simulated_s"])
    text = " ".join(sentences(replace(board, seconds=known), []))
    assert "50 % less than that of Megatron's default order (medians 1 s and 2 s)" in text
    assert f"as long as that of {second} (within 1 %), a difference that nobody would notice" in text


def test_one_strategy_alone_is_ranked_by_nobody(results: Results) -> None:
    """The answer of a budget under which one strategy ran has its excess and neither rank nor opponent."""
    alone = replace(results, runs=results.runs[results.runs["strategy"] == "genetic"])
    board = board_of(alone.views[0], alone)
    assert title(board) == "genetic alone, nothing to compare"
    (sentence,) = sentences(board, [])
    assert "There is nobody to rank it against" in sentence
    assert "rank (95 %)" not in markdown.render(alone)


def test_excesses_read_as_sentences() -> None:
    """Above, below, and exactly at the best known cost."""
    assert above(0.0129) == "1.29 % above the best known cost"
    assert above(-0.003) == "0.30 % below the best known cost"
    assert above(1e-9) == "at the best known cost"


def test_budgets_read_as_words() -> None:
    """Whole numbers with separators, both limits of a budget of two, one second without its s."""
    words = {
        "1000-evaluations": "1,000 evaluations",
        "5000-evaluations+60-cpu-seconds": "5,000 evaluations and 60 CPU seconds",
        "0.5-wall-seconds": "0.5 wall seconds",
        "1-cpu-seconds": "1 CPU second",
        "made up": "made up",
    }
    assert {name: budget_words(name) for name in words} == words


@pytest.mark.parametrize(
    "kinds",
    [
        ["up to 32", "33 to 64", "65 to 128", "more than 128"],
        ["no sites", "one site", "2 to 4", "5 to 12", "more than 12"],
        ["below half of the paper's", "about the paper's", "over twice the paper's"],
        ["up to 32", "33 to 64", "above 64"],
        ["none", "1 to 2"],
        ["directed", "symmetric"],
    ],
)
def test_kinds_stand_in_their_natural_order(kinds: list[str]) -> None:
    """None before few before many, whatever the letters say, and in whatever order they come."""
    kinds_from_the_last = kinds[::-1]
    assert sorted(kinds_from_the_last, key=natural_order) == kinds


def test_tables_by_kind_are_in_that_order(results: Results) -> None:
    """So do the rows of the decision table within each dimension."""
    rows = decision_table(results.samples[0], results.kinds, draws=50)
    for _, own in rows.groupby("dimension"):
        assert own["kind"].tolist() == sorted(own["kind"], key=natural_order)


def test_retries_are_counted_with_what_became_of_them(results: Results) -> None:
    """Attempts that ended alike are a row; runs that are not among the results count nowhere."""
    keys = results.runs[(results.runs["strategy"] == "genetic") & (results.runs["status"] == "ok")]["key"].tolist()
    rows = [
        (keys[0], 1, "timeout", "killed"),
        (keys[0], 2, "oom", None),
        (keys[1], 1, "timeout", "x"),
        ("?", 1, "oom", ""),
    ]
    again = pd.DataFrame(rows, columns=["key", "attempt", "status", "error"])
    table = retry_table(replace(results, superseded=again)).set_index("status")
    assert table["runs"].to_dict() == {"oom": 1, "timeout": 2}
    assert table.loc["timeout", "then"] == "2 ok"
    assert "made again: 2 ok" in markdown.render(replace(results, superseded=again))
    assert retry_table(results).empty


def test_outliers_are_where_the_capped_mean_cuts_off(results: Results) -> None:
    """An instance on which an entrant ends at eleven times the best known cost is named, one at twice is not."""
    sample = results.samples[0]
    excess = np.array(sample.excess)
    excess[2, 1], excess[3, 0] = 12.0, 1.0
    (row,) = outlier_table(replace(sample, excess=excess)).to_dict("records")
    assert (row["strategy"], row["problem"], row["excess"]) == (sample.entrants[1], sample.instances[2], 12.0)


def test_markdown_says_what_the_page_says(results: Results) -> None:
    """The answer stands at its head, then the budgets side by side, and failures, retries and machines at its end."""
    text = markdown.render(replace(results, verified=(10, 0)))
    assert text.startswith("## Take annealing")
    assert "| strategy | after 1,000 evaluations | after 2 CPU seconds |" in text
    assert "| for | instances | take |" in text
    assert "Who wins where" in text
    assert "10 stored candidates were scored again by the readable judge; all came out the same" in text
    assert re.search(r"Failed runs:\n\n- ", text)
    assert "- machines: " in text


def test_an_instance_is_counted_as_readers_count() -> None:
    """Devices, sites (none where each device is by itself) and kinds of devices."""
    assert counts(catalogue.load("paper/worldwide")) == {"n_devices": 64, "n_sites": 8, "n_kinds": 1}
    assert counts(catalogue.load("generated/uniform?n=16&dp=4&seed=6"))["n_sites"] == 0
    assert counts(catalogue.load("measured/hybrid-dgx2-t4-a10-24"))["n_kinds"] > 1
