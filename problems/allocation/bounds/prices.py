"""What a pipeline costs at least, if its stages come from a list: prices for devices, by linear programming.

A stage of the list costs at least half of its one or two boundaries, each of them shared with a neighbour. A boundary
is a perfect matching, so every device of a stage has one link to another stage, or two to different devices. The links
inside the stage are not among them: that is how one and the same short link cannot serve gradients and activations.

Every device stands in exactly one stage. For *any* prices of the devices, K stages cost the sum of all prices and what
each costs above the prices of its members: at least K times the least of that. The best prices are the dual solution of
the linear program that covers each device once, found by generating columns; no proof rests on how well that went.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_COLUMNS = 300
"""How many stages join the linear program in a round."""
_ROUNDS = 100
_BLOCK = 20_000


@dataclass(frozen=True, eq=False)
class Priced:
    """`bound_s`: no pipeline of these stages costs less; `excess_s`, `(M,)`: by how much more one with that stage."""

    bound_s: float
    excess_s: Floats


def half_boundaries_s(members: NDArray[np.intp], pp_pair_s: Floats, n_stages: int) -> tuple[Floats, Floats]:
    """Half of what the boundaries of each stage cost at least, `(M,)` in seconds: inside the pipeline, and at an end.

    The slowest device's cheapest link out of the stage is a bound on both boundaries, the slowest second one on one.
    """
    n = len(pp_pair_s)
    others_s = np.where(np.eye(n, dtype=bool), np.inf, pp_pair_s)
    first_s, second_s = np.zeros(len(members)), np.zeros(len(members))
    for begin in range(0, len(members), _BLOCK):
        block = members[begin : begin + _BLOCK]
        inside = np.zeros((len(block), n), dtype=bool)
        np.put_along_axis(inside, block, values=True, axis=1)
        for device in block.T:
            out_s = np.where(inside, np.inf, others_s[device])
            two_s = np.partition(out_s, 1, axis=1)[:, :2]
            rows = slice(begin, begin + len(block))
            np.maximum(first_s[rows], two_s[:, 0], out=first_s[rows])
            np.maximum(second_s[rows], two_s[:, 1], out=second_s[rows])
    inner_s = (first_s + second_s) / 2 if n_stages > 2 else np.full(len(members), np.inf)
    return inner_s, first_s / 2


def priced(
    members: NDArray[np.intp], inner_s: Floats, end_s: Floats, n_devices: int, n_stages: int, until_cpu_s: float
) -> Priced:
    """The best prices found until so many CPU seconds of this process, for two stages or more."""
    price_s, duals = np.zeros(n_devices), np.zeros(2)
    inner, end = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    best = Priced(-np.inf, np.zeros(len(members)))
    for _ in range(_ROUNDS):
        paid_s = price_s[members].sum(axis=1)
        left_inner_s, left_end_s = inner_s - paid_s, end_s - paid_s
        least_inner_s = left_inner_s.min() if n_stages > 2 else 0.0
        least_end_s = left_end_s.min()
        bound_s = float(price_s.sum() + (n_stages - 2) * least_inner_s + 2 * least_end_s)
        if bound_s > best.bound_s:
            best = Priced(bound_s, np.minimum(left_inner_s - least_inner_s, left_end_s - least_end_s))
        settled = least_inner_s - duals[0] > -1e-9 and least_end_s - duals[1] > -1e-9
        if (settled and len(end)) or time.process_time() > until_cpu_s:
            break
        if n_stages > 2:
            inner = np.union1d(inner, _least(left_inner_s))
        end = np.union1d(end, _least(left_end_s))
        dual = _dual_prices(members[inner], inner_s[inner], members[end], end_s[end], n_devices, n_stages)
        if dual is None:
            break
        price_s, duals = dual
    return best


def _least(values: Floats) -> NDArray[np.intp]:
    """Where the least values are."""
    count = min(_COLUMNS, len(values))
    return np.argpartition(values, count - 1)[:count]


def _dual_prices(
    inner: NDArray[np.intp],
    inner_s: Floats,
    end: NDArray[np.intp],
    end_s: Floats,
    n_devices: int,
    n_stages: int,
) -> tuple[Floats, Floats] | None:
    """Prices of the devices `(N,)` and of the two kinds of stages `(2,)`, if only these stages could be had.

    A device that they cannot cover is left out at a cost far above all else; None if the solver gives up.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csc_array, eye_array, hstack

    columns = np.concatenate([inner, end])
    m, d = columns.shape
    cover = csc_array((np.ones(m * d), columns.ravel(), np.arange(0, m * d + 1, d)), shape=(n_devices, m))
    kinds = np.zeros((2, m + n_devices))
    kinds[0, : len(inner)], kinds[1, len(inner) : m] = 1, 1
    cost_s = np.concatenate([inner_s, end_s])
    dear_s = 10 * n_stages * float(cost_s.max()) + 1.0
    solved = linprog(
        np.concatenate([cost_s, np.full(n_devices, dear_s)]),
        A_ub=kinds,
        b_ub=[n_stages - 2, 2],
        A_eq=hstack([cover, eye_array(n_devices)], format="csc"),
        b_eq=np.ones(n_devices),
        method="highs",
    )
    return (solved.eqlin.marginals, solved.ineqlin.marginals) if solved.status == 0 else None
