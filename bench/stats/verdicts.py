"""Verdicts: each entrant against the champion, named before the campaign, and against Megatron. No other test is made.

Choosing the champion from the same data would err more often than it says, and a larger family of tests would let a
verdict on two entrants depend on who else took part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.bench.stats.bootstrap import DRAWS
from tasklet_bench.bench.stats.pairs import Comparison, compared
from tasklet_bench.bench.stats.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

MEGATRON = "megatron"
ALPHA = 0.05


def opponents(sample: Sample, champion: str | None) -> dict[str, str]:
    """Role and name of whom everybody is tested against, those who took part."""
    taking_part = {*sample.entrants, *sample.unranked}
    return {
        name: role
        for name, role in ((MEGATRON, "Megatron"), (champion, "champion"))
        if name is not None and name in taking_part
    }


def verdict_table(sample: Sample, champion: str | None, draws: int = DRAWS) -> pd.DataFrame:
    """One row per entrant and opponent: the comparison, `p_holm` over the entrant's own tests, and the verdict.

    `role` is `champion` or `Megatron`, `family` how many tests the entrant's correction spans (at most two), and
    `verdict` one of `better`, `worse`, `practically equal`, `not separated`.
    """
    import pandas as pd

    against = opponents(sample, champion)
    ran_on = {name: set(problems) for name, problems in sample.runs.groupby("strategy")["problem"]}
    rows = []
    for entrant in sample.entrants:
        rivals = [name for name in against if name != entrant and not ran_on[entrant].isdisjoint(ran_on[name])]
        rows += _judge([compared(sample, entrant, name, draws) for name in rivals], against)
    columns = ["strategy", "against", "role", "verdict", "p_holm", "family", *_MEASURED]
    return pd.DataFrame(rows, columns=columns)


def verdict(comparison: Comparison, p_holm: float) -> str:
    """The comparison in words, its p-value corrected for the family that it belongs to."""
    if max(-comparison.difference_low, comparison.difference_high) <= comparison.equal_within:
        return "practically equal"
    if p_holm > ALPHA or comparison.ahead == 0:
        return "not separated"
    return "better" if comparison.ahead < 0 else "worse"


def fewest_instances(family: int) -> int:
    """Instances below which no signed-rank test of a family can reject, even if one entrant wins them all."""
    return 1 + math.ceil(math.log2(family / ALPHA))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: the smallest of m p-values times m, the next times m-1, never falling, at most 1."""
    ascending = np.argsort(p_values)
    steps = np.asarray(p_values)[ascending] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[ascending] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted.tolist()


_MEASURED = (
    "p_value",
    "n_instances",
    "n_independent",
    "n_seeds",
    "difference",
    "difference_low",
    "difference_high",
    "wins",
    "ties",
    "losses",
    "p_improvement",
    "p_improvement_low",
    "p_improvement_high",
    "more_instances",
)


def _judge(family: list[Comparison], roles: dict[str, str]) -> list[dict[str, object]]:
    if not family:
        return []
    adjusted = holm([comparison.p_value for comparison in family])
    return [
        {
            "strategy": comparison.a,
            "against": comparison.b,
            "role": roles[comparison.b],
            "verdict": verdict(comparison, p_holm),
            "p_holm": p_holm,
            "family": len(family),
            **{name: getattr(comparison, name) for name in _MEASURED},
        }
        for comparison, p_holm in zip(family, adjusted, strict=True)
    ]
