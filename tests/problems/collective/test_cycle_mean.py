"""The largest cycle mean, three ways."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasklet_bench.problems.collective.cycle_mean import largest_cycle_mean
from tasklet_bench.problems.collective.plain_cycle_mean import karp, policy_iteration


@st.composite
def _graphs(draw: st.DrawFn) -> NDArray[np.float64]:
    n = draw(st.integers(1, 6))
    rng = np.random.Generator(np.random.PCG64(draw(st.integers(0, 2**32))))
    weights = rng.integers(-9, 9, (n, n)).astype(float)
    weights[rng.random((n, n)) < draw(st.sampled_from([0.0, 0.3, 0.7]))] = -np.inf
    return weights


def _by_enumeration(weights: NDArray[np.float64]) -> float:
    means = [-np.inf]
    for size in range(1, len(weights) + 1):
        means.extend(_mean(weights, cycle) for cycle in permutations(range(len(weights)), size))
    return max(means)


def _mean(weights: NDArray[np.float64], cycle: tuple[int, ...]) -> float:
    return float(np.mean([weights[a, b] for a, b in zip(cycle, (*cycle[1:], cycle[0]), strict=True)]))


@given(_graphs())
@settings(max_examples=50, deadline=None)
def test_karp_is_right_on_small_graphs(weights: NDArray[np.float64]) -> None:
    """Compiled and plain, Karp's theorem gives the largest mean over all simple cycles, or −∞ if there is none."""
    expected = _by_enumeration(weights)
    assert largest_cycle_mean(weights) == pytest.approx(expected, abs=1e-12)
    assert karp(weights) == pytest.approx(expected, abs=1e-12)


@given(st.integers(2, 30), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_policy_iteration_agrees_with_karp(n: int, seed: int) -> None:
    """Two theorems, one number, where every node is entered."""
    rng = np.random.Generator(np.random.PCG64(seed))
    weights = rng.random((n, n)) ** 4
    weights[rng.random((n, n)) < 0.6] = -np.inf
    weights[np.arange(n), (np.arange(n) + 1) % n] = rng.random(n)
    assert policy_iteration(weights) == pytest.approx(largest_cycle_mean(weights), rel=1e-12)
