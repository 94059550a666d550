"""The page: one HTML file that holds everything, its data included, and asks nothing of any network."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from tasklet_bench.bench.report.page_data import page_data
from tasklet_bench.bench.report.payload import packed
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.world import land_path

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = (
    "data", "format", "elements", "scales", "address", "highlight", "figure", "table", "lines", "intervals", "bars",
    "slopes", "drawn", "grid", "leaderboard", "budgets", "chooser", "quality", "kinds", "instances", "about",
    "controls", "page",
)  # fmt: skip
"""Scripts in the order in which the page holds them; each is one idea, all share one scope."""
SECTIONS = (
    "budgets", "chooser", "leaderboard", "verdicts", "closeness", "anytime", "kinds", "instances", "strategies",
    "failures", "provenance",
)  # fmt: skip


def write(results: Results, path: Path, links: tuple[tuple[str, str], ...] = ()) -> None:
    """Write the page of all results to `path`; `links` are pages beside it, each a title and where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html(page_data(results), links), encoding="utf-8")


def html(data: dict[str, Any], links: tuple[tuple[str, str], ...] = ()) -> str:
    """The page as text, of the data that `page_data` makes."""
    samples = data["samples"]
    nothing = {"title": "No results yet", "answer": ["There are no results yet."]}
    first: dict[str, Any] = samples[data["first"]] if samples else nothing
    beside = (f'<a href="{escape(to)}">{escape(name)}</a>' for name, to in links)
    slots = {
        "title": escape(first["title"]),
        "answer": "".join(f"<p>{escape(sentence)}</p>" for sentence in first["answer"]),
        "links": " · ".join(beside),
        "land": f'<path id="land" d="{land_path()}"/>',
        "sections": "\n".join(f'<section id="{name}"></section>' for name in SECTIONS),
        "css": (ASSETS / "page.css").read_text(encoding="utf-8"),
        "script": "\n".join((ASSETS / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
        "data": packed(data),
    }
    template = (ASSETS / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{ (\w+) \}\}", lambda slot: slots[slot[1]], template)
