"""The page is read on a phone, on paper, in the dark and by a screen reader; and it says what it shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.report import page
from tasklet_bench.bench.report.results import Results

pytestmark = pytest.mark.browser
OPEN = "#open=instance-paper-worldwide&open=instance-generated-uniform-n-64-dp-4-seed-1"
A4_PIXELS = 718
"""The width of an A4 page between its margins of 10 mm, at 96 pixels an inch."""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_to_say(opening: Callable[..., Any], scheme: str, width: int) -> None:
    """No violation of accessibility rules, contrast of 4.5 among them, with instances of both kinds open."""
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    tab = opening(OPEN, width=width, scheme=scheme)
    tab.wait_for_selector("#instance-paper-worldwide svg.map")
    tab.evaluate("atRest()")
    tab.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    result = tab.evaluate("axe.run()")
    assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in result["violations"]] == []
    assert len(result["passes"]) > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_in_drawings_stands_out(opening: Callable[..., Any], scheme: str) -> None:
    """Names in the colours of strategies, soft text and the counts in bars have a contrast of 4.5 on their ground."""
    tab = opening(scheme=scheme)
    colour = tab.evaluate(
        """() => Object.fromEntries(["paper", "card", "ink", "soft", "warn", "c0", "c1", "c2", "c3", "c4", "c5", "on",
            "win", "loss"].map((name) => {
                const probe = document.createElement("i");
                probe.style.color = `var(--${name})`;
                document.body.append(probe);
                const value = getComputedStyle(probe).color;
                probe.remove();
                return [name, value];
            }))"""
    )
    pairs = [(name, ground) for ground in ("paper", "card") for name in ("soft", "warn", *(f"c{i}" for i in range(6)))]
    for text, ground in [*pairs, ("on", "win"), ("on", "loss")]:
        assert contrast(luminance(colour[text]), luminance(colour[ground])) >= 4.5, (text, ground)
    assert contrast(luminance(colour["ink"]), luminance(colour["paper"])) >= 7


def test_a_phone_shows_it_all(opening: Callable[..., Any]) -> None:
    """At 390 pixels nothing but tables scrolls sideways, names stay beside their figures, and no word is broken."""
    tab = opening(OPEN, width=390, height=844)
    tab.evaluate("atRest()")
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.evaluate("document.querySelector('h1').textContent = 'Take annealing[start=known], though nothing settles it'")
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    box = "#table-leaderboard .scroll"
    assert tab.evaluate(f"(b => b.scrollWidth > b.clientWidth)(document.querySelector('{box}'))")
    name = "document.querySelector('#table-leaderboard tbody td').getBoundingClientRect()"
    before = tab.evaluate(f"{name}.left")
    tab.evaluate(f"document.querySelector('{box}').scrollLeft = 300")
    assert tab.evaluate(f"{name}.left") == pytest.approx(before, abs=1)
    lines = tab.evaluate(
        """["leaderboard", "kinds", "instances"].flatMap((id) =>
            [...document.querySelectorAll(`#table-${id} tbody td:first-child`)]).map((link) => {
            const [range, lines] = [document.createRange(), []];
            const walker = document.createTreeWalker(link, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode())
                for (let at = 0; at < node.length; at += 1) {
                    range.setStart(node, at);
                    range.setEnd(node, at + 1);
                    const top = Math.round(range.getBoundingClientRect().top);
                    if (!lines.length || lines.at(-1)[0] !== top) lines.push([top, ""]);
                    lines.at(-1)[1] += node.data[at];
                }
            return lines.map(([, text]) => text);
        })"""
    )
    assert any(len(parts) > 1 for parts in lines)
    assert all(part[-1] in " -[=,:/?&" for parts in lines for part in parts[:-1]), lines
    high = tab.evaluate("[...document.querySelectorAll('th button')].map((b) => b.getBoundingClientRect().height)")
    assert min(height for height in high if height) >= 24


def test_paper_shows_it_all(opening: Callable[..., Any]) -> None:
    """Printed to A4, every column of every table is within the page, nothing is cut off, and the ground is white."""
    tab = opening(OPEN, scheme="dark")
    tab.evaluate("atRest()")
    tab.emulate_media(media="print", color_scheme="dark")
    tab.set_viewport_size({"width": A4_PIXELS, "height": 1000})
    tab.evaluate("atRest()")
    wide = tab.evaluate(
        """(width) => [...document.querySelectorAll("main th, main td, main svg, main p")]
            .filter((one) => one.getBoundingClientRect().right > width + 1)
            .map((one) => `${one.tagName} ${one.textContent.slice(0, 30)} ${one.getBoundingClientRect().right}`)""",
        A4_PIXELS,
    )
    assert wide == []
    assert (
        tab.evaluate("[...document.querySelectorAll('.scroll')].map((b) => getComputedStyle(b).overflowX)").count(
            "visible"
        )
        == tab.locator(".scroll").count()
    )
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    pdf = tab.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 4


def test_titles_state_what_was_seen_and_axes_what_they_show(opening: Callable[..., Any]) -> None:
    """A figure's title names a strategy or a number; every drawing with marks on its axes says what they measure."""
    tab = opening(OPEN)
    tab.evaluate("atRest()")
    names = tab.evaluate("page.order")
    titles = tab.evaluate("[...document.querySelectorAll('figure h3')].map((h) => h.textContent)")
    assert len(titles) > 15
    plain = [title for title in titles if not re.search(r"\d", title) and not any(name in title for name in names)]
    assert [title for title in plain if "All pairs cost the same" not in title and "Nobody" not in title] == []
    unnamed = tab.evaluate(
        """[...document.querySelectorAll("figure")].filter((one) => one.querySelector(".rule"))
            .filter((one) => !one.querySelector(".axis")).map((one) => one.id)"""
    )
    assert unnamed == []
    axes = tab.evaluate("[...document.querySelectorAll('#figure-excess .axis')].map((t) => t.textContent)")
    assert axes == ["excess over best known (symmetric log)"]
    axes = tab.evaluate("[...document.querySelectorAll('#figure-ecdf-cpu .axis')].map((t) => t.textContent)")
    assert axes[0] == "CPU time (log)"


