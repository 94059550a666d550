"""Own results among published ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasklet_bench.bench.report import markdown
from tasklet_bench.bench.report.beside import PUBLISHED, set_beside
from tasklet_bench.bench.report.page_data import page_data
from tasklet_bench.bench.report.results import Results
from tasklet_bench.problems.bad_input import BadInput


def divided(results: Results, own: str, suite: str = "mine") -> tuple[Results, Results]:
    """One entrant's results, as of a suite of its own, and everybody else's."""
    mine = results.runs["strategy"] == own
    runs = results.runs[mine].assign(suite=suite, suite_digest="f" * 64).reset_index(drop=True)
    keys = set(runs["key"])
    rows = results.trajectories["key"].isin(keys)
    return (
        replace(results, runs=runs, trajectories=results.trajectories[rows].reset_index(drop=True)),
        replace(
            results,
            runs=results.runs[~mine].reset_index(drop=True),
            trajectories=results.trajectories[~rows].reset_index(drop=True),
        ),
    )


def test_an_entrant_takes_the_place_it_would_have_had(make_results) -> None:
    """Taken out and set beside the others again, with a suite of another name, an entrant has its old rank."""
    whole = make_results()
    own, published = divided(whole, "genetic")
    both = set_beside(own, published)
    [before], [after] = whole.samples, both.samples
    assert after.suite == "mine"
    assert after.entrants == before.entrants
    assert after.score_s.tolist() == before.score_s.tolist()
    assert len(both.trajectories) == len(whole.trajectories)


def test_own_entrants_stand_out(make_results) -> None:
    """Page and Markdown name the reader's own entrants first, and no other."""
    both = set_beside(*divided(make_results(), "genetic"))
    data = page_data(both)
    assert data["highlighted"] == ["genetic"]
    assert data["samples"][0]["answer"][0].startswith("genetic is number ")
    text = markdown.render(both)
    assert "**`genetic`**" in text
    assert text.count("**`") == 1


def test_other_code_of_a_published_name_is_kept_apart(make_results) -> None:
    """An own entrant with a published one's name and other code gets a row of its own; with the same code it is one."""
    results = make_results()
    [suite] = results.runs["suite"].unique()
    own, others = divided(results, "genetic", suite)
    keys = {key: f"{key}-again" for key in own.runs["key"]}
    changed = replace(
        own,
        runs=own.runs.assign(code_hash="other", key=own.runs["key"].map(keys)),
        trajectories=own.trajectories.assign(key=own.trajectories["key"].map(keys)),
    )
    names = set(set_beside(changed, results).samples[0].entrants)
    assert {"genetic", "genetic" + PUBLISHED} <= names
    same = set_beside(own, results).samples[0]
    assert same.entrants == results.samples[0].entrants
    assert same.n_runs.tolist() == results.samples[0].n_runs.tolist()
    assert others.runs["strategy"].nunique() == len(same.entrants) - 1


def test_nothing_in_common_is_refused_by_what_there_is(make_results) -> None:
    """Another budget is refused with the published ones, other instances in a sentence."""
    own, published = divided(make_results(), "genetic")
    with pytest.raises(BadInput, match="1000-evaluations"):
        set_beside(replace(own, runs=own.runs.assign(budget="7-evaluations")), published)
    with pytest.raises(BadInput, match="none of the published runs"):
        set_beside(replace(own, runs=own.runs.assign(problem_digest="0" * 64)), published)
