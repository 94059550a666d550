"""What a reader chooses on the page stands in its address, and whoever opens the address sees the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from tasklet_bench.bench.report.results import Results

pytestmark = pytest.mark.browser
NEAR_THE_TOP = 130
"""Pixels below the window's top within which a place that a link leads to is: the contents stand above it."""


def address(tab: Any) -> str:
    """What stands behind the # of a page's address, with it."""
    return str(tab.evaluate("location.hash"))


def choices(tab: Any) -> dict[str, list[str]]:
    """The choices in a page's address, by key."""
    return parse_qs(address(tab).lstrip("#"), keep_blank_values=True)


def top_of(tab: Any, id_: str) -> float:
    """Where an element is, in pixels below the window's top, after the page has come to rest."""
    tab.evaluate("atRest()")
    return float(tab.evaluate("id => document.getElementById(id).getBoundingClientRect().top", id_))


def looks(tab: Any) -> dict[str, Any]:
    """What shows the choices: budget, sorted column, words of filters, strategies that stand out, open panels."""
    return tab.evaluate(
        """() => ({
            budget: document.getElementById("budget").value,
            sorted: [...document.querySelectorAll("#table-leaderboard th")].map((th) => th.getAttribute("aria-sort")),
            filter: document.querySelector("#table-leaderboard input").value,
            rows: [...document.querySelectorAll("#table-leaderboard tbody td:first-child")].map((td) => td.innerText),
            cards: [...document.querySelectorAll("#instances details[data-words]")].filter((d) => !d.hidden).length,
            out: [...document.querySelectorAll(".chip[aria-pressed=true]")].map((chip) => chip.innerText),
            open: [...document.querySelectorAll("details[id][open]")].map((panel) => panel.id),
        })"""
    )


def test_every_choice_stands_in_the_address(opening: Callable[..., Any]) -> None:
    """Budget, strategies that stand out, sorting, filters and an open panel are there; opened anew, all is the same."""
    tab = opening()
    tab.select_option("#budget", "1000-evaluations")
    tab.locator("#highlight .chip", has_text="aligned").click()
    tab.click("#table-leaderboard th[data-key=excess] button")
    tab.click("#table-leaderboard th[data-key=excess] button")
    tab.fill("#table-leaderboard input", "genetic")
    tab.fill("#filter-cards", "paper/")
    tab.click("#instance-paper-worldwide > summary")
    tab.wait_for_selector("#instance-paper-worldwide svg.map")
    given = choices(tab)
    assert (given["suite"], given["budget"]) == (["made-for-tests"], ["1000-evaluations"])
    assert given["sort"] == ["leaderboard~down~excess"]
    assert set(given["filter"]) == {"leaderboard~genetic", "cards~paper/"}
    assert given["open"] == ["instance-paper-worldwide"]
    before = looks(tab)
    assert before["budget"] == "1000-evaluations"
    assert "descending" in before["sorted"]
    assert len(before["rows"]) == 2
    assert before["cards"] == 3
    assert before["open"] == ["instance-paper-worldwide"]
    assert looks(opening(address(tab))) == before


