"""Layers of a fixed placement, and the decision that holds them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.iteration_time.layer_cut import best_layers


def value(layer_s: np.ndarray, layers: tuple[int, ...], micro_batches: int) -> float:
    """One micro-batch through all stages, and the others through the slowest."""
    edges = np.cumsum([0, *layers])
    stages = [layer_s[:, j, edges[j] : edges[j + 1]].sum(axis=1).max() for j in range(len(layers))]
    return float(sum(stages) + (micro_batches - 1) * max(stages))


@settings(max_examples=60)
@given(
    d=st.integers(1, 3),
    k=st.integers(1, 4),
    more=st.integers(0, 5),
    micro_batches=st.integers(1, 12),
    kinds=st.integers(1, 3),
    seed=st.integers(0, 10**6),
)
def test_no_other_cut_is_better(d: int, k: int, more: int, micro_batches: int, kinds: int, seed: int) -> None:
    """The dynamic programme agrees with all cuts there are, for equal and for unequal layers."""
    rng = np.random.default_rng(seed)
    n = k + more
    speed = rng.integers(1, kinds + 1, size=(d, k, 1)).astype(float)
    layer_s = speed * (rng.uniform(0.5, 2.0, n) if seed % 2 else np.ones(n))
    layers, result = best_layers(layer_s, micro_batches)
    assert sum(layers) == n
    assert min(layers) >= 1
    cuts = [tuple(np.diff([0, *inner, n]).tolist()) for inner in combinations(range(1, n), k - 1)]
    least = min(value(layer_s, cut, micro_batches) for cut in cuts)
    assert result == pytest.approx(value(layer_s, layers, micro_batches), rel=1e-9)
    assert result == pytest.approx(least, rel=1e-9)


def test_a_slow_stage_gets_fewer_layers() -> None:
    """Devices a third as fast hold a third of the layers where many micro-batches go through."""
    layer_s = np.ones((2, 4, 40))
    layer_s[:, 1] = 3.0
    layers, _ = best_layers(layer_s, 64)
    assert layers[1] == 4
    assert layers[0] == layers[2] == layers[3] == 12


def test_fewer_layers_than_stages_are_refused() -> None:
    """A stage holds a layer."""
    with pytest.raises(ValueError, match="3 layers for 4 stages"):
        best_layers(np.ones((1, 4, 3)), 2)
