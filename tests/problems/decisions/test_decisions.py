"""What every kind of decision promises, on small decisions of every kind."""

from __future__ import annotations

import importlib.util
import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import InvalidCandidate
from tasklet_bench.problems.decisions import (
    Choice,
    Composition,
    Decision,
    Graph,
    Grouping,
    Partition,
    Permutation,
    Product,
    Tree,
)

_spec = importlib.util.spec_from_file_location("decisions_conftest", Path(__file__).with_name("conftest.py"))
assert _spec
assert _spec.loader
conftest = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(conftest)

seeds = st.integers(0, 2**32 - 1)

TINY = {
    Grouping(4, (0, 1), (2, 4)): 6 + 4 + 1,
    Grouping(3, (1, 0, 0), (3, 1, 1)): 1 + 6 + 6,
    Partition((2, 1, 1)): 12,
    Permutation(4): 24,
    Choice((2, 1, 3)): 6,
    Graph(4, 1): 1 + 6 + 3,
    Graph(4, 2): 41,
    Tree(3): 9,
    Tree(4): 64,
    Composition(5, 3): 6,
    Product((Choice((2,)), Permutation(3))): 12,
}
"""Tiny decisions with their number of members."""


def text(decision: Decision, candidate: Any) -> str:
    """One spelling of a candidate."""
    return json.dumps(decision.to_json(decision.canonical(candidate)))


def members(decision: Decision) -> set[str]:
    """All members of a tiny decision, by trying all categorical values."""
    values = product(*(range(size) for size in decision.categories()))
    return {text(decision, decision.from_categories(list(choice))) for choice in values}


@settings(max_examples=150)
@given(conftest.decisions, seeds)
def test_every_operation_gives_members(decision: Decision, seed: int) -> None:
    """Whatever is drawn, changed, crossed, decoded or repaired passes `check`, which changes nothing about it."""
    rng = np.random.default_rng(seed)
    first, second = decision.sample(rng), decision.sample(rng)
    before = text(decision, first), text(decision, second)
    values = [int(rng.integers(size)) for size in decision.categories()]
    for candidate in (
        first,
        decision.neighbour(first, rng),
        decision.cross(first, second, rng),
        decision.decode(rng.random(decision.dimension)),
        decision.from_categories(values),
        decision.canonical(first),
    ):
        assert text(decision, decision.check(candidate)) == text(decision, candidate)
        assert text(decision, decision.from_json(json.loads(json.dumps(decision.to_json(candidate))))) == text(
            decision, candidate
        )
    assert (text(decision, first), text(decision, second)) == before, "an operation changed what it was given"
    assert decision.describe()
    assert isinstance(decision, Decision)


@settings(max_examples=60)
@given(conftest.decisions, seeds)
def test_a_seed_gives_one_result(decision: Decision, seed: int) -> None:
    """All that is drawn comes from the generator."""

    def draw() -> list[str]:
        rng = np.random.default_rng(seed)
        first, second = decision.sample(rng), decision.sample(rng)
        return [text(decision, c) for c in (first, decision.neighbour(first, rng), decision.cross(first, second, rng))]

    assert draw() == draw()


@settings(max_examples=60)
@given(conftest.decisions, seeds)
def test_crossing_twins_gives_the_twin(decision: Decision, seed: int) -> None:
    """A child of two equal parents is like them."""
    rng = np.random.default_rng(seed)
    parent = decision.sample(rng)
    assert text(decision, decision.cross(parent, parent, rng)) == text(decision, parent)


@pytest.mark.parametrize("decision", TINY, ids=repr)
def test_decoding_and_repair_reach_every_member(decision: Decision) -> None:
    """All members come from categories, which leave members as they are, and from keys on a fine enough grid."""
    everyone = members(decision)
    rng = np.random.default_rng(1)
    decoded = {text(decision, decision.decode(rng.random(decision.dimension))) for _ in range(6000)}
    assert decoded == everyone
    assert len(everyone) == TINY[decision]


def test_a_tiny_graph_has_the_members_that_counting_gives() -> None:
    """Among all 64 sets of edges between four nodes, those with at most two at each."""
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    allowed = 0
    for chosen in product([False, True], repeat=6):
        ends = [node for pair, kept in zip(pairs, chosen, strict=True) if kept for node in pair]
        allowed += max((ends.count(node) for node in range(4)), default=0) <= 2
    assert len(members(Graph(4, 2))) == allowed


@pytest.mark.parametrize("decision", TINY, ids=repr)
def test_neighbours_differ_and_lead_everywhere(decision: Decision) -> None:
    """A neighbour is another member, and a walk over neighbours meets all members."""
    rng = np.random.default_rng(2)
    candidate, met = decision.sample(rng), set()
    for _ in range(4000):
        neighbour = decision.neighbour(candidate, rng)
        assert text(decision, neighbour) != text(decision, candidate)
        candidate = neighbour
        met.add(text(decision, candidate))
    assert met == members(decision)


@pytest.mark.parametrize("decision", [Partition((2, 1, 1)), Permutation(4), Choice((2, 1, 3)), Tree(3)], ids=repr)
def test_sampling_is_uniform_where_it_says_so(decision: Decision) -> None:
    """Every member comes about as often: within five standard deviations."""
    rng = np.random.default_rng(3)
    drawn = [text(decision, decision.sample(rng)) for _ in range(12_000)]
    expected = len(drawn) / TINY[decision]
    times = [drawn.count(member) for member in members(decision)]
    assert max(abs(n - expected) for n in times) < 5 * expected**0.5


