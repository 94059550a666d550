"""CPU seconds of several machines: what they would be on one, and a warning where a table mixes machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.bench.runs.machine import split_calibration
from tasklet_bench.problems.calibration import REFERENCE_S

if TYPE_CHECKING:
    import pandas as pd


def calibrated_cpu_s(runs: pd.DataFrame) -> pd.Series[float]:
    """CPU seconds of each run on a machine of the reference's speed: its own times reference over calibration.

    NaN for a run whose machine has no calibration, as of older records and imported ones.
    """
    if "machine" not in runs:
        return runs["cpu_s"].astype(float) * np.nan
    own_s = {line: split_calibration(str(line))[1] for line in runs["machine"].unique()}
    factor = {line: np.nan if seconds is None else REFERENCE_S / seconds for line, seconds in own_s.items()}
    return runs["cpu_s"].astype(float) * runs["machine"].map(factor).astype(float)


def several_machines(runs: pd.DataFrame) -> str:
    """A warning where runs were made on more than one machine, with how many on each; nothing for one."""
    if "machine" not in runs:
        return ""
    counts = runs["machine"].map(lambda line: split_calibration(str(line))[0]).value_counts()
    if len(counts) < 2:
        return ""
    listed = ", ".join(f"{name} ({count:,} runs)" for name, count in counts.items())
    return f"runs of {len(counts)} machines, whose CPU seconds do not compare unless calibrated: {listed}"
