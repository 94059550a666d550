"""Each statistic against another implementation: scipy, statsmodels, scikit-posthocs, or a plain loop."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tasklet_bench.bench.stats.bootstrap import bootstrap, interval
from tasklet_bench.bench.stats.excess import excess_table, interquartile_mean
from tasklet_bench.bench.stats.hodges_lehmann import hodges_lehmann
from tasklet_bench.bench.stats.pairs import (
    log_ratio,
    more_instances,
    probability_of_improvement,
    win_tie_loss,
)
from tasklet_bench.bench.stats.ranks import friedman, instance_ranks, rank_table, wins
from tasklet_bench.bench.stats.sample import Sample, median_over_seeds
from tasklet_bench.bench.stats.signed_rank import signed_rank_p
from tasklet_bench.bench.stats.verdicts import holm

CLOSE = {"rtol": 1e-9, "atol": 0}


def test_medians_over_seeds_are_numpys_where_nothing_failed(rng: np.random.Generator) -> None:
    """Odd and even numbers of seeds agree with numpy; two infinities have an infinite median, not NaN."""
    for seeds in (1, 2, 3, 4, 15):
        values = rng.random((6, 4, seeds))
        np.testing.assert_allclose(median_over_seeds(values), np.median(values, axis=-1), **CLOSE)
    assert median_over_seeds(np.array([1.0, np.inf, np.inf, 2.0])) == np.inf
    assert median_over_seeds(np.array([1.0, 3.0, np.inf])) == 3.0


def test_interquartile_mean_is_the_mean_of_the_middle_half(rng: np.random.Generator) -> None:
    """A loop that sorts and cuts off a quarter on each side gives the same for every size."""
    for instances in range(1, 30):
        medians = rng.random((instances, 3))
        cut = instances // 4
        expected = [statistics.fmean(sorted(column)[cut : instances - cut]) for column in medians.T.tolist()]
        np.testing.assert_allclose(interquartile_mean(medians), expected, **CLOSE)


def test_ranks_are_scipys(rng: np.random.Generator) -> None:
    """With ties and infinities, per-instance ranks equal `scipy.stats.rankdata`."""
    order_s = rng.integers(1, 5, (40, 7)).astype(float)
    order_s[rng.random(order_s.shape) < 0.1] = np.inf
    np.testing.assert_allclose(instance_ranks(order_s), stats.rankdata(order_s, axis=1), **CLOSE)


def test_costs_within_rounding_tie() -> None:
    """The same cost summed in another order is the same cost; one part in a million is not."""
    np.testing.assert_array_equal(instance_ranks(np.array([[1.0 + 1e-12, 1.0, 1.0 + 1e-6]])), [[1.5, 1.5, 3.0]])


def test_friedman_is_scipys_on_the_medians(rng: np.random.Generator, make_sample: Callable[..., Sample]) -> None:
    """The omnibus test on ranks equals scipy's on the medians themselves, and scikit-posthocs' ranks agree."""
    costs_s = {name: rng.uniform(1, 2, (12, 3)) for name in ("a", "b", "c", "d")}
    omnibus = friedman(make_sample(costs_s))
    medians = [np.median(table, axis=1) for table in costs_s.values()]
    assert omnibus is not None
    assert omnibus.p_value == pytest.approx(stats.friedmanchisquare(*medians).pvalue, rel=1e-9)


def test_holm_is_statsmodels(rng: np.random.Generator) -> None:
    """Holm's correction equals statsmodels' for families of any size, ties included."""
    multitest = pytest.importorskip("statsmodels.stats.multitest", reason="statsmodels is not installed")
    for size in range(1, 7):
        p_values = np.round(rng.random(size), 2)
        np.testing.assert_allclose(holm(p_values), multitest.multipletests(p_values, method="holm")[1], **CLOSE)


def test_signed_rank_p_is_exact_in_small_samples(rng: np.random.Generator) -> None:
    """With ties and zeros, the p-value is the share of all sign patterns that are at least as one-sided."""
    for _ in range(5):
        difference = rng.integers(-3, 4, 10).astype(float)
        difference[:4] = 0.0, 0.0, 0.0, 3.0
        assert signed_rank_p(difference) == pytest.approx(all_signs_p(difference), rel=1e-9)
    assert signed_rank_p(np.zeros(5)) == 1.0


def all_signs_p(difference: np.ndarray) -> float:
    """Two-sided p-value of the signed ranks over all 2^n patterns of signs, zeros ranked and then left out (Pratt)."""
    ranks = stats.rankdata(np.abs(difference))
    patterns = np.array(list(itertools.product((False, True), repeat=len(difference))))
    sums = (patterns * (ranks * (difference != 0))).sum(axis=1)
    observed = ranks[difference > 0].sum()
    return min(1.0, 2 * min((sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean()))


def test_signed_rank_p_agrees_with_posthocs(rng: np.random.Generator) -> None:
    """Without ties the p-value is that of scikit-posthocs' pairwise Wilcoxon test."""
    posthocs = pytest.importorskip("scikit_posthocs", reason="scikit-posthocs is not installed")
    costs_s = np.exp(rng.normal(0, 0.1, (20, 2)))
    table = posthocs.posthoc_wilcoxon([np.log(costs_s[:, 0]).tolist(), np.log(costs_s[:, 1]).tolist()])
    assert signed_rank_p(log_ratio(costs_s)) == pytest.approx(table.iloc[0, 1], rel=1e-9)


