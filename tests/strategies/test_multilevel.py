"""METIS as a baseline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.baselines import multilevel
from tasklet_bench.strategies.baselines.multilevel import Multilevel
from tasklet_bench.strategies.parameters import configured


@pytest.fixture(autouse=True)
def _metis() -> None:
    pytest.importorskip("pymetis")


def test_it_finds_groups_inside_sites(searched: Any) -> None:
    """Every city of the world-wide scenario becomes a group, as gradients want it."""
    problem = catalogue.load("paper/worldwide")
    result = searched(Multilevel(starts=2), problem, evaluations=100)
    groups = result.reported[0].candidate.reshape(8, 8)
    assert (groups == groups[:, :1]).all()
    assert result.meter.evaluations == 4


def test_the_optimum_of_tiny_problems_is_never_undercut(tiny_excesses: Any) -> None:
    """Without sites in the links, the best cut is within 50 % of the optimum in at least half of them."""
    excesses = tiny_excesses(Multilevel(), evaluations=32)
    assert min(excesses) > -1e-12
    assert sum(excess < 0.5 for excess in excesses) >= 5


@settings(max_examples=30)
@given(data=st.data(), seed=st.integers(0, 100))
def test_odd_shapes_are_cut(searched: Any, odd_problems: Any, data: st.DataObject, seed: int) -> None:
    """Valid partitions whatever the shape and the links, and the same seed reports the same."""
    problem = data.draw(odd_problems)
    result = searched(Multilevel(starts=3), problem, seed, evaluations=5)
    assert result.meter.evaluations == 5
    assert problem.cost(result.candidate).total_s == result.cost_s
    assert result.curve == searched(Multilevel(starts=3), problem, seed, evaluations=5).curve


def test_256_devices_are_cut_better_than_at_random(searched: Any, random_problem: Any) -> None:
    """The best of four cuts of 16×16 costs less than the best of forty random partitions."""
    problem = random_problem(16, 16)
    rng = np.random.default_rng(0)
    random_s = min(problem.cost(problem.random(rng)).total_s for _ in range(40))
    assert searched(Multilevel(starts=2), problem, evaluations=4).cost_s < random_s


def test_a_seed_gives_the_pinned_result(searched: Any) -> None:
    """The cost of seed 7 is the one written down here."""
    problem = catalogue.load("generated/uniform?n=64&dp=8&seed=1")
    assert searched(Multilevel(), problem, 7, evaluations=32).cost_s == pytest.approx(40.6090136791136, rel=1e-9)


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pymetis the strategy is refused with what to install; so are no starts at all."""
    with pytest.raises(BadInput, match="starts: found 0"):
        configured(Multilevel, {"starts": "0"})
    monkeypatch.setattr(multilevel, "find_spec", lambda _: None)
    with pytest.raises(BadInput, match="no pymetis"):
        Multilevel()
