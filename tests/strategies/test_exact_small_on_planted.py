"""The exact strategy and the planted instances agree on what is optimal."""

import pytest

from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.enumeration.strategy import ExactSmall

SHAPES = [(3, 2), (2, 3), (4, 2), (2, 4), (3, 3), (4, 3), (3, 4)]
LURES = ["site-pure", "aligned"]


@pytest.mark.parametrize("seed", range(100))
def test_exact_small_finds_the_plants_cost(searched, seed: int) -> None:
    """On a hundred small planted instances, the optimum that enumeration proves costs what the plant does."""
    d, k = SHAPES[seed % len(SHAPES)]
    name = f"generated/planted?n={d * k}&dp={d}&seed={seed}&decoys={seed % 4}&lure={LURES[seed % 2]}"
    problem = catalogue.load(name)
    result = searched(ExactSmall(), problem, cpu_s=60)
    assert result.meter.bound_s >= result.cost_s * (1 - 1e-9)
    assert result.cost_s == pytest.approx(problem.cost(catalogue.planted_optimum(name)).total_s, rel=1e-9)
