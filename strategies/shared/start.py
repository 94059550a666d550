"""Where a search of partitions begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.strategies.run import Run

if TYPE_CHECKING:
    from numpy.typing import NDArray


def starting_labels(problem: AllocationProblem, run: Run, rng: np.random.Generator) -> NDArray[np.int64]:
    """Where the user starts from, as labels `(N,)`, or else random labels."""
    given = run.incumbent
    if given is None:
        given = problem.random(rng)
    return given.labels if isinstance(given, Allocation) else np.array(given, dtype=np.int64)
