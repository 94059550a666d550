"""Fidelity: its figures on tables whose truth is known, and on a real instance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.studies.fidelity import KINDS, fidelity, order_means_from, region, scores
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.iteration_time import SimulationOptions

ProblemMaker = Callable[..., AllocationProblem]


def table(formal_s: np.ndarray, simulated_s: np.ndarray) -> pd.DataFrame:
    """Scores of one kind."""
    return pd.DataFrame({"kind": "made", "formal_s": formal_s, "simulated_s": simulated_s})


def test_a_model_that_is_right_is_trusted_entirely() -> None:
    """If seconds are a growing function of cost, τ is 1, nothing is lost, and the smallest difference counts."""
    cost = np.random.default_rng(0).uniform(1, 2, 60)
    row = fidelity(table(cost, cost**3), draws=20).iloc[0]
    assert row["tau"] == 1.0
    assert row["regret"] == 0.0
    ordered = np.sort(cost)
    assert row["order_means_from"] == pytest.approx((ordered[1:] / ordered[:-1] - 1).min())


def test_a_model_that_is_backwards_is_trusted_nowhere() -> None:
    """If seconds fall with cost, τ is -1, its pick is the slowest, and no difference means anything."""
    cost = np.random.default_rng(0).uniform(1, 2, 60)
    row = fidelity(table(cost, 1 / cost), draws=20).iloc[0]
    assert row["tau"] == -1.0
    assert row["regret"] == pytest.approx(cost.max() / cost.min() - 1)
    assert np.isnan(row["order_means_from"])


@pytest.mark.parametrize("sigma", [0.02, 0.1])
def test_the_difference_that_counts_is_found_under_noise(sigma: float) -> None:
    """With log-normal errors of width σ a pair keeps its order three times in four at a ratio of exp(0.674·√2·σ)."""
    rng = np.random.default_rng(1)
    cost = np.exp(rng.uniform(0, 1, 400))
    result = order_means_from(cost, cost * np.exp(sigma * rng.standard_normal(400)))
    assert result == pytest.approx(np.exp(0.6745 * np.sqrt(2) * sigma) - 1, rel=0.2)


def test_tau_is_counted_as_by_hand() -> None:
    """Kendall's τ of a small table without ties equals concordant less discordant pairs over all pairs."""
    rng = np.random.default_rng(2)
    a, b = rng.random(15), rng.random(15)
    signs = [np.sign((a[i] - a[j]) * (b[i] - b[j])) for i in range(15) for j in range(i)]
    assert fidelity(table(a, b), draws=5).iloc[0]["tau"] == pytest.approx(np.mean(signs))


def test_equal_costs_share_the_regret() -> None:
    """Among formally equal allocations the pick is a coin's: the regret is their mean."""
    row = fidelity(table(np.array([1.0, 1.0, 2.0]), np.array([4.0, 6.0, 5.0])), draws=5).iloc[0]
    assert row["regret"] == pytest.approx(5.0 / 4.0 - 1)


def test_an_instance_is_scored_reproducibly(random_problem: ProblemMaker) -> None:
    """The same seed gives the same table; good allocations are formally better than random ones; intervals hold τ."""
    problem, options = random_problem(3, 4), SimulationOptions(micro_batches=4)
    scored = scores(problem, options, per_kind=30, seed=3)
    pd.testing.assert_frame_equal(scored, scores(problem, options, per_kind=30, seed=3))
    median_s = scored.groupby("kind")["formal_s"].median()
    assert median_s["good"] < median_s["random-partition"] < median_s["random-grid"]
    rescored = fidelity(scored, draws=50)
    assert rescored["kind"].tolist() == [*KINDS, "all"]
    assert rescored["n"].tolist() == [30, 30, 30, 90]
    assert (rescored["tau_low"] <= rescored["tau_high"]).all()
    assert rescored["tau"].between(-1, 1).all()
    assert (rescored["regret"] >= 0).all()
    assert rescored.set_index("kind").loc["all", "tau"] > 0.5


def test_the_region_of_several_instances_is_their_median() -> None:
    """Each instance counts once; one whose allocations all cost the same does not, and alone it is refused."""
    names = ("paper/regional", "paper/worldwide", "measured/gcp4-hivemind-32")
    problems = [catalogue.load(name) for name in names]
    alone = [region([problem], per_kind=20) for problem in problems]
    flat = catalogue.load("paper/spot")
    assert region([*problems, flat], per_kind=20) == np.median(alone)
    with pytest.raises(BadInput, match="none whose allocations differ"):
        region([flat], per_kind=20)
