"""Tables of runs made for the tests: synthetic costs with known truths, in the columns that the store gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from tasklet_bench.bench.stats.sample import Sample, samples

MakeRuns = Callable[..., pd.DataFrame]


def make_runs(
    costs_s: Mapping[str, np.ndarray],
    failed: Mapping[str, np.ndarray] | None = None,
    penalty_s: float = 1000.0,
    suite_digest: str = "d" * 64,
    budget: str = "1000-evaluations",
    budget_evaluations: float = 1000,
) -> pd.DataFrame:
    """Runs from costs of shape `(instances, seeds)` per entrant; `failed` has the same shapes."""
    rows = []
    for strategy, table in costs_s.items():
        bad = (failed or {}).get(strategy, np.zeros(table.shape, dtype=bool))
        for (instance, seed), cost_s in np.ndenumerate(table):
            status = "error" if bad[instance, seed] else "ok"
            rows.append(
                {
                    "key": f"{strategy}/{instance}/{seed}/{budget}",
                    "attempt": 1,
                    "suite": "made",
                    "suite_digest": suite_digest,
                    "problem": f"instance-{instance:03}",
                    "problem_digest": f"digest-{instance:03}",
                    "strategy": strategy,
                    "strategy_name": strategy.partition("[")[0],
                    "strategy_version": "1",
                    "code_hash": "c",
                    "libraries": "{}",
                    "parameters": "{}",
                    "seed": seed,
                    "budget": budget,
                    "budget_evaluations": budget_evaluations,
                    "budget_cpu_s": np.nan,
                    "budget_wall_s": np.nan,
                    "status": status,
                    "error": "Traceback: made to fail" if bad[instance, seed] else None,
                    "cost_s": np.nan if bad[instance, seed] else cost_s,
                    "bound_s": 0.0,
                    "gap": 1.0,
                    "proven": False,
                    "evaluations": 1000,
                    "cpu_s": 1.0,
                    "wall_s": 1.0,
                    "penalty_s": penalty_s,
                    "started_at": "2026-01-01T00:00:00",
                }
            )
    return pd.DataFrame(rows)


def make_sample(costs_s: Mapping[str, np.ndarray], **options: object) -> Sample:
    """The one sample of `make_runs`, with best known costs of 1 s unless `best_known` is given."""
    best_known = options.pop("best_known", {f"digest-{i:03}": 1.0 for i in range(1000)})
    (sample,) = samples(make_runs(costs_s, **options), best_known)  # type: ignore[arg-type]
    return sample


@pytest.fixture(name="make_runs")
def _make_runs() -> MakeRuns:
    return make_runs


@pytest.fixture(name="make_sample")
def _make_sample() -> Callable[..., Sample]:
    return make_sample


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(20240229)
