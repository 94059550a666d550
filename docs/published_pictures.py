"""The pictures of the published results; docs/published_results.py saves them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tasklet_bench.bench.report.chart import Axis, Chart, Names, percents
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.strategies.parameters import split_entrant
from tasklet_bench.strategies.registry import THIRD_PARTY

SMALLEST_SHOWN = 0.002
"""Excess at which logarithmic scales begin."""
TICKS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
LARGE_ENTRANTS = (
    "annealing[start=known]", "annealing", "neighbourhood-search", "genetic", "known-starts", "megatron",
)  # fmt: skip
OTHERS_MARK = "†"
"""Stands behind the names of entrants that other people's planners and libraries are behind."""
LIBRARIES = ("multilevel",)
"""Strategies beside those of `third_party` that rest on somebody else's planner: METIS."""


def leaderboard(tables: dict[str, pd.DataFrame]) -> str:
    """Excess over the best known cost of each strategy with its 95 % interval; `tables` by words for the budget.

    The last of the tables gives the order, the lowest excess first, and the sentence above.
    """
    last = list(tables.values())[-1].sort_values(["excess", "strategy"])
    order = last["strategy"].tolist()
    highest = max(float(table["excess_high"].max()) for table in tables.values()) * 1.1
    words = "cost above the best known, mean of the middle half of the instances of core"
    names = Names([f"{name} {OTHERS_MARK}" if _of_others(name) else name for name in order])
    chart = Chart(_excess(words, highest), names, 640, 22 * len(order), right=24)
    for colour, (budget, table) in enumerate(tables.items()):
        offset = (colour - (len(tables) - 1) / 2) * 0.4
        for row in table[table["strategy"].isin(order)].to_dict("records"):
            place = order.index(row["strategy"]) + offset
            hint = f"{row['strategy']} after {budget}: {percents(round(row['excess'], 4))}"
            chart.line([(row["excess_low"], place), (row["excess_high"], place)], colour, name=hint)
            chart.dot((row["excess"], place), colour, name=hint)
    note = f"lines: 95 % intervals · at the left edge: {percents(SMALLEST_SHOWN)} or less"
    if any(map(_of_others, order)):
        note += f" · {OTHERS_MARK} a planner or library of other people"
    name = "Cost above the best known of each strategy, under two budgets"
    return chart.file(name, [f"after {budget}" for budget in tables], headline(last, list(tables)[-1]), note)


def headline(table: pd.DataFrame, budget: str) -> str:
    """What the picture shows, in a line: who ends nearest to the best known cost, and where Megatron's order is."""
    excess = table.set_index("strategy")["excess"].sort_values()
    text = f"{excess.index[0]} is {percent(excess.iloc[0])} above the best known after {budget}"
    text += f", megatron {percent(excess['megatron'])}" if "megatron" in excess.index else ""
    return text.replace("+", "")


def _of_others(entrant: str) -> bool:
    """Whether a planner or library of other people is behind an entrant."""
    return entrant in THIRD_PARTY or split_entrant(entrant)[0] in (*THIRD_PARTY, *LIBRARIES)


def flips(tables: dict[str, pd.DataFrame]) -> str:
    """Place by mean rank of each strategy under one budget and under the other, joined by a line."""
    common = set.intersection(*(set(table["strategy"]) for table in tables.values()))
    ticks = [-place for place in range(1, len(common) + 1)]
    words = "place by mean rank on core"
    places = Axis(words, -len(common) - 0.5, -0.5, ticks=ticks, words=lambda place: f"{-place:.0f}")
    chart = Chart(Names(list(tables)), places, 300, 24 * len(common), right=150)
    paths: dict[str, list[tuple[float, float]]] = {}
    for column, table in enumerate(tables.values()):
        shown = table[table["strategy"].isin(common)].sort_values(["mean_rank", "strategy"])
        for place, name in enumerate(shown["strategy"], start=1):
            paths.setdefault(str(name), []).append((column, -place))
    for name, points in paths.items():
        falls = points[-1][1] - points[0][1]
        chart.line(points, 0 if falls > 0 else 5 if falls < 0 else None, dots=True, name=name)
        chart.label(points[-1], name)
    return chart.file("Places under one budget and under the other", [])


def scale(costs_s: pd.DataFrame, devices: dict[str, int]) -> str:
    """Cost over the best of each row, on the instances of suite scale, fewest devices first.

    `costs_s`: instances × entrants; `devices`: their number, by instance.
    """
    over = costs_s.div(costs_s.min(axis=1), axis=0).sub(1.0).replace(np.inf, np.nan)
    entrants = [name for name in LARGE_ENTRANTS if name in over]
    order = sorted(costs_s.index, key=lambda name: devices[name])
    highest = max(1.0, float(over[entrants].max().max()) * 1.1)
    chart = Chart(_excess("cost above the best of these", highest), Names(order), 420, 22 * len(order), right=24)
    for colour, entrant in enumerate(entrants):
        for place, instance in enumerate(order):
            excess = float(over.loc[instance, entrant])
            if excess == excess:  # NaN: did not run on it, or failed
                chart.dot((excess, place), colour, name=f"{entrant} on {instance}: {percents(round(excess, 4))}")
    counts = [devices[name] for name in order]
    return chart.file(f"Cost above the best of these, on {counts[0]:,} to {counts[-1]:,} devices", entrants)


def _excess(words: str, highest: float) -> Axis:
    """A logarithmic axis of excesses, those below its beginning drawn there."""
    return Axis(words, SMALLEST_SHOWN, highest, log=True, ticks=TICKS[::2], words=percents)
