"""Optuna's samplers."""

from __future__ import annotations

from importlib.util import find_spec
from time import process_time
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.problem import Candidate, Problem
from tasklet_bench.strategies.parameters import configured
from tasklet_bench.strategies.tpe import TPE


class Stopwatch:
    """A run that counts its evaluations, keeps their costs and takes their CPU time."""

    def __init__(self, problem: Problem, evaluations: int) -> None:
        self.problem = problem
        self.costs_s: list[float] = []
        self.evaluation_s = 0.0
        self._evaluations = evaluations

    @property
    def exhausted(self) -> bool:
        """Whether all evaluations are spent."""
        return len(self.costs_s) == self._evaluations

    def evaluate(self, candidate: Candidate) -> float:
        """Score under the clock."""
        started = process_time()
        self.costs_s.append(self.problem.cost(candidate).total_s)
        self.evaluation_s += process_time() - started
        return self.costs_s[-1]


samplers = st.sampled_from(
    [
        TPE(startup=3),
        TPE(startup=3, encoding="keys"),
        TPE(sampler="random"),
        TPE(sampler="random", encoding="keys"),
        TPE(sampler="qmc", encoding="keys"),
        TPE(sampler="nsga2"),
        TPE(sampler="nsga2", encoding="keys"),
    ]
)


@settings(max_examples=25)
@given(strategy=samplers, data=st.data(), seed=st.integers(0, 100))
def test_odd_shapes_are_searched_to_the_end_of_the_budget(
    searched: Any, odd_problems: Any, strategy: TPE, data: st.DataObject, seed: int
) -> None:
    """Every sampler and encoding spends its evaluations on valid partitions, and the same seed reports the same."""
    problem = data.draw(odd_problems)
    result = searched(strategy, problem, seed, evaluations=8)
    assert result.meter.evaluations == 8
    assert problem.cost(result.candidate).total_s == result.cost_s
    assert result.curve == searched(strategy, problem, seed, evaluations=8).curve


@pytest.mark.parametrize("encoding", ["labels", "keys"])
def test_it_learns(random_problem: Any, encoding: str) -> None:
    """At 4×3, the last 50 of 150 trials cost at least 5 % less on average than the 10 random ones at the start."""
    run = Stopwatch(random_problem(4, 3, seed=1), evaluations=150)
    TPE(encoding=encoding).search(run.problem, run, np.random.default_rng(0))
    assert np.mean(run.costs_s[-50:]) < 0.95 * np.mean(run.costs_s[:10])


@pytest.mark.parametrize("encoding", ["labels", "keys"])
def test_the_optimum_of_tiny_problems_is_often_found_and_never_undercut(tiny_excesses: Any, encoding: str) -> None:
    """In at least 4 of 10, with 60 evaluations."""
    excesses = tiny_excesses(TPE(encoding=encoding), evaluations=60)
    assert min(excesses) > -1e-12
    assert sum(excess < 1e-12 for excess in excesses) >= 4


def test_it_is_silent_and_its_own_time_can_be_reported(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed, and of the time that passes, next to none is evaluation: the trial is what costs."""
    problem = catalogue.load("paper/worldwide")
    run = Stopwatch(problem, evaluations=40)
    TPE().prepare()
    started = process_time()
    TPE().search(problem, run, np.random.default_rng(0))
    own_s = process_time() - started - run.evaluation_s
    assert own_s > 10 * run.evaluation_s > 0
    assert capfd.readouterr() == ("", "")


def test_256_devices_and_a_budget_of_seconds(searched: Any, random_problem: Any) -> None:
    """16×16 is searched, and a CPU budget ends the search between two trials."""
    problem = random_problem(16, 16)
    assert searched(TPE(), problem, evaluations=12).meter.evaluations == 12
    assert searched(TPE(), problem, cpu_s=0.2).meter.exhausted


@pytest.mark.skipif(not optuna.__version__.startswith("5."), reason="samplers draw differently in other versions")
@pytest.mark.parametrize(("encoding", "cost_s"), [("labels", 57.80451644502503), ("keys", 56.710495387549244)])
def test_a_seed_gives_the_pinned_result(searched: Any, encoding: str, cost_s: float) -> None:
    """The cost of seed 7 after 40 trials is the one written down here."""
    problem = catalogue.load("generated/uniform?n=64&dp=8&seed=1")
    assert searched(TPE(encoding=encoding), problem, 7, evaluations=40).cost_s == pytest.approx(cost_s, rel=1e-9)


@pytest.mark.parametrize("sampler", ["cmaes", "qmc"])
def test_samplers_of_numbers_refuse_labels(sampler: str) -> None:
    """They would fall back to drawing at random, without a word."""
    with pytest.raises(BadInput, match=f"encoding: found labels with sampler {sampler}, expected keys"):
        configured(TPE, {"sampler": sampler})


@pytest.mark.parametrize(("sampler", "package"), [("cmaes", "cmaes"), ("gp", "torch")])
def test_samplers_with_packages_of_their_own(searched: Any, random_problem: Any, sampler: str, package: str) -> None:
    """Without the package, the refusal names it; with it, the sampler searches."""
    parameters = {"sampler": sampler, "encoding": "keys"}
    if find_spec(package) is None:
        with pytest.raises(BadInput, match=f"no {package}, expected {package} installed"):
            configured(TPE, parameters)
    else:
        assert searched(configured(TPE, parameters), random_problem(2, 3), evaluations=15).meter.evaluations == 15


def test_nonsense_is_refused() -> None:
    """Start-up trials and candidates below 1 are refused with the value."""
    with pytest.raises(BadInput, match="startup: found 0, expected at least 1"):
        configured(TPE, {"startup": "0"})
    with pytest.raises(BadInput, match="candidates: found -3"):
        configured(TPE, {"candidates": "-3"})
