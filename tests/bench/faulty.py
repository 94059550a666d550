"""Strategies that misbehave, each in its own way, after having reported one good candidate. Loaded as plug-ins."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tasklet_bench.problems.problem import Cost
from tasklet_bench.strategies.strategy import Strategy

LONG_S = 3600


def raises(problem, run, rng):
    """Raise an exception."""
    run.evaluate(problem.random(rng))
    raise ZeroDivisionError("one over nothing")


def exits(problem, run, rng):
    """End the process without a word."""
    run.evaluate(problem.random(rng))
    os._exit(0)


def exits_politely(problem, run, rng):
    """Call `sys.exit`."""
    run.evaluate(problem.random(rng))
    sys.exit(0)


def segfaults(problem, run, rng):
    """Read address zero."""
    run.evaluate(problem.random(rng))
    ctypes.string_at(0)


def loops(problem, run, rng):
    """Never look at the budget."""
    run.evaluate(problem.random(rng))
    while True:
        pass


def loops_deaf(problem, run, rng):
    """Never look at the budget, and ignore SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    run.evaluate(problem.random(rng))
    while True:
        pass


def sleeps(problem, run, rng):
    """Use no CPU and never end."""
    run.evaluate(problem.random(rng))
    time.sleep(LONG_S)


def leaks(problem, run, rng):
    """Take 8 GB, as far as it goes."""
    run.evaluate(problem.random(rng))
    kept: list[Any] = []
    while sum(block.nbytes for block in kept) < 8 * 10**9:
        kept.append(np.ones(2**26, dtype=np.uint8))


def leaks_small_blocks(problem, run, rng):
    """Take all memory in blocks so small that not even a traceback has room in the end."""
    run.evaluate(problem.random(rng))
    kept: list[Any] = []
    while True:
        kept.append(bytes(2000))


def aborts_for_memory(problem, run, rng):
    """Abort as C++ does when an allocation fails."""
    run.evaluate(problem.random(rng))
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def leaves_grandchildren(problem, run, rng):
    """Leave a child behind, and a daemon in a session of its own that ignores SIGTERM."""
    run.evaluate(problem.random(rng))
    subprocess.Popen(["/bin/sleep", str(LONG_S)])
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(LONG_S)
        os._exit(0)


def burns_in_daemon(problem, run, rng):
    """Have a daemon in a session of its own do the work, so that the own clock stands still."""
    run.evaluate(problem.random(rng))
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                pass
        os._exit(0)
    os.wait()
    time.sleep(LONG_S)


def works_in_child(problem, run, rng):
    """Have a child do the work, and look at the CPU budget."""
    run.evaluate(problem.random(rng))
    if os.fork() == 0:
        while True:
            pass
    while not run.exhausted:
        time.sleep(0.01)


def invalid(problem, run, rng):
    """Tell labels that are no partition."""
    run.evaluate(problem.random(rng))
    run.evaluate(np.zeros(problem.decision.n_devices, dtype=np.int64))


def silent(problem, run, rng):
    """Tell nothing at all."""


def false_bound(problem, run, rng):
    """Report a bound that the own candidate beats."""
    run.bound(2 * run.evaluate(problem.random(rng)))


def greedy(problem, run, rng):
    """Evaluate past the budget."""
    while True:
        run.evaluate(problem.random(rng))


def greedy_and_deaf(problem, run, rng):
    """Evaluate past the budget for ever, whatever is raised."""
    while True:
        with contextlib.suppress(Exception):
            run.evaluate(problem.random(rng))


def over_declares(problem, run, rng):
    """Submit more evaluations than there are."""
    run.evaluate(problem.random(rng))
    run.submit(problem.random(rng), 10**9)


def cheapens_problem(problem, run, rng):
    """Make the problem cheaper before it is scored."""
    type(problem).cost = lambda self, candidate: Cost(0.0, {"data_parallel_s": 0.0, "pipeline_s": 0.0})
    run.evaluate(problem.random(rng))


def kills_supervisor(problem, run, rng):
    """Kill the process that watches, past Python, and leave a daemon."""
    run.evaluate(problem.random(rng))
    if os.fork() == 0:
        os.setsid()
        time.sleep(LONG_S)
    ctypes.CDLL(None).kill(os.getppid(), signal.SIGKILL)
    time.sleep(LONG_S)


def writes_junk(problem, run, rng):
    """Write into every descriptor that is open."""
    run.evaluate(problem.random(rng))
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(descriptor, b'{"kind":"told"}\n[\n\xff\n7\n')


def forks_and_returns(problem, run, rng):
    """Fork, and return from the search on both sides."""
    os.fork()
    with contextlib.suppress(RuntimeError):
        run.evaluate(problem.random(rng))


def meddles(problem, run, rng):
    """Print, change the working directory, and seed numpy's global generator."""
    print("hello from a strategy")  # noqa: T201
    os.chdir("/")
    np.random.seed(0)  # noqa: NPY002
    run.evaluate(problem.random(rng))


def burns_50_ms(problem, run, rng):
    """Use 50 ms of CPU: what the harness costs per run is measured with it."""
    run.evaluate(problem.random(rng))
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass


def naps(problem, run, rng):
    """Do nothing for a while."""
    run.evaluate(problem.random(rng))
    time.sleep(0.5)


@dataclass(frozen=True)
class WritesToStore(Strategy):
    """Write into the folder of the store."""

    name = "writes-to-store"
    folder: str = "."

    def search(self, problem, run, rng):
        """Leave a stray file."""
        run.evaluate(problem.random(rng))
        Path(self.folder, "stray.txt").write_text("I was here")


class PreparesForever(Strategy):
    """Never get to search."""

    name = "prepares-forever"

    def prepare(self):
        """Take too long."""
        time.sleep(LONG_S)

    def search(self, problem, run, rng):
        """Have nothing to do."""
