"""The page in a real browser: complete in itself, without errors, and everything on it drawn."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.bench.report import page
from tasklet_bench.bench.report.results import Results

pytestmark = pytest.mark.browser


@pytest.fixture(name="results")
def _results(shown: Results) -> Results:
    return shown


@pytest.fixture
def opened(opening: Callable[..., Any]) -> Any:
    """The page at 1,280 pixels as it opens."""
    return opening()


def column(tab: Any, table: str, key: str) -> list[str]:
    """The texts of one column of a table, as shown."""
    return tab.evaluate(
        """([table, key]) => {
            const heads = [...document.querySelectorAll(`#table-${table} thead th`)];
            const at = heads.findIndex((head) => head.dataset.key === key);
            return [...document.querySelectorAll(`#table-${table} tbody tr`)].map((row) => row.children[at].innerText);
        }""",
        [table, key],
    )


def test_the_file_names_no_other(path: Path) -> None:
    """No address of any network stands in the file, but for the name of SVG, and its own policy forbids fetching."""
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"'<)]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text
    assert not re.search(r"\bsrc=|@import|url\((?!#)", text)


def test_every_section_says_something(opened: Any) -> None:
    """All sections have a heading and content, and the answer names the leader and by how much."""
    texts = opened.evaluate("[...document.querySelectorAll('main section')].map((s) => s.innerText.length)")
    assert len(texts) == len(page.SECTIONS)
    assert min(texts) > 100
    assert opened.inner_text("h1").startswith("Take annealing")
    assert "After 2 CPU seconds, annealing ends" in opened.inner_text("#answer")


def test_tables_sort(opened: Any) -> None:
    """Pressing a heading sorts by it, pressing again turns the order round, and the heading says which it is."""
    ranks = [float(text.split()[0]) for text in column(opened, "leaderboard", "mean_rank")]
    assert ranks == sorted(ranks)
    opened.click("#table-leaderboard th[data-key=excess] button")
    opened.click("#table-leaderboard th[data-key=excess] button")
    falling = [float(text.strip("+ \xa0%").replace("−", "-")) for text in column(opened, "leaderboard", "excess")]
    assert falling == sorted(falling, reverse=True)
    assert opened.get_attribute("#table-leaderboard th[data-key=excess]", "aria-sort") == "descending"


def test_tables_filter(opened: Any) -> None:
    """Typing a word leaves the rows that hold it and says how many they are; clearing it brings all back."""
    every = column(opened, "leaderboard", "strategy")
    opened.fill("#table-leaderboard input", "genetic")
    assert column(opened, "leaderboard", "strategy") == [name for name in every if "genetic" in name]
    assert opened.inner_text("#table-leaderboard .count") == f"2 of {len(every)}"
    opened.fill("#table-leaderboard input", "")
    assert column(opened, "leaderboard", "strategy") == every


def test_every_figure_has_drawn_something(opened: Any, results: Results) -> None:
    """With all instances open, each figure holds shapes of some extent or a painted canvas, and explains itself."""
    opened.evaluate("document.querySelectorAll('#instances details').forEach((card) => { card.open = true; })")
    opened.evaluate("atRest()")
    figures = opened.evaluate(
        """[...document.querySelectorAll('figure')].map((figure) => {
            const shapes = [...figure.querySelectorAll('.plot path, .plot rect, .plot circle, .plot line')];
            const boxes = shapes.map((shape) => shape.getBoundingClientRect());
            const image = figure.querySelector('image.cells');
            return {
                id: figure.id,
                shapes: boxes.filter((box) => box.width + box.height > 2).length,
                painted: Boolean(image) && image.getBoundingClientRect().width > 100,
                how: figure.querySelector('figcaption').innerText.length,
                broken: /NaN|undefined/.test(figure.innerHTML),
            };
        })"""
    )
    by_id = {figure["id"]: figure for figure in figures}
    fixed = {
        "ranks",
        "difference-champion",
        "wins-champion",
        "difference-megatron",
        "wins-megatron",
        "excess",
        "profile",
        "budgets",
    }
    fixed |= {"ecdf-evaluations", "ecdf-cpu", "typical", "closed"}
    assert {f"figure-{name}" for name in fixed} <= set(by_id)
    for kind, count in (("map", 5), ("heat", 7), ("grid", 7), ("iteration", 7), ("curves", 7)):
        assert sum(name.startswith(f"figure-{kind}-") for name in by_id) == count, kind
    for figure in figures:
        assert figure["shapes"] >= 3 or figure["painted"], figure
        assert figure["how"] > 40, figure
        assert not figure["broken"], figure


def test_the_map_shows_its_sites(opened: Any, results: Results) -> None:
    """Every site of the world-wide scenario is a circle inside the map, and is named; the land is there too."""
    card = "#instance-paper-worldwide"
    opened.evaluate(f"document.querySelector('{card}').open = true")
    opened.wait_for_selector(f"{card} svg.map")
    places = opened.evaluate(
        """(card) => {
            const map = document.querySelector(`${card} svg.map`).getBoundingClientRect();
            return [...document.querySelectorAll(`${card} svg.map circle`)].map((dot) => {
                const box = dot.getBoundingClientRect();
                return box.left >= map.left && box.right <= map.right && box.top >= map.top && box.bottom <= map.bottom;
            });
        }""",
        card,
    )
    sites = results.problems["paper/worldwide"].sites
    assert places == [True] * len(sites)
    titles = opened.evaluate(f"[...document.querySelectorAll('{card} svg.map circle title')].map((t) => t.textContent)")
    assert {title.partition(":")[0] for title in titles} == {site.name for site in sites}
    assert opened.evaluate(f"document.querySelector('{card} use.land').getBBox().width") > 5000


def test_the_grid_marks_its_slowest_links(opened: Any, results: Results) -> None:
    """An 8×8 grid has 64 cells, a slow wire for each of 7 boundaries, and one framed group."""
    card = "#instance-paper-worldwide"
    opened.evaluate(f"document.querySelector('{card}').open = true")
    opened.wait_for_selector(f"{card} .cell")
    counts = [
        opened.locator(f"{card} .{name}").count() for name in ("cell", "slow", "frame:not(.inner)", "frame.inner")
    ]
    assert counts == [64, 7, 1, 1]


def test_every_figures_numbers_can_be_saved(opened: Any, results: Results) -> None:
    """The CSV of the mean ranks holds the leaderboard's columns and one row per strategy."""
    with opened.expect_download() as saved:
        opened.click("#figure-ranks button:text('CSV')")
    rows = list(csv.DictReader(io.StringIO(Path(saved.value.path()).read_text(encoding="utf-8"))))
    assert saved.value.suggested_filename == "tasklet-bench_made-for-tests_2-cpu-seconds_ranks.csv"
    assert len(rows) == 7
    assert {(row["suite"], row["budget"]) for row in rows} == {("made-for-tests", "2-cpu-seconds")}
    assert float(rows[0]["mean_rank"]) <= float(rows[1]["mean_rank"])
    assert opened.locator("figure").count() == opened.locator("figure header button", has_text="CSV").count()


