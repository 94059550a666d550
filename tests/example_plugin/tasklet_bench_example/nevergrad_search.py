"""Nevergrad's optimisers on one number per device; the devices in ascending order of theirs are cut into groups."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tasklet_bench.strategies import Strategy


@dataclass(frozen=True)
class Nevergrad(Strategy):
    """Any of a few optimisers of Nevergrad, with its default settings."""

    name = "nevergrad-keys"
    families = ("*",)
    optimizer: Literal["TwoPointsDE", "PSO", "OnePlusOne", "CMA"] = "TwoPointsDE"

    def prepare(self):
        """Import Nevergrad before the clocks start."""
        import nevergrad  # noqa: F401

    def search(self, problem, run, rng):
        """Ask for a point, tell what it costs."""
        import nevergrad as ng

        groups = np.repeat(np.arange(problem.decision.n_groups), problem.decision.group_sizes)
        space = ng.p.Array(shape=(len(groups),))
        space.random_state = np.random.RandomState(rng.integers(2**32))
        optimizer = ng.optimizers.registry[self.optimizer](space, budget=run.remaining.evaluations)
        while not run.exhausted:
            point = optimizer.ask()
            labels = np.empty_like(groups)
            labels[np.argsort(point.value, kind="stable")] = groups
            optimizer.tell(point, run.evaluate(labels))
