"""Strategies that try to bring the campaign down, not only their own run: by what they write, and by what they do.

Most write lines in the meter's own hand, so that the schema of messages is what stands between them and the record.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import stat
import sys
import threading
import time
from pathlib import Path

import numpy as np

LONG_S = 3600


def _reports():
    return next(item for item in gc.get_objects() if type(item).__name__ == "_Reports")


def _descriptor(check):
    """The first inherited descriptor of a kind."""
    for descriptor in range(3, 32):
        with contextlib.suppress(OSError):
            if check(os.fstat(descriptor).st_mode):
                return descriptor
    raise RuntimeError("no such descriptor")


def _clocks(run):
    spent = {"evaluations": run.evaluations, "cpu_s": run.cpu_s, "wall_s": run.wall_s, "meter_s": run.meter_s}
    return {**spent, "self_counted": False}


def _report(run, **changes):
    row = {"cost_s": run.best_s, "exact": True, "bound_s": 0.0, "candidate": None}
    _reports().line("told", **{**_clocks(run), **row, **changes})


def _end(run, **changes):
    counts = {"refused": 0, "submitted": 0, "unmetered": 0, "status": "ok", "error": None, "candidate": None}
    _reports().line("end", **{**_clocks(run), **counts, **changes})
    os._exit(0)


def _write(line):
    """Write a line with a mark that is the meter's own, around the encoder."""
    reports = _reports()
    os.write(reports._descriptor, reports._seal.close(line))


def _kill(pid, number):
    ctypes.CDLL(None).kill(pid, number)


def _parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _says(**changes):
    """A strategy that finds one candidate and reports something else after it."""

    def says(problem, run, rng):
        run.evaluate(problem.random(rng))
        _report(run, **changes)

    return says


def _ends(**changes):
    """A strategy that finds one candidate and ends its run itself."""

    def ends(problem, run, rng):
        run.evaluate(problem.random(rng))
        _end(run, **changes)

    return ends


def _writes(line):
    def writes(problem, run, rng):
        run.evaluate(problem.random(rng))
        _write(line)

    return writes


evaluations_text = _says(evaluations="x")
evaluations_negative = _says(evaluations=-5)
evaluations_back = _says(evaluations=0)
bound_null = _says(bound_s=None)
bound_nan = _says(bound_s=float("nan"))
cost_nan = _says(cost_s=float("nan"))
cost_rises = _says(cost_s=1e9)
wall_null = _says(wall_s=None)
exact_list = _says(exact=[1])
grid_text = _says(candidate={"grid": "abc"}, cost_s=1e-3)
labels_text = _says(candidate={"labels": ["a"]}, cost_s=1e-3)
candidate_other = _says(candidate={"foo": 1}, cost_s=1e-3)
candidate_list = _says(candidate=[1], cost_s=1e-3)
status_number = _ends(status=5)
status_interrupted = _ends(status="interrupted")
status_word = _ends(status="excellent")
error_list = _ends(status="error", error=[1, 2])
evaluations_huge = _ends(evaluations=2**70)
evaluations_fraction = _ends(evaluations=1.5)
evaluations_over = _ends(evaluations=10**6, submitted=10**6 - 1)
cpu_text = _ends(cpu_s="fast")
cpu_forward = _ends(cpu_s=1e6)
grid_ragged = _ends(candidate={"grid": [[1, 2], [3]]})
grid_huge = _ends(candidate={"grid": [[10**30]]})
nested = _writes(b"[" * 60000)
prepare_nan = _writes(b'{"kind":"started","prepare_s":NaN}')
notice_unknown = _writes(b'{"kind":"notice","what":"<b>"}')
digits = _writes(b'{"kind":"told","evaluations":' + b"9" * 100_000 + b"}")
not_utf8 = _writes(b'{"kind":"\xff\xfe"}')


def bound_minus_infinity(problem, run, rng):
    """Report that there is no bound, which is what the meter reports at first."""
    _report(run, cost_s=run.evaluate(problem.random(rng)), bound_s=-float("inf"))


def surrogate_error(problem, run, rng):
    """Fail over a file name that is no text."""
    run.evaluate(problem.random(rng))
    raise ValueError("cannot open \udcff\ud800 file")


def undecodable_error(problem, run, rng):
    """Fail over a Latin-1 file name, as `os.listdir` returns it."""
    run.evaluate(problem.random(rng))
    raise ValueError(f"cannot make sense of {os.fsdecode(b'caf' + bytes([0xE9]) + b'.txt')}")


def nul_error(problem, run, rng):
    """Fail with a NUL in the text."""
    run.evaluate(problem.random(rng))
    raise ValueError("a\0b")


def escapes_error(problem, run, rng):
    """Fail with a text that a terminal or a page would carry out."""
    run.evaluate(problem.random(rng))
    raise ValueError("\x1b]0;owned\x07\x1b[31m<script>alert(1)</script>" * 50)


