"""Problems made ready before any clock runs: what they compute once and keep is not paid for by a search."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from tasklet_bench.bench.plugins import load_problem, most_devices
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.problem import Problem

KEPT_PROBLEMS = 4
KEPT_DEVICES = 256
"""Instances of up to so many devices are kept."""


def make_ready(problem: Problem) -> None:
    """Score a candidate in each form."""
    candidate = problem.random(np.random.default_rng(0))
    with suppress(InvalidCandidate):
        problem.cost(candidate)
        problem.cost(problem.complete(candidate))


class ReadyProblems:
    """The last few instances of the project's families, ready for all the runs that are forked from this process.

    Large ones, and those of problem files, are left to the run itself, where loading is limited in time and memory.
    """

    def __init__(self) -> None:
        self._ready: dict[ProblemRef, Problem] = {}

    def get(self, ref: ProblemRef) -> Problem | None:
        """The problem, ready; None where the run is to load it."""
        if ref not in self._ready:
            problem = _small_problem(ref)
            if problem is None:
                return None
            if len(self._ready) == KEPT_PROBLEMS:
                del self._ready[next(iter(self._ready))]
            self._ready[ref] = problem
        return self._ready[ref]


def _small_problem(ref: ProblemRef) -> Problem | None:
    """The instance, ready; None if it may be large, is not by name or cannot be had, which its run will say."""
    try:
        devices = None if ref.content is not None else most_devices(ref.name)
        if devices is None or devices > KEPT_DEVICES:
            return None
        problem = load_problem(ref)
        make_ready(problem)
    except Exception:
        return None
    return problem
