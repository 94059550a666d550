"""How far the formal cost can be trusted on an instance: it ranks allocations, simulated seconds say how well.

`scores` draws allocations and scores them both ways, `fidelity` says what that means, and `region` sums it up over
instances. "The cost difference below which order carries no meaning" is read as the one at which a pair of allocations
keeps its order three times in four: half-way between a coin and certainty.

>>> fidelity(scores(problem, SimulationOptions(micro_batches=16)))  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.plugins import formal_of
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate
from tasklet_bench.problems.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("random-grid", "random-partition", "good")
"""Grids wired as drawn; partitions at their best wiring and order; ends of short descents on the formal cost."""
ALL = "all"
KEPT_ORDER = 0.75
PROPOSALS_PER_DEVICE = 8
LARGEST = 128
"""Devices of the largest instance that `region` draws from."""
BOOTSTRAP_DRAWS = 100


def scores(
    problem: AllocationProblem, options: SimulationOptions | None = None, per_kind: int = 200, seed: int = 0
) -> pd.DataFrame:
    """Draw `per_kind` allocations of each kind and score them: columns `kind`, `formal_s`, `simulated_s`."""
    import pandas as pd

    rows = [
        (kind, problem.cost(allocation).total_s, simulate(problem, allocation, options).iteration_s)
        for kind in KINDS
        for allocation in _drawn(problem, kind, per_kind, np.random.default_rng([seed, KINDS.index(kind)]))
    ]
    return pd.DataFrame(rows, columns=["kind", "formal_s", "simulated_s"])


def fidelity(scored: pd.DataFrame, draws: int = BOOTSTRAP_DRAWS, seed: int = 0) -> pd.DataFrame:
    """One row per kind, and one for all of them together (`all`).

    Columns: `kind`; `n`; `tau` (Kendall's τ-b of formal cost and simulated seconds) with `tau_low` and `tau_high` (95 %
    bootstrap interval over allocations); `regret`, how much slower the formally best allocation is than the one with
    the fewest simulated seconds, as a share (mean over formal ties); `spread`, slowest over fastest simulated, less 1;
    `order_means_from`, the relative cost difference from which a pair keeps its order three times in four, with `_low`
    and `_high`. A figure is nan where all formal or all simulated values are equal, or no difference is large enough.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    kinds = [(kind, scored[scored["kind"] == kind]) for kind in scored["kind"].unique()]
    return pd.DataFrame([_row(kind, table, draws, rng) for kind, table in [*kinds, (ALL, scored)]])


def region(problems: Iterable[Problem], per_kind: int = 100, seed: int = 0) -> float:
    """The relative difference of formal cost below which a lead on these instances says nothing about seconds.

    The median over instances of `order_means_from` over all kinds; one whose order never means anything counts as
    infinite, one whose allocations all cost the same not at all, nor do those that are too large to be drawn from
    (`LARGEST`) or no placements. Raises `BadInput` if nothing is left, or if the median is infinite.
    """
    result = []
    for problem in problems:
        formal = formal_of(problem)
        if formal is None or formal.shape.n_devices > LARGEST:
            continue
        drawn = scores(formal, per_kind=per_kind, seed=seed)
        if drawn["formal_s"].nunique() > 1:
            result.append(order_means_from(drawn["formal_s"].to_numpy(float), drawn["simulated_s"].to_numpy(float)))
    if not result:
        raise BadInput.at("fidelity", "instances", "none whose allocations differ", "at least one")
    middle = float(np.median(np.nan_to_num(result, nan=np.inf)))
    if np.isinf(middle):
        raise BadInput.at("fidelity", "instances", "no difference of cost that carries order", "a share of the cost")
    return middle


def _row(kind: str, table: pd.DataFrame, draws: int, rng: np.random.Generator) -> dict[str, Any]:
    formal_s, simulated_s = table["formal_s"].to_numpy(float), table["simulated_s"].to_numpy(float)
    row: dict[str, Any] = {"kind": kind, "n": len(table)}
    resampled = [rng.integers(len(table), size=len(table)) for _ in range(draws)]
    for name, statistic in (("tau", _tau), ("order_means_from", order_means_from)):
        values = [statistic(formal_s[chosen], simulated_s[chosen]) for chosen in resampled]
        row[name] = statistic(formal_s, simulated_s)
        row[f"{name}_low"], row[f"{name}_high"] = _interval(values)
    row["regret"] = max(float(simulated_s[formal_s == formal_s.min()].mean() / simulated_s.min() - 1), 0.0)
    row["spread"] = float(simulated_s.max() / simulated_s.min() - 1)
    return row


def order_means_from(formal_s: NDArray[np.float64], simulated_s: NDArray[np.float64]) -> float:
    """The smallest relative difference of formal cost at which pairs keep their order with probability 3/4.

    The probability is fitted over all pairs as the increasing function of their difference that is nearest to what
    they do (isotonic regression); nan if it never gets there.
    """
    from scipy.optimize import isotonic_regression

    a, b = np.triu_indices(len(formal_s), k=1)
    differs = formal_s[a] != formal_s[b]
    a, b = a[differs], b[differs]
    difference = np.maximum(formal_s[a], formal_s[b]) / np.minimum(formal_s[a], formal_s[b]) - 1
    kept = (1 + np.sign((formal_s[a] - formal_s[b]) * (simulated_s[a] - simulated_s[b]))) / 2
    if not len(kept):
        return float("nan")
    levels, place = np.unique(difference, return_inverse=True)
    share = np.bincount(place, weights=kept) / np.bincount(place)
    fitted = isotonic_regression(share, weights=np.bincount(place).astype(float)).x
    enough = np.flatnonzero(fitted >= KEPT_ORDER)
    return float(levels[enough[0]]) if enough.size else float("nan")


def _tau(formal_s: NDArray[np.float64], simulated_s: NDArray[np.float64]) -> float:
    from scipy.stats import kendalltau

    return float(kendalltau(formal_s, simulated_s).statistic)


def _interval(values: list[float]) -> tuple[float, float]:
    """The middle 95 % of the values that are numbers; nan where fewer than half are."""
    known = np.array([value for value in values if np.isfinite(value)])
    if len(known) < max(len(values) / 2, 1):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _drawn(problem: AllocationProblem, kind: str, count: int, rng: np.random.Generator) -> Iterator[Allocation]:
    for _ in range(count):
        if problem.rules:
            yield problem.complete(problem.random(rng))
        elif kind == "random-grid":
            shape, n = (problem.shape.data_parallel, problem.shape.pipeline_parallel), problem.n_devices
            yield Allocation(rng.permutation(n)[: problem.shape.n_devices].reshape(shape), n_devices=n)
        else:
            labels = problem.random(rng)
            yield problem.allocation(_descended(problem, labels, rng) if kind == "good" else labels)


def _descended(problem: AllocationProblem, labels: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Swap random pairs of devices wherever that costs no more: good, and different from each start."""
    cost_s = problem.cost(labels).total_s
    n = problem.n_devices
    for a, b in rng.integers(n, size=(PROPOSALS_PER_DEVICE * n, 2)):
        if labels[a] == labels[b]:
            continue
        labels[a], labels[b] = labels[b], labels[a]
        proposed_s = problem.cost(labels).total_s
        if proposed_s <= cost_s:
            cost_s = proposed_s
        else:
            labels[a], labels[b] = labels[b], labels[a]
    return labels
