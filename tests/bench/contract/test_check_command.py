"""`check` as a user types it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.bench.contract import CLAUSES

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

BROKEN = f"{Path(__file__).parent / 'broken.py'}:"
TWO = ("--only", "best-known-unread", "--only", "well-described")


def test_a_strategy_that_keeps_to_the_contract_ends_with_status_0(typed: Any) -> None:
    """One line for each clause, and the sum of them."""
    done = typed("check", "random-partition", *TWO)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["✓", "best-known-unread"], ["✓", "well-described"]]
    assert lines[-1].startswith("random-partition: 2 clauses in ")
    assert lines[-1].endswith("all kept")


def test_a_broken_clause_ends_with_status_1(typed: Any) -> None:
    """It is named, and what was expected and found stands below it, in text and in JSON."""
    done = typed("check", f"{BROKEN}ReadsBestKnown", *TWO)
    text = done.stdout
    assert done.returncode == 1
    assert "✗ best-known-unread" in text
    assert "1 broken: best-known-unread" in text
    done = typed("check", f"{BROKEN}ReadsBestKnown", *TWO, "--json")
    assert done.returncode == 1
    reported = json.loads(done.stdout)
    assert reported["kept"] is False
    unread, described = reported["clauses"]
    assert (unread["status"], described["status"]) == ("broken", "kept")
    assert "attempt to open" in unread["found"]
    assert f"again     {unread['rerun_command']}" in text


def test_the_clauses_can_be_listed(typed: Any) -> None:
    """Each with its promise, without a strategy."""
    done = typed("check", "--list", "--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    of_strategies = [{"of": "strategy", "clause": clause.name, "promise": clause.promise} for clause in CLAUSES]
    assert [clause for clause in listed if clause["of"] == "strategy"] == of_strategies
    assert {clause["clause"] for clause in listed if clause["of"] == "problem"} >= {
        "judge-equals-cost",
        "digest-stable",
    }
    assert all(clause.promise.endswith(".") for clause in CLAUSES)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check",), "STRATEGY"),
        (("check", "annealin"), "annealing"),
        (("check", "annealing", "--only", "seed-obeid"), "seed-obeyed"),
        (("check", "annealing", "-P", "heat=1"), "heat"),
    ],
)
def test_what_cannot_be_checked_is_refused(arguments: tuple[str, ...], said: str, typed: Any) -> None:
    """Status 2 and one line with the nearest name."""
    done = typed(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert said in done.stderr


def test_a_strategy_of_another_family_is_refused(typed: Any, tmp_path: Path) -> None:
    """The clauses have no instances of it."""
    (tmp_path / "other.py").write_text(
        "class Other:\n    families = ('shapes',)\n\n    def search(self, problem, run, rng):\n        pass\n"
    )
    done = typed("check", "other.py:Other")
    assert done.returncode == 2
    assert "families: found shapes" in done.stderr
