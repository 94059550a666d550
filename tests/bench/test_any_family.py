"""A family in a user's file, with a decision that is no partition, goes through every command."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tasklet_bench import ProblemContract
from tasklet_bench.bench.plugins import resolve
from tasklet_bench.bench.results.merge import results_at

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

FILE = Path(__file__).with_name("ringed.py")
Called = Callable[..., subprocess.CompletedProcess[str]]


class TestRinged(ProblemContract):
    """The family keeps to the contract of problems."""

    problem = "ringed.py:Ringed"


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory, command_line: Called) -> Called:
    """Type a command in a folder that holds the file, and results of four runs."""
    folder = tmp_path_factory.mktemp("family")
    shutil.copy(FILE, folder)

    def typed(*words: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = command_line(words, folder, timeout_s=280)
        assert done.returncode == status, done.stderr
        return done

    typed.folder = folder  # type: ignore[attr-defined]
    typed("run", "-p", "ringed.py:Ringed", "-s", "ringed.py:Swaps", "-s", "random",
          "--evaluations", 200, "--seeds", 2, "--out", "o")  # fmt: skip
    return typed


def test_its_strategy_is_checked_on_an_instance_that_is_named(call: Called) -> None:
    """Clauses that need an instance which the family has not are said not to apply; no other is broken."""
    words = ("check", "ringed.py:Swaps", "--problem", "ringed.py:Ringed", "--json")
    some = [word for clause in ("valid-allocations", "seed-obeyed", "one-stage") for word in ("--only", clause)]
    result = json.loads(call(*words, *some).stdout)
    assert [clause["status"] for clause in result["clauses"]] == ["kept", "kept", "n/a"]


def test_records_keep_parts_and_candidates(call: Called) -> None:
    """Each part stands in the record by its name, and the candidate as the problem writes it."""
    with results_at(call.folder / "o") as store:  # type: ignore[attr-defined]
        runs, instances = store.runs(), store.table("instances")
    assert len(runs) == 4
    problem = resolve("ringed.py:Ringed", call.folder).problem  # type: ignore[attr-defined]
    for run in runs.to_dict("records"):
        parts_s, candidate = json.loads(run["parts_s"]), json.loads(run["candidate"])
        cost = problem.judge(problem.candidate_from_json(candidate))
        assert cost.parts_s == pytest.approx(parts_s, rel=1e-9)
        assert set(parts_s) == {"uplink_s", "core_s"}
        assert run["cost_s"] == pytest.approx(cost.total_s, rel=1e-9)
    assert instances["family"].tolist() == ["ringed"]


def test_it_is_shown_solved_and_evaluated(call: Called) -> None:
    """`solve` writes a file that `evaluate` scores the same, and `show` names the starts."""
    answer = json.loads(
        call("solve", "ringed.py:Ringed", "-s", "ringed.py:Swaps", "--evaluations", 300,
             "--out", "best.json", "--json").stdout
    )  # fmt: skip
    scored = json.loads(call("evaluate", "ringed.py:Ringed", "best.json", "--json").stdout)
    assert scored["cost_s"] == answer["cost_s"]
    assert answer["parts_s"] == {"uplink_s": scored["uplink_s"], "core_s": scored["core_s"]}
    assert "start evens first" in call("show", "ringed.py:Ringed").stdout


def test_results_are_verified_made_again_and_moved(call: Called) -> None:
    """By the judge, to the digit, and through an export into another store, where the file is typed."""
    trust = ("--trust", "ringed.py")
    verified = json.loads(call("verify", "o", "--json", *trust).stdout)
    assert (verified["checked"], verified["mismatches"], verified["whole"]) == (4, [], True)
    assert "--trust FILE" in call("verify", "o", "--json", status=1).stdout
    assert "2 of 2 runs came out the same" in call("reproduce", "swaps", "o", *trust).stdout
    call("report", "o")
    call("export", "o", "--out", "ex")
    call("merge", "ex", "o2", *trust)
    assert "swaps" in call("report", "o2", "--format", "md").stdout


def test_the_judge_counts_and_not_the_cost(call: Called) -> None:
    """A record whose judge says another cost than its cost does is a mismatch."""
    liar = FILE.read_text("utf-8").replace("return Cost(worst + total / 12", "return Cost(2 * worst + total / 12")
    (call.folder / "liar.py").write_text(liar, "utf-8")  # type: ignore[attr-defined]
    call("run", "-p", "liar.py:Ringed", "-s", "liar.py:Swaps", "--evaluations", 50, "--seeds", 1, "--out", "lies")
    with results_at(call.folder / "lies") as store:  # type: ignore[attr-defined]
        runs = store.runs()
    assert runs["status"].tolist() == ["invalid"]
    assert "reported as" in runs["error"].iloc[0]
