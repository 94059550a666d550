"""When every task runs if links share nothing: each starts when the last of what it waits for is over.

No event has to be queued: how long a message takes does not depend on others, so one pass over the graph's levels
tells all times. `events.py` tells the same for links that share a rate.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.iteration_time.durations import Durations
from tasklet_bench.problems.iteration_time.tasks import TaskGraph


def task_times(tasks: TaskGraph, durations: Durations) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start and finish (in seconds) of each task, shapes `(T,)`; a message is finished when it has left its source."""
    alone_s = durations.alone_s
    lag_s = np.where(tasks.arrived, durations.delay_s[tasks.before], 0.0)
    start = np.zeros(len(tasks))
    finish = alone_s.copy()
    for low, high in pairwise(tasks.levels[1:].tolist()):
        first, last = tasks.first[low], tasks.first[high]
        over = finish[tasks.before[first:last]] + lag_s[first:last]
        start[low:high] = np.maximum.reduceat(over, tasks.first[low:high] - first)
        finish[low:high] += start[low:high]
    return start, finish
