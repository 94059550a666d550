"""The page: one HTML file that holds everything, its data included, and asks nothing of any network."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.plugins import allocation_of, formal_of
from tasklet_bench.bench.report.figures import figure_tables, main_clock
from tasklet_bench.bench.report.payload import packed, table
from tasklet_bench.bench.report.provenance import failure_table, flag_table, provenance_data, strategy_table
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.simulated import iteration_data, seconds_table
from tasklet_bench.bench.report.summary import (
    headline,
    omnibus_sentence,
    place_sentence,
    too_few_instances,
    verdict_sentence,
)
from tasklet_bench.bench.report.topology import allocation_data, topology_data
from tasklet_bench.bench.report.world import land_path
from tasklet_bench.bench.stats.ranks import friedman
from tasklet_bench.bench.stats.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = (
    "data", "format", "elements", "scales", "highlight", "figure", "table", "lines", "intervals", "bars", "heat", "map",
    "grid", "iteration", "leaderboard", "quality", "kinds", "instances", "about", "page",
)  # fmt: skip
"""Scripts in the order in which the page holds them; each is one idea, all share one scope."""
SECTIONS = (
    "leaderboard", "verdicts", "closeness", "anytime", "kinds", "instances", "strategies", "failures", "provenance",
)  # fmt: skip


def write(results: Results, path: Path) -> None:
    """Write the page of all results to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html(results), encoding="utf-8")


def html(results: Results) -> str:
    """The page as text."""
    data = page_data(results)
    samples = data["samples"]
    slots = {
        "title": escape(_title(results)),
        "headline": escape(samples[0]["headline"] if samples else "There are no results yet."),
        "sections": "\n".join(f'<section id="{name}"></section>' for name in SECTIONS),
        "css": (ASSETS / "page.css").read_text(encoding="utf-8"),
        "script": "\n".join((ASSETS / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
        "data": packed(data),
    }
    template = (ASSETS / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{ (\w+) \}\}", lambda slot: slots[slot[1]], template)


def page_data(results: Results) -> dict[str, Any]:
    """Everything that the page shows, as plain values and tables."""
    if results.runs.empty:
        return {
            "samples": [],
            "instances": [],
            "strategies": table(results.runs[[]]),
            "failures": table(results.runs[[]]),
            "flags": table(results.runs[[]]),
        }
    return {
        "samples": [_sample_data(sample, results) for sample in results.views],
        "highlighted": list(results.highlighted),
        "instances": _instances(results),
        "land": land_path(),
        "strategies": table(strategy_table(results.distinct_runs)),
        "failures": table(failure_table(results.distinct_runs)),
        "flags": table(flag_table(results.distinct_runs)),
        "provenance": provenance_data(results),
    }


def _title(results: Results) -> str:
    suites = sorted({sample.suite for sample in results.samples}) if len(results.runs) else []
    return f"Suite {suites[0]}" if len(suites) == 1 else " and ".join(suites) or "No results yet"


def _sample_data(sample: Sample, results: Results) -> dict[str, Any]:
    tables = figure_tables(sample, results) | {"seconds": seconds_table(sample, results.problems)}
    return {
        "suite": sample.suite,
        "suite_digest": sample.suite_digest,
        "budget": sample.budget,
        "view": sample.view,
        "champion": results.champions.get(sample.suite),
        "clock": main_clock(sample),
        "n_instances": len(sample.instances),
        "equal_within": sample.equal_within,
        "scope": sample.scope(),
        "headline": _headline(tables["leaderboard"], sample, results.highlighted),
        "too_few": too_few_instances(tables["leaderboard"], sample),
        "omnibus": omnibus_sentence(friedman(sample)),
        "sentences": [verdict_sentence(row) for row in tables["verdicts"].to_dict("records")],
        "tables": {name: table(frame) for name, frame in tables.items()},
    }


def _headline(board: pd.DataFrame, sample: Sample, highlighted: tuple[str, ...]) -> str:
    """About the reader's own entrants where there are any, else about who leads."""
    own = [name for name in board["strategy"] if name in highlighted]
    return " ".join(place_sentence(name, board) for name in own) or headline(board, sample)


def _instances(results: Results) -> list[dict[str, Any]]:
    import pandas as pd

    runs = pd.concat([sample.runs for sample in results.samples], ignore_index=True)
    return [_instance(str(name), own, results) for name, own in runs.groupby("problem", sort=True)]


def _instance(name: str, runs: pd.DataFrame, results: Results) -> dict[str, Any]:
    """One instance; the topology and the best allocation only of problems that could be made of their name."""
    digest, reference_s, reference = runs.iloc[0][["problem_digest", "reference_s", "reference"]]
    data: dict[str, Any] = {
        "name": name,
        "digest": digest,
        "kinds": results.kinds.get(name, {}),
        "reference_s": reference_s,
        "reference": reference,
        "proven": digest in results.proven,
    }
    named = results.problems.get(name)
    problem = formal_of(named)
    if named is None or problem is None or named.digest != digest:
        return data
    result = runs[(runs["status"] == "ok") & runs["candidate"].notna()].sort_values("cost_s", kind="stable")
    if result.empty:
        return data | {"topology": topology_data(problem, None)}
    best = result.iloc[0]
    allocation = allocation_of(json.loads(best["candidate"]))
    if allocation is None:
        return data
    grid = allocation.grid
    reported = {"strategy": best["strategy"], "cost_s": best["cost_s"], **json.loads(best["parts_s"])}
    return data | {
        "topology": topology_data(problem, grid),
        "best": reported | allocation_data(problem, grid),
        "iteration": iteration_data(problem, grid),
    }
