"""The walk for a strategy: scratch memory, the best labels, and where it can begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.swarm import SwarmProblem
from tasklet_bench.problems.swarm.bound import bottleneck_assignment, reachable
from tasklet_bench.strategies.flow_search.walk import begin, grow, make_walk, walk_on

Labels = NDArray[np.int64]

UNLIMITED = 2**62


class Walker:
    """Labels that walk among the decisions of an instance, and the best that they have been."""

    def __init__(self, problem: SwarmProblem, rng: np.random.Generator, moving: float) -> None:
        self._pack, self._rng, self._moving = problem.pack, rng, moving
        self._walk = make_walk(problem.devices.n_devices, problem.options.n_stages)

    @property
    def best(self) -> Labels:
        """The best labels so far, `(N,)`; overwritten by what follows."""
        return self._walk.best

    @property
    def best_s(self) -> float:
        """Their cost (in seconds)."""
        return float(self._walk.best_s[0])

    def begin(self, labels: Labels, guide: float) -> None:
        """Stand at labels."""
        begin(self._pack, self._walk, labels, guide)

    def grow(self, labels: Labels, guide: float, evaluations: int | None) -> int:
        """From labels with a reserve to labels without, see `walk.grow`; returns how many flows were computed."""
        begin(self._pack, self._walk, labels, guide)
        return int(grow(self._pack, self._walk, guide, UNLIMITED if evaluations is None else evaluations))

    def walk(self, temperature_s: float, guide: float, evaluations: int, proposals: int) -> tuple[int, int]:
        """Walk at one temperature (in seconds), see `walk.walk_on`; flows computed, and moves refused by a bound."""
        begin(self._pack, self._walk, self._walk.labels, guide)
        scored, refused = walk_on(
            self._pack, self._walk, self._rng, temperature_s, guide, self._moving, evaluations, proposals
        )
        return int(scored), int(refused)


def one_device_a_stage(problem: SwarmProblem) -> Labels:
    """The device of each stage by the best bottleneck assignment; all others are in reserve."""
    reach = reachable(problem.tables)
    k, n = reach.shape
    labels = np.full(n, k, dtype=np.int64)
    labels[bottleneck_assignment(reach)] = np.arange(k)
    return labels


def load() -> None:
    """Compile or load the walk, by one of two devices."""
    from tasklet_bench.problems.pipeline_model.devices import Devices
    from tasklet_bench.problems.pipeline_model.model import Model
    from tasklet_bench.problems.swarm import SwarmOptions
    from tasklet_bench.problems.topology import Site

    one, links = np.ones(2), np.ones((2, 2))
    devices = Devices((Site("a", 2),), one, one, one, one, one, one, links, links)
    walker = Walker(
        SwarmProblem("two devices", devices, Model(1, 1, 1, 1, 1), SwarmOptions((1,))), np.random.default_rng(0), 0.5
    )
    walker.grow(np.array([0, 1]), 0.0, 1)
    walker.walk(1.0, 0.0, 1, 1)
