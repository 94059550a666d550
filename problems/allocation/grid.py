"""A decision written out in full: which device runs which tasklet."""

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
    `layers` of the model that each stage holds, K numbers; None: as many each. Raises `InvalidCandidate` unless every
    device 0..N-1 stands in the grid exactly once, and each stage has a layer.
    """

    grid: NDArray[np.int64]
    layers: tuple[int, ...] | None = None

    def __init__(self, grid: ArrayLike, layers: Sequence[int] | None = None) -> None:
        found = np.asarray(grid)
        if found.ndim != 2 or found.size == 0 or not np.issubdtype(found.dtype, np.integer):
            raise InvalidCandidate(f"a grid is a D×K int array of devices, found {found.dtype} of shape {found.shape}")
        cells = found.astype(np.int64)
        seen = np.sort(cells, axis=None)
        if (seen != np.arange(seen.size)).any():
            raise InvalidCandidate(f"a grid holds every device 0..{seen.size - 1} once; {_first_fault(seen)}")
        cells.flags.writeable = False
        object.__setattr__(self, "grid", cells)
        object.__setattr__(self, "layers", None if layers is None else _checked_layers(layers, cells.shape[1]))

    @property
    def labels(self) -> NDArray[np.int64]:
        """Stage of each device, shape `(N,)`."""
        stages = np.empty(self.grid.size, dtype=np.int64)
        stages[self.grid] = np.arange(self.grid.shape[1])
        return stages

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Allocation) and np.array_equal(self.grid, other.grid) and self.layers == other.layers

    def __hash__(self) -> int:
        return hash((self.grid.shape, self.grid.tobytes(), self.layers))


def _checked_layers(layers: Sequence[int], n_stages: int) -> tuple[int, ...]:
    found = np.asarray(layers)
    if found.shape != (n_stages,) or not np.issubdtype(found.dtype, np.integer) or found.min() < 1:
        raise InvalidCandidate(f"layers are {n_stages} whole numbers of at least 1, found {layers}")
    return tuple(found.tolist())


def _first_fault(seen: NDArray[np.int64]) -> str:
    outside = seen[(seen < 0) | (seen >= seen.size)]
    if outside.size:
        return f"found device {outside[0]}"
    twice = seen[1:][seen[1:] == seen[:-1]]
    return f"found device {twice[0]} twice"
