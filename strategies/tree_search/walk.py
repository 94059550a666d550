"""Simulated annealing on the plans of a round, compiled.

A plan that breaks a rule is refused; for others Metropolis' rule looks at the logarithm of the seconds, so that one
temperature means the same on every instance. Whom a device may go below is drawn from those that it is linked to best,
or from all.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.federated_round import FederatedRoundProblem
from tasklet_bench.problems.federated_round.evaluate import NO, SITE, VALID, Pack, evaluate
from tasklet_bench.strategies.tree_search.moves import (
    DISSOLVE,
    EXCHANGE,
    GIVE,
    HANG,
    HOST,
    INSERT,
    LEVEL,
    N_MOVES,
    PARENT,
    REPLACE,
    RETIRE,
    TRADE,
    TURN,
    WIDEN,
    change,
)

Plan = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

NEAR = 10
"""Devices that count as well linked to one."""

_WEIGHTS = {HANG: 35, EXCHANGE: 10, REPLACE: 10, TURN: 5, DISSOLVE: 5, INSERT: 5}
_LEVEL_WEIGHTS = {WIDEN: 15, TRADE: 15}
_HOST_WEIGHTS = {GIVE: 25, RETIRE: 10}


class Walker:
    """A plan that walks among the plans of a problem, and the best that it has met."""

    def __init__(self, problem: FederatedRoundProblem, rng: np.random.Generator, near: float) -> None:
        self._pack, self._rng, self._near = problem.pack, rng, near
        self._closest = closest(problem)
        n = problem.setting.n_devices
        self._plan, self._kept, self._best = (np.zeros((3, n), dtype=np.int64) for _ in range(3))
        self._seconds = np.full(2, np.inf)
        self._odds = _odds(self._pack)

    @property
    def best(self) -> Plan:
        """The best plan since the walk began."""
        parent, level, host = self._best.copy()
        return parent, level, host

    def begin(self, plan: Plan, seconds: float) -> None:
        """Stand at a valid plan; it is the best so far."""
        for array in (self._plan, self._kept, self._best):
            array[:] = plan
        self._seconds[:] = seconds

    def walk(self, temperature: float, evaluations: int, proposals: int) -> int:
        """Walk until so many plans are scored, or so many moves proposed; returns how many were scored."""
        state = self._plan, self._kept, self._best, self._seconds
        return int(
            walk(
                self._pack,
                *state,
                self._odds,
                self._closest,
                self._near,
                self._rng,
                temperature,
                evaluations,
                proposals,
            )
        )


def load() -> None:
    """Compile or load the walk, by one of two devices."""
    from tasklet_bench.problems.federated_round.evaluate import pack_setting
    from tasklet_bench.problems.federated_round.menu import Menu
    from tasklet_bench.problems.federated_round.setting import Setting

    ones, links = np.ones(2), np.ones((2, 2))
    pack = pack_setting(Setting(links, links, ones, ones * 1e3, ones, np.arange(2), 1.0, 1.0, 1.0, Menu()))
    plan = np.array([[0, 0], [0, 0], [0, 1]])
    closest_two, rng = np.array([[1], [0]]), np.random.default_rng(0)
    walk(pack, plan, plan.copy(), plan.copy(), np.full(2, np.inf), _odds(pack), closest_two, 0.5, rng, 1.0, 1, 10)


def closest(problem: FederatedRoundProblem) -> NDArray[np.int64]:
    """Those that a device is linked to best for a whole model there and back, the best first, `(N, up to NEAR)`."""
    setting = problem.setting
    hop_s = setting.delay_s + setting.model_bytes / setting.bandwidth_bytes_s
    hop_s = hop_s + hop_s.T
    np.fill_diagonal(hop_s, np.inf)
    n = setting.n_devices
    return np.ascontiguousarray(
        np.argsort(hop_s, axis=1, kind="stable")[:, : max(1, min(NEAR, n - 1))].astype(np.int64)
    )


def _odds(pack: Pack) -> NDArray[np.float64]:
    """How often each kind of move is proposed, cumulative, `(N_MOVES,)`."""
    weights = dict(_WEIGHTS)
    if len(pack.widths) > 1:
        weights |= _LEVEL_WEIGHTS
    if pack.offloading != NO:
        weights |= _HOST_WEIGHTS
    each = np.array([weights.get(kind, 0) for kind in range(N_MOVES)], dtype=np.float64)
    return np.asarray(np.cumsum(each) / each.sum())


@jit(allocates=False)
def walk(pack, plan, kept, best, seconds, odds, near_ones, near, rng, temperature, evaluations, proposals):  # type: ignore[no-untyped-def]
    """Walk at one temperature from `plan`, which `kept` repeats; `seconds` are those of it and of `best`.

    `near`: how often another device is drawn from those that are linked best. Returns how many plans were scored.
    """
    n, n_levels = plan.shape[1], len(pack.widths)
    scored = 0
    for _ in range(proposals):
        if scored == evaluations:
            break
        draw = rng.random()
        kind = 0
        while odds[kind] < draw:
            kind += 1
        device, other = int(rng.random() * n), int(rng.random() * n)
        if rng.random() < near:
            other = near_ones[device, int(rng.random() * near_ones.shape[1])]
        if kind in (GIVE, RETIRE) and pack.offloading == SITE and pack.site[device] != pack.site[other]:
            continue
        if not change(plan, kind, device, other, int(rng.random() * n_levels)):
            continue
        scored += 1
        total_s = _seconds(pack, plan)
        limit_s = seconds[0] * math.exp(-temperature * math.log(1.0 - rng.random()))
        if total_s <= limit_s:
            seconds[0] = total_s
            _copy(plan, kept)
            if total_s < seconds[1]:
                seconds[1] = total_s
                _copy(plan, best)
        else:
            _copy(kept, plan)
    return scored


@jit(allocates=False)
def _copy(source, target):  # type: ignore[no-untyped-def]
    for part in range(source.shape[0]):
        for device in range(source.shape[1]):
            target[part, device] = source[part, device]


@jit(allocates=False)
def _seconds(pack, plan):  # type: ignore[no-untyped-def]
    """The seconds of a round; infinite if the plan breaks a rule."""
    result, download_s, offload_s, compute_s, aggregate_s = evaluate(pack, plan[PARENT], plan[LEVEL], plan[HOST])
    return download_s + offload_s + compute_s + aggregate_s if result == VALID else np.inf