def test_a_failure_weighs_as_the_largest_difference() -> None:
    """An infinite difference takes the largest rank: putting any finite larger one in its place changes nothing."""
    finite = np.array([-0.3, 0.1, 0.2, -0.05, 0.15, 0.4, 0.25, -0.02])
    failed = np.append(finite, np.inf)
    assert signed_rank_p(failed) == signed_rank_p(np.append(finite, 99.0))


def test_hodges_lehmann_is_the_median_of_all_means_of_two(rng: np.random.Generator) -> None:
    """A double loop over pairs, each with itself too, gives the same estimate."""
    difference = rng.normal(0, 0.1, 17)
    means = [(difference[i] + difference[j]) / 2 for i in range(17) for j in range(i, 17)]
    np.testing.assert_allclose(hodges_lehmann(difference), statistics.median(means), **CLOSE)


def test_probability_of_improvement_counts_pairs_of_runs(rng: np.random.Generator) -> None:
    """On one instance it is the Mann–Whitney statistic over the number of pairs; over instances, their mean."""
    costs_s = rng.integers(1, 6, (8, 2, 5)).astype(float)
    per_instance = [stats.mannwhitneyu(a, b).statistic / 25 for a, b in costs_s]
    expected = 1 - statistics.fmean(per_instance)
    assert float(probability_of_improvement(costs_s)) == pytest.approx(expected, rel=1e-9)


def test_probability_of_improvement_with_failures() -> None:
    """A run that failed loses to any that did not, and two that failed are a tie."""
    costs_s = np.array([[[1.0, np.inf], [np.inf, np.inf]]])
    assert float(probability_of_improvement(costs_s)) == 0.75


def test_win_tie_loss_states_its_region() -> None:
    """Differences of up to 0.5 % of the cost are ties on both sides; a failure against a success is a loss."""
    costs_s = np.array([[0.994, 1.0], [0.996, 1.0], [1.004, 1.0], [1.006, 1.0], [np.inf, 1.0], [np.inf, np.inf]])
    assert win_tie_loss(log_ratio(costs_s), 0.005) == (1, 3, 2)


def test_noether_by_hand() -> None:
    """Two of three pairs have a positive sum: p = 2/3 and n = (1.95996 + 0.84162)² / (3/36) = 94.2."""
    assert more_instances(np.array([1.0, 0.5, -0.75])) == 95 - 3
    assert more_instances(np.array([1.0, -1.0])) == np.inf


def test_intervals_are_scipys_bootstrap_of_the_mean(rng: np.random.Generator) -> None:
    """With one seed the interval is the ordinary percentile bootstrap: scipy's ends agree within their scatter."""
    values = rng.normal(1, 0.2, (40, 1, 1))
    drawn = bootstrap(values, lambda d: d.mean(axis=(1, 3)), draws=20_000)
    ours = np.ravel(interval(drawn))
    theirs = stats.bootstrap((values.ravel(),), np.mean, n_resamples=20_000, method="percentile", rng=rng)
    np.testing.assert_allclose(ours, theirs.confidence_interval, rtol=0.005)


def test_bootstrap_is_a_loop_over_its_draws(rng: np.random.Generator) -> None:
    """Drawing instances, then seeds within each, in plain loops from the same stream, gives the same draws exactly."""
    values = rng.random((5, 2, 3))
    stream = np.random.default_rng([0, 5, 3])
    instances, seeds = stream.integers(5, size=(50, 5)), stream.integers(3, size=(50, 5, 3))
    expected = [
        [np.mean([np.median(values[instances[b, i], e, seeds[b, i]]) for i in range(5)]) for e in range(2)]
        for b in range(50)
    ]
    drawn = bootstrap(values, lambda d: median_over_seeds(d).mean(axis=1), draws=50)
    np.testing.assert_allclose(drawn, expected, **CLOSE)


def test_tables_are_what_loops_over_runs_give(rng: np.random.Generator, make_sample: Callable[..., Sample]) -> None:
    """Mean rank, wins, and excess of the tables equal pandas' own way from the rows, failures included."""
    costs_s = {name: rng.uniform(1, 2, (10, 3)) for name in ("a", "b", "c")}
    failed = {"b": rng.random((10, 3)) < 0.4}
    sample = make_sample(costs_s, failed=failed, penalty_s=1.6)
    rows = sample.runs.assign(order=np.where(sample.runs["status"] == "ok", sample.runs["cost_s"], np.inf))
    order = rows.groupby(["problem", "strategy"])["order"].apply(statistics.median).unstack()
    excess = rows.assign(e=rows["cost_s"].fillna(1.6) - 1).groupby(["problem", "strategy"])["e"].median().unstack()
    ranked, exceeding = rank_table(sample, draws=50), excess_table(sample, draws=50)
    np.testing.assert_allclose(ranked["mean_rank"], order.rank(axis=1).mean(), **CLOSE)
    np.testing.assert_allclose(ranked["wins"], order.eq(order.min(axis=1), axis=0).sum(), **CLOSE)
    np.testing.assert_allclose(exceeding["excess_median"], excess.median(), **CLOSE)
    np.testing.assert_allclose(exceeding["excess"], stats.trim_mean(excess, 0.25), **CLOSE)
    np.testing.assert_allclose(exceeding["excess_capped_mean"], excess.clip(upper=0.6).mean(), **CLOSE)
    np.testing.assert_allclose(exceeding["failed_share"], [0, failed["b"].mean(), 0], **CLOSE)
    assert isinstance(ranked, pd.DataFrame)


def test_nobody_wins_where_all_failed() -> None:
    """An instance on which every entrant failed is won by none of them."""
    assert not wins(np.array([[np.inf, np.inf]])).any()
