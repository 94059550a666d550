"""The exact strategy and the planted instances agree on what is optimal."""

import numpy as np
import pytest

from bench.budget import Budget
from bench.meter import Meter
from problems.instances import catalogue
from strategies.registry import STRATEGIES, strategy_class

SHAPES = [(3, 2), (2, 3), (4, 2), (2, 4), (3, 3), (4, 3), (3, 4)]


@pytest.mark.skipif("exact-small" not in STRATEGIES, reason="exact-small is not registered")
@pytest.mark.parametrize("seed", range(100))
def test_exact_small_finds_the_plants_cost(seed: int) -> None:
    """On a hundred small planted instances, the exact optimum costs what the plant does."""
    d, k = SHAPES[seed % len(SHAPES)]
    name = f"generated/planted?n={d * k}&dp={d}&seed={seed}&decoys={seed % 4}"
    problem = catalogue.load(name)
    meter = Meter(problem, Budget(cpu_s=60), tell=lambda told: None)
    strategy = strategy_class("exact-small")()
    strategy.prepare()
    meter.start()
    strategy.search(problem, meter, np.random.default_rng(seed))
    assert meter.best_s == pytest.approx(problem.cost(catalogue.planted_optimum(name)).total_s, rel=1e-12)
