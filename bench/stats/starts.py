"""What a start is worth: searches from their own beginning and from the best known start, apart and side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasklet_bench.bench.stats.sample import Sample, among
from tasklet_bench.strategies.parameters import split_entrant

if TYPE_CHECKING:
    import pandas as pd

KNOWN, OWN = "known", "own"
"""An entrant begins from the best of the problem's known starts, or wherever its own idea says."""


def start_of(entrant: str) -> str:
    """`known` or `own`, from an entrant's name; names that no entrant has (`mine (published)`) begin on their own."""
    return KNOWN if "start=known" in entrant.replace("]", ",").replace("[", ",").split(",") else OWN


def by_start(sample: Sample) -> list[Sample]:
    """The sample itself, and where some of its entrants begin from known starts, the others ranked among themselves."""
    own = [name for name in sample.runs["strategy"].unique() if start_of(name) == OWN]
    if len(own) < 2 or len(own) == sample.runs["strategy"].nunique():
        return [sample]
    return [sample, replace(among(sample, own), view="without known starts")]


def starts_table(excess: pd.DataFrame) -> pd.DataFrame:
    """Pair the rows of a table of excesses by entrant: `own` and `known`, indexed by the entrant without start.

    Entrants without a partner are left out. `gain` is how much excess the start takes away.
    """
    import pandas as pd

    pairs = {}
    for name in excess.index:
        known = _with_start(name)
        if known in excess.index:
            pairs[name] = (excess["excess"][name], excess["excess"][known])
    table = pd.DataFrame.from_dict(pairs, orient="index", columns=["own", "known"])
    table["gain"] = table["own"] - table["known"]
    return table.rename_axis("strategy")


def _with_start(name: str) -> str:
    """The name of the same entrant with the best known start."""
    strategy, parameters = split_entrant(name)
    changed = [f"{key}={value}" for key, value in parameters.items()]
    return f"{strategy}[{','.join([*changed, 'start=known'])}]"
