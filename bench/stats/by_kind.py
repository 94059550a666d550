"""Who is good at what: the leaderboard's figures on each kind of instance, and which entrant to take for which.

These are descriptions, not verdicts: the leader of a kind is chosen from the same data that it leads on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tasklet_bench.bench.stats.bootstrap import DRAWS, bootstrap, interval
from tasklet_bench.bench.stats.excess import interquartile_mean
from tasklet_bench.bench.stats.ranks import mean_ranks, wins
from tasklet_bench.bench.stats.sample import Sample, median_over_seeds, on

if TYPE_CHECKING:
    import pandas as pd

FEWEST_INSTANCES = 3
"""A kind with fewer instances gets no recommendation."""

Kinds = Mapping[str, Mapping[str, str]]
"""Kind by dimension (`devices`, `sites`, …) of each problem name."""


def kind_table(sample: Sample, kinds: Kinds) -> pd.DataFrame:
    """One row per kind and entrant.

    Columns: `dimension`, `kind`, `instances`, `strategy`, `mean_rank`, `wins`, `excess` (interquartile mean over the
    kind's instances), `failed_share`.
    """
    import pandas as pd

    tables = []
    for (dimension, kind), part in _parts(sample, kinds).items():
        order_s = median_over_seeds(part.order_s)
        figures = {
            "strategy": part.entrants,
            "mean_rank": mean_ranks(order_s),
            "wins": wins(order_s).sum(axis=0),
            "excess": interquartile_mean(median_over_seeds(part.excess)),
            "failed_share": part.n_failed / part.n_runs,
        }
        tables.append(pd.DataFrame({"dimension": dimension, "kind": kind, "instances": len(part.instances), **figures}))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def decision_table(sample: Sample, kinds: Kinds, draws: int = DRAWS) -> pd.DataFrame:
    """One row per kind of at least three instances.

    Columns: `dimension`, `kind`, `instances`, `leader`, `leader_excess`, `as_good`, `clear`. The leader has the lowest
    mean rank; `as_good` lists the others whose mean rank is not above the leader's throughout the 95 % interval of the
    difference; `clear` says that there are none.
    """
    import pandas as pd

    rows = []
    for (dimension, kind), part in _parts(sample, kinds).items():
        if len(part.instances) < FEWEST_INSTANCES:
            continue
        leader = int(mean_ranks(median_over_seeds(part.order_s)).argmin())
        drawn = bootstrap(part.order_s, lambda drawn: mean_ranks(median_over_seeds(drawn)), draws, 0, part.clusters)
        behind_low, _ = interval(drawn - drawn[:, [leader]])
        as_good = [name for i, name in enumerate(part.entrants) if i != leader and behind_low[i] <= 0]
        excess = interquartile_mean(median_over_seeds(part.excess))[leader]
        rows.append((dimension, kind, len(part.instances), part.entrants[leader], excess, as_good, not as_good))
    columns = ["dimension", "kind", "instances", "leader", "leader_excess", "as_good", "clear"]
    return pd.DataFrame(rows, columns=columns)


def natural_order(kind: str) -> tuple[float, str]:
    """Where a kind stands among those of its dimension: `none` first, then by size, then by name.

    `up to 32` comes before `33 to 64` and that before `more than 128`; `below half` before `about` and `over twice`.
    """
    first = kind.split()[0] if kind.split() else ""
    figures = [float(figure) for figure in re.findall(r"\d+", kind)]
    if first in ("no", "none", "without"):
        return -2.0, kind
    if first in ("one", "single"):
        return 1.0, kind
    if figures:
        return figures[0] + {"up": -0.5, "below": -0.5, "more": 0.5, "above": 0.5, "over": 0.5}.get(first, 0.0), kind
    return {"below": -1.0, "about": 0.0, "over": 1.0}.get(first, 0.0), kind


def _parts(sample: Sample, kinds: Kinds) -> dict[tuple[str, str], Sample]:
    """The sample on the instances of each kind, in natural order; a dimension that has one kind only is left out."""
    members: dict[tuple[str, str], list[str]] = {}
    for instance in sample.instances:
        for dimension, kind in kinds.get(instance, {}).items():
            members.setdefault((dimension, kind), []).append(instance)
    n_kinds = {dimension: sum(key[0] == dimension for key in members) for dimension, _ in members}
    dimensions = list(n_kinds)
    order = sorted(members, key=lambda key: (dimensions.index(key[0]), natural_order(key[1])))
    return {key: on(sample, members[key]) for key in order if n_kinds[key[0]] > 1}
