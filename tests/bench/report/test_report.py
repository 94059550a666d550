"""What goes into the page, without a browser; Markdown and terminal."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from tasklet_bench.bench.report import markdown, page, terminal
from tasklet_bench.bench.report.figures import CURVE_POINTS, figure_tables, thinned
from tasklet_bench.bench.report.page_data import page_data
from tasklet_bench.bench.report.payload import packed, plain, unpacked
from tasklet_bench.bench.report.provenance import failure_table
from tasklet_bench.bench.report.ranking import Ranking
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.topology import allocation_data, topology_data
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.report.world import UNITS, projected
from tasklet_bench.bench.stats.attainment import attainment_table
from tasklet_bench.bench.stats.compare import duel
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.targets import progress
from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.instances import catalogue


@pytest.fixture(scope="module")
def results(make_results: Callable[..., Results]) -> Results:
    """Six entrants on six instances."""
    return make_results()


def test_the_data_block_reads_back(results: Results) -> None:
    """What the page unpacks is what was packed, with six digits, infinities as words and NaN as null."""
    assert plain([math.inf, -math.inf, math.nan, 1 / 3, np.float64(2.0), np.int64(3), "x", None]) == [
        "Infinity", "-Infinity", None, 0.333333, 2, 3, "x", None,
    ]  # fmt: skip
    data = page_data(results)
    assert unpacked(packed(data)) == plain(data)


def test_curves_are_thinned_but_keep_their_ends(results: Results) -> None:
    """A curve of one instance has a limited number of points, its first and its last among them."""
    sample = results.samples[0]
    whole = attainment_table(sample, progress(sample, results.trajectories), "evaluations", levels=(50,))
    whole = pd.concat([whole, whole.assign(at=whole["at"] + 2000)]).sort_values(["strategy", "problem", "at"])
    thin = thinned(whole, "at", ["strategy", "problem"], CURVE_POINTS)
    by = ["strategy", "problem"]
    assert whole.groupby(by).size().max() > CURVE_POINTS
    assert thin.groupby(by).size().max() == CURVE_POINTS
    pd.testing.assert_frame_equal(
        thin.groupby(by)["at"].agg(["min", "max"]), whole.groupby(by)["at"].agg(["min", "max"])
    )


def test_the_map_is_equal_earth() -> None:
    """Known places of the projection: the pole's height, the equator's half length, and the 45th parallel."""
    half, pole = projected([180], [0])[0][0] / UNITS, -projected([0], [90])[0][1] / UNITS
    assert half == pytest.approx(2.7066, abs=1e-3)
    assert pole == pytest.approx(1.3173, abs=1e-3)
    np.testing.assert_array_equal(projected([-60], [45]) * [-1, 1], projected([60], [45]))


def test_the_slowest_links_add_up_to_the_cost(rng: np.random.Generator) -> None:
    """The marked boundaries sum to the pipeline's seconds, and the framed group is the data-parallel part."""
    problem = catalogue.load("measured/aws10-uneven-64")
    grid = rng.permutation(64).reshape(8, 8)
    cost, marked = problem.cost(Allocation(grid)), allocation_data(problem, grid)
    assert sum(seconds for _, seconds in marked["boundaries"]) == pytest.approx(cost.parts_s["pipeline_s"], rel=1e-12)
    stage, row, slowest_s = marked["group"]
    assert slowest_s == pytest.approx(cost.parts_s["data_parallel_s"], rel=1e-12)
    assert problem.dp_pair_s[grid[row, stage], grid[:, stage]].sum() == pytest.approx(slowest_s, rel=1e-12)
    for stage, (row, seconds) in enumerate(marked["boundaries"]):
        assert problem.pp_pair_s[grid[row, stage], grid[row, stage + 1]] == seconds


def test_heat_maps_stay_small() -> None:
    """Sites make a row each; without sites the devices do, averaged in blocks where they are many."""
    by_site = topology_data(catalogue.load("paper/worldwide"), None)
    assert by_site["heat"]["n"] == len(by_site["sites"]) == 8
    by_device = topology_data(catalogue.load("generated/uniform?n=256&dp=16&seed=1"), None)
    assert by_device["heat"]["n"] <= 96
    assert "sites" not in by_device


def test_failures_that_are_alike_are_reported_once(results: Results) -> None:
    """Groups count every failed run; without failures the table is empty and keeps its columns."""
    table = failure_table(results.runs)
    assert table["runs"].sum() == (results.runs["status"] != "ok").sum() > 0
    assert table["error"].str.contains("MemoryError").all()
    none = failure_table(results.runs.assign(status="ok"))
    assert none.empty
    assert list(none) == list(table)


def test_an_unknown_instance_is_reported_without_its_topology(results: Results) -> None:
    """Results of somebody's own problem file still make a page, with everything but the map and the grid."""
    runs = results.runs.assign(problem=results.runs["problem"].replace("paper/worldwide", "my-cluster.json"))
    data = page_data(replace(results, runs=runs))
    (own,) = [instance for instance in data["instances"] if instance["name"] == "my-cluster.json"]
    assert "topology" not in own
    assert own["reference_s"] > 0


