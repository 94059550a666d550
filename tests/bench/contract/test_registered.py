"""Strategies that keep to the contract pass."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.bench.contract import CLAUSES

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

RESTLESS = '''
class Restless:
    """Random partitions, and small changes of the best one."""

    name = "restless"

    def search(self, problem, run, rng):
        best, best_s = problem.random(rng), float("inf")
        while not run.exhausted:
            labels = best.copy()
            a, b = rng.integers(len(labels), size=2)
            labels[a], labels[b] = labels[b], labels[a]
            cost_s = run.evaluate(labels)
            if cost_s <= best_s:
                best, best_s = labels, cost_s
'''.lstrip()


@pytest.mark.parametrize("name", ["aligned", "annealing", "genetic"])
def test_registered_strategies_keep_to_it(name: str, checked: Any) -> None:
    """One that builds, one that counts its own evaluations, and one that calls the run for each."""
    broken = {clause: verdict.text() for clause, verdict in checked(name).items() if verdict.status == "broken"}
    assert broken == {}


def test_a_strategy_of_fifteen_lines_keeps_to_it(checked: Any, tmp_path: Path) -> None:
    """Every clause is kept, and beating random is no mere remark."""
    plugin = tmp_path / "mine.py"
    plugin.write_text(RESTLESS)
    assert len(RESTLESS.splitlines()) <= 15
    verdicts = checked(f"{plugin}:Restless")
    assert list(verdicts) == [clause.name for clause in CLAUSES]
    assert {verdict.status for verdict in verdicts.values()} == {"kept"}


def test_a_plain_function_keeps_to_it(checked: Any, tmp_path: Path) -> None:
    """It is a strategy, too; that it is no better than random is remarked, and breaks nothing."""
    plugin = tmp_path / "plain.py"
    plugin.write_text(
        "def plain(problem, run, rng):\n    while not run.exhausted:\n        run.evaluate(problem.random(rng))\n"
    )
    verdicts = checked(f"{plugin}:plain", "valid-allocations", "survives-pickling", "beats-random", "time-split")
    assert {name: verdict.status for name, verdict in verdicts.items()} == {
        "valid-allocations": "kept",
        "survives-pickling": "kept",
        "beats-random": "remark",
        "time-split": "kept",
    }
    assert "NOT" in verdicts["beats-random"].found
