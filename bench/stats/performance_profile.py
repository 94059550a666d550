"""Performance profile: on which share of runs an entrant comes within a factor of the best known cost.

Over the best known cost and never over the best of those who took part, as that would change with them.
Source: Dolan and Moré, "Benchmarking optimization software with performance profiles", 2002, and Gould and Scott, "A
note on performance profiles", 2016, on the latter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

GRID = np.geomspace(1e-4, 2.0, 48)
"""Values of excess at which the page draws the profile."""


def profile_table(sample: Sample, grid: NDArray[np.float64] = GRID) -> pd.DataFrame:
    """Share of runs, instances counting alike, within each excess: `strategy`, `excess`, `share`.

    A failed run is within none.
    """
    import pandas as pd

    excess = np.where(np.isfinite(sample.order_s), sample.excess, np.inf)
    share = (excess[..., None] <= grid).mean(axis=(0, 2))
    names = np.repeat(sample.entrants, len(grid))
    return pd.DataFrame({"strategy": names, "excess": np.tile(grid, len(sample.entrants)), "share": share.ravel()})
