"""Trajectories out of a store or an export: unpacked within limits, and one table of all improvements."""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.results.schema import FIELDS
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

LARGEST_BYTES = 2**26
"""Of one trajectory, unpacked: one and a half million improvements."""
FREE_BYTES, LARGEST_RATIO = 2**24, 20
"""All trajectories together unpack to at most so many times what they take packed; real ones to two or three times."""
_ROW_BYTES = 8 * len(FIELDS)


class Trajectory(NamedTuple):
    """A run's improvements: shape `(improvements, fields)`, in the order of `Improvement`'s fields."""

    key: str
    attempt: int
    rows: NDArray[np.float64]


def unpack(packed: Iterable[tuple[str, int, bytes]], source: str) -> Iterator[Trajectory]:
    """Unpack trajectories; raises `BadInput` that names the run for what is none, or unpacks to more than it should."""
    spent = received = 0
    for key, attempt, blob in packed:
        received += len(blob)
        allowed = min(LARGEST_BYTES, max(0, FREE_BYTES + LARGEST_RATIO * received - spent))
        where = f"{source}: trajectory of run {key:.16}, attempt {attempt}"
        reader = zlib.decompressobj()
        try:
            content = reader.decompress(blob, allowed + 1)
        except zlib.error as error:
            raise BadInput(f"{where}: damaged: {error}") from None
        if len(content) > allowed:
            raise BadInput(f"{where}: unpacks to more than {allowed:,} bytes, which no trajectory does")
        if not reader.eof or len(content) % _ROW_BYTES:
            raise BadInput(f"{where}: damaged: {len(content)} bytes, expected {_ROW_BYTES} for each improvement")
        spent += len(content)
        values = array("d", content)
        if sys.byteorder == "big":
            values.byteswap()
        yield Trajectory(key, attempt, _checked(np.array(values).reshape(-1, len(FIELDS)), where))


def frame_of(trajectories: Iterable[Trajectory]) -> pd.DataFrame:
    """One row per improvement: key, attempt and the fields of `Improvement`; a run without any has no row."""
    import pandas as pd

    picked = list(trajectories)
    lengths = [len(one.rows) for one in picked]
    values = np.concatenate([np.empty((0, len(FIELDS))), *(one.rows for one in picked)])
    frame = pd.DataFrame(values, columns=list(FIELDS)).astype({"evaluations": "int64"})
    frame.insert(0, "key", np.repeat(np.array([one.key for one in picked], dtype=object), lengths))
    frame.insert(1, "attempt", np.repeat(np.array([one.attempt for one in picked], dtype="int64"), lengths))
    return frame


def _checked(rows: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    evaluations = rows[:, FIELDS.index("evaluations")]
    if not ((evaluations >= 0) & (evaluations < 2**53) & (evaluations % 1 == 0)).all():
        raise BadInput(f"{where}: damaged: evaluations that are no whole numbers of at least 0")
    return rows
