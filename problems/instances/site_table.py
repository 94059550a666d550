"""Measured figures between sites, as the project keeps them: `tables/NAME.{sites,rtt_ms,gbps}.csv`.

A matrix has a row for each source and a column for each destination; a blank was not measured. Delays are round-trip
times. `NOTICE` says where every table comes from and what was done to it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

TABLES = Path(__file__).parent / "tables"


@dataclass(frozen=True, eq=False)
class SiteTable:
    """Sites with their coordinates, and the directed figures between them.

    `rtt_ms` and `gbps` have shape `(S, S)`, NaN where nothing was measured; `gbps` is all NaN where the source has
    delays only. `about` holds the columns of the sites' file as text, one mapping a site.
    """

    about: tuple[dict[str, str], ...]
    rtt_ms: Matrix
    gbps: Matrix

    @classmethod
    def read(cls, name: str) -> SiteTable:
        """Read a table of the project by its name."""
        return _read(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sites, in the order of the matrices."""
        return tuple(row["name"] for row in self.about)

    def only(self, names: Sequence[str]) -> SiteTable:
        """The same figures for these sites alone, in this order; a site may stand in it more than once."""
        known = {name: index for index, name in enumerate(self.names)}
        pick = [known[name] for name in names]
        grid = np.ix_(pick, pick)
        return SiteTable(tuple(self.about[i] for i in pick), self.rtt_ms[grid], self.gbps[grid])

    def coordinates(self, name: str) -> tuple[float, float]:
        """Latitude and longitude of a site, in degrees."""
        row = self.about[self.names.index(name)]
        return float(row["latitude"]), float(row["longitude"])

    def with_inside(self, matrix: Matrix, inside: float) -> Matrix:
        """A copy of `rtt_ms` or `gbps` with `inside` for the links inside every site."""
        filled = matrix.copy()
        np.fill_diagonal(filled, inside)
        return filled


@cache
def _read(name: str) -> SiteTable:
    with (TABLES / f"{name}.sites.csv").open(newline="", encoding="utf-8") as file:
        about = tuple(csv.DictReader(file))
    order = [row["name"] for row in about]
    return SiteTable(about, _matrix(f"{name}.rtt_ms.csv", order), _matrix(f"{name}.gbps.csv", order))


def _matrix(file_name: str, order: list[str]) -> Matrix:
    path = TABLES / file_name
    if not path.exists():
        return np.full((len(order), len(order)), np.nan)
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    if header[1:] != order or [row[0] for row in rows] != order:
        raise ValueError(f"{path.name}: its sites are not those of the sites' file, in the same order")
    matrix = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    matrix.flags.writeable = False
    return matrix
