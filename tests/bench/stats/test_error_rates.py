"""How often the tests and intervals err, measured on data whose truth is known.

20 instances × 15 seeds, as in a campaign; entrants differ from instance to instance (an interaction of 3 %) and from
seed to seed (3 %), in the null case with no difference on the whole. `TASKLET_BENCH_DRAWS=2000` gives the long form;
the limits are the nominal rate and its binomial spread at the number of draws.
"""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
from scipy.stats import binom

from tasklet_bench.bench.stats.bootstrap import bootstrap, interval
from tasklet_bench.bench.stats.clusters import clustered_signed_rank_p
from tasklet_bench.bench.stats.excess import interquartile_mean
from tasklet_bench.bench.stats.hodges_lehmann import hodges_lehmann
from tasklet_bench.bench.stats.pairs import log_ratio, more_instances
from tasklet_bench.bench.stats.ranks import friedman_p, instance_ranks, mean_ranks
from tasklet_bench.bench.stats.sample import median_over_seeds
from tasklet_bench.bench.stats.signed_rank import signed_rank_p
from tasklet_bench.bench.stats.verdicts import holm

DRAWS = int(os.environ.get("TASKLET_BENCH_DRAWS", "400"))
LONG = DRAWS >= 2000
INSTANCES, SEEDS = 20, 15
INTERACTION = NOISE = 0.03


def draw(
    rng: np.random.Generator,
    entrants: int,
    instances: int = INSTANCES,
    seeds: int = SEEDS,
    log_effects: tuple[float, ...] | float = 0.0,
) -> np.ndarray:
    """Costs `(instances, entrants, seeds)`: instances of very different scale, interaction, and noise over seeds."""
    scale = rng.normal(3, 0.5, (instances, 1, 1))
    interaction = rng.normal(0, INTERACTION, (instances, entrants, 1))
    noise = rng.normal(0, NOISE, (instances, entrants, seeds))
    return np.exp(scale + np.broadcast_to(log_effects, entrants)[None, :, None] + interaction + noise)


def limits(low: float, high: float) -> tuple[float, float]:
    """The limits that hold for 2,000 draws, widened for fewer by what 400 draws scatter."""
    return (low, high) if LONG else (low - 0.02, high + 0.02)


@pytest.fixture(scope="module")
def null_draws() -> dict[str, float]:
    """Shares of draws, without any true difference, in which each test rejects at 5 %."""
    rng = np.random.default_rng(5)
    counts = dict.fromkeys(("champion", "Megatron", "Friedman", "family", "pooled", "chosen"), 0)
    for _ in range(DRAWS):
        costs_s = draw(rng, entrants=10)
        medians = median_over_seeds(costs_s)
        champion, megatron = (signed_rank_p(log_ratio(medians[:, [0, rival]])) for rival in (1, 2))
        pooled = np.moveaxis(costs_s[:, :2], 2, 1).reshape(-1, 2)
        chosen = 1 + int(mean_ranks(medians)[1:].argmin())
        counts["champion"] += champion <= 0.05
        counts["Megatron"] += megatron <= 0.05
        counts["Friedman"] += friedman_p(instance_ranks(medians)) <= 0.05
        counts["family"] += min(holm([champion, megatron])) <= 0.05
        counts["pooled"] += signed_rank_p(log_ratio(pooled)) <= 0.05
        counts["chosen"] += signed_rank_p(log_ratio(medians[:, [0, chosen]])) <= 0.05
    return {name: count / DRAWS for name, count in counts.items()}


@pytest.mark.slow
@pytest.mark.parametrize("test", ["champion", "Megatron", "Friedman"])
def test_each_unadjusted_test_keeps_its_level(null_draws: dict[str, float], test: str) -> None:
    """Without a true difference, a test at the nominal 5 % rejects in 3 to 7 % of the draws."""
    low, high = limits(0.03, 0.07)
    assert low <= null_draws[test] <= high


@pytest.mark.slow
def test_a_family_errs_no_more_than_it_says(null_draws: dict[str, float]) -> None:
    """After Holm's correction over an entrant's two tests, any of them rejects in at most 6 % of the draws."""
    assert null_draws["family"] <= limits(0.0, 0.06)[1]


@pytest.mark.slow
def test_pooling_seeds_as_if_they_were_instances_errs_wildly(null_draws: dict[str, float]) -> None:
    """The same test on all 300 pairs of runs finds a difference that is not there in more than 30 % of the draws.

    Seeds on one instance share that instance's interaction: they are 20 facts stated 15 times, not 300. This is why the
    statistics take the median over seeds first, and it must stay so.
    """
    assert null_draws["pooled"] > 0.30


@pytest.mark.slow
def test_choosing_the_champion_from_the_same_data_errs_more_often(null_draws: dict[str, float]) -> None:
    """Against the best of nine, chosen from the data it is tested on, the test rejects more often than it says.

    This is why a suite names its champion before the campaign.
    """
    assert null_draws["chosen"] > max(0.07, null_draws["champion"])


