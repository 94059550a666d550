"""A decision written out in full: which device runs which tasklet, and which are spares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.problem import InvalidCandidate


@dataclass(frozen=True, eq=False)
class Allocation:
    """One tasklet on each device: a `D × K` grid of device numbers with its wiring fixed.

    Row `i` is pipeline `i`, column `j` the data-parallel group of stage `j`; `grid` is an int64 array, read-only.
    `layers` of the model that each stage holds, K numbers; None: as many each. Of `n_devices` those that stand nowhere
    are spares; unless said there are none. Raises `InvalidCandidate` unless each device of 0..N-1 stands in the grid at
    most once, and without spares exactly once, and each stage has a layer.
    """

    grid: NDArray[np.int64]
    layers: tuple[int, ...] | None = None
    n_devices: int = 0

    def __init__(self, grid: ArrayLike, layers: Sequence[int] | None = None, n_devices: int | None = None) -> None:
        result = np.asarray(grid)
        if result.ndim != 2 or result.size == 0 or not np.issubdtype(result.dtype, np.integer):
            raise InvalidCandidate(
                f"a grid is a D×K int array of devices, found {result.dtype} of shape {result.shape}"
            )
        cells = result.astype(np.int64)
        n = cells.size if n_devices is None else n_devices
        seen = np.sort(cells, axis=None)
        if seen[0] < 0 or seen[-1] >= n or (seen[1:] == seen[:-1]).any():
            every = "every device" if n == seen.size else "devices of"
            raise InvalidCandidate(f"a grid holds {every} 0..{n - 1} once; {_first_fault(seen, n)}")
        cells.flags.writeable = False
        object.__setattr__(self, "grid", cells)
        object.__setattr__(self, "layers", None if layers is None else _checked_layers(layers, cells.shape[1]))
        object.__setattr__(self, "n_devices", n)

    @property
    def labels(self) -> NDArray[np.int64]:
        """Stage of each device, shape `(N,)`; K for a spare."""
        stages = np.full(self.n_devices, self.grid.shape[1])
        stages[self.grid] = np.arange(self.grid.shape[1])
        return stages

    @property
    def cells(self) -> NDArray[np.int64]:
        """Cell of each device, row by row, shape `(N,)`; D·K for a spare."""
        cells = np.full(self.n_devices, self.grid.size)
        cells[self.grid.ravel()] = np.arange(self.grid.size)
        return cells

    @property
    def spares(self) -> NDArray[np.int64]:
        """The devices that stand nowhere, ascending."""
        return np.flatnonzero(self.labels == self.grid.shape[1])

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Allocation)
            and np.array_equal(self.grid, other.grid)
            and (self.layers, self.n_devices) == (other.layers, other.n_devices)
        )

    def __hash__(self) -> int:
        return hash((self.grid.shape, self.grid.tobytes(), self.layers))


def _checked_layers(layers: Sequence[int], n_stages: int) -> tuple[int, ...]:
    result = np.asarray(layers)
    if result.shape != (n_stages,) or not np.issubdtype(result.dtype, np.integer) or result.min() < 1:
        raise InvalidCandidate(f"layers are {n_stages} whole numbers of at least 1, found {layers}")
    return tuple(result.tolist())


def _first_fault(seen: NDArray[np.int64], n: int) -> str:
    outside = seen[(seen < 0) | (seen >= n)]
    if outside.size:
        return f"found device {outside[0]}"
    twice = seen[1:][seen[1:] == seen[:-1]]
    return f"found device {twice[0]} twice"
