"""Mixing schedules."""

from __future__ import annotations

import numpy as np
import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.gossip.multipliers import draw_multipliers
from tasklet_bench.problems.gossip.schedules import schedule_of


def test_rounds_of_each_schedule() -> None:
    """As the definition lists them."""
    assert schedule_of("complete", 3, 1, "x").rounds == (((0, 1, 2),),)
    assert schedule_of("ring", 4, 1, "x").rounds == (((0, 1), (2, 3)), ((1, 2), (0, 3)))
    assert schedule_of("one-peer-exp", 4, 1, "x").rounds == (((0, 1), (2, 3)), ((0, 2), (1, 3)))
    assert schedule_of("alternating-exp-ring", 4, 2, "x").rounds == (((0, 1), (2, 3)), ((0, 1, 2, 3),))


def test_pairs_of_hosts_are_numbered_through_all_distances() -> None:
    """With 2 hosts at distance 1 and an odd number of pairs before, the next distance begins the other way round."""
    rounds = schedule_of("alternating-exp-ring", 2, 1, "x").rounds
    assert rounds == (((0,), (1,)), ((0, 1),))
    eight = schedule_of("alternating-exp-ring", 8, 1, "x").rounds
    together = [[group for group in groups if len(group) == 2] for groups in eight]
    assert together[0] == [(2, 3), (6, 7)]
    assert together[1] == [(0, 1), (4, 5)]
    assert together[2] == [(1, 3), (5, 7)]


@pytest.mark.parametrize(
    ("mixing", "n", "local"),
    [("ring", 8, 1), ("one-peer-exp", 16, 1), ("complete", 7, 1), ("alternating-exp-ring", 24, 3)],
)
def test_every_rank_is_in_one_group_of_each_round(mixing: str, n: int, local: int) -> None:
    """So that nobody is left out of an iteration."""
    for groups in schedule_of(mixing, n, local, "x").rounds:
        assert sorted(rank for group in groups for rank in group) == list(range(n))


@pytest.mark.parametrize(("mixing", "n"), [("complete", 12), ("one-peer-exp", 64), ("alternating-exp-ring", 16)])
def test_what_agrees_exactly_within_a_period(mixing: str, n: int) -> None:
    """Nothing is left of the disagreement."""
    assert schedule_of(mixing, n, 1, "x").mixing_factor() == 0.0


def test_a_long_ring_mixes_slowly() -> None:
    """A ring of 64 leaves 0.998 of the disagreement in an iteration."""
    assert schedule_of("ring", 64, 1, "x").mixing_factor() == pytest.approx(0.998, abs=5e-4)


@pytest.mark.parametrize(
    ("mixing", "n", "local", "message"),
    [
        ("ring", 7, 1, "x: ring: found 7 devices, expected an even number, such as first=6"),
        ("one-peer-exp", 48, 1, "found 48 devices, expected a power of two .*32 or 64 devices, such as first=32"),
        ("alternating-exp-ring", 24, 4, "found 6 hosts of 4, .*16 or 32 devices, such as first=16"),
        ("alternating-exp-ring", 24, 5, "local: found 5, expected a divisor of 24"),
        ("ring", 8, 2, "local: found 2, expected 1"),
        ("one-peer-exp", 1, 1, "a power of two of at least 2"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(mixing: str, n: int, local: int, message: str) -> None:
    """The message names the sizes that fit."""
    with pytest.raises(BadInput, match=message):
        schedule_of(mixing, n, local, "x")


def test_multipliers_repeat_after_whole_periods() -> None:
    """At least 16 iterations, a multiple of the rounds; none without jitter; golden values."""
    assert draw_multipliers(0.0, 5, 3, 4).shape == (3, 4)
    drawn = draw_multipliers(0.3, 5, 6, 4)
    assert drawn.shape == (18, 4)
    np.testing.assert_array_equal(drawn, np.round(drawn, 6))
    np.testing.assert_allclose(drawn[0], GOLDEN, rtol=0, atol=0)
    assert draw_multipliers(0.3, 5, 1, 2000).mean() == pytest.approx(1.0, abs=0.01)


GOLDEN = [1.237247, 1.241226, 0.967081, 0.806777]
"""Drawn by this project; the stream of PCG64 and six decimals are the same everywhere."""
