"""What a run begins from, as labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.problem import Candidate


def labels_of(candidate: Candidate) -> NDArray[np.int64]:
    """Labels `(N,)` of labels, as a copy, or of an `Allocation`."""
    return candidate.labels if isinstance(candidate, Allocation) else np.array(candidate, dtype=np.int64)
