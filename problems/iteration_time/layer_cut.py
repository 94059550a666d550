"""The layers of a fixed placement: how many each stage should hold, by dynamic programming.

The pipeline's seconds are taken to be those of one micro-batch through all stages and of M − 1 more through the slowest
(Zheng et al., "Alpa", OSDI 2022, equation 2): exact for equal pipelines without communication, and a start elsewhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAME = 1 + 1e-12
"""Sums of the same seconds in another order differ by less."""


def best_layers(layer_s: NDArray[np.float64], micro_batches: int) -> tuple[tuple[int, ...], float]:
    """Layers of each stage that make `Σ_j t_j + (M − 1)·max_j t_j` least, and that sum (in seconds).

    `layer_s`, shape `(D, K, L)`: seconds of each layer, forward and backward, on the device of each cell; `t_j` are
    those of the stage's layers in the slowest of its D pipelines. Raises `ValueError` for fewer layers than stages.
    """
    d, k, n = layer_s.shape
    if n < k:
        raise ValueError(f"{n} layers for {k} stages, expected at least one for each")
    until_s = np.zeros((d, k, n + 1))
    np.cumsum(layer_s, axis=2, out=until_s[:, :, 1:])
    span_s = (until_s[:, :, None, :] - until_s[:, :, :, None]).max(axis=0)
    span_s[:, ~np.triu(np.ones((n + 1, n + 1), dtype=bool), k=1)] = np.inf  # a stage holds a layer
    return _Cut(span_s, micro_batches - 1).best()


class _Cut:
    """Cuts of spans `(K, L+1, L+1)`: stage `j` with the layers from `a` to `b` takes `span_s[j, a, b]`."""

    def __init__(self, span_s: NDArray[np.float64], weight: float) -> None:
        self._span_s, self._weight = span_s, weight
        limits = np.unique(span_s[np.isfinite(span_s)])
        self._limits = limits[np.append(limits[1:] > limits[:-1] * SAME, True)] * SAME
        self._sums: dict[int, float] = {}

    def best(self) -> tuple[tuple[int, ...], float]:
        """The best cut, and its value.

        The least sum falls as the limit on the slowest stage rises. Between two limits no value is below the lower
        limit's share and the higher one's sum, so that most limits need not be looked at.
        """
        last = len(self._limits) - 1
        best = last
        pending = [(0, last)]
        while pending:
            low, high = pending.pop()
            best = min(best, low, high, key=self._value)
            if high - low < 2 or self._sum(low) == self._sum(high):
                continue
            if self._weight * self._limits[low] + self._sum(high) < self._value(best):
                middle = (low + high) // 2
                pending += [(middle, high), (low, middle)]
        layers = self._layers(self._limits[best])
        return layers, self._exact(layers)

    def _value(self, index: int) -> float:
        return float(self._weight * self._limits[index] + self._sum(index))

    def _sum(self, index: int) -> float:
        if index not in self._sums:
            self._sums[index] = float(self._reach(self._limits[index])[0][-1])
        return self._sums[index]

    def _reach(self, limit_s: float) -> tuple[NDArray[np.float64], list[NDArray[np.intp]]]:
        """Least sums of the first layers after all stages, none slower than the limit, and where stages begin."""
        n = self._span_s.shape[1]
        reach = np.full(n, np.inf)
        reach[0] = 0.0
        begins = []
        for span_s in self._span_s:
            through = np.where(span_s <= limit_s, span_s, np.inf) + reach[:, None]
            begins.append(through.argmin(axis=0))
            reach = through[begins[-1], np.arange(n)]
        return reach, begins

    def _layers(self, limit_s: float) -> tuple[int, ...]:
        _, begins = self._reach(limit_s)
        end, layers = len(begins[0]) - 1, []
        for begin in reversed(begins):
            layers.append(int(end - begin[end]))
            end = int(begin[end])
        return tuple(reversed(layers))

    def _exact(self, layers: tuple[int, ...]) -> float:
        edges = np.cumsum([0, *layers])
        stages_s = self._span_s[np.arange(len(layers)), edges[:-1], edges[1:]]
        return float(stages_s.sum() + self._weight * stages_s.max())
