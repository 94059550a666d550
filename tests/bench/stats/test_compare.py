"""Two entrants against each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tasklet_bench.bench.stats.bayes import signed_rank_posterior
from tasklet_bench.bench.stats.compare import duel
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.problems.bad_input import BadInput


@pytest.fixture
def sample(rng: np.random.Generator, make_sample: Callable[..., Sample]) -> Sample:
    """`a` is 5 % cheaper than `b` on 10 instances; `b` failed on one of them."""
    base = rng.uniform(1, 9, (10, 1)) * rng.uniform(1, 1.01, (10, 3))
    failed = {"b": np.arange(10)[:, None].repeat(3, axis=1) == 4}
    return make_sample({"a": base * 0.95, "b": base, "other": base}, failed=failed, penalty_s=100.0)


def test_a_duel_is_reported_per_instance_and_overall(sample: Sample) -> None:
    """Ten wins, a difference of about -5 %, and the failure stands beside its instance."""
    result = duel(sample, "a", "b", draws=200)
    assert result.verdict == "better"
    assert (result.overall.wins, result.overall.ties, result.overall.losses) == (10, 0, 0)
    assert result.overall.difference == pytest.approx(-0.05, abs=0.01)
    assert result.instances["outcome"].tolist() == ["win"] * 10
    assert result.instances.loc[result.instances["b_failed"], "b_s"].tolist() == [100.0]


def test_a_duel_turned_round_says_the_opposite(sample: Sample) -> None:
    """B against A has the same p-value, the reverse counts, and the reciprocal difference."""
    there, back = duel(sample, "a", "b", draws=50).overall, duel(sample, "b", "a", draws=50).overall
    assert there.p_value == back.p_value
    assert (there.wins, there.losses) == (back.losses, back.wins)
    assert (1 + there.difference) * (1 + back.difference) == pytest.approx(1, rel=1e-9)
    assert there.p_improvement + back.p_improvement == pytest.approx(1, rel=1e-9)


def test_unknown_names_are_reported_with_the_nearest(sample: Sample) -> None:
    """A misspelt entrant, and one against itself, are bad input."""
    with pytest.raises(BadInput, match="did you mean 'other'"):
        duel(sample, "a", "othr")
    with pytest.raises(BadInput, match="another strategy than A"):
        duel(sample, "a", "a")


def test_the_posterior_agrees_with_the_verdict() -> None:
    """A clear difference is the first's with near certainty; none at all is practically equal."""
    pytest.importorskip("baycomp", reason="baycomp is not installed")
    clear, none = signed_rank_posterior(np.full(20, -0.05)), signed_rank_posterior(np.zeros(20))
    assert clear is not None
    assert none is not None
    assert clear.first > 0.99
    assert none.equal > 0.99