def test_saved_cells_are_no_formulas(opened: Any) -> None:
    """What a spreadsheet would take for a formula is saved as text, numbers stay, quotes are doubled."""
    rows = [{"name": "=1+1", "note": 'say "a, b"', "cost": -1.5, "flags": ["@x", "b"], "none": None}]
    with opened.expect_download() as saved:
        opened.evaluate("rows => saveText('cells.csv', csvOf(rows))", rows)
    assert saved.value.suggested_filename == "cells.csv"
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert next(csv.DictReader(io.StringIO(text))) == {
        "name": "'=1+1", "note": 'say "a, b"', "cost": "-1.5", "flags": "'@x b", "none": "",
    }  # fmt: skip


def test_another_budget_shows_its_own_numbers(opened: Any) -> None:
    """Choosing the second budget changes scope and curves."""
    before = opened.inner_text("#scope")
    opened.select_option("#budget", "1000-evaluations")
    assert "1000-evaluations" in opened.inner_text("#scope")
    assert opened.inner_text("#scope") != before
    assert "evaluations" in opened.inner_text("#figure-typical h3")


def test_strategies_can_be_made_to_stand_out(opened: Any) -> None:
    """Pressing a chip colours its curve, and pressing it again takes the colour away."""
    chip = opened.locator("#highlight .chip", has_text="unfinished")
    named = "[...document.querySelectorAll('#figure-profile .name')].map((t) => t.textContent).join()"
    assert "unfinished" not in opened.evaluate(named)
    chip.click()
    assert "unfinished" in opened.evaluate(named)
    opened.locator("#highlight .chip", has_text="unfinished").click()
    assert "unfinished" not in opened.evaluate(named)


def test_failures_carry_their_tracebacks(opened: Any, results: Results) -> None:
    """Every failed run is counted in a group, and the group shows the traceback of one of them."""
    failed = int((results.runs["status"] != "ok").sum())
    assert failed > 0
    reported = opened.evaluate(
        "[...document.querySelectorAll('#failures summary .facts')].map((t) => parseInt(t.textContent))"
    )
    assert sum(reported) == failed
    assert "MemoryError: made to fail" in opened.evaluate("document.querySelector('#failures pre').textContent")
