"""The compiled local search against its plain transcription."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.strategies.genetic.local_search import cyclic_local_search, exact_links


def _load_reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", Path(__file__).with_name("reference_local_search.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = _load_reference()


@given(
    shape=st.sampled_from([(1, 5), (2, 1), (2, 2), (2, 7), (3, 4), (4, 3), (8, 2), (5, 5)]),
    kind=st.sampled_from(["distinct", "classes", "equal", "dead-slow"]),
    gain=st.sampled_from(["paper", "kernighan-lin"]),
    released=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_compiled_search_is_the_transcribed_one(
    shape: tuple[int, int], kind: str, gain: str, released: bool, seed: int
) -> None:
    """Labels are identical on random links, on links of few classes (full of ties), and with one dead-slow link."""
    group_size, n_groups = shape
    links, labels = _draw(group_size * n_groups, n_groups, kind, seed)
    result = cyclic_local_search(labels, links, n_groups, gain == "kernighan-lin", released)
    expected = reference.local_search(labels.tolist(), links.tolist(), n_groups, gain, released)
    assert result.tolist() == expected


@pytest.mark.parametrize("gain", ["paper", "kernighan-lin"])
def test_the_compiled_search_is_the_transcribed_one_at_64_devices(gain: str) -> None:
    """The same at 8×8, in both link kinds."""
    for seed, kind in enumerate(["distinct", "classes"] * 3):
        links, labels = _draw(64, 8, kind, seed)
        result = cyclic_local_search(labels, links, 8, gain == "kernighan-lin", False)
        assert result.tolist() == reference.local_search(labels.tolist(), links.tolist(), 8, gain, False)
        assert result.tolist() != labels.tolist()


def test_groups_keep_their_sizes_and_the_input_its_labels() -> None:
    """Groups of unequal sizes leave the search as large as they came, and the labels given are not written to."""
    links, _ = _draw(20, 4, "distinct", 3)
    labels = np.repeat(np.arange(4), [2, 3, 7, 8])
    before = labels.copy()
    result = cyclic_local_search(labels, exact_links(links, 8), 4, False, False)
    assert np.bincount(result).tolist() == [2, 3, 7, 8]
    assert (labels == before).all()
    assert (result != before).any()


def test_a_kernighan_lin_search_never_loses() -> None:
    """Its gains are true differences, so the links inside groups, as the gain weighs them, never add up to less."""
    for seed in range(20):
        links, labels = _draw(24, 4, "distinct", seed)
        result = cyclic_local_search(labels, links, 4, True, False)
        assert _inside(links, result) >= _inside(links, labels)


@given(st.integers(0, 2**32 - 1), st.integers(1, 64), st.floats(1e-9, 1e9))
def test_sums_of_rounded_links_are_exact(seed: int, group_size: int, scale: float) -> None:
    """The links of a group add up to the same in any order, and are what they were to within the stated error."""
    rng = np.random.default_rng(seed)
    links = rng.normal(size=(group_size + 1, group_size + 1)) * scale
    rounded = exact_links(links, group_size)
    forwards, backwards = np.cumsum(rounded, axis=1)[:, -1], np.cumsum(rounded[:, ::-1], axis=1)[:, -1]
    assert (forwards == backwards).all()
    assert np.abs(rounded - links).max() <= (group_size + 1) * 2.0**-52 * np.abs(links).max()


def _draw(n: int, n_groups: int, kind: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    links = np.ones((n, n))
    if kind in ("distinct", "dead-slow"):
        links = rng.uniform(-1, 1, (n, n)) if seed % 2 else rng.uniform(0, 1, (n, n))
    elif kind == "classes":
        links = rng.choice([0.1, 0.7, 2.3], (n, n))
    if kind == "dead-slow":
        links[0, -1] *= 1e6
    links = links + links.T
    np.fill_diagonal(links, 0.0)
    return exact_links(links, n // n_groups), rng.permutation(np.repeat(np.arange(n_groups), n // n_groups))


def _inside(links: np.ndarray, labels: np.ndarray) -> float:
    return float(links[labels[:, None] == labels].sum())
