"""One run in one process: what it may have, what it tells, and how it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.bench.execution import ForkServer, limits, run
from tasklet_bench.bench.execution.limits import Core, cores
from tasklet_bench.bench.execution.stopping import Stop
from tasklet_bench.bench.execution.worker import seed_sequence
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.runs.budget import Budget, grace_s
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.registry import ENTRANTS

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

PROBLEM = problem_ref(catalogue.load("paper/worldwide"))
WORLD = '''
import json
import os
import resource
import sys
import threading
from pathlib import Path

REPORT = Path({report!r})


def looks_around(problem, run, rng):
    """Write down what the process of a run is like."""
    run.evaluate(problem.random(rng))
    REPORT.write_text(json.dumps({{
        "session": os.getsid(0) == os.getpid(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "core_dumps": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "threads": threading.active_count(),
        "thread_settings": {{name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")}},
        "folder": os.getcwd(),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "first_draw": rng.random(),
        "stdin": sys.stdin.read(),
    }}))
'''


RESCORED = '''
def hands_in(problem, run, rng):
    """Hand in what the meter scores again on its own account, until the budget is spent."""
    candidate = problem.random(rng)
    while not run.exhausted:
        run.submit(candidate, 0)
'''


def _spec(target: str, seed: int = 0, **changes: Any) -> RunSpec:
    return RunSpec(PROBLEM, entrant(target), seed, **{"budget": Budget(evaluations=20), **changes})


def test_nobody_is_killed_for_what_the_meter_used(tmp_path: Path) -> None:
    """A run within its CPU seconds is `ok`, also where the meter has used more than the grace beside them."""
    path = tmp_path / "rescored.py"
    path.write_text(RESCORED, encoding="utf-8")
    budget = Budget(cpu_s=0.6)
    record = run(_spec(f"{path}:hands_in", budget=budget))
    assert record.status == "ok"
    assert record.meter_s > grace_s(0.6)
    assert record.cpu_s < 0.6 + grace_s(0.6)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunRecord, dict[str, Any]]:
    """A run that looks around, and what it saw."""
    import json

    folder = tmp_path_factory.mktemp("world")
    plugin, report = folder / "plugin.py", folder / "report.json"
    plugin.write_text(WORLD.format(report=str(report)))
    record = run(_spec(f"{plugin}:looks_around", seed=3, memory_bytes=3 * 2**30))
    return record, json.loads(report.read_text())


def test_a_run_has_its_own_world(world: tuple[RunRecord, dict[str, Any]]) -> None:
    """Own session and folder, one core, one thread, capped memory, no core dump, no input, and few descriptors."""
    record, seen = world
    assert record.status == "ok"
    assert seen["session"]
    assert seen["cores"] == 1
    assert seen["memory"] == 3 * 2**30
    assert seen["core_dumps"] == 0
    assert seen["threads"] == 1
    assert set(seen["thread_settings"].values()) == {"1"}
    assert seen["folder"] != str(Path.cwd())
    assert not Path(seen["folder"]).exists()
    assert len(seen["descriptors"]) <= 6  # three standard ones, two pipes, and the listing itself
    assert seen["stdin"] == ""


def test_the_stream_is_that_of_the_seed_and_the_instance(world: tuple[RunRecord, dict[str, Any]]) -> None:
    """Everybody gets the same stream from the same seed on the same instance."""
    rng = np.random.Generator(np.random.PCG64(seed_sequence(3, PROBLEM.digest)))
    catalogue.load(PROBLEM.name).random(rng)
    assert world[1]["first_draw"] == rng.random()


def test_every_improvement_is_reported_while_the_run_is_on() -> None:
    """In order, each as soon as it is found; the record has them all."""
    received: list[Improvement] = []
    record = run(_spec("random-grid", budget=Budget(evaluations=200)), received.append)
    assert [row.cost_s for row in received] == [row.cost_s for row in record.trajectory]
    assert [row.cost_s for row in received] == sorted((row.cost_s for row in received), reverse=True)
    assert len(received) > 1
    assert record.cost_s == pytest.approx(received[-1].cost_s, rel=1e-12)


def test_a_start_is_evaluated_first_and_stands_as_incumbent(tmp_path: Path) -> None:
    """It counts one evaluation, and a run that finds nothing better ends with it."""
    best = run(_spec("aligned"))
    plugin = tmp_path / "plugin.py"
    plugin.write_text(
        "def polite(problem, run, rng):\n"
        "    '''Ask for the incumbent and do nothing.'''\n"
        "    assert run.incumbent.grid.shape == (8, 8)\n"
    )
    record = run(_spec(f"{plugin}:polite", start=best.candidate))
    assert record.status == "ok"
    assert record.evaluations == 1
    assert record.candidate == best.candidate
    assert record.cost_s == best.cost_s


def test_ctrl_c_ends_a_run_with_what_it_has_found() -> None:
    """The record says so, and has the incumbent."""
    pressed: list[Improvement] = []

    def press(row: Improvement) -> None:
        if not pressed:
            os.kill(os.getpid(), signal.SIGINT)
        pressed.append(row)

    record = run(_spec("random-partition", budget=Budget(wall_s=300.0)), press)
    assert record.status == "interrupted"
    assert record.candidate is not None
    assert record.wall_s < 300.0


def test_a_server_that_cannot_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear message, instead of runs that all fail."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with ForkServer() as server, pytest.raises(RuntimeError, match="did not start"):
        server.slot()


def test_ctrl_c_ends_the_command_while_the_server_still_loads() -> None:
    """Loading takes a while, and compiling for the first time takes long."""
    stop = Stop()
    stop.request()
    with ForkServer() as server:
        assert not server.wait(stop)
        assert server.wait()
    stop.close()


def test_a_fork_server_that_loads_ends_with_its_coordinator(marked: Any) -> None:
    """Loading may compile for minutes; nobody is left to compile on for a command that was killed."""
    text = (
        "import os, signal\n"
        "from tasklet_bench.bench.execution import ForkServer\n"
        "ForkServer()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with marked():  # fails if anything is left 5 s after that
        assert subprocess.run([sys.executable, "-c", text]).returncode == -signal.SIGKILL


def test_closing_a_fork_server_that_loads_does_not_wait(marked: Any) -> None:
    """What is still compiling is ended at once."""
    with marked(), ForkServer() as server:
        began = time.monotonic()
        server.close()
        assert time.monotonic() - began < 5.0
        assert not server.alive


def test_preparing_every_registered_strategy_leaves_one_thread(tmp_path: Path) -> None:
    """The fork server forks, so nothing that it loads in advance may have started a thread."""
    with ForkServer([entrant(name) for name in ENTRANTS]) as server, server.slot():
        tasks = list(Path(f"/proc/{server.pid}/task").iterdir())
        assert len(tasks) == 1


def test_a_slot_whose_supervisor_is_gone_says_so(marked: Any) -> None:
    """So that its owner gets another one for the next run."""
    with marked(), ForkServer() as server, server.slot() as slot:
        assert slot.usable
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        patience = time.monotonic() + 20
        while not children.read_text() and time.monotonic() < patience:
            time.sleep(0.01)
        os.kill(int(children.read_text()), signal.SIGKILL)
        while slot.usable and time.monotonic() < patience:
            time.sleep(0.01)
        assert not slot.usable
        with server.slot() as another:
            assert another.usable


def test_slots_do_not_share_a_core_while_another_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each claims one of its own; when all are claimed they share, and a claim that is let go can be had again."""
    monkeypatch.setattr(limits, "CLAIM", f"test-{os.getpid()}-core")
    claims = [Core() for _ in cores()]
    assert sorted(claim.number for claim in claims) == cores()  # type: ignore[type-var]
    assert all(claim.exclusive for claim in claims)
    another = Core()
    assert not another.exclusive
    assert another.number in cores()
    claims.pop().release()
    again = Core()
    assert again.exclusive
    for claim in (*claims, again):
        claim.release()


def test_a_bound_may_be_reported_before_any_candidate(tmp_path: Path) -> None:
    """The row says that there was no cost yet, and the run goes on."""
    plugin = tmp_path / "plugin.py"
    plugin.write_text(
        "def bounds_first(problem, run, rng):\n"
        "    '''Report a bound, then a candidate.'''\n"
        "    run.bound(1.01 * problem.bound())\n"
        "    run.evaluate(problem.random(rng))\n"
    )
    record = run(_spec(f"{plugin}:bounds_first"))
    assert record.status == "ok"
    assert record.trajectory[0].cost_s == float("inf")
    assert record.trajectory[-1].cost_s == pytest.approx(record.cost_s)
    assert record.trajectory[0].bound_s == pytest.approx(1.01 * catalogue.load(PROBLEM.name).bound())
