"""What a start is worth: each search from its own beginning beside the same search from the best known start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasklet_bench.strategies.parameters import split_entrant

if TYPE_CHECKING:
    import pandas as pd


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
