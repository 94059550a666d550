"""Large-neighbourhood search, for sites that do not divide the grid evenly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import cost_model
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.large_neighbourhood.strategy import NeighbourhoodSearch
from tasklet_bench.strategies.parameters import configured

UNEVEN = "measured/aws10-uneven-64"
UNEVEN_OPTIMUM_S = 59.28266544290144
"""As the constraint program proves."""


def test_the_optimum_of_uneven_sites_is_found(searched: Any) -> None:
    """Within 1.4 million proposals from seed 2; its grid costs what was reported."""
    problem = catalogue.load(UNEVEN)
    result = searched(NeighbourhoodSearch(), problem, 2, evaluations=1_400_000)
    assert result.cost_s == pytest.approx(UNEVEN_OPTIMUM_S, rel=1e-9)
    grid = problem.allocation(result.candidate).grid
    written = cost_model.grid_cost(problem.dp_pair_s, problem.pp_pair_s, grid)
    assert written.total_s == pytest.approx(result.cost_s, rel=1e-12)


def test_the_optimum_of_tiny_problems_is_found_and_never_undercut(tiny_excesses: Any) -> None:
    """On at least nine of ten, with 20,000 proposals."""
    excesses = tiny_excesses(NeighbourhoodSearch(), evaluations=20_000)
    assert min(excesses) > -1e-12
    assert sum(excess < 1e-9 for excess in excesses) >= 9


@settings(max_examples=40)
@given(patience=st.sampled_from([1, 300]), data=st.data(), seed=st.integers(0, 100), evaluations=st.integers(1, 400))
def test_odd_shapes_stay_within_the_budget(
    searched: Any, odd_problems: Any, patience: int, data: st.DataObject, seed: int, evaluations: int
) -> None:
    """No budget is exceeded, the incumbent is valid and costs what was reported, and the same seed reports the same."""
    problem = data.draw(odd_problems)
    result = searched(NeighbourhoodSearch(patience=patience), problem, seed, evaluations=evaluations)
    assert result.meter.evaluations <= evaluations
    assert problem.cost(result.candidate).total_s == result.cost_s
    assert (
        result.curve == searched(NeighbourhoodSearch(patience=patience), problem, seed, evaluations=evaluations).curve
    )


@pytest.mark.parametrize("shape", [(16, 16), (8, 40)])
def test_many_devices_and_many_stages(searched: Any, random_problem: Any, shape: tuple[int, int]) -> None:
    """Far more stages than can be ordered exactly are searched too, to a cost below where it began."""
    result = searched(NeighbourhoodSearch(), random_problem(*shape), evaluations=3000)
    assert result.meter.evaluations == 3000
    assert result.cost_s < result.reported[0].cost_s


@pytest.mark.parametrize("budget", [{"cpu_s": 0.1}, {"wall_s": 0.1}, {"evaluations": 5000, "cpu_s": 0.05}])
def test_budgets_of_seconds_hold(searched: Any, budget: dict[str, Any]) -> None:
    """The search is over when its budget is, not when its repair is: at most a tenth of a second late."""
    result = searched(NeighbourhoodSearch(), catalogue.load("generated/uniform?n=256&dp=16&seed=1"), **budget)
    assert result.meter.exhausted
    assert result.meter.cpu_s < max(budget.get("cpu_s", 0.1), 0.1) + 0.1


def test_it_goes_on_from_where_the_user_starts(searched: Any) -> None:
    """Given an allocation, the first round destroys and repairs that one, without an opening."""
    problem = catalogue.load(UNEVEN)
    near = searched(NeighbourhoodSearch(), problem, 3, evaluations=400_000)
    scratch = searched(NeighbourhoodSearch(), problem, 5, evaluations=20_000)

    class Continued(NeighbourhoodSearch):
        """The search after somebody has reported an allocation."""

        def search(self, problem: Any, run: Any, rng: Any) -> None:
            run.evaluate(near.candidate)
            super().search(problem, run, rng)

    result = searched(Continued(), problem, 5, evaluations=20_000)
    assert result.reported[0].cost_s == near.cost_s
    assert result.cost_s <= near.cost_s < scratch.cost_s


def test_blocks_keep_every_stage_full(searched: Any) -> None:
    """Only blocks, or none: whatever was destroyed, what is reported is balanced and never worse than the first."""
    problem = catalogue.load("paper/spot")
    for blocks in (0.0, 1.0):
        result = searched(NeighbourhoodSearch(blocks=blocks, patience=2), problem, evaluations=60_000)
        assert (np.bincount(result.candidate) == problem.group_sizes).all()
        assert result.cost_s < result.reported[0].cost_s


def test_a_seed_gives_the_pinned_result(searched: Any) -> None:
    """Seed 7 ends, after 5,000 proposals, at the cost written down here."""
    result = searched(NeighbourhoodSearch(), catalogue.load(UNEVEN), 7, evaluations=5000)
    assert result.cost_s == pytest.approx(65.62203483488467, rel=1e-9)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"cold": "1"}, "at most block_hot"),
        ({"blocks": "2"}, "blocks: found 2.0, expected at least 0 and at most 1"),
        ({"tolerance": "-1"}, "at least 0"),
        ({"patience": "0"}, "at least 1"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters: dict[str, str], said: str) -> None:
    """Temperatures that rise, shares above 1, negative tolerance and no patience raise `BadInput`."""
    with pytest.raises(BadInput, match=said):
        configured(NeighbourhoodSearch, parameters)
