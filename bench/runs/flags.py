"""Flags: what is possible but odd about a run. They forbid nothing, and whoever reads a table sees them."""

from __future__ import annotations

from tasklet_bench.bench.stats.doubts import SAMPLED

READS_TABLE = "reads the table"
TOUCHES_STORE = "touches a store"
WRITES_OUTSIDE = "writes outside its folder"
SIGNALS_OTHERS = "signals others"
NOTICES = (READS_TABLE, TOUCHES_STORE, WRITES_OUTSIDE, SIGNALS_OTHERS)
"""What is noticed inside the worker."""

UNMETERED = "scores outside the meter"
LONG_PREPARE = "long prepare"
TOO_FAST = "more evaluations than the kernel can do"
SLOW_FOR_ITSELF = "far fewer evaluations than usual for it"
LONG_METER = "long metering"
CLAIMED_BOUND = "bound claimed, not certified"
TABLE_AT_ONCE = "the best known cost at the first evaluation"
PLANTED_AT_ONCE = "the planted optimum at the first evaluation"


def sampled(scored: int, total: int) -> str:
    """A remark, which casts no doubt: only so many rows of a curve were scored again."""
    return f"{scored} of {total} {SAMPLED}"
