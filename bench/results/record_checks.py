"""What a stored record says about itself, without its problem: finite numbers, a budget that was kept, clocks in order.

Each check returns what does not hold in words, or None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.results.schema import FIELDS
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import relative_gap
from tasklet_bench.bench.runs.tolerances import PROVEN_GAP, same_cost
from tasklet_bench.problems.bad_input import BadInput

Row = Mapping[str, Any]
CLOCKS = ("cpu_s", "wall_s", "prepare_s", "meter_s")
SLACK_S = 5.0
"""Beyond its limit and the grace, a run that is ended by force may take so long on a machine that is busy."""
METER_SLACK_S = 0.5
"""A trajectory may be ahead of its record by what the meter used meanwhile, which is counted off at the end."""
_LIMITS = {"evaluations": "budget_evaluations", "cpu_s": "budget_cpu_s", "wall_s": "budget_wall_s"}


def record_fault(row: Row) -> str | None:
    """What a record contradicts by itself."""
    return _number_fault(row) or _status_fault(row) or _budget_fault(row) or _gap_fault(row)


def is_unverified(row: Row) -> bool:
    """Whether a record was imported from a table without a candidate, and says so in its entrant's name."""
    return str(row["target"]).startswith("import:") and str(row["strategy"]).endswith("(unverified)")


def curve_fault(row: Row, curve: NDArray[np.float64] | None) -> str | None:
    """What is wrong with a trajectory, shape `(improvements, fields)`: missing, out of order, or not its record's."""
    if curve is None or not len(curve):
        return None if _given(row, "candidate") is None else "it has a candidate and no trajectory"
    values = dict(zip(FIELDS, curve.T, strict=True))
    cost_s, bound_s = values["cost_s"], values["bound_s"]
    if np.isnan(cost_s).any() or (cost_s == -math.inf).any() or not np.isfinite(bound_s).all():
        return "its trajectory holds numbers that are not finite"
    if (np.diff(cost_s[np.isfinite(cost_s)]) > 0).any() or (~np.isfinite(cost_s[np.argmin(cost_s) :])).any():
        return "its trajectory rises"
    for name in ("evaluations", "cpu_s", "wall_s"):
        fault = _clock_fault(name, values[name], row)
        if fault is not None:
            return fault
    if row["status"] == "ok" and not same_cost(cost_s[-1], row["cost_s"]):
        return f"its trajectory ends at {cost_s[-1]} s, its cost is {row['cost_s']} s"
    return None


def _clock_fault(name: str, values: NDArray[np.float64], row: Row) -> str | None:
    if np.isnan(values).all() and str(row["target"]).startswith("import:"):
        return None  # nobody knows when another tool found something
    if not np.isfinite(values).all() or values[0] < 0 or (np.diff(values) < 0).any():
        return f"the {name} of its trajectory do not go upwards in finite numbers"
    if row["status"] == "ok" and values[-1] > row[name] + (METER_SLACK_S if name != "evaluations" else 0):
        return f"its trajectory goes on to {values[-1]} {name}, the run to {row[name]}"
    return None


def _number_fault(row: Row) -> str | None:
    for name in ("cost_s", "bound_s", "gap", *CLOCKS):
        value = _given(row, name)
        if value is not None and not math.isfinite(value):
            return f"{name} is {value!r}, expected a finite number"
    for name in CLOCKS:
        value = _given(row, name)
        if value is not None and value < 0:
            return f"{name} is {value!r}, expected at least 0"
    return None


def _status_fault(row: Row) -> str | None:
    candidate, cost_s = _given(row, "candidate"), _given(row, "cost_s")
    if row["status"] == "ok" and (cost_s is None or (candidate is None and not is_unverified(row))):
        return f"it is called ok without a {'cost' if cost_s is None else 'candidate'}"
    if candidate is None and cost_s is not None and not is_unverified(row):
        return f"it has a cost of {cost_s!r} s and no candidate"
    if row["status"] != "ok" and row["proven"]:
        return f"it is called proven and its status is {row['status']}"
    return None


def _budget_fault(row: Row) -> str | None:
    try:
        budget = Budget.parse(row["budget"])
    except (BadInput, OverflowError) as fault:
        return str(fault)
    named = {"evaluations": budget.evaluations, "cpu_s": budget.cpu_s, "wall_s": budget.wall_s}
    for name, column in _LIMITS.items():
        if _given(row, column) != named[name]:
            return f"{column} is {_given(row, column)!r} and its budget {row['budget']}"
    if budget.evaluations is not None and row["evaluations"] > budget.evaluations:
        return f"it spent {row['evaluations']} evaluations of a budget of {budget.evaluations}"
    limits = {"cpu_s": budget.cpu_limit_s, "wall_s": budget.wall_limit_s}
    for name, limit_s in limits.items():
        if row["status"] == "ok" and limit_s is not None and row[name] > limit_s + SLACK_S:
            return f"it spent {row[name]!r} {name} and is ended by force after {limit_s!r}"
    return None


def _gap_fault(row: Row) -> str | None:
    gap, cost_s = _given(row, "gap"), _given(row, "cost_s")
    expected = None if cost_s is None else relative_gap(cost_s, row["bound_s"])
    if (gap is None) != (expected is None):
        return f"its gap is {gap!r} and its cost {cost_s!r}"
    if gap is not None and expected is not None and abs(gap - expected) > 1e-9:
        return f"its gap is stored as {gap!r} and is {expected!r}"
    if expected is not None and row["proven"] != (row["status"] == "ok" and expected <= PROVEN_GAP):
        return f"it is called {'proven' if row['proven'] else 'not proven'} with a gap of {expected!r}"
    return None


def _given(row: Row, name: str) -> Any:
    """The value, None for the gaps of a table too."""
    value = row[name]
    return None if value is None or value != value else value
