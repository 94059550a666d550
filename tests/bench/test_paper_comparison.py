"""The paper's comparison, on one case that is small enough to be checked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.studies.paper_comparison import PUBLISHED, comparison, summary


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Two scenarios, one model, one batch, a short search."""
    return comparison(("datacentre", "worldwide"), layers=(24,), batches=(512,), evaluations=150)


def test_figures_of_a_case_hang_together(table: pd.DataFrame) -> None:
    """PFLOPS are the model's operations over seconds, below the devices' peak; ratios are ratios of seconds."""
    operations = 3 * 24 * 512 * (24 * 2048 * 2048**2 + 4 * 2048**2 * 2048)
    for way in ("searched", "random", "megatron", "megatron_runtime"):
        np.testing.assert_allclose(table[f"{way}_pflops"] * table[f"{way}_s"], operations / 1e15)
        assert (table[f"{way}_pflops"] < 64 * 0.125 * 0.4).all()
    np.testing.assert_allclose(table["megatron_ratio"], table["megatron_s"] / table["searched_s"])
    assert table["scenario"].tolist() == ["datacentre", "worldwide"]


def test_placement_matters_most_across_the_world(table: pd.DataFrame) -> None:
    """World-wide, Megatron's order is slower than the searched allocation by more than in the data centre."""
    ratio = table.set_index("scenario")["megatron_ratio"]
    assert ratio["worldwide"] > max(1.5, ratio["datacentre"])


def test_the_summary_stands_beside_what_was_published(table: pd.DataFrame) -> None:
    """Every published ratio has a row, and the slowdown is of the same model and batch in the data centre."""
    rescored = summary(table).set_index("ratio")
    assert set(PUBLISHED) <= set(rescored.index)
    slowdown = table["searched_s"].iloc[1] / table["searched_s"].iloc[0]
    assert rescored.loc["searched/data centre", ["least", "median", "most"]].tolist() == pytest.approx([slowdown] * 3)
    assert rescored.loc["megatron/searched, world-wide", "published"] == "4.8"