def test_a_page_of_nothing_and_of_one(results: Results, tmp_path: Path) -> None:
    """An empty store, one run, and runs that all failed each make a page instead of an error."""
    one = results.runs[results.runs["status"] == "ok"].iloc[:1]
    lost = results.runs.assign(status="timeout", cost_s=np.nan, candidate=None)
    for runs in (results.runs.iloc[:0], one, lost):
        page.write(replace(results, runs=runs), tmp_path / "page.html")
        assert (tmp_path / "page.html").stat().st_size > 10_000


def test_markdown_has_a_row_per_strategy_and_says_what_it_rests_on(results: Results) -> None:
    """The table for a README carries ranks, intervals, verdicts, and the scope beneath."""
    text = markdown.render(results)
    rows = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) == 6
    assert all(line.count("|") == 11 for line in rows)
    assert "digest 7e577e577e57" in text
    assert "champion: annealing" in text


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_terminal_leaderboard_keeps_its_names_at_any_width(results: Results, width: int) -> None:
    """Narrow terminals lose figures that can be missed, never the strategies nor their mean rank."""
    sample = results.samples[0]
    console = Console(width=width, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    board = leaderboard(sample, "annealing", draws=100)
    console.print(terminal.render(Ranking.of(board, sample)))
    text = console.export_text()
    for row in board.to_dict("records"):
        assert row["strategy"] in text
        assert f"{row['mean_rank']:.2f}" in text
    assert max(map(len, text.splitlines())) <= width


def test_the_terminal_shows_a_duel(results: Results) -> None:
    """Every instance has its line, and the verdict stands beneath in words."""
    console = Console(width=110, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    console.print(terminal.render_duel(duel(results.samples[0], "annealing", "megatron", draws=100)))
    text = console.export_text()
    assert all(name in text for name in results.samples[0].instances)
    assert "annealing against megatron: better" in text


def test_a_small_sample_says_that_it_is_too_small(results: Results) -> None:
    """Six instances cannot settle two tests, and page and Markdown say so; the omnibus stands beside it."""
    (sample,) = page_data(results)["samples"]
    assert "6 instances are too few for a verdict of two tests" in sample["too_few"]
    assert "6 instances are too few" in markdown.render(results)
    assert "Friedman's test that all 6 strategies are alike, over 6 instances: p " in sample["omnibus"]


def test_percentages_are_as_precise_as_they_are_worth() -> None:
    """Signs stay, zeros lose theirs, and what is not a number is said so."""
    assert [percent(x) for x in (0.00314, -0.27, 19.4, 0.0, 1e-9, math.inf)] == [
        "+0.31 %", "-27.0 %", "+1,940 %", "0 %", "0 %", "∞",
    ]  # fmt: skip


BUILD = """
import runpy, sys, time
from pathlib import Path
from tasklet_bench.bench.report import page
peak_bytes = runpy.run_path(sys.argv[5])["peak_bytes"]
budgets = ("1000-evaluations", "2-cpu-seconds")[: int(sys.argv[3])]
make_results = runpy.run_path(sys.argv[1])["make_results"]
made = make_results(instances=60, entrants=15, seeds=int(sys.argv[2]), budgets=budgets, steps=30)
start = time.process_time()
page.write(made, Path(sys.argv[4]))
print(len(made.runs), time.process_time() - start, peak_bytes() / 1e6)
"""


@pytest.mark.slow
def test_a_large_page_stays_small(tmp_path: Path) -> None:
    """60 instances × 15 entrants: at most 3 MB a page, and at most 2 GB to build it.

    With `TASKLET_BENCH_DRAWS=2000` the long form, more than 10,000 runs under two budgets.
    """
    seeds, budgets = ("7", "2") if int(os.environ.get("TASKLET_BENCH_DRAWS", "400")) >= 2000 else ("2", "1")
    path = tmp_path / "large.html"
    command = [sys.executable, "-c", BUILD, str(Path(__file__).with_name("conftest.py")), seeds, budgets, str(path)]
    command.append(str(Path(__file__).parents[2] / "peak_memory.py"))
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=280)
    runs, cpu_s, peak_mb = map(float, done.stdout.split())
    print(f"{runs:.0f} runs: {cpu_s:.1f} CPU s, {peak_mb:.0f} MB, page of {path.stat().st_size / 1e6:.2f} MB")  # noqa: T201
    assert path.stat().st_size <= 3e6
    assert peak_mb <= 2000


def test_tables_hold_plain_values(results: Results) -> None:
    """Every table of a sample is a frame with unique columns, so that its CSV can be read back."""
    for name, frame in figure_tables(results.samples[0], results).items():
        assert isinstance(frame, pd.DataFrame), name
        assert frame.columns.is_unique, name
