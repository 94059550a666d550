"""The worker: loads one problem and one strategy, searches under the meter, reports how it ended, and is gone.

Foreign code runs here and nowhere else. Everything that matters is reported before the process ends, and it ends
without Python's own shutdown, which foreign code could hold up.
"""

from __future__ import annotations

import faulthandler
import inspect
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

import tasklet_bench
from tasklet_bench.bench.execution import limits, messages, process_tree, sandbox
from tasklet_bench.bench.execution.meter import Meter, Page, ReportedResult
from tasklet_bench.bench.execution.problem_cache import make_ready
from tasklet_bench.bench.execution.side_effects import CostCalls, Notices
from tasklet_bench.bench.execution.starting import score_starts
from tasklet_bench.bench.plugins import lend_to_children, load_problem, load_strategy
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import InvalidCandidate, Problem
from tasklet_bench.strategies.run import BudgetExhausted

LOG_NAME = "log"
CHILDREN = "plugins"
"""Folder of the run in which the processes of a strategy's pools find its modules."""
TRACEBACK_TAIL = 4000
"""Characters of a traceback that are kept, from its end."""


def main(
    job: dict[str, Any],
    problem: Problem | None,
    folder: Path,
    results: int,
    phases: int,
    page: Page,
) -> NoReturn:
    """Make the run of `job` in this fresh fork; report to the coordinator on `results`, to the supervisor on `phases`.

    `problem` is given if it is ready already; the supervisor sees what the meter writes to `page`.
    """
    code = 1
    try:
        reports = _Reports(results, messages.Seal(bytes.fromhex(job.pop("key"))))
        _enter(job, folder, keep={results, phases})
        spec = RunSpec.from_json(job["spec"])
        _make(spec, problem, reports, phases, page)
        code = 0
    except MemoryError:
        os.write(2, messages.OUT_OF_MEMORY)
    except BaseException:  # nothing may run on into the supervisor's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _enter(job: dict[str, Any], folder: Path, keep: set[int]) -> None:
    """Leave the supervisor's world: own session, folder, log and limits, and namespaces where these are asked for."""
    process_tree.die_with_parent(job["supervisor"])
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    log = os.open(folder / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    _close_all_but(keep)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    faulthandler.enable(file=2)
    if job["untrusted"]:
        spec = job["spec"]
        folder = sandbox.enter_run(spec["memory_bytes"], Path(job["compiled"]), _read_by(spec))
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    seed = int.from_bytes(os.urandom(4), "little")
    np.random.seed(seed)  # noqa: NPY002 - a strategy that draws from it must not draw the same in every fork
    limits.limit(job["spec"]["memory_bytes"], job["core"])


def _read_by(spec: dict[str, Any]) -> list[Path]:
    """The folders that a run needs to read: of Python, of the project, and of the files that it is made of."""
    files = [spec["entrant"]["target"], spec["problem"]["name"]]
    folders = [Path(text.rpartition(":")[0]).absolute().parent for text in files if ".py:" in text]
    return [Path(sys.prefix), Path(sys.base_prefix), Path(tasklet_bench.__file__).resolve().parents[2], *folders]


def _close_all_but(keep: set[int]) -> None:
    low = 3
    for descriptor in sorted(keep):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX") if not process_tree.LINUX else 1 << 20)


def _make(spec: RunSpec, problem: Problem | None, reports: _Reports, phases: int, page: Page) -> None:
    """Load, prepare, search, and report how it ended."""
    status, error = "ok", None
    meter: Meter | None = None
    calls: CostCalls | None = None
    try:
        if problem is None:
            problem = load_problem(spec.problem)
            make_ready(problem)
        reports.problem = problem
        entered = time.monotonic()
        known = spec.entrant.start == "known"
        if known:
            problem.starts()  # imports what they take; the run makes them again, on its own account
        lend_to_children(Path.cwd() / CHILDREN)
        calls = CostCalls(problem)
        Notices(reports.notice).install()
        strategy = load_strategy(spec.entrant)
        strategy.prepare()
        reports.line("started", prepare_s=time.monotonic() - entered)
        rng = np.random.Generator(np.random.PCG64(seed_sequence(spec.seed, problem.digest)))
        meter = Meter(problem, spec.budget, reports.improvement, page, calls.cost)
        os.register_at_fork(after_in_child=meter.leave_page)
        _announce(phases, messages.SEARCH)
        meter.start_clocks()
        given = None if spec.start is None else problem.candidate_from_json(spec.start)
        with calls.unwatched():
            score_starts(problem, meter, given, known=known)
        _check_returned(strategy.search(problem, meter, rng))  # type: ignore[func-returns-value]
    except BudgetExhausted:
        pass
    except MemoryError as fault:
        traceback.clear_frames(fault.__traceback__)  # they hold what has filled the memory
        status, error = "oom", _traceback()
    except InvalidCandidate:
        status, error = "invalid", _traceback()
    except BadInput as fault:  # one message that says what to do, such as rules that a strategy does not keep
        status, error = "error", str(fault)
    except BaseException:  # SystemExit and the like are failures of the strategy too
        status, error = "error", _traceback()
    if os.getpid() != reports.process:
        os._exit(0)  # a fork of the strategy came back from `search`
    spent = _spent(meter, calls)
    _announce(phases, messages.EPILOGUE)
    complete = _completed(problem, meter) if problem is not None and meter is not None and status == "ok" else None
    reports.line("end", status=status, error=error, candidate=complete, **spent)


def _check_returned(value: Any) -> None:
    """Raise `TypeError` for a search that has only made something that would search if it was run."""
    if inspect.isawaitable(value) or inspect.isgenerator(value):
        raise TypeError(f"search returned a {type(value).__name__}, which nobody runs; expected a plain function")


def _announce(phases: int, phase: bytes) -> None:
    """Tell the supervisor that a phase begins, and wait until it has read the clocks."""
    os.write(phases, phase)
    os.read(phases, 1)


class _Reports:
    """What is reported over the pipe to the coordinator."""

    def __init__(self, descriptor: int, seal: messages.Seal) -> None:
        self._descriptor = descriptor
        self._seal = seal
        self.process = os.getpid()
        self.problem: Problem | None = None

    def improvement(self, reported: ReportedResult) -> None:
        assert self.problem is not None  # noqa: S101 - nothing improves before the problem is loaded
        candidate = None if reported.candidate is None else self.problem.candidate_to_json(reported.candidate)
        self.line("told", **{**reported.__dict__, "candidate": candidate})

    def notice(self, what: str) -> None:
        """Report a side effect; forks of the run have no say, as their lines would not be in order."""
        if os.getpid() == self.process:
            self.line("notice", what=what)

    def line(self, kind: str, **values: Any) -> None:
        left = memoryview(self._seal.close(messages.line(kind, **values)))
        while left:
            left = left[os.write(self._descriptor, left) :]


def seed_sequence(seed: int, digest: str) -> np.random.SeedSequence:
    """The stream of a seed on an instance: the same for every strategy and suite, so that strategies are paired."""
    words = [int(digest[at : at + 8], 16) for at in range(0, len(digest), 8)]
    return np.random.SeedSequence([seed, *words])


def _spent(meter: Meter | None, calls: CostCalls | None) -> dict[str, Any]:
    if meter is None or calls is None:
        nothing = {"evaluations": 0, "submitted": 0, "refused": 0, "unmetered": 0, "self_counted": False}
        return {**nothing, "cpu_s": 0.0, "wall_s": 0.0, "meter_s": 0.0}
    return {
        "evaluations": meter.evaluations,
        "submitted": meter.submitted,
        "refused": meter.refused,
        "unmetered": calls.count,
        "self_counted": meter.self_counted,
        "cpu_s": meter.own_cpu_s,
        "wall_s": meter.wall_s,
        "meter_s": meter.meter_s,
    }


def _completed(problem: Problem, meter: Meter) -> dict[str, Any] | None:
    """The incumbent with everything decided, as the object of an allocation file; None leaves it to the coordinator."""
    incumbent = meter.incumbent
    try:
        return None if incumbent is None else problem.candidate_to_json(problem.complete(incumbent))
    except Exception:  # a strategy may have broken the problem that it was given; the coordinator has its own
        return None


def _traceback() -> str:
    return traceback.format_exc()[-TRACEBACK_TAIL:]