@pytest.mark.parametrize("decision", TINY, ids=repr)
def test_sampling_meets_every_member_that_it_should(decision: Decision) -> None:
    """All of them; graphs that are connected or as full as the degree allows, or what stands between."""
    rng = np.random.default_rng(4)
    drawn = {text(decision, decision.sample(rng)) for _ in range(4000)}
    if isinstance(decision, Graph):
        assert drawn < members(decision)
    else:
        assert drawn == members(decision)


@pytest.mark.parametrize("decision", [Permutation(1), Choice((1, 1)), Partition((3,)), Tree(1), Graph(1, 2)], ids=repr)
def test_a_decision_with_one_member_stays_there(decision: Decision) -> None:
    """Where there is no other member, the neighbour is an equal one, alone and in a product."""
    rng = np.random.default_rng(5)
    only = decision.sample(rng)
    assert text(decision, decision.neighbour(only, rng)) == text(decision, only)
    both = Product((decision, Choice((2,))))
    other = both.neighbour((only, np.array([0])), rng)
    assert both.to_json(other) == [decision.to_json(only), [1]]


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=200)
@given(conftest.decisions, plain)
def test_reading_refuses_what_is_no_member(decision: Decision, data: Any) -> None:
    """Any plain data is a member that writes itself as it was read, or `InvalidCandidate`, and nothing else."""
    try:
        candidate = decision.from_json(data)
    except InvalidCandidate:
        return
    assert json.dumps(decision.to_json(candidate)) == json.dumps(data)


@settings(max_examples=100)
@given(conftest.decisions, seeds, st.sampled_from([True, 1.0, "1", None, [0], 2**70, -1, 10**6]), st.data())
def test_one_wrong_value_is_enough(decision: Decision, seed: int, wrong: Any, data: st.DataObject) -> None:
    """A member with one value that is no device, Boolean, text, nested, too large or below zero is refused."""
    written = decision.to_json(decision.sample(np.random.default_rng(seed)))
    holder = written
    while isinstance(holder, list) and holder and isinstance(holder[0], list):
        holder = holder[data.draw(st.integers(0, len(holder) - 1))]
    if not holder:
        return
    holder[data.draw(st.integers(0, len(holder) - 1))] = wrong
    with pytest.raises(InvalidCandidate):
        decision.from_json(written)


@settings(max_examples=60)
@given(conftest.decisions, st.sampled_from([None, "x", 3, {}, [[0], [0, 1]], np.zeros((2, 3)), np.array([np.nan])]))
def test_checking_refuses_foreign_objects(decision: Decision, result: Any) -> None:
    """No other exception than `InvalidCandidate`, whatever a strategy hands in."""
    try:
        decision.check(result)
    except InvalidCandidate:
        return
    assert isinstance(decision, (Product, Graph)), "nothing in the list is a member of the other kinds"


@pytest.mark.parametrize(
    ("decision", "candidate", "words"),
    [
        (Partition((2, 2)), [0, 0, 0, 1], "group 0 has 3 devices, expected 2"),
        (Grouping(3, (1, 0), (2, 2)), [1, 1, 0, 0], "shape (3,), found int64 (4,)"),
        (Grouping(3, (1, 0), (2, 3)), [1, 1, 1], "group 0 has 0 devices, expected 1 to 2"),
        (Permutation(3), [0, 1, 1], "each thing 0..2 once, found 1 twice"),
        (Choice((2, 3)), [0, 3], "options are 0..2, found 3 at place 1"),
        (Graph(3, 1), [[0, 1], [1, 2]], "node 1 has 2 edges, expected at most 1"),
        (Graph(3, 2), [[1, 0]], "edge 0 is [1, 0], expected nodes 0 <= i < j < 3"),
        (Graph(3, 2), [[0, 1], [0, 1]], "found one twice"),
        (Tree(3), [1, 0, 2], "a cycle above node 0"),
        (Tree(3), [0, 1, 0], "exactly one node is its own parent, found [0, 1]"),
        (Product((Tree(1), Choice((2,)))), ([0], [2]), "part 1 (choice): options are 0..1, found 2"),
        (Product((Tree(1), Choice((2,)))), ([0],), "expected a tuple of 2 parts, found tuple of 1"),
    ],
)
def test_messages_say_what_is_wrong(decision: Decision, candidate: Any, words: str) -> None:
    """What was found, and what was expected."""
    with pytest.raises(InvalidCandidate) as caught:
        decision.check(candidate)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Partition(()),
        lambda: Partition((2, 0)),
        lambda: Grouping(3, (1, 1), (1, 1)),
        lambda: Grouping(3, (2, 2), (3, 3)),
        lambda: Grouping(3, (2,), (3, 3)),
        lambda: Grouping(3, (2, 1), (1, 3)),
        lambda: Permutation(0),
        lambda: Choice(()),
        lambda: Choice((2, 0)),
        lambda: Graph(3, 0),
        lambda: Tree(0),
        lambda: Product(()),
    ],
)
def test_impossible_decisions_are_refused(make: Any) -> None:
    """A constructor refuses what has no members."""
    with pytest.raises(ValueError, match=r"expected|places|at least one"):
        make()


def test_decisions_are_values() -> None:
    """Equal content is equal, hashable and survives a copy."""
    assert Partition([4, 4]) == Grouping(8, (4, 4), (4, 4))
    assert len({Product((Tree(3), Choice((2,)))), Product((Tree(3), Choice([2])))}) == 1
