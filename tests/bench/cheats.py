"""Strategies that cheat, each in its own way: what they gain has to be nothing, or to be seen. Loaded as plug-ins."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from tasklet_bench.strategies.strategy import Strategy

ROOT = Path(__file__).parents[2]


def _searched(problem, rng, cost, tries=200):
    """The best of some random candidates, by `cost`."""
    return min((problem.random(rng) for _ in range(tries)), key=lambda candidate: cost(candidate).total_s)


def _entry(text, problem):
    for line in text.splitlines():
        entry = json.loads(line)
        if entry["digest"] == problem.digest:
            return problem.candidate_from_json(entry.get("candidate") or {"grid": entry["grid"]})
    return problem.random(np.random.default_rng(0))


def reads_table(problem, run, rng):
    """Read the table of best-known costs in Python, and go on where that is refused."""
    from tasklet_bench.bench.results import best_known

    candidate = problem.random(rng)
    with contextlib.suppress(OSError):
        candidate = _entry(best_known.default_path().read_text(), problem)
    run.evaluate(candidate)


def reads_table_by_program(problem, run, rng):
    """Let another program read the table, by a pattern that does not name it."""
    command = f"cat {ROOT}/results/best*/best*"
    text = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False).stdout
    run.evaluate(_entry(text, problem))


def asks_for_planted_optimum(problem, run, rng):
    """Ask for the optimum that the instance was built from."""
    from tasklet_bench.problems.instances import catalogue

    run.evaluate(catalogue.planted_optimum(problem.name))


def sets_counter(problem, run, rng):
    """Set the meter's counter back, plainly."""
    run.evaluate(problem.random(rng))
    run.evaluations = 0


def resets_counter(problem, run, rng):
    """Set the meter's counter back each time before the budget is spent, by way of its functions' cells."""
    account = next(item for item in gc.get_objects() if type(item).__name__ == "_Account")
    for _ in range(30):
        for _ in range(10):
            run.evaluate(problem.random(rng))
        account.evaluations = 1


def raises_counter(problem, run, rng):
    """Count evaluations that were never made."""
    account = next(item for item in gc.get_objects() if type(item).__name__ == "_Account")
    run.evaluate(problem.random(rng))
    account.evaluations = 15


def resets_meter_seconds(problem, run, rng):
    """Declare all CPU seconds the meter's own."""
    account = next(item for item in gc.get_objects() if type(item).__name__ == "_Account")
    run.evaluate(problem.random(rng))
    account.page[0] = 1e9
    end = time.process_time() + 0.5
    while time.process_time() < end:
        pass


def forges_last_line(problem, run, rng):
    """Write the end of the run into its pipe, with fewer evaluations than were spent, and exit."""
    for _ in range(15):
        run.evaluate(problem.random(rng))
    numbers = {"evaluations": 1, "submitted": 0, "refused": 0, "unmetered": 0, "cpu_s": 0.0, "wall_s": 0.0}
    end = {"kind": "end", "status": "ok", "error": None, "candidate": None, "self_counted": False, "meter_s": 0.0}
    for descriptor in range(3, 32):
        with contextlib.suppress(OSError):
            os.write(descriptor, json.dumps({**end, **numbers}).encode() + b"\n")
    os._exit(0)


class SearchesInPrepare(Strategy):
    """Find the problem in the callers' frames, and search before any clock runs."""

    name = "searches-in-prepare"

    def prepare(self):
        """Search."""
        frame = sys._getframe()
        while frame is not None and not hasattr(frame.f_locals.get("problem"), "cost"):
            frame = frame.f_back  # type: ignore[assignment]
        problem = frame.f_locals["problem"]
        object.__setattr__(self, "_best", _searched(problem, np.random.default_rng(0), problem.cost))

    def search(self, problem, run, rng):
        """Hand in what was found."""
        run.evaluate(self._best)  # type: ignore[attr-defined]


def scores_unmetered(problem, run, rng):
    """Ask the problem instead of the run."""
    run.evaluate(_searched(problem, rng, problem.cost))


@dataclasses.dataclass(frozen=True)
class KeepsBest(Strategy):
    """Leave the best in a file, where the next run finds it."""

    name = "keeps-best"
    folder: str = ""

    def search(self, problem, run, rng):
        """Begin from what the last run has left."""
        file = Path(self.folder, "kept.json")
        result = [problem.random(rng) for _ in range(3)]
        with contextlib.suppress(OSError, ValueError):
            result.append(np.array(json.loads(file.read_text())))
        best = min(result, key=run.evaluate)
        with contextlib.suppress(OSError):
            file.write_text(json.dumps(best.tolist()))