def test_headings_explain_their_own_column(opening: Callable[..., Any]) -> None:
    """The tooltips of the two verdict columns name the opponent that the column is about."""
    tab = opening()
    tips = {
        key: tab.get_attribute(f"#table-leaderboard th[data-key={key}] button", "title")
        for key in ("vs_champion", "vs_megatron")
    }
    assert "champion" in tips["vs_champion"]
    assert "Megatron" in tips["vs_megatron"]


def opened_page(browser: Any, results: Results, folder: Path) -> Any:
    """The page of these results in a window."""
    page.write(results, folder / "page.html")
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto((folder / "page.html").as_uri())
    tab.wait_for_selector("html[data-ready]")
    return tab


def test_one_strategy_alone_has_no_rank(browser: Any, make_results: Callable[..., Results], tmp_path: Path) -> None:
    """A budget under which one strategy ran shows its results, and neither rank nor verdict."""
    both = make_results(instances=3, entrants=4, budgets=("2-cpu-seconds", "60-cpu-seconds"))
    runs = both.runs[(both.runs["budget"] == "2-cpu-seconds") | (both.runs["strategy"] == "annealing")]
    tab = opened_page(browser, replace(both, runs=runs), tmp_path)
    assert tab.input_value("#budget") == "2-cpu-seconds"
    tab.select_option("#budget", "60-cpu-seconds")
    assert tab.inner_text("h1") == "annealing alone, nothing to compare"
    heads = tab.evaluate("[...document.querySelectorAll('#table-leaderboard th')].map((th) => th.dataset.key)")
    assert heads == ["strategy", "excess", "excess_capped_mean", "failed_share", "cpu_s"]
    assert tab.is_hidden("#verdicts")
    assert tab.is_hidden("#kinds")
    shown = tab.evaluate("[...document.querySelectorAll('main section:not(#chooser)')].map((s) => s.innerText).join()")
    assert "mean rank" not in shown.lower()
    tab.close()


def test_the_readers_own_entrant_stands_out(browser: Any, make_results: Callable[..., Results], tmp_path: Path) -> None:
    """It is named first, marked in the table and among the chips, and drawn in colour."""
    tab = opened_page(browser, replace(make_results(instances=4), highlighted=("genetic",)), tmp_path)
    assert tab.inner_text("#answer p:first-child").startswith("genetic is number ")
    assert tab.locator("#table-leaderboard .own").count() == 1
    assert tab.get_attribute(".chip:has(.own)", "aria-pressed") == "true"
    tab.close()


def test_attempts_that_were_made_again_are_listed(
    browser: Any, make_results: Callable[..., Results], tmp_path: Path
) -> None:
    """The section on failures says which attempts ended how, and what became of them; so does what was run."""
    results = make_results(instances=3, failed_share=0.0)
    keys = results.runs[results.runs["strategy"] == "genetic"]["key"].tolist()[:2]
    again = pd.DataFrame({"key": keys, "attempt": 1, "status": "timeout", "error": ["killed: the limit", None]})
    tab = opened_page(browser, replace(results, superseded=again), tmp_path)
    text = tab.inner_text("#failures")
    assert "2 attempts ended without a result and were made again" in text
    assert "genetic 1000-evaluations: 2 attempts" in text
    assert "made again: 2 ok" in text
    assert "2 earlier attempts" in tab.inner_text("#provenance")
    tab.close()


def test_runs_of_several_machines_are_no_secret(
    browser: Any, make_results: Callable[..., Results], tmp_path: Path
) -> None:
    """Where CPU seconds of two machines stand in one table, the head of the page and what was run both warn of it."""
    results = make_results(instances=3)
    other = results.runs["machine"].where(results.runs["seed"] == 0, "another processor, 8 cores")
    tab = opened_page(browser, replace(results, runs=results.runs.assign(machine=other)), tmp_path)
    assert "runs of 2 machines" in tab.inner_text("#scope .warning")
    assert "another processor, 8 cores" in tab.inner_text("#provenance")
    tab.close()


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)`, after WCAG 2."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: float, b: float) -> float:
    """Contrast ratio of two luminances, after WCAG 2."""
    low, high = sorted((a, b))
    return (high + 0.05) / (low + 0.05)


def test_names_at_the_ends_of_lines_stay_in_the_picture(opening: Callable[..., Any]) -> None:
    """Of forty strategies, most at the very same excess, every name is inside the drawing and clear of the others."""
    tab = opening()
    drawn = tab.evaluate(
        """() => {
            const series = Array.from({ length: 40 }, (_, i) => ({
                name: `strategy-${i}`, points: [[0, 0.5], [1, i < 25 ? 0 : 2 + i / 1000]] }));
            const svg = slopes({ width: 900, budgets: ["a", "b"], series, title: "forty" });
            document.body.append(svg);
            const at = [...svg.querySelectorAll("text.name")].map((text) => Number(text.getAttribute("y")));
            const height = Number(svg.getAttribute("viewBox")?.split(" ")[3] ?? svg.getAttribute("height"));
            svg.remove();
            return { at: at.sort((a, b) => a - b), height };
        }"""
    )
    assert len(drawn["at"]) == 40
    assert 10 < drawn["at"][0] < drawn["at"][-1] < drawn["height"]
    assert min(after - before for before, after in pairwise(drawn["at"])) >= 14
