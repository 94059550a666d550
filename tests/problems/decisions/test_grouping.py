"""Groupings: the paper's partitions, and groups whose sizes may vary."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.decisions import Grouping, Partition

_path = Path(__file__).parents[2] / "strategies" / "reference_local_search.py"
_spec = importlib.util.spec_from_file_location("reference", _path)
assert _spec
assert _spec.loader
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)

group_sizes = st.lists(st.integers(1, 5), min_size=1, max_size=6).map(tuple)


@given(group_sizes, st.data())
def test_repair_is_the_papers_walk_over_the_devices(sizes: tuple[int, ...], data: st.DataObject) -> None:
    """Any labels become those that moving devices one by one gives, with every group at its size."""
    n = sum(sizes)
    labels = data.draw(st.lists(st.integers(0, len(sizes) - 1), min_size=n, max_size=n))
    before = list(labels)
    repaired = Partition(sizes).from_categories(labels)
    assert repaired.tolist() == reference.repair(labels, sizes)
    assert np.bincount(repaired, minlength=len(sizes)).tolist() == list(sizes)
    assert labels == before


def test_repair_takes_the_first_devices_and_fills_the_lowest_groups() -> None:
    """By hand: group 0 has two too many, groups 1 and 2 one too few; devices 0 and 2 leave."""
    assert Partition((2, 2, 2)).from_categories([0, 1, 0, 0, 2, 0]).tolist() == [1, 1, 2, 0, 2, 0]


def test_repair_takes_from_the_fullest_where_no_group_is_over_full() -> None:
    """By hand: group 2 lacks one, and group 0, with three of 1 to 4, gives its first."""
    decision = Grouping(5, (1, 1, 1), (4, 4, 4))
    assert decision.from_categories([0, 1, 0, 0, 1]).tolist() == [2, 1, 0, 0, 1]


def test_repair_leaves_what_is_within_bounds() -> None:
    """Nobody moves without need."""
    assert Grouping(4, (0, 1), (2, 4)).from_categories([1, 0, 1, 1]).tolist() == [1, 0, 1, 1]


@given(group_sizes, st.data())
def test_keys_give_groups_in_ascending_order(sizes: tuple[int, ...], data: st.DataObject) -> None:
    """Every group has its size, no key of a group is above one of the next, and equal keys keep the devices' order."""
    n = sum(sizes)
    keys = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), dtype=float) / 5
    labels = Partition(sizes).decode(keys)
    assert np.bincount(labels, minlength=len(sizes)).tolist() == list(sizes)
    assert (np.diff(labels[np.argsort(keys, kind="stable")]) >= 0).all()


def test_keys_that_only_keep_their_order_keep_the_partition() -> None:
    """Shifting and stretching all keys changes nothing."""
    keys = np.array([0.3, 0.1, 0.7, 0.2])
    assert Partition((2, 2)).decode(keys).tolist() == [1, 0, 1, 0]
    assert Partition((2, 2)).decode(keys / 2 + 0.5).tolist() == [1, 0, 1, 0]


def test_a_partition_is_drawn_as_a_shuffle_of_its_labels() -> None:
    """Seeded draws of partitions stay what they were, digit by digit."""
    decision = Partition((3, 2, 2))
    expected = np.random.default_rng(7).permutation(np.repeat(np.arange(3), (3, 2, 2)))
    assert decision.sample(np.random.default_rng(7)).tolist() == expected.tolist()


def test_sizes_are_known_where_they_are_fixed() -> None:
    """A partition says them, a grouping with room does not."""
    assert (Partition((3, 2)).group_sizes, Partition((3, 2)).n_groups, Partition((3, 2)).n_devices) == ((3, 2), 2, 5)
    with pytest.raises(ValueError, match="no fixed sizes"):
        _ = Grouping(3, (1, 0), (2, 2)).group_sizes


def test_it_says_what_it_is() -> None:
    """In the words of a page."""
    assert Partition((8,) * 8).describe() == "8 groups of 8 devices"
    assert Grouping(5, (1, 0), (4, 9)).describe() == "5 devices in groups of 1 to 4, 0 to 5"
