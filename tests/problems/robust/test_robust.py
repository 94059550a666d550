"""The robust family: a quantile of one allocation's cost over drawn networks."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.robust.draws import Draws, quantile_s, spread_of

SMALL = "measured/gcp4-hivemind-32"


def test_fast_costs_are_the_cost_models() -> None:
    """Each draw's cost equals that of the readable formulas on the noisy topology, as does the quantile."""
    problem = families.load(f"robust/{SMALL}")
    for seed in range(3):
        candidate = problem.random(np.random.default_rng(seed))
        allocation = problem.complete(candidate)
        draws = problem.draws  # type: ignore[attr-defined]
        assert draws.costs_s(allocation) == pytest.approx(draws.judge_costs_s(allocation), rel=1e-12)
        assert problem.cost(candidate).total_s == pytest.approx(problem.judge(candidate).total_s, rel=1e-12)
        assert draws.costs_once_s(allocation).tolist() == draws.costs_s(allocation).tolist()
        assert problem.bound() <= problem.cost(candidate).total_s


def test_without_noise_nothing_changes() -> None:
    """At a spread of 0 each draw costs what the measured network does, within the rounding of links."""
    formal = catalogue.load(SMALL)
    allocation = formal.complete(formal.starts()["megatron"])
    costs_s = Draws(formal, 3, 0.0).costs_s(allocation)
    assert costs_s == pytest.approx([formal.judge(allocation).total_s] * 3, rel=1e-3)


def test_a_quantile_is_an_order_statistic() -> None:
    """At least that share of costs does not exceed it, and of the costs it is the least such."""
    costs_s = np.arange(10.0)[::-1]
    assert [quantile_s(costs_s, q) for q in (0.1, 0.5, 0.9, 0.91, 1.0)] == [0, 4, 8, 9, 9]


def test_the_interval_of_a_median_covers_it() -> None:
    """Over many samples of a skewed distribution the interval holds the true median at least 95 % of the time."""
    rng = np.random.default_rng(0)
    spreads = [spread_of(rng.exponential(size=60)) for _ in range(400)]
    covered = np.mean([low <= np.log(2) <= high for low, high in (spread.interval_s for spread in spreads)])
    assert covered >= 0.93


@pytest.mark.parametrize("count", [1, 2, 5, 6, 40, 400, 2000, 5000])
def test_the_interval_of_a_median_is_that_of_the_binomial(count: int) -> None:
    """It leaves out as many costs at either end as lie below the median with at most 2.5 %, whatever their number."""
    low = max(int(scipy.stats.binom.ppf(0.025, count, 0.5)) - 1, 0)
    assert spread_of(np.arange(count, dtype=float)).interval_s == (low, count - 1 - low)


def test_what_is_drawn_is_part_of_the_digest() -> None:
    """Other draws, another spread, seed or quantile are another problem, and names do not count."""
    data = {"family": "robust", "problem": SMALL}
    digests = {
        families.from_json({**data, **change}, "x").digest
        for change in ({}, {"draws": 7}, {"sigma": 0.1}, {"seed": 1}, {"quantile": 0.5})
    }
    assert len(digests) == 5
    with pytest.raises(BadInput, match="quantile"):
        families.from_json({**data, "quantile": 1.5}, "x")