@pytest.mark.parametrize("place", ["instance-paper-worldwide", "strategy-genetic", "verdicts", "figure-ranks"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_link_arrives_on_a_fresh_load(opening: Callable[..., Any], place: str, width: int) -> None:
    """Whatever is drawn above it, what the link names is at the top of the window, and open if it is a panel."""
    tab = opening(f"#{place}", width=width)
    assert -1 <= top_of(tab, place) <= NEAR_THE_TOP
    if place.startswith("instance"):
        assert tab.get_attribute(f"#{place}", "open") is not None
        assert tab.locator(f"#{place} figure").count() > 3


def test_a_link_arrives_in_an_open_page(opening: Callable[..., Any]) -> None:
    """Another address in the same window, a link that is clicked, and one to another budget all lead there."""
    tab = opening()
    tab.evaluate("location.hash = 'instance-paper-regional'")
    assert -1 <= top_of(tab, "instance-paper-regional") <= NEAR_THE_TOP
    assert tab.get_attribute("#instance-paper-regional", "open") is not None
    tab.click("#contents a[href='#verdicts']")
    assert -1 <= top_of(tab, "verdicts") <= NEAR_THE_TOP
    tab.evaluate("location.hash = 'suite=made-for-tests&budget=1000-evaluations&at=strategy-genetic'")
    assert -1 <= top_of(tab, "strategy-genetic") <= NEAR_THE_TOP
    assert tab.input_value("#budget") == "1000-evaluations"


def test_the_back_button_takes_a_choice_back(opening: Callable[..., Any]) -> None:
    """Step by step: the panel, the sorting and the budget are as they were, and so is the place on the page."""
    tab = opening()
    seen = [looks(tab)]
    tab.select_option("#budget", "1000-evaluations")
    seen.append(looks(tab))
    tab.click("#table-leaderboard th[data-key=wins] button")
    seen.append(looks(tab))
    tab.evaluate("window.scrollTo(0, 700)")
    tab.evaluate("document.querySelector(\"#contents a[href='#instances']\").click()")  # without scrolling there
    tab.evaluate("atRest()")
    tab.go_back()
    tab.evaluate("atRest()")
    assert abs(tab.evaluate("scrollY") - 700) < 5
    for expected in seen[1::-1]:
        tab.go_back()
        tab.evaluate("atRest()")
        assert looks(tab) == expected
    tab.go_forward()
    tab.evaluate("atRest()")
    assert looks(tab) == seen[1]


def test_the_link_can_be_copied(opening: Callable[..., Any]) -> None:
    """The button above copies the whole address, the one of a figure an address that leads to the figure."""
    tab = opening()
    tab.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    tab.select_option("#budget", "1000-evaluations")
    tab.click("#copy-link")
    assert tab.evaluate("window.copied") == tab.evaluate("location.href")
    tab.click("#figure-excess button:text('Link')")
    copied = tab.evaluate("window.copied")
    assert parse_qs(copied.partition("#")[2])["at"] == ["figure-excess"]
    there = opening("#" + copied.partition("#")[2])
    assert -1 <= top_of(there, "figure-excess") <= NEAR_THE_TOP
    assert there.input_value("#budget") == "1000-evaluations"


def test_an_address_of_anything_opens_the_page(opening: Callable[..., Any]) -> None:
    """A suite, budget, table, strategy, panel or place that is not there changes nothing and breaks nothing."""
    usual = looks(opening())
    wrong = "#suite=no&budget=none&at=nowhere&open=nothing&sort=leaderboard~up~x&sort=y&filter=z&devices=-1&kinds=?"
    assert looks(opening(wrong)) == usual
    assert looks(opening("#%")) == usual


def test_the_chooser_recommends_what_the_figures_say(opening: Callable[..., Any], shown: Results) -> None:
    """For 64 devices at 8 sites it names the entrant with the lowest mean rank on the instances that are like that."""
    tab = opening()
    tab.fill("#ask-devices", "64")
    tab.fill("#ask-sites", "8")
    sample = next(one for one in shown.samples if one.budget == "2-cpu-seconds")
    alike = [
        name
        for name in sample.instances
        if 32 <= sum(site.devices for site in shown.problems[name].sites) <= 128
        and 4 <= len(shown.problems[name].sites) <= 16
        and any(site.devices > 1 for site in shown.problems[name].sites)
    ]
    assert len(alike) >= 3
    leaders = mean_ranks_on(sample, alike)
    assert tab.inner_text("#chooser .pick b") == min(leaders, key=lambda name: (leaders[name], name))
    assert f"On the {len(alike)} instances of made-for-tests that are like yours" in tab.inner_text("#chooser .answer")
    assert choices(tab)["devices"] == ["64"]
    assert "tasklet-bench solve" in tab.inner_text("#chooser pre")
    tab.click("#chooser .evidence summary")
    ranks = [float(text) for text in column(tab, "chooser", "mean_rank")]
    assert ranks == sorted(ranks)
    assert ranks == pytest.approx(sorted(leaders.values()), abs=0.006)


def test_the_chooser_knows_who_proves(opening: Callable[..., Any]) -> None:
    """Whoever wants a proof gets the strategy that proves, with how often it did; too narrow a wish is widened."""
    tab = opening("#proof=yes&devices=5000&seconds=2")
    text = tab.inner_text("#chooser .answer")
    assert tab.inner_text("#chooser .pick b") == "constraint-program"
    assert "It proved the optimum in " in text
    assert "that question was left out" in text


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


def mean_ranks_on(sample: Any, names: list[str]) -> dict[str, float]:
    """Mean rank of each entrant on some instances of a sample."""
    from tasklet_bench.bench.stats.ranks import mean_ranks
    from tasklet_bench.bench.stats.sample import median_over_seeds, on

    part = on(sample, names)
    return dict(zip(part.entrants, mean_ranks(median_over_seeds(part.order_s)).tolist(), strict=True))


def test_saved_files_are_named_after_suite_budget_and_figure(opening: Callable[..., Any]) -> None:
    """No two figures of two budgets are saved under one name, and suite and budget stand in the first columns too."""
    names = set()
    for budget in ("1000-evaluations", "2-cpu-seconds"):
        tab = opening(f"#suite=made-for-tests&budget={budget}")
        for place in ("#figure-budgets", "#figure-excess", "#table-leaderboard", "#table-decisions"):
            with tab.expect_download() as saved:
                tab.click(f"{place} button:text('CSV')")
            name = saved.value.suggested_filename
            assert name == f"tasklet-bench_made-for-tests_{budget}_{place.partition('-')[2]}.csv"
            rows = list(csv.DictReader(io.StringIO(Path(saved.value.path()).read_text(encoding="utf-8"))))
            assert list(rows[0])[:2] == ["suite", "budget"]
            assert {row["budget"] for row in rows} == {budget}
            names.add(name)
    assert len(names) == 8
