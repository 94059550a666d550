"""Which stored runs can be made again to the digit: those that no clock ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NEARLY = 0.9
"""Share of a clock's budget from which on the clock may have had a say in how a run ended."""


def repeatable(runs: pd.DataFrame) -> pd.Series[bool]:
    """Whether no clock ended a run: its evaluations did, or it has no clock, or had much of that left."""
    cpu_s, wall_s = runs["budget_cpu_s"].astype(float), runs["budget_wall_s"].astype(float)
    in_time = (cpu_s.isna() | (runs["cpu_s"] < NEARLY * cpu_s)) & (wall_s.isna() | (runs["wall_s"] < NEARLY * wall_s))
    return in_time | (runs["evaluations"] == runs["budget_evaluations"])
