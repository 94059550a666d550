"""The walk for a strategy: participants with their best ways as candidates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.atom import AtomProblem
from tasklet_bench.strategies.participant_search.walk import (
    begin,
    choose_ways,
    follow,
    make_walk,
    try_all,
    useful_ways,
    walk_on,
)

Ints = NDArray[np.int64]

UNLIMITED = 2**62


class Walker:
    """Sets of peers that walk among the decisions of an instance, and the best that they have been."""

    def __init__(self, problem: AtomProblem, rng: np.random.Generator) -> None:
        self._pack, self._rng = problem.pack, rng
        self._ways, self._walk = useful_ways(problem.pack), make_walk(problem.devices.n_devices)

    @property
    def best(self) -> tuple[Ints, Ints]:
        """The best participants so far, with their best ways."""
        takes_part, ways = self._walk.best.copy(), np.zeros_like(self._walk.best)
        choose_ways(self._pack, self._ways, takes_part, ways)
        return takes_part, ways

    @property
    def best_s(self) -> float:
        """Their cost (in seconds)."""
        return float(self._walk.best_s[0])

    def begin(self, takes_part: Ints) -> None:
        """Stand at participants, labels `(N,)`."""
        begin(self._pack, self._ways, self._walk, takes_part)

    def follow(self, joins: bool, evaluations: int | None) -> int:
        """Let peers join or leave to the end, see `walk.follow`; returns how many costs were computed."""
        limit = UNLIMITED if evaluations is None else evaluations
        return int(follow(self._pack, self._ways, self._walk, int(joins), limit))

    def walk(self, temperature_s: float, evaluations: int, proposals: int) -> tuple[int, int]:
        """Walk at one temperature (in seconds), see `walk.walk_on`; costs computed, and moves refused by a bound."""
        scored, refused = walk_on(self._pack, self._ways, self._walk, self._rng, temperature_s, evaluations, proposals)
        return int(scored), int(refused)

    def try_all(self, first: int, last: int) -> int:
        """Score sets of peers by their numbers, see `walk.try_all`; returns how many costs were computed."""
        return int(try_all(self._pack, self._ways, self._walk, first, last))


def load() -> None:
    """Compile or load the walk, by one of two peers."""
    from tasklet_bench.problems.atom import AtomOptions
    from tasklet_bench.problems.pipeline_model.devices import Devices
    from tasklet_bench.problems.pipeline_model.model import Model
    from tasklet_bench.problems.topology import Site

    one, links = np.ones(2), np.ones((2, 2))
    devices = Devices((Site("a", 2),), one, one * 1e9, one * 1e9, one, one, one, links, links)
    problem = AtomProblem("two peers", devices, Model(1, 1, 1, 1, 1), AtomOptions())
    walker = Walker(problem, np.random.default_rng(0))
    walker.begin(np.array([1, 0]))
    walker.follow(True, 1)
    walker.walk(1.0, 1, 1)
    walker.try_all(1, 2)
    problem.cost(walker.best)
