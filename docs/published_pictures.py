"""The pictures of the published results; docs/published_results.py saves them."""

from __future__ import annotations

from typing import cast

import altair as alt
import pandas as pd

SMALLEST_SHOWN = 0.002
"""Excess at which logarithmic scales begin."""
TICKS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
LARGE_ENTRANTS = ("annealing", "neighbourhood-search", "genetic", "clustering", "aligned", "megatron")


def leaderboard(tables: dict[str, pd.DataFrame]) -> alt.TopLevelMixin:
    """Excess over the best known cost of each strategy with its 95 % interval; `tables` by words for the budget."""
    frame = pd.concat([table.assign(budget=budget) for budget, table in tables.items()], ignore_index=True)
    for column in ("excess", "excess_low", "excess_high"):
        frame[column] = frame[column].clip(lower=SMALLEST_SHOWN)
    order = list(tables.values())[-1]["strategy"].tolist()
    scale = alt.Scale(type="log", domain=[SMALLEST_SHOWN, float(frame["excess_high"].max()) * 1.1], nice=False)
    axis = alt.Axis(format="~%", values=TICKS)
    title = "cost above the best known (interquartile mean over the instances of core, 95 % interval)"
    base = alt.Chart(frame, width=520, height=26 * len(order)).encode(
        alt.Y("strategy:N", sort=order, title=None, axis=alt.Axis(labelLimit=240)),
        alt.YOffset("budget:N", sort=list(tables)),
        alt.Color("budget:N", sort=list(tables), title=None).legend(orient="top"),
    )
    whiskers = base.mark_rule(strokeWidth=2, opacity=0.6).encode(
        alt.X("excess_low:Q", scale=scale, title=title, axis=axis), alt.X2("excess_high:Q")
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(alt.X("excess:Q", scale=scale))
    return _dressed(whiskers + points)


def flips(tables: dict[str, pd.DataFrame]) -> alt.TopLevelMixin:
    """Place by mean rank of each strategy under one budget and under the other, joined by a line."""
    frame = pd.concat([table.assign(budget=budget) for budget, table in tables.items()], ignore_index=True)
    common = set.intersection(*(set(table["strategy"]) for table in tables.values()))
    frame = frame[frame["strategy"].isin(common)]
    frame["place"] = frame.groupby("budget")["mean_rank"].rank(method="first")
    base = alt.Chart(frame, width=300, height=24 * len(common)).encode(
        alt.X("budget:N", sort=list(tables), title=None, axis=alt.Axis(labelAngle=0)),
        alt.Y(
            "place:Q",
            scale=alt.Scale(reverse=True, domain=[0.5, len(common) + 0.5]),
            axis=alt.Axis(values=list(range(1, len(common) + 1)), grid=False),
            title="place by mean rank on core",
        ),
        alt.Detail("strategy:N"),
    )
    ends = base.transform_filter(alt.datum.budget == list(tables)[-1])
    names = ends.mark_text(align="left", dx=8, fontSize=11).encode(alt.Text("strategy:N"))
    return _dressed(base.mark_line(opacity=0.6) + base.mark_point(filled=True, size=40, opacity=1) + names)


def scale(costs_s: pd.DataFrame, devices: dict[str, int]) -> alt.TopLevelMixin:
    """Cost over the best of each row, on the instances of suite scale, fewest devices first.

    `costs_s`: instances × entrants; `devices`: their number, by instance.
    """
    over = costs_s.div(costs_s.min(axis=1), axis=0).sub(1.0)
    over = over[[name for name in LARGE_ENTRANTS if name in over]]
    frame = over.rename_axis("instance").reset_index().melt("instance", var_name="strategy", value_name="over")
    frame["over"] = frame["over"].clip(lower=SMALLEST_SHOWN)
    order = sorted(costs_s.index, key=lambda name: devices[name])
    chart = (
        alt.Chart(frame, width=420, height=20 * len(order))
        .mark_point(filled=True, size=60, opacity=0.9)
        .encode(
            alt.Y("instance:N", sort=order, title=None, axis=alt.Axis(labelLimit=420, grid=True)),
            alt.X("over:Q", title="cost above the best of these", axis=alt.Axis(format="~%", values=TICKS)).scale(
                type="log"
            ),
            alt.Color("strategy:N", sort=list(LARGE_ENTRANTS), title=None).legend(orient="top"),
        )
    )
    return _dressed(chart)


def _dressed(chart: alt.Chart | alt.LayerChart) -> alt.TopLevelMixin:
    """On white, as a page may be dark, and with quiet titles."""
    dressed = chart.configure(background="white").configure_axis(titleFontWeight="normal", labelFontSize=11)
    return cast("alt.TopLevelMixin", dressed)
