"""Choosing a suite by measurement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.instances.selection import choose, halve, median_costs, separation, tied_share, verdicts

COSTS = st.dictionaries(st.sampled_from("abcdef"), st.floats(1, 100), min_size=6, max_size=6)


def test_verdicts_call_small_differences_ties() -> None:
    """Half a percent and less is a tie, more is a difference, in either direction."""
    assert verdicts({"a": 1.0, "b": 1.005, "c": 1.006}) == (0, -1, 0)
    assert verdicts({"a": 2.0, "b": 1.0}) == (1,)


def test_an_instance_that_all_solve_is_dropped() -> None:
    """Where every strategy costs the same, the instance tells nothing."""
    costs = {"x/flat": {"a": 1.0, "b": 1.0, "c": 1.0}, "x/hard": {"a": 1.0, "b": 2.0, "c": 3.0}}
    assert choose(costs, {"x/flat": ("t",), "x/hard": ("t",)}, most=9) == ["x/hard"]


def test_an_instance_that_repeats_anothers_ranking_is_dropped() -> None:
    """Of one base the same verdicts count once; another base or another ranking stays."""
    costs = {
        "x/one?dp=2": {"a": 1.0, "b": 2.0},
        "x/one?dp=4": {"a": 1.0, "b": 3.0},
        "x/one?dp=8": {"a": 3.0, "b": 1.0},
        "x/two": {"a": 1.0, "b": 2.0},
    }
    tags = dict.fromkeys(costs, ("t",))
    assert choose(costs, tags, most=9) == ["x/one?dp=2", "x/one?dp=8", "x/two"]


def test_the_last_of_a_tag_stays() -> None:
    """An instance goes only while others carry its base and its tags, even if it repeats a ranking."""
    costs = {f"x/one?dp={i}": {"a": 1.0, "b": 2.0} for i in range(3)}
    tags = {"x/one?dp=0": ("t",), "x/one?dp=1": ("t", "rare"), "x/one?dp=2": ("t",)}
    assert choose(costs, tags, most=9) == ["x/one?dp=1"]


def test_rankings_that_are_met_most_often_go_first() -> None:
    """To get down to size, the ranking that most instances give loses one, in its most crowded base."""
    common, rare = {"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 3.0, "b": 2.0, "c": 1.0}
    tied = {"a": 1.0, "b": 2.0, "c": 2.0}
    costs = {"x/one?dp=1": common, "x/one?dp=2": rare, "x/two?dp=1": common, "x/two?dp=2": rare, "x/two?dp=4": tied}
    assert choose(costs, dict.fromkeys(costs, ()), most=4) == ["x/one?dp=1", "x/one?dp=2", "x/two?dp=2", "x/two?dp=4"]


@given(st.lists(COSTS, min_size=1, max_size=12), st.integers(1, 12))
def test_what_is_chosen_separates(rows: list[dict[str, float]], most: int) -> None:
    """Chosen instances keep their order, are no more than asked for (or than bases), and each separates strategies."""
    costs = {f"base/{i % 3}?dp={i}": row for i, row in enumerate(rows)}
    chosen = choose(costs, dict.fromkeys(costs, ()), most)
    assert len(chosen) <= max(most, 3)
    assert chosen == [name for name in costs if name in chosen]
    assert all(separation(costs[name]) >= 1 / 3 for name in chosen)


def test_tied_share_counts_instances() -> None:
    """Two strategies that tie on one of two instances tie on half."""
    costs = {"x": {"a": 1.0, "b": 1.0}, "y": {"a": 1.0, "b": 2.0}}
    assert tied_share(costs) == {("a", "b"): 0.5}


def test_median_costs_leave_out_what_is_incomplete() -> None:
    """Costs are medians over seeds; an instance that a strategy has not solved is left out."""
    rows = [
        {"problem": "p", "strategy": "a", "cost_s": "1"},
        {"problem": "p", "strategy": "a", "cost_s": "3"},
        {"problem": "p", "strategy": "b", "cost_s": "5"},
        {"problem": "q", "strategy": "a", "cost_s": "1"},
        {"problem": "q", "strategy": "b", "cost_s": ""},
    ]
    assert median_costs(rows) == {"p": {"a": pytest.approx(2), "b": 5.0}}


def test_halves_share_no_table() -> None:
    """What a table joins, directly or through another, stays in one half; the rest is dealt to the smaller one."""
    tables = {"a": ("t",), "b": ("t", "u"), "c": ("u",), "d": ("v",), "e": (), "f": (), "g": ("v",)}
    assert halve(list(tables), tables) == (["a", "b", "c", "f"], ["d", "e", "g"])


@given(st.lists(st.sets(st.integers(0, 6), max_size=2), max_size=20))
def test_halves_are_a_partition(used: list[set[int]]) -> None:
    """Every instance is in exactly one half, and no table in both."""
    tables = {f"i{i}": tuple(f"t{t}" for t in result) for i, result in enumerate(used)}
    one, other = halve(list(tables), tables)
    assert sorted(one + other) == sorted(tables)
    assert not {t for name in one for t in tables[name]} & {t for name in other for t in tables[name]}
