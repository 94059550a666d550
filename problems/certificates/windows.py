"""Windows for a certificate: narrow enough for a plain checker to refute each, as the compiled programme says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.compositions.counted import CountedProblem, TooMany
from tasklet_bench.problems.allocation.compositions.search import Search
from tasklet_bench.problems.certificates.checker import MOST_COMPOSITIONS, Refused

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

EASY_STEPS, MOST_STEPS, MOST_STATES = 3_000_000, 100_000_000, 300_000
"""Steps within which a window is left whole; steps of all windows that are kept, and states of one of them."""
_LOWERED = 1 - 1e-9
"""Factor on the bound: here links are rounded more than by the checker."""


def windows_s(problem: Problem, bound_s: float) -> list[float]:
    """Upper ends (in seconds, ascending) of windows of the costliest stage in which nothing costs less than a bound.

    The last window, above the last end, is left to the checker. Raises `Refused` where a window resists.
    """
    allocation: Any = problem
    if allocation.n_spares or allocation.rules:
        raise Refused("instances with spare devices or rules admit no certificate of this kind")
    try:
        counted = CountedProblem.below(allocation, DeviceClasses.find(allocation), bound_s)
    except TooMany as many:
        raise Refused(f"{many}: too large for the checker") from None
    if len(counted.stages) > MOST_COMPOSITIONS:
        raise Refused(f"more than {MOST_COMPOSITIONS:,} compositions: too large for the checker")
    bound = counted.units(bound_s * _LOWERED)
    values = np.unique(counted.dp)
    high = int(np.searchsorted(values, bound - (counted.n_stages - 1) * int(counted.level[0])))
    low = int(np.searchsorted(values, counted.dp_least))
    ends = _ends(Search(counted), values, low, high, bound) if low < high else []
    between = [(int(values[end - 1]) + int(values[min(end, len(values) - 1)])) / 2 for end in ends]
    return [units * counted.unit_s for units in between]


def _ends(search: Search, values: NDArray[np.int64], low: int, high: int, bound: int) -> list[int]:
    """Ends of the windows that the values from `low` up to `high` (excluded) are cut into."""
    ends, open_windows, left = [], [(low, high)], MOST_STEPS
    while open_windows:
        low, high = open_windows.pop()
        single = high - low == 1
        budget = bound - int(values[low])
        outcome = search.cheapest(int(values[high - 1]), budget, left if single else EASY_STEPS, MOST_STATES)
        if not outcome.gave_up and outcome.pipeline is None:
            ends.append(high)
            left -= outcome.steps
        elif single:
            raise Refused("a window resists: too large for the checker, or the bound is not true")
        else:
            open_windows += [((low + high) // 2, high), (low, (low + high) // 2)]
        if left < 0:
            raise Refused(f"more than {MOST_STEPS:,} steps of the compiled programme: too large for the checker")
    return ends
