"""Related instances: bases are drawn and tested instead of instances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tasklet_bench.bench.stats.bootstrap import bootstrap
from tasklet_bench.bench.stats.clusters import by_cluster, clustered_signed_rank_p
from tasklet_bench.bench.stats.pairs import compared
from tasklet_bench.bench.stats.sample import samples
from tasklet_bench.bench.stats.signed_rank import signed_rank_p

RNG = np.random.default_rng(3)


def test_a_cluster_for_each_instance_is_the_signed_rank_test() -> None:
    """Where nobody is related, the exact test over signs is Wilcoxon's own."""
    difference = RNG.normal(0.3, 1, 9)
    assert clustered_signed_rank_p(difference, np.arange(9)) == pytest.approx(signed_rank_p(difference))


def test_above_twelve_clusters_the_normal_form_is_near_the_exact_one() -> None:
    """With thirteen clusters the p-value is within 0.02 of the share of all signs."""
    difference, clusters = RNG.normal(0.2, 1, 26), np.repeat(np.arange(13), 2)
    signed = np.sign(difference) * (1 + np.argsort(np.argsort(np.abs(difference))))
    sums = np.array([signed[clusters == cluster].sum() for cluster in range(13)])
    signs = 1 - 2 * (np.arange(2**13)[:, None] >> np.arange(13) & 1)
    exact = (np.abs(signs @ sums) >= abs(sums.sum())).mean()
    assert clustered_signed_rank_p(difference, clusters) == pytest.approx(exact, abs=0.02)


def test_repeating_an_instance_adds_no_evidence() -> None:
    """Eight facts repeated five times give about the p-value of eight facts; taken for forty, less than half of it."""
    difference = np.array([1.1, 0.9, 1.3, -0.2, 0.7, 1.6, 0.4, -0.5])
    reported, clusters = np.repeat(difference, 5), np.repeat(np.arange(8), 5)
    assert clustered_signed_rank_p(reported, clusters) == pytest.approx(signed_rank_p(difference), abs=0.05)
    assert signed_rank_p(reported) < clustered_signed_rank_p(reported, clusters) / 2


def test_no_difference_anywhere_has_p_1() -> None:
    """Zeros are no evidence, and neither are two failures that cancel out within a base."""
    assert clustered_signed_rank_p(np.zeros(4), np.array([0, 0, 1, 1])) == 1.0
    assert by_cluster(np.array([np.inf, -np.inf]), np.zeros(2, dtype=np.int64)).tolist() == [0.0]


def test_a_drawn_base_brings_all_of_its_instances() -> None:
    """In each draw, the instances of one base stand there equally often."""
    clusters = np.array([0, 0, 0, 1, 2, 2])
    values = np.arange(6.0)[:, None, None]

    def counts(stack: np.ndarray) -> np.ndarray:
        return np.stack([(stack == value).sum(axis=(1, 2, 3)) for value in range(6)], axis=1)

    drawn = bootstrap(values, counts, draws=300, clusters=clusters)
    assert drawn.shape == (300, 6)
    for members in ([0, 1, 2], [4, 5]):
        assert (drawn[:, members] == drawn[:, members[:1]]).all()
    assert (drawn[:, [0, 3, 4]].sum(axis=1) == 3).all()
    assert len({tuple(row) for row in drawn.astype(int).tolist()}) > 5


def test_intervals_widen_where_instances_are_related(make_runs: Any) -> None:
    """The same costs in three bases of four instances: the difference is as large, its interval is wider."""
    base_effect = np.repeat([0.1, -0.05, 0.02], 4)
    table = make_runs({"a": 100 * np.exp(base_effect)[:, None], "b": np.full((12, 1), 100.0)})
    bases = {f"instance-{i:03}": f"base-{i // 4}" for i in range(12)}
    alone, together = samples(table)[0], samples(table, bases=bases)[0]
    free, clustered = compared(alone, "a", "b"), compared(together, "a", "b")
    assert free.difference == clustered.difference
    width, wide = (c.difference_high - c.difference_low for c in (free, clustered))
    assert wide > width
    assert clustered.p_value > free.p_value
    assert (free.n_independent, clustered.n_independent) == (12, 3)
    assert "3 bases are drawn" in together.scope()
    assert "bases" not in alone.scope()