def unmarked_line(problem, run, rng):
    """Write what would be a valid line, without the meter's mark."""
    run.evaluate(problem.random(rng))
    row = {"cost_s": run.best_s, "exact": True, "bound_s": 0.0, "candidate": None}
    os.write(_descriptor(stat.S_ISFIFO), json.dumps({"kind": "told", **_clocks(run), **row}).encode() + b"\n")


def endless_line(problem, run, rng):
    """Write 64 MB without a line break."""
    run.evaluate(problem.random(rng))
    descriptor = _descriptor(stat.S_ISFIFO)
    for _ in range(1024):
        os.write(descriptor, b"x" * 65536)


def many_lines(problem, run, rng):
    """Report a hundred thousand improvements that are none."""
    run.evaluate(problem.random(rng))
    row = json.dumps({"kind": "told", **_clocks(run), "cost_s": run.best_s}).encode() + b"\n"
    descriptor = _descriptor(stat.S_ISFIFO)
    for _ in range(500):
        os.write(descriptor, row * 200)


def closes_all(problem, run, rng):
    """Close every descriptor."""
    run.evaluate(problem.random(rng))
    os.closerange(0, 4096)


def thread_goes_on(problem, run, rng):
    """Leave a thread that evaluates after the search."""
    run.evaluate(problem.random(rng))

    def late():
        while True:
            with contextlib.suppress(BaseException):
                run.evaluate(problem.random(rng))

    threading.Thread(target=late, daemon=True).start()


def many_daemons(problem, run, rng):
    """Leave daemons that ignore SIGTERM."""
    run.evaluate(problem.random(rng))
    for _ in range(20):
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.setsid()
            time.sleep(LONG_S)
            os._exit(0)


def raises_limit(problem, run, rng):
    """Lift the limit of memory, which only user 0 may, and take address space."""
    run.evaluate(problem.random(rng))
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    np.empty(5 * 2**30, dtype=np.uint8)


def huge_file(problem, run, rng):
    """Write a file beyond what a run may write."""
    run.evaluate(problem.random(rng))
    with Path("big").open("wb") as file:
        file.truncate(2**31)


def float_labels(problem, run, rng):
    """Hand in halves."""
    run.evaluate(problem.random(rng))
    run.evaluate(problem.random(rng).astype(float) + 0.5)


def huge_labels(problem, run, rng):
    """Hand in 100 MB."""
    run.evaluate(problem.random(rng))
    run.evaluate(np.zeros(10**8, dtype=np.int8))


def negative_labels(problem, run, rng):
    """Hand in negative labels."""
    run.evaluate(problem.random(rng))
    run.evaluate(-problem.random(rng))


def object_labels(problem, run, rng):
    """Hand in objects that are whole numbers at one reading and zero at another."""

    class Two(int):
        def __index__(self):
            return 0

    run.evaluate(problem.random(rng))
    run.evaluate(np.array([Two(label) for label in problem.random(rng)], dtype=object))


def interrupts_itself(problem, run, rng):
    """Raise what Ctrl-C raises."""
    run.evaluate(problem.random(rng))
    raise KeyboardInterrupt


def recurses(problem, run, rng):
    """Recurse until the stack is gone."""
    run.evaluate(problem.random(rng))
    sys.setrecursionlimit(10**9)

    def deeper(n):
        return deeper(n + 1)

    deeper(0)


def kills_coordinator(problem, run, rng):
    """Kill the command itself, as Python lets a process."""
    run.evaluate(problem.random(rng))
    os.kill(_parent(_parent(os.getppid())), signal.SIGKILL)


def phase_lies(problem, run, rng):
    """Write into the channel of phases whatever comes to mind, and stay, deaf to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    run.evaluate(problem.random(rng))
    channel = _descriptor(stat.S_ISSOCK)
    for lie in (b"s", b'{"kind":"search","at":1e9,"cpu_s":1e9}\n', b'{"kind":"search","at":NaN,"cpu_s":NaN}\n'):
        os.write(channel, lie)
    time.sleep(LONG_S)


def stops_supervisor(problem, run, rng):
    """Stop the process that watches, past Python, and go on for ever."""
    run.evaluate(problem.random(rng))
    _kill(os.getppid(), signal.SIGSTOP)
    while True:
        time.sleep(0.01)


def stops_itself(problem, run, rng):
    """Stop."""
    run.evaluate(problem.random(rng))
    os.kill(os.getpid(), signal.SIGSTOP)


def kills_server(problem, run, rng):
    """Kill the fork server, and stay."""
    run.evaluate(problem.random(rng))
    _kill(_parent(os.getppid()), signal.SIGKILL)
    time.sleep(LONG_S)


def stops_server(problem, run, rng):
    """Stop the fork server, and end well."""
    run.evaluate(problem.random(rng))
    _kill(_parent(os.getppid()), signal.SIGSTOP)
