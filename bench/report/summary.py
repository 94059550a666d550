"""What a leaderboard says, in sentences; for the page's head, for Markdown, and for a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.report.wording import listed, percent
from tasklet_bench.bench.stats.ranks import Omnibus
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.bench.stats.verdicts import fewest_instances

if TYPE_CHECKING:
    import pandas as pd


def place_sentence(name: str, board: pd.DataFrame) -> str:
    """Where one entrant stands on a leaderboard, by how much, and whom its interval does not separate from it."""
    place = board.index[board["strategy"] == name][0]
    row = board.loc[place]
    overlaps = (board["mean_rank_low"] <= row["mean_rank_high"]) & (board["mean_rank_high"] >= row["mean_rank_low"])
    near = [str(other) for other in board["strategy"][overlaps] if other != name]
    text = (
        f"{name} is number {place + 1} of {len(board)}: mean rank {row['mean_rank']:.2f} "
        f"(95 % interval {row['mean_rank_low']:.2f} to {row['mean_rank_high']:.2f}), median cost "
        f"{percent(row['excess_median'])} above the best known."
    )
    return text + (
        f" Its interval overlaps those of {listed(near)}." if near else " No other interval reaches its own."
    )


def verdict_sentence(row: dict[Any, Any]) -> str:
    """One verdict in words, with its figures and what it would take where there is none."""
    corrected = f" after Holm over {row['family']} tests" if row["family"] > 1 else ""
    low, middle, high = (percent(row[key]) for key in ("difference_low", "difference", "difference_high"))
    return (
        f"{row['strategy']} against {row['against']}: {row['verdict']}; {middle} cost (95 % {low} to {high}), "
        f"{row['wins']} won, {row['ties']} tied, {row['losses']} lost of {row['n_instances']} instances, "
        f"p = {row['p_holm']:.2g}{corrected}{_needed(row)}."
    )


def too_few_instances(board: pd.DataFrame, sample: Sample) -> str:
    """A sentence where the sample is too small for any verdict of an entrant with two opponents; else nothing."""
    family = sum(bool(board[column].any()) for column in ("vs_champion", "vs_megatron"))
    fewest = fewest_instances(family) if family else 0
    n, what = sample.n_independent, "instances" if sample.bases is None else "bases"
    if n >= fewest:
        return ""
    tests = "one test" if family == 1 else "two tests"
    return f"{n} {what} are too few for a verdict of {tests} at 5 %, even for who wins them all: that takes {fewest}."


def omnibus_sentence(omnibus: Omnibus | None) -> str:
    """Friedman's test in words; nothing where there were too few entrants or instances for it."""
    if omnibus is None:
        return ""
    p = f"= {omnibus.p_value:.2g}" if omnibus.p_value >= 1e-4 else "below 0.0001"
    return (
        f"Friedman's test that all {omnibus.n_entrants} strategies are alike, over {omnibus.n_instances} instances: "
        f"p {p}. It says nothing about any two of them."
    )


def _needed(row: dict[Any, Any]) -> str:
    if row["verdict"] != "not separated":
        return ""
    more = row["more_instances"]
    if not math.isfinite(more) or more > 100 * row["n_instances"]:
        return "; no number of instances within reach would separate them"
    what = "instances" if row["n_independent"] == row["n_instances"] else "bases"
    return f"; about {max(1, int(more))} more {what} like these would"
