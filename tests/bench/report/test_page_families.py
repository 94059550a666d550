"""The page of several families: a switch between them, and instances that place no grid."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.report import page
from tasklet_bench.bench.report.instance_page import instance_html
from tasklet_bench.bench.report.page_data import page_data
from tasklet_bench.bench.report.results import Results
from tasklet_bench.problems import families

OTHER = ("gossip/measured/aws10-uneven-64", "gossip/paper/worldwide", "gossip/measured/gcp4-hivemind-32")


@pytest.fixture(scope="module")
def both(make_results: Callable[..., Results]) -> Results:
    """Three instances of the formal family in one suite, and three of gossip training in another."""
    formal = make_results(instances=3, failed_share=0.0)
    rows, best_known, rng = [], dict(formal.best_known), np.random.default_rng(3)
    for old, name in zip(sorted(formal.runs["problem"].unique()), OTHER, strict=True):
        problem = families.load(name)
        candidate = problem.random(rng)
        cost = problem.cost(candidate)
        best_known[problem.digest] = cost.total_s
        own = formal.runs[formal.runs["problem"] == old]
        factor = own["cost_s"] / formal.best_known[own["problem_digest"].iloc[0]]
        rows.append(
            own.assign(
                suite="others",
                suite_digest="0f" * 32,
                problem=name,
                problem_digest=problem.digest,
                cost_s=cost.total_s * factor,
                penalty_s=cost.total_s * 3,
                parts_s=json.dumps(dict(cost.parts_s)),
                bound_s=0.0,
                candidate=json.dumps(problem.candidate_to_json(candidate)),
                key="other " + own["key"],
            )
        )
    steps = formal.trajectories
    return replace(
        formal,
        runs=pd.concat([formal.runs, *rows], ignore_index=True),
        trajectories=pd.concat([steps, steps.assign(key="other " + steps["key"])], ignore_index=True),
        best_known=best_known,
        load=families.load,
    )


def test_each_view_says_its_family_and_objective(both: Results) -> None:
    """The data of a suite names the family of its instances, with what it decides in a line."""
    views = {sample["suite"]: sample for sample in page_data(both)["samples"]}
    assert views["made-for-tests"]["objective"] == families.SUMMARIES["allocation"]
    assert (views["others"]["family"], views["others"]["objective"]) == ("gossip", families.SUMMARIES["gossip"])


def test_an_instance_without_a_grid_has_a_page(both: Results) -> None:
    """Its best decision stands there in the lines that a terminal shows, with its facts."""
    data = page_data(both)
    (instance,) = [one for one in data["instances"] if one["name"] == OTHER[1]]
    text = instance_html(instance, data["samples"])
    assert "Best decision" in text
    assert "<h2>others, after 1,000 evaluations</h2>" in text
    assert "made-for-tests" not in text


@pytest.mark.browser
def test_families_are_switched(browser: Any, both: Results, tmp_path: Path) -> None:
    """Choosing another family shows its suite, its instances and their decisions, and the address says so."""
    page.write(both, tmp_path / "page.html")
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto((tmp_path / "page.html").as_uri())
    tab.wait_for_selector("html[data-ready]")
    names = tab.evaluate("[...document.querySelectorAll('#family option')].map((option) => option.value)")
    assert sorted(names) == ["allocation", "gossip"]
    tab.select_option("#family", "gossip")
    assert "suite=others" in tab.evaluate("location.hash")
    assert tab.locator("#instances details[data-words]").count() == 3
    tab.click("#instance-gossip-paper-worldwide > summary")
    card = tab.inner_text("#instance-gossip-paper-worldwide")
    assert "Best decision" in card
    assert "NaN" not in card
    assert "undefined" not in card
    tab.go_back()
    tab.go_back()
    tab.wait_for_function("document.getElementById('family').value === 'allocation'")
    assert faults == []
    tab.close()
