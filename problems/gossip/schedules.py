"""Mixing schedules: rounds of groups of ranks that average their models, repeated for ever.

The schedules are those of Decent-DP (github.com/WangZesen/Decent-DP, commit 8749e97, topo.py), restated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput

Round = tuple[tuple[int, ...], ...]
NO_FACTOR = 1e-12
"""A second singular value below this is rounding: one period agrees exactly."""


@dataclass(frozen=True)
class Schedule:
    """Rounds of groups of ranks; every rank is in one group of each round, ranks ascend within a group."""

    n_ranks: int
    rounds: tuple[Round, ...]

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """The distinct sizes of groups that exchange anything, ascending."""
        return tuple(sorted({len(group) for groups in self.rounds for group in groups if len(group) > 1}))

    def mixing_factor(self) -> float:
        """What an iteration leaves of the disagreement between ranks, in the mean over a period.

        The second singular value of the product of a period's averaging matrices, to the power 1/R.
        """
        if self.n_ranks == 1:
            return 0.0
        product = np.eye(self.n_ranks)
        for groups in self.rounds:
            product = _averaging(groups, self.n_ranks) @ product
        second = float(np.linalg.svd(product, compute_uv=False)[1])
        return 0.0 if second < NO_FACTOR else second ** (1.0 / len(self.rounds))


def schedule_of(mixing: str, n_ranks: int, local: int, source: str) -> Schedule:
    """The schedule of that name; raises `BadInput`, in the name of `source`, for sizes that it does not fit."""
    if local != 1 and mixing != "alternating-exp-ring":
        raise BadInput.at(source, "local", str(local), f"1: hosts make no difference to {mixing}")
    rounds = {
        "complete": _complete,
        "ring": _ring,
        "one-peer-exp": _one_peer_exp,
        "alternating-exp-ring": _alternating_exp_ring,
    }[mixing](n_ranks, local, source)
    return Schedule(n_ranks, tuple(tuple(tuple(sorted(group)) for group in groups) for groups in rounds))


Groups = Sequence[Sequence[int]]


def _complete(n: int, _local: int, _source: str) -> list[Groups]:
    return [[range(n)]]


def _ring(n: int, _local: int, source: str) -> list[Groups]:
    if n % 2:
        raise BadInput.at(source, "ring", f"{n} devices", f"an even number, such as first={n - 1}")
    return [[(p, (p + 1) % n) for p in range(start, n, 2)] for start in (0, 1)]


def _one_peer_exp(n: int, _local: int, source: str) -> list[Groups]:
    return [_neighbours(n, 2**q) for q in range(_exponent(n, source, "one-peer-exp", "devices", least=2))]


def _alternating_exp_ring(n: int, local: int, source: str) -> list[Groups]:
    if n % local:
        divisors = ", ".join(str(d) for d in range(1, n + 1) if n % d == 0)
        raise BadInput.at(source, "local", str(local), f"a divisor of {n} devices: {divisors}")
    hosts = [range(h * local, (h + 1) * local) for h in range(n // local)]
    exponent = _exponent(len(hosts), source, "alternating-exp-ring", f"hosts of {local}", least=2, local=local)
    rounds: list[Groups] = []
    pair = 0
    for q in range(exponent):
        halves: tuple[list[Sequence[int]], list[Sequence[int]]] = ([], [])
        for one, other in _neighbours(len(hosts), 2**q):
            halves[pair % 2].extend((hosts[one], hosts[other]))
            halves[1 - pair % 2].append((*hosts[one], *hosts[other]))
            pair += 1
        rounds.extend(halves)
    return rounds


def _neighbours(n: int, step: int) -> list[tuple[int, int]]:
    """The pairs (h, h xor step), each once, in ascending order of h."""
    return [(h, h ^ step) for h in range(n) if h < h ^ step]


def _exponent(n: int, source: str, mixing: str, what: str, least: int, local: int = 1) -> int:
    exponent = n.bit_length() - 1
    if n < least or n != 2**exponent:
        sizes = sorted({max(least, 2**exponent) * local, max(least, 2 ** (exponent + 1)) * local})
        expected = f"a power of two of at least {least}: {' or '.join(map(str, sizes))} devices"
        fitting = f", such as first={2**exponent * local}" if n >= least else ""
        raise BadInput.at(source, mixing, f"{n} {what}", expected + fitting)
    return exponent


def _averaging(groups: Round, n_ranks: int) -> NDArray[np.float64]:
    matrix = np.zeros((n_ranks, n_ranks))
    for group in groups:
        matrix[np.ix_(group, group)] = 1.0 / len(group)
    return matrix
