"""The table of what a start is worth."""

from __future__ import annotations

import pandas as pd
import pytest

from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.studies.starts import starts_table


def test_each_search_stands_beside_itself_with_a_start() -> None:
    """Pairs are found by their names, parameters included; who has no partner is left out."""
    excess = pd.DataFrame(
        {"excess": [0.34, 0.07, 0.5, 0.3, 0.1]},
        index=["annealing", "annealing[start=known]", "random", "annealing[hot=1.0]", "annealing[hot=1.0,start=known]"],
    )
    table = starts_table(excess)
    assert list(table.index) == ["annealing", "annealing[hot=1.0]"]
    assert table.loc["annealing"].tolist() == pytest.approx([0.34, 0.07, 0.27])


def test_the_campaign_asks_for_pairs() -> None:
    """Every search of `planned/starts.toml` that uses a start is there with one and without."""
    from pathlib import Path

    file = Path(__file__).parents[2] / "results" / "reference" / "planned" / "starts.toml"
    names = [entrant.name for entrant in campaign_of(str(file), Changes()).entrants]
    table = starts_table(pd.DataFrame({"excess": 0.0}, index=names))
    assert set(table.index) == {"annealing", "local-search", "neighbourhood-search", "constraint-program"}