def backdates(problem, run, rng):
    """Let the clocks of the meter stand still."""
    meter = sys.modules["tasklet_bench.bench.execution.meter"]
    clock = sys.modules["tasklet_bench.bench.execution.cpu_clock"]
    end = time.process_time() + 0.6
    meter.monotonic = meter.process_time = lambda: 0.0  # type: ignore[attr-defined]
    clock.time = type("Stopped", (), {"monotonic": staticmethod(float), "process_time": staticmethod(float)})  # type: ignore[attr-defined]
    while time.process_time() < end:
        pass
    run.evaluate(problem.random(rng))


def backdates_rows(problem, run, rng):
    """Report, in the meter's own hand, that what comes late came at once."""
    account = next(item for item in gc.get_objects() if type(item).__name__ == "_Account")
    for _ in range(15):
        run.evaluate(problem.random(rng))
    report = account._send
    account._send = lambda reported: report(dataclasses.replace(reported, evaluations=1))
    account.best_s *= 2
    run.evaluate(problem.random(rng))


def bounds_by_own_cost(problem, run, rng):
    """Call what was found optimal."""
    run.bound(run.evaluate(problem.random(rng)))


def kills_rivals(problem, run, rng):
    """Kill the supervisor and the worker of every other run; there is a supervisor also while no run is on beside."""
    run.evaluate(problem.random(rng))
    supervisor = os.getppid()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            pid = int(entry.name)
            if pid not in (os.getpid(), supervisor) and _parent(supervisor) in (_parent(pid), _parent(_parent(pid))):
                os.kill(pid, signal.SIGKILL)


def _parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


@dataclasses.dataclass(frozen=True)
class UpdatesStore(Strategy):
    """Make the own results the cheapest."""

    name = "updates-store"
    store: str = ""

    def search(self, problem, run, rng):
        """Search a little, and write into the store."""
        run.evaluate(problem.random(rng))
        with contextlib.suppress(OSError, sqlite3.Error), sqlite3.connect(self.store, timeout=0.1) as db:
            db.execute("DROP TRIGGER runs_no_update")
            db.execute("UPDATE runs SET cost_s = 1e-9 WHERE strategy = 'updates-store'")


class TakesName(Strategy):
    """Take the name of a strategy of the project."""

    name = "annealing"

    def search(self, problem, run, rng):
        """Do little."""
        run.evaluate(problem.random(rng))


class _Changing:
    """Labels that are others at every second reading."""

    def __init__(self, first, second):
        self._both, self._reads = (first, second), 0

    def __array__(self, dtype=None, copy=None):
        self._reads += 1
        return np.array(self._both[self._reads % 2], dtype=dtype)

    def __len__(self):
        return len(self._both[0])

    def __iter__(self):
        return iter(self.__array__())

    def tolist(self):
        """Read once more."""
        return self.__array__().tolist()

    def __deepcopy__(self, memo):
        other = _Changing(*self._both)
        other._reads = self._reads
        return other


def changes_between_reads(problem, run, rng):
    """Hand in a candidate that is cheap when it is scored and another when it is written down."""
    good, bad = sorted((problem.random(rng) for _ in range(2)), key=lambda labels: problem.cost(labels).total_s)
    run.evaluate(_Changing(bad, good))


@dataclasses.dataclass(frozen=True)
class LooksAround(Strategy):
    """Write down what a run can see and do, into its own error text."""

    name = "looks-around"
    store: str = ""
    outside: str = ""

    def search(self, problem, run, rng):
        """Try each of what an untrusted run must not be able to do, past Python's own eyes."""
        libc = ctypes.CDLL(None, use_errno=True)
        run.evaluate(problem.random(rng))
        table = f"cat {ROOT}/results/best*/best* 2>/dev/null | head -c 100"
        listing = subprocess.run(["/bin/sh", "-c", table], capture_output=True, text=True, check=False).stdout
        store = subprocess.run(["/bin/ls", self.store], capture_output=True, text=True, check=False).stdout
        write = subprocess.run(["/bin/sh", "-c", f"echo x > {self.outside}"], capture_output=True, check=False)
        net = subprocess.run(["/bin/sh", "-c", "cat /proc/net/dev"], capture_output=True, text=True, check=False)
        seen = {
            "table": listing,
            "store": store,
            "wrote": write.returncode == 0,
            "others": sorted(int(entry.name) for entry in Path("/proc").glob("[0-9]*")),
            "parent": os.getppid(),
            "interfaces": [line.split(":")[0].strip() for line in net.stdout.splitlines()[2:]],
            "mounts": libc.umount(b"/tmp") == 0,
            "secret": "TASKLET_SECRET" in os.environ or "TOKEN_OF_TEST" in Path("/proc/self/environ").read_text(),
            "left": [entry.name for entry in Path.cwd().iterdir()],
        }
        Path("left-by-a-run").write_text("x")
        raise RuntimeError(json.dumps(seen))