@pytest.mark.slow
def test_intervals_cover_the_value_of_the_generating_distribution() -> None:
    """The 95 % intervals of excess, mean rank and difference hold the true value in 91 to 98 % of the draws."""
    rng = np.random.default_rng(6)
    effects = (0.02, 0.05, 0.08)
    truth = true_values(effects)
    covered = {name: np.zeros(np.size(value)) for name, value in truth.items()}
    for _ in range(DRAWS):
        costs_s = draw(rng, 3, log_effects=effects)
        costs_s /= costs_s.mean(axis=(1, 2), keepdims=True)
        for name, statistic in STATISTICS.items():
            low, high = interval(bootstrap(costs_s, statistic, draws=400))
            covered[name] += (low <= truth[name]) & (truth[name] <= high)
    low, high = limits(0.91, 0.98)  # type: ignore[assignment]
    for name, count in covered.items():
        assert (low <= count / DRAWS).all(), name
        assert (count / DRAWS <= high).all(), name


STATISTICS = {
    "excess": lambda drawn: interquartile_mean(median_over_seeds(drawn)),
    "mean rank": lambda drawn: mean_ranks(median_over_seeds(drawn)),
    "difference": lambda drawn: hodges_lehmann(log_ratio(median_over_seeds(drawn)[..., :2]))[:, None],
}


def true_values(effects: tuple[float, ...]) -> dict[str, np.ndarray]:
    """What the statistics would be on 400,000 instances of the generating distribution."""
    costs_s = draw(np.random.default_rng(7), 3, instances=400_000, log_effects=effects)
    costs_s /= costs_s.mean(axis=(1, 2), keepdims=True)
    medians = median_over_seeds(costs_s)
    return {
        "excess": interquartile_mean(medians),
        "mean rank": mean_ranks(medians),
        "difference": np.array([effects[0] - effects[1]]),
    }


@pytest.mark.slow
def test_more_instances_beat_more_seeds() -> None:
    """With a true difference and the same number of runs, 60 instances × 5 seeds find it more often than 20 × 15."""
    assert power(60, 5) > power(20, 15) + 0.1


@pytest.mark.slow
def test_the_number_of_instances_asked_for_is_about_enough() -> None:
    """With the number of instances that `more_instances` asks for, the test finds the difference in about 80 %."""
    rng = np.random.default_rng(9)
    asked = np.median([len(d) + more_instances(d) for d in (difference(rng, INSTANCES, SEEDS) for _ in range(300))])
    assert math.isfinite(asked)
    assert 0.65 <= power(int(asked), SEEDS) <= 0.95


def difference(rng: np.random.Generator, instances: int, seeds: int) -> np.ndarray:
    """Per-instance differences of two entrants that are 2 % apart."""
    return log_ratio(median_over_seeds(draw(rng, 2, instances, seeds, (0.0, 0.02))))


def power(instances: int, seeds: int, draws: int = 300) -> float:
    """Share of draws in which a true difference of 2 % is found."""
    rng = np.random.default_rng(8)
    return float(np.mean([signed_rank_p(difference(rng, instances, seeds)) <= 0.05 for _ in range(draws)]))


def test_limits_of_the_short_form_leave_room_for_chance() -> None:
    """At 400 draws a test with a true level of 5 % passes the widened limits in all but one run out of a thousand."""
    low, high = 0.01, 0.09
    assert binom.cdf(high * 400, 400, 0.05) - binom.cdf(low * 400, 400, 0.05) > 0.999


RELATIVES = (4, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2) + (1,) * 19
"""Instances of each of the 33 bases of `core`."""
SHARED = 0.03
"""What instances of one base have in common, as deviation of the logarithm of a ratio: as much as their own."""


@pytest.fixture(scope="module")
def related_null_draws() -> dict[str, float]:
    """Shares of 2,000 draws, without any true difference, in which each test rejects instances that are related."""
    rng = np.random.default_rng(11)
    clusters = np.repeat(np.arange(len(RELATIVES)), RELATIVES)
    counts = {"clustered": 0, "unclustered": 0}
    for _ in range(2000):
        shared = rng.normal(0, 2 * SHARED, len(RELATIVES))[clusters]
        difference = shared + rng.normal(0, SHARED, len(clusters))
        counts["clustered"] += clustered_signed_rank_p(difference, clusters) <= 0.05
        counts["unclustered"] += signed_rank_p(difference) <= 0.05
    return {name: count / 2000 for name, count in counts.items()}


@pytest.mark.slow
def test_the_clustered_test_keeps_its_level_on_related_instances(related_null_draws: dict[str, float]) -> None:
    """With as many relatives as `core` has, the test by base rejects in 3 to 7 % of the draws."""
    assert 0.03 <= related_null_draws["clustered"] <= 0.07


@pytest.mark.slow
def test_taking_relatives_for_strangers_errs_too_often(related_null_draws: dict[str, float]) -> None:
    """The test by instance rejects in more than 10 % of the same draws, as bases tell their facts several times."""
    assert related_null_draws["unclustered"] > 0.10
