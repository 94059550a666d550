"""The README's leaderboards and the pictures show whichever suites have runs, and nothing of the others."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.report.results import Results
from tasklet_bench.problems.instances import catalogue

ROOT = Path(__file__).parents[2]
ENTRANTS = ("annealing", "kahip", "known-starts", "local-search", "genetic", "multilevel", "megatron")
"""From the best to the worst of the runs that are made up here."""
WIDEST_LETTER = 8.9
"""Pixels of a letter of the line above the picture, in a wide font."""
BUDGETS = ("1000-evaluations", "2-cpu-seconds")
PROBLEMS = ("paper/regional", "paper/datacentre", "paper/worldwide", "paper/spot")


@pytest.fixture(scope="module")
def script() -> Iterator[Callable[[str], ModuleType]]:
    """Imports one of the scripts beside the documentation's pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        yield importlib.import_module


def made_up(suites: Sequence[str], budgets: Sequence[str] = BUDGETS, version: str = "1") -> Results:
    """Results of every entrant in each suite: the entrant at place e ends 10·e % above the best known cost of 1 s."""
    runs = [
        {
            "key": f"{suite} {budget} {problem} {entrant}",
            "attempt": 1,
            "suite": suite,
            "suite_digest": suite,
            "budget": budget,
            "problem": problem,
            "problem_digest": problem,
            "strategy": entrant,
            "strategy_version": version,
            "code_hash": "a code",
            "seed": 0,
            "status": "ok",
            "cost_s": 1 + 0.1 * place,
            "penalty_s": 10.0,
            "cpu_s": 1.0,
            "machine": "a machine",
            "versions": json.dumps({"python": "3.11"}),
        }
        for suite in suites
        for budget in budgets
        for problem in PROBLEMS
        for place, entrant in enumerate(ENTRANTS)
    ]
    return Results(pd.DataFrame(runs), pd.DataFrame(), dict.fromkeys(PROBLEMS, 1.0), load=catalogue.load)


def test_a_suite_without_runs_says_nothing(script: Callable[[str], Any]) -> None:
    """Boards and pictures are there for the suites that have runs under the budget of seconds, and for no other."""
    boards, results = script("published_boards"), script("published_results")
    text = boards.rows(boards.boards_of(made_up(["core", "gossip", "swarm"])))
    assert "**Suite `core`**" in text
    assert "`seconds`" not in text
    assert re.findall(r"^\| \[`(\S+)`\]", text, flags=re.MULTILINE) == ["gossip", "swarm"]
    alone = made_up(["seconds"])
    text = boards.rows(boards.boards_of(alone))
    assert "**Suite `seconds`**" in text
    assert "Other families" not in text
    assert results.pictures(alone, boards.boards_of(alone)) == {}
    assert boards.rows(boards.boards_of(made_up(["core"], budgets=["1000-evaluations"]))) == ""


def test_first_places_and_anchors_are_shown(script: Callable[[str], Any]) -> None:
    """The first three by mean rank, and the paper's algorithm and Megatron's order with the places that they have."""
    boards = script("published_boards")
    text = boards.rows(boards.boards_of(made_up(["core"])))
    shown = re.findall(r"^\| (\d+) \| `([a-z-]+)`.* \| (\S+ %|0 %) \| (\S+ %|0 %) \|$", text, flags=re.MULTILINE)
    assert shown == [
        ("1", "annealing", "0 %", "0 %"),
        ("2", "kahip", "+10.0 %", "+10.0 %"),
        ("3", "known-starts", "+20.0 %", "+20.0 %"),
        ("5", "genetic", "+40.0 %", "+40.0 %"),
        ("7", "megatron", "+60.0 %", "+60.0 %"),
    ]


def test_another_family_has_one_line(script: Callable[[str], Any]) -> None:
    """Its best entrant, the next, and what takes no search, each with its cost above the best known."""
    boards = script("published_boards")
    text = boards.rows(boards.boards_of(made_up(["atom"])))
    (line,) = [line for line in text.splitlines() if line.startswith("| [`atom`](docs/atom.md)")]
    assert line.endswith("| 4 | `annealing` 0 % | `kahip` +10.0 % | +20.0 % |")


def test_runs_of_earlier_versions_are_named(script: Callable[[str], Any]) -> None:
    """An entrant of the tables whose search has changed since is named beneath them, and no other."""
    boards = script("published_boards")
    text = boards.rows(boards.boards_of(made_up(["core"], version="none of today's")))
    assert text.endswith(
        "Of these, `annealing`, `genetic`, `kahip`, `known-starts`, `megatron` ran as earlier versions than today's."
    )


def test_two_versions_of_a_suite_are_refused(script: Callable[[str], Any]) -> None:
    """Runs on other instances under the same name are not mixed, and none is silently left out."""
    boards = script("published_boards")
    results = made_up(["core"])
    other = results.runs.assign(suite_digest="another", key=results.runs["key"] + " again")
    with pytest.raises(ValueError, match="core under 1000-evaluations: runs of two versions"):
        boards.boards_of(replace(results, runs=pd.concat([results.runs, other], ignore_index=True)))


def test_the_picture_says_what_it_shows(script: Callable[[str], Any]) -> None:
    """Entrants come in the order of seconds, best first, those of other people are marked, the scale is named."""
    boards, results = script("published_boards"), script("published_results")
    core = made_up(["core"])
    drawn = results.pictures(core, boards.boards_of(core))
    assert set(drawn) == {"leaderboard.svg", "findings-flips.svg"}
    texts = [unescape(text) for text in re.findall(r"<text[^>]*>([^<]+)</text>", drawn["leaderboard.svg"])]
    names = [text for text in texts if text.removesuffix(" †") in ENTRANTS]
    assert names == ["annealing", "kahip †", "known-starts", "local-search", "genetic", "multilevel †", "megatron"]
    assert texts[0] == "annealing is 0 % above the best known after 2 CPU seconds, megatron 60.0 %"
    (width,) = re.findall(r'<svg[^>]* width="([\d.]+)"', drawn["leaderboard.svg"])
    assert 14 + WIDEST_LETTER * len(texts[0]) < float(width)
    assert {"after 1,000 evaluations", "after 2 CPU seconds"} <= set(texts)
    assert any(text.endswith("instances of core (log)") for text in texts)
    assert any("† a planner or library of other people" in text for text in texts)


def test_the_longest_readme_is_short_enough(script: Callable[[str], Any]) -> None:
    """With a table for every suite it still has at most 150 lines."""
    boards, results = script("published_boards"), script("published_results")
    everything = made_up([*boards.RANKED, *boards.OTHERS], version="none of today's")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(results.with_rows(readme, boards.rows(boards.boards_of(everything))).splitlines()) <= 150
