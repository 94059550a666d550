"""CMA-ES on keys."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.baselines.random_search import RandomPartition
from tasklet_bench.strategies.evolution_strategy import EvolutionStrategy
from tasklet_bench.strategies.parameters import configured

SCRIPT = Path(sys.executable).parent / "tasklet-bench"
UNIFORM = "generated/uniform?n=64&dp=8&seed=1"


def test_it_learns(searched: Any, random_problem: Any) -> None:
    """Median of three seeds at 5×5 and 1,000 evaluations: at least 5 % below random partitions."""
    problem = random_problem(5, 5, seed=1)

    def median_s(strategy: Any) -> float:
        return statistics.median(searched(strategy, problem, seed, evaluations=1000).cost_s for seed in range(3))

    assert median_s(EvolutionStrategy()) < 0.95 * median_s(RandomPartition())


def test_the_optimum_of_tiny_problems_is_mostly_found_and_never_undercut(tiny_excesses: Any) -> None:
    """In at least 7 of 10, with 300 evaluations."""
    excesses = tiny_excesses(EvolutionStrategy(), evaluations=300)
    assert min(excesses) > -1e-12
    assert sum(excess < 1e-12 for excess in excesses) >= 7


@settings(max_examples=20)
@given(data=st.data(), offspring=st.sampled_from([0, 2, 3, 20]), seed=st.integers(0, 100))
def test_odd_shapes_are_searched_to_the_end_of_the_budget(
    searched: Any, odd_problems: Any, data: st.DataObject, offspring: int, seed: int
) -> None:
    """Where nothing improves it starts anew until the evaluations are spent, and the same seed reports the same."""
    problem = data.draw(odd_problems)
    result = searched(EvolutionStrategy(offspring), problem, seed, evaluations=300)
    assert result.meter.evaluations == 300
    assert problem.cost(result.candidate).total_s == result.cost_s
    assert result.curve == searched(EvolutionStrategy(offspring), problem, seed, evaluations=300).curve


def test_256_devices(searched: Any, random_problem: Any) -> None:
    """16×16 is searched beyond the first generation of 20, and a CPU budget ends within a later one."""
    problem = random_problem(16, 16)
    assert searched(EvolutionStrategy(), problem, evaluations=25).meter.evaluations == 25
    assert searched(EvolutionStrategy(), problem, cpu_s=0.3).meter.exhausted


def test_a_seed_gives_the_pinned_result(searched: Any) -> None:
    """The cost of seed 7 after ten generations is the one written down here."""
    problem = catalogue.load(UNIFORM)
    assert searched(EvolutionStrategy(), problem, 7, evaluations=160).cost_s == pytest.approx(
        54.48323833796859, rel=1e-9
    )


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the kernels named are those of x86-64")
def test_another_processors_linear_algebra_changes_nothing() -> None:
    """Under OpenBLAS kernels that round otherwise, a run of 500 evaluations ends with the same allocation."""

    def grid(**environment: str) -> Any:
        asked = (UNIFORM, "-s", "evolution-strategy", "--evaluations", "500", "--seed", "7", "--json")
        ended = subprocess.run(
            [SCRIPT, "solve", *asked], env={**os.environ, **environment}, capture_output=True, text=True, check=True
        )
        return json.loads(ended.stdout)["grid"]

    own = grid()
    for kernels in ("Prescott", "Nehalem", "Haswell"):
        assert grid(OPENBLAS_CORETYPE=kernels) == own, kernels


def test_a_single_child_is_refused() -> None:
    """A generation of one cannot be selected from."""
    with pytest.raises(BadInput, match="offspring: found 1, expected 0 or at least 2"):
        configured(EvolutionStrategy, {"offspring": "1"})
