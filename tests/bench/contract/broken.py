"""Twelve strategies, each deliberately broken in one way and apart from that random search; then some more ways."""

from __future__ import annotations

import contextlib
import gc
import signal
import threading

import numpy as np

from tasklet_bench.bench.results import best_known


class InvalidLabels:
    """Tell labels that are no partition, after a few good ones."""

    name = "invalid-labels"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        for _ in range(5):
            run.evaluate(problem.random(rng))
        run.evaluate(np.zeros(problem.decision.n_devices, dtype=np.int64) - 1)


class SeedIgnored:
    """Draw from a generator of its own."""

    name = "seed-ignored"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        own = np.random.default_rng()
        while not run.exhausted:
            run.evaluate(problem.random(own))


class GlobalRandomUsed:
    """Swap devices that the global generator draws."""

    name = "global-random-used"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        labels = problem.random(rng)
        while not run.exhausted:
            a, b = np.random.randint(len(labels), size=2)  # noqa: NPY002 - the fault
            labels[a], labels[b] = labels[b], labels[a]
            run.evaluate(labels)


class OverDeclaredSubmit:
    """Count more evaluations than there are, and bear the refusal."""

    name = "over-declared-submit"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        run.evaluate(problem.random(rng))
        with contextlib.suppress(Exception):
            run.submit(problem.random(rng), 10**9)
        while not run.exhausted:
            run.evaluate(problem.random(rng))


class CpuBudgetIgnored:
    """Look at evaluations and the clock on the wall, never at CPU seconds."""

    name = "cpu-budget-ignored"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        while _left(run.remaining.evaluations) and _left(run.remaining.wall_s):
            with contextlib.suppress(Exception):
                run.evaluate(problem.random(rng))


class WallBudgetIgnored:
    """Look at evaluations and CPU seconds, never at the clock on the wall."""

    name = "wall-budget-ignored"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        while _left(run.remaining.evaluations) and _left(run.remaining.cpu_s):
            with contextlib.suppress(Exception):
                run.evaluate(problem.random(rng))


class SigtermIgnored:
    """Refuse to be asked to end."""

    name = "sigterm-ignored"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while not run.exhausted:
            run.evaluate(problem.random(rng))


class ProblemMutated:
    """Use a matrix of the problem as its own memory."""

    name = "problem-mutated"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        weights = problem.dp_pair_s
        weights.flags.writeable = True
        while not run.exhausted:
            weights += 1e-9
            run.evaluate(problem.random(rng))


class Unpicklable:
    """Keep a lock."""

    name = "unpicklable"

    def __init__(self):
        self.lock = threading.Lock()

    def search(self, problem, run, rng):
        """Search, with the fault."""
        while not run.exhausted:
            with self.lock:
                run.evaluate(problem.random(rng))


class FailsAtOneStage:
    """Take a second group for granted."""

    name = "fails-at-one-stage"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        while not run.exhausted:
            labels = problem.random(rng)
            a, b = np.flatnonzero(labels == 0)[0], np.flatnonzero(labels == 1)[0]
            labels[a], labels[b] = labels[b], labels[a]
            run.evaluate(labels)


class FalseBound:
    """Take a little less than the best that it has found for a bound."""

    name = "false-bound"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        best_s = run.evaluate(problem.random(rng))
        while not run.exhausted:
            best_s = min(best_s, run.evaluate(problem.random(rng)))
        run.bound(best_s * (1 - 1e-7))


class ReadsBestKnown:
    """Look the answer up."""

    name = "reads-best-known"

    def search(self, problem, run, rng):
        """Search, with the fault."""
        with contextlib.suppress(Exception):
            known = best_known.read().get(problem.digest)
            if known:
                run.evaluate(problem.candidate_from_json(known.candidate))
        while not run.exhausted:
            run.evaluate(problem.random(rng))


def _left(amount):
    return amount is None or amount > 0


def raises(problem, run, rng):
    """Fail before anything is reported."""
    raise ZeroDivisionError("one over nothing")


def ignores_evaluations(problem, run, rng):
    """Go on for ever, whatever is raised."""
    while True:
        with contextlib.suppress(Exception):
            run.evaluate(problem.random(rng))


def scores_by_itself(problem, run, rng):
    """Choose among candidates that nobody has counted."""
    run.evaluate(min((problem.random(rng) for _ in range(9)), key=lambda labels: problem.cost(labels).total_s))


def draws_nothing(problem, run, rng):
    """Do without chance, and not say so."""
    run.evaluate([device % problem.decision.n_groups for device in range(problem.decision.n_devices)])


def rewinds(problem, run, rng):
    """Set the meter back, which takes going behind its functions."""
    for _ in range(5):
        run.evaluate(problem.random(rng))
    account = next(item for item in gc.get_objects() if type(item).__name__ == "_Account")
    account.evaluations = 0
    run.evaluate(problem.random(rng))


def writes_to_problem(problem, run, rng):
    """Try to use a matrix of the problem as its own memory."""
    run.evaluate(problem.random(rng))
    problem.pp_pair_s[0, 1] = 0.0


def cheapens(problem, run, rng):
    """Have the problem say what it likes to hear."""
    type(problem).bound = lambda self: 0.0
    run.evaluate(problem.random(rng))


def floods(problem, run, rng):
    """Tell without end, so that whoever listens gets no pause."""
    run.evaluate(problem.random(rng))
    bound = -1.0
    while True:
        bound /= 1.0000001
        run.bound(bound)
