"""Which widths fit into whose memory, and who has how much work."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.federated_round.setting import MEMORY_SLACK, Setting

NONE_FITS = -1


def widest_levels(setting: Setting, union: float | NDArray[np.float64] = 0.0) -> NDArray[np.int64]:
    """The widest level that fits into each device beside a union of models of such a share, `(N,)`; -1 where none does.

    A leaf keeps no union (0); one of 1 is room for whatever comes from below.
    """
    per_parameter = setting.memory_bytes / setting.n_params * (1.0 + MEMORY_SLACK)
    needs = setting.state_bytes * setting.widths + setting.message_bytes * np.atleast_1d(union)[:, None]
    fits = needs <= per_parameter[:, None]
    return np.where(fits.any(axis=1), fits.argmax(axis=1), NONE_FITS).astype(np.int64)


def work_of(setting: Setting, host: NDArray[np.int64]) -> NDArray[np.float64]:
    """Samples that each device works on, `(N,)`."""
    work = np.zeros(setting.n_devices)
    np.add.at(work, host, setting.samples)
    return work
