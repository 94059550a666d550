"""Memory for compiled code: aligned to cache lines, so that no vector crosses two of them."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

LINE_BYTES = 64


def aligned(shape: tuple[int, ...], dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """Zeros that start at a multiple of 64 bytes."""
    size = prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(size + LINE_BYTES, dtype=np.uint8)
    skipped = -memory.ctypes.data % LINE_BYTES
    return memory[skipped : skipped + size].view(dtype).reshape(shape)


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only, aligned copy in C order."""
    copy = aligned(array.shape, array.dtype)
    copy[...] = array
    copy.flags.writeable = False
    return copy
