"""Attainment surfaces: the excess that a given share of runs has reached by each moment.

Source: Fonseca, Guerreiro, López-Ibáñez and Paquete, "On the computation of the empirical attainment function", EMO
2011, as moocore computes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.sample import Sample, ranked_runs
from tasklet_bench.bench.stats.targets import Clock

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (25, 50, 75)
"""Percentages of runs."""


def attainment_table(
    sample: Sample,
    rows: pd.DataFrame,
    clock: Clock,
    by: Sequence[str] = ("strategy", "problem"),
    levels: Sequence[int] = LEVELS,
) -> pd.DataFrame:
    """Corners of the surfaces: the columns of `by`, then `level`, `at`, `excess`.

    `rows` comes from `progress`. A failed run counts among the runs with one point, its penalised excess at its end.
    """
    import pandas as pd

    points = _points(sample, rows, clock).sort_values("run", kind="stable")
    places, run = points[["at", "excess"]].to_numpy(dtype=float), points["run"].to_numpy()
    groups = points.groupby(list(by), sort=True).indices
    surfaces = {names: _surface(places[own], run[own], levels) for names, own in sorted(groups.items())}
    columns = [*by, "level", "at", "excess"]
    if not surfaces:
        return pd.DataFrame(columns=columns)
    at, excess, level = np.concatenate(list(surfaces.values())).T
    table = pd.DataFrame({"level": level.astype(int), "at": at, "excess": excess})
    sizes = [len(surface) for surface in surfaces.values()]
    for place, column in enumerate(by):
        keys = [names[place] if isinstance(names, tuple) else names for names in surfaces]
        table[column] = np.repeat(np.array(keys, dtype=object), sizes)
    return table.astype(dict.fromkeys(by, "str"))[columns]


def _surface(
    points: NDArray[np.float64], run: NDArray[np.int64], levels: Sequence[int]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Corners `(at, excess, level)` of the attainment surfaces of points `(at, excess)`, run after run."""
    from moocore import eaf

    corners = eaf(points, run, percentiles=list(levels))
    return np.asarray(corners)[np.lexsort((corners[:, 0], corners[:, 2]))]


def _points(sample: Sample, rows: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """Every improvement of runs that did not fail, and one point for each that did; `run` numbers the runs."""
    import pandas as pd

    runs = ranked_runs(sample)
    columns = ["strategy", "problem", "seed", "at", "excess"]
    reported = rows[~rows["failed"] & np.isfinite(rows["excess"])].rename(columns={clock: "at"})
    failed = runs[runs["failed"]].rename(columns={clock: "at"})
    points: pd.DataFrame = pd.concat([reported[columns], failed[columns]], ignore_index=True)
    points["run"] = points.groupby(["strategy", "problem", "seed"]).ngroup()
    return points
