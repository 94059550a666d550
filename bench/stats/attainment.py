"""Attainment surfaces: the excess that a given share of runs has reached by each moment.

Source: Fonseca, Guerreiro, López-Ibáñez and Paquete, "On the computation of the empirical attainment function", EMO
2011, as moocore computes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

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

    surfaces = []
    for names, own in _points(sample, rows, clock).groupby(list(by), sort=True):
        surface = pd.DataFrame(_surface(own, levels), columns=["at", "excess", "level"])
        for column, name in zip(by, names, strict=True):
            surface[column] = str(name)
        surfaces.append(surface.astype({"level": int}))
    columns = [*by, "level", "at", "excess"]
    return pd.concat(surfaces, ignore_index=True)[columns] if surfaces else pd.DataFrame(columns=columns)


def _surface(points: pd.DataFrame, levels: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Corners `(at, excess, level)` of the attainment surfaces of the runs that `points` numbers in `run`."""
    from moocore import eaf

    ordered = points.sort_values("run", kind="stable")
    corners = eaf(ordered[["at", "excess"]].to_numpy(dtype=float), ordered["run"].to_numpy(), percentiles=list(levels))
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
