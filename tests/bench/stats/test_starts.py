"""The table of what a start is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.starts import by_start, starts_table


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
    """Every search of `results/starts/starts.toml` that uses a start is there with one and without."""
    from pathlib import Path

    file = Path(__file__).parents[3] / "results" / "starts" / "starts.toml"
    names = [entrant.name for entrant in campaign_of(str(file), Changes()).entrants]
    table = starts_table(pd.DataFrame({"excess": 0.0}, index=names))
    assert set(table.index) == {"annealing", "local-search", "neighbourhood-search", "constraint-program"}


def test_entrants_without_known_starts_are_ranked_among_themselves_too(make_sample) -> None:
    """A sample with both kinds of entrants is followed by one in which nobody begins from a known start."""
    costs_s = {"annealing": 1.2, "annealing[start=known]": 1.0, "random": 2.0}
    sample = make_sample({name: np.full((4, 2), cost_s) for name, cost_s in costs_s.items()})
    whole, own = by_start(sample)
    assert whole is sample
    assert own.entrants == ("annealing", "random")
    assert "without known starts" in own.scope()
    board = leaderboard(whole).set_index("strategy")
    assert board["start"].to_dict() == {"annealing": "own", "annealing[start=known]": "known", "random": "own"}


def test_where_nobody_has_a_known_start_there_is_one_view(make_sample) -> None:
    """Nothing is shown twice."""
    sample = make_sample({name: np.full((4, 2), 1.0) for name in ("annealing", "random")})
    assert by_start(sample) == [sample]
