"""What the tests of the contract share: its processes, started once, and the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasklet_bench.bench.contract import CLAUSES, Finding
from tasklet_bench.bench.contract.checking import check_clause, chosen
from tasklet_bench.bench.contract.trials import RIVALS, Trials
from tasklet_bench.bench.execution import ForkServer
from tasklet_bench.bench.plugins import entrant

Checked = Callable[..., dict[str, Finding]]


@pytest.fixture(scope="module")
def checked() -> Iterator[Checked]:
    """Check a strategy by all clauses or by some; returns the verdict of each."""
    with ForkServer([entrant(name) for name in (*RIVALS, "annealing", "genetic")]) as server:

        def check(target: str, *clauses: str) -> dict[str, Finding]:
            with Trials(entrant(target), server) as trials:
                return {
                    clause.name: check_clause(clause, trials) for clause in (chosen(clauses) if clauses else CLAUSES)
                }

        yield check


@pytest.fixture
def typed(
    tmp_path: Path, command_line: Callable[..., subprocess.CompletedProcess[str]]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `tasklet-bench` with arguments in an empty folder and return what it printed."""

    def run(*arguments: object, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        return command_line(arguments, tmp_path, timeout_s)

    return run
