"""Optuna's samplers through its ask-and-tell interface; its tree-structured Parzen estimator by default.

Source: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011, in Optuna's multivariate form
(Akiba et al., KDD 2019). The sampler sees plain parameters and knows nothing of the decision, which makes a candidate
of them: of categories (`from_categories`) or of keys (`decode`). Of the other samplers, `cmaes` and `qmc` know only
numbers, so they need `encoding=keys`; `cmaes` needs the package cmaes and `gp` needs torch, which are installed apart.

One evaluation costs one score and one trial, and the trial is what takes the time: a model over all trials so far. At
8×8, 1,000 evaluations take about 21 CPU seconds with labels and 43 with keys, of which scoring takes 0.02. To see both
apart, compare `cpu_s` of `tasklet-bench solve paper/worldwide -s tpe --evaluations 1000 --json` with that of
`-s random-partition`, which does nothing but score.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import numpy as np

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.decisions import Decision
from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.feasible import score
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

_ONLY_NUMBERS = ("cmaes", "qmc")
_PACKAGES = {"cmaes": "cmaes", "gp": "torch", "qmc": "scipy"}


@dataclass(frozen=True)
class TPE(Strategy):
    """Raises `BadInput` for a sampler that needs another encoding, or a package that is not installed."""

    name = "tpe"
    families = ("*",)

    sampler: Literal["tpe", "random", "cmaes", "gp", "qmc", "nsga2"] = parameter("tpe", "which of Optuna's samplers")
    encoding: Literal["labels", "keys"] = parameter("labels", "categories, such as the group of each device, or keys")
    startup: int = parameter(10, "for tpe: random trials at the start", low=1, high=200, log=True, at_least=1)
    candidates: int = parameter(24, "for tpe: candidates for each trial", low=1, high=200, log=True, at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        where = f"strategy {self.name}"
        if self.sampler in _ONLY_NUMBERS and self.encoding != "keys":
            raise BadInput.at(where, "encoding", f"{self.encoding} with sampler {self.sampler}", "keys")
        package = _PACKAGES.get(self.sampler)
        if package and find_spec(package) is None:
            raise BadInput.at(where, f"package for sampler {self.sampler}", f"no {package}", f"{package} installed")

    def prepare(self) -> None:
        """Import Optuna and what the sampler needs."""
        self._study(0)

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:
        """Ask for a trial, score what it stands for and tell the cost, until the budget is spent."""
        decision = problem.decision
        parameters = self._parameters(decision)
        study = self._study(int(rng.integers(2**31)))
        while not run.exhausted:
            trial = study.ask(parameters)
            values = list(trial.params.values())
            keys = self.encoding == "keys"
            candidate = decision.decode(np.array(values)) if keys else decision.from_categories(values)
            study.tell(trial, score(problem, run, candidate)[1])

    def _parameters(self, decision: Decision) -> dict[str, BaseDistribution]:
        from optuna.distributions import CategoricalDistribution, FloatDistribution

        if self.encoding == "keys":
            return {str(place): FloatDistribution(0.0, 1.0) for place in range(decision.dimension)}
        return {str(place): CategoricalDistribution(range(n)) for place, n in enumerate(decision.categories())}

    def _study(self, seed: int) -> optuna.Study:
        """An empty study in memory, silent."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.create_study(sampler=self._sampler(seed))

    def _sampler(self, seed: int) -> optuna.samplers.BaseSampler:
        from optuna import samplers

        match self.sampler:
            case "random":
                return samplers.RandomSampler(seed=seed)
            case "cmaes":
                return samplers.CmaEsSampler(seed=seed)
            case "gp":
                return samplers.GPSampler(seed=seed, deterministic_objective=True)
            case "qmc":
                return samplers.QMCSampler(seed=seed, scramble=True, warn_asynchronous_seeding=False)
            case "nsga2":
                return samplers.NSGAIISampler(seed=seed)
        return samplers.TPESampler(
            seed=seed,
            multivariate=True,
            constant_liar=False,
            n_startup_trials=self.startup,
            n_ei_candidates=self.candidates,
        )
