"""Whether possible stages can be put together to hold every device once, within an allowance: an exact cover."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray


class Undecided(Exception):
    """The time was up first."""


def coverable(
    members: NDArray[np.intp], excess_s: NDArray[np.float64], n_devices: int, allowance_s: float, until_cpu_s: float
) -> bool:
    """Whether some stages, `members` of shape `(M, D)`, cover all devices with a total excess within the allowance.

    Branches over the device that has the fewest stages left. Raises `Undecided` at so many CPU seconds of this process.
    """
    inside = np.zeros((len(members), n_devices), dtype=bool)
    np.put_along_axis(inside, members, values=True, axis=1)

    def covered(stages: NDArray[np.intp], lacking: NDArray[np.bool_], left_s: float) -> bool:
        if not lacking.any():
            return True
        choices = np.where(lacking, inside[stages].sum(axis=0), len(members) + 1)
        device = int(choices.argmin())
        for stage in stages[inside[stages, device]]:
            if time.process_time() > until_cpu_s:
                raise Undecided
            rest_s = left_s - excess_s[stage]
            apart = stages[excess_s[stages] <= rest_s]
            apart = apart[~inside[np.ix_(apart, members[stage])].any(axis=1)]
            if covered(apart, lacking & ~inside[stage], rest_s):
                return True
        return False

    cheapest_first = np.argsort(excess_s, kind="stable")
    return covered(cheapest_first[excess_s[cheapest_first] <= allowance_s], np.ones(n_devices, dtype=bool), allowance_s)
