"""Keys and labels as partitions."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.strategies.encodings import labels_from_keys, repaired

_spec = importlib.util.spec_from_file_location("reference", Path(__file__).with_name("reference_local_search.py"))
assert _spec
assert _spec.loader
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)

group_sizes = st.lists(st.integers(1, 5), min_size=1, max_size=6).map(tuple)


@given(group_sizes, st.data())
def test_repair_is_the_papers_walk_over_the_devices(sizes: tuple[int, ...], data: st.DataObject) -> None:
    """Any labels become those that moving devices one by one gives, with every group at its size."""
    n = sum(sizes)
    labels = np.array(data.draw(st.lists(st.integers(0, len(sizes) - 1), min_size=n, max_size=n)))
    before = labels.copy()
    assert repaired(labels, sizes).tolist() == reference.repair(labels.tolist(), sizes)
    assert np.bincount(repaired(labels, sizes), minlength=len(sizes)).tolist() == list(sizes)
    assert (labels == before).all()


def test_repair_takes_the_first_devices_and_fills_the_lowest_groups() -> None:
    """By hand: group 0 has two too many, groups 1 and 2 one too few; devices 0 and 2 leave."""
    assert repaired(np.array([0, 1, 0, 0, 2, 0]), (2, 2, 2)).tolist() == [1, 1, 2, 0, 2, 0]


@given(group_sizes, st.data())
def test_keys_give_groups_in_ascending_order(sizes: tuple[int, ...], data: st.DataObject) -> None:
    """Every group has its size, no key of a group is above one of the next, and equal keys keep the devices' order."""
    n = sum(sizes)
    keys = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), dtype=float)
    labels = labels_from_keys(keys, sizes)
    assert np.bincount(labels, minlength=len(sizes)).tolist() == list(sizes)
    assert (np.diff(labels[np.argsort(keys, kind="stable")]) >= 0).all()


def test_keys_that_only_keep_their_order_keep_the_partition() -> None:
    """Shifting and stretching all keys changes nothing."""
    keys = np.array([0.3, -1.0, 7.0, 0.2])
    assert labels_from_keys(keys, (2, 2)).tolist() == [1, 0, 1, 0]
    assert labels_from_keys(5 + 1e6 * keys, (2, 2)).tolist() == [1, 0, 1, 0]
