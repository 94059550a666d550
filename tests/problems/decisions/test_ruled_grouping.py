"""Groupings with rules: every operation gives a member, and all members can be reached."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import Shape
from tasklet_bench.problems.allocation.choices import decide_cells, decide_stages
from tasklet_bench.problems.allocation.rules import Bond, Contradiction, Pin, Rules, check_rules
from tasklet_bench.problems.candidate import Infeasible
from tasklet_bench.problems.decisions import RuledGrouping

CASES = {
    "pins": (Rules(pins=(Pin(0, stage=1), Pin(3, stage=0))), 7),
    "exclude": (Rules(exclude=(2,)), 7),
    "together": (Rules(together=(Bond((0, 1), "stage"), Bond((4, 5), "stage"))), 6),
    "apart": (Rules(apart=(Bond((0, 1, 2), "stage"),)), 7),
    "all": (Rules((Pin(0, stage=2),), (5,), (Bond((1, 2), "stage"),), (Bond((0, 3, 4), "stage"),)), 8),
    "replicas": (Rules((Pin(0, replica=1),), (), (Bond((1, 2, 3), "replica"),), (Bond((4, 5), "replica"),)), 7),
    "cells": (Rules((Pin(0, stage=1, replica=1),), (6,), (), (Bond((1, 2), "replica"), Bond((3, 4), "stage"))), 7),
}
SHAPE = Shape(2, 3)


def decision_of(name: str) -> RuledGrouping:
    """The decision of a case, over stages or over cells."""
    rules, n = CASES[name]
    decision = (decide_cells if rules.about_replicas else decide_stages)(rules, n, SHAPE)
    assert isinstance(decision, RuledGrouping)
    return decision


@settings(max_examples=80, deadline=None)
@given(name=st.sampled_from(sorted(CASES)), seed=st.integers(0, 10_000))
def test_every_operation_gives_a_member(name: str, seed: int) -> None:
    """Draws, neighbours, children, keys and categories all end in labels that keep the rules."""
    decision, rng = decision_of(name), np.random.default_rng(seed)
    first, second = decision.sample(rng), decision.sample(rng)
    near = decision.neighbour(first, rng)
    for labels in (
        first,
        near,
        decision.cross(first, second, rng),
        decision.decode(rng.random(decision.dimension)),
        decision.from_categories([int(rng.integers(n)) for n in decision.categories()]),
        decision.balance(rng.integers(decision.n_groups, size=decision.n)),
    ):
        assert (decision.check(labels) == labels).all()
        assert decision.from_json(decision.to_json(labels)).tolist() == labels.tolist()
    assert (near != first).any()
    assert decision.balance(first).tolist() == first.tolist(), "a member needs no repair"


@pytest.mark.parametrize("name", ["pins", "together", "all", "cells"])
def test_neighbours_reach_every_member(name: str) -> None:
    """Walking along neighbours meets all labellings that keep the rules, as enumeration finds them."""
    decision, rng = decision_of(name), np.random.default_rng(0)
    sizes = np.array(decision.group_sizes)
    members = set()
    for labels in product(range(decision.n_groups), repeat=decision.n) if decision.n_groups <= 4 else ():
        if (np.bincount(labels, minlength=len(sizes)) == sizes).all():
            try:
                members.add(tuple(decision.check(np.array(labels)).tolist()))
            except Infeasible:
                continue
    met, labels = set(), decision.sample(rng)  # type: ignore[assignment]
    for _ in range(2500 if members else 300):
        met.add(tuple(labels.tolist()))  # type: ignore[attr-defined]
        labels = decision.neighbour(labels, rng)  # type: ignore[assignment]
    assert met == members if members else len(met) > 50


CONTRADICTIONS = {
    "grid": (Rules(exclude=(1,)), 6, "grid: found 2×3 for 5 of 6 devices"),
    "unknown": (Rules(exclude=(9,)), 7, r"exclude\[0\]: found device 9, expected a device number 0..6"),
    "pinned twice": (Rules(pins=(Pin(1, stage=0), Pin(1, stage=1))), 7, r"pins\[1\]: found device 1 a second time"),
    "pinned and excluded": (Rules(pins=(Pin(1, stage=0),), exclude=(1,)), 7, "which is excluded"),
    "no such stage": (Rules(pins=(Pin(1, stage=3),)), 7, r"pins\[0\].stage: found 3, expected a stage 0..2"),
    "full stage": (Rules(pins=tuple(Pin(i, stage=1) for i in range(3))), 7, "at most 2 devices there"),
    "full cell": (Rules(pins=(Pin(1, 0, 0), Pin(2, 0, 0))), 7, "one device for each cell"),
    "too many together": (Rules(together=(Bond((0, 1, 2, 3), "stage"),)), 7, r"together\[0\]: found 4 devices"),
    "too many apart": (Rules(apart=(Bond((0, 1, 2, 3), "stage"),)), 6, r"apart\[0\]: found 4 devices"),
    "together but pinned apart": (
        Rules((Pin(0, stage=0), Pin(1, stage=1)), (), (Bond((0, 1), "stage"),)),
        6,
        "pinned to stages 0, 1",
    ),
    "apart but pinned together": (
        Rules((Pin(0, stage=0), Pin(1, stage=0)), (), (), (Bond((0, 1), "stage"),)),
        6,
        "devices apart that are pinned",
    ),
    "no way": (
        Rules((), (), (Bond((0, 1), "stage"), Bond((1, 2), "stage"))),
        6,
        "together: found rules that no allocation keeps",
    ),
}


@pytest.mark.parametrize("name", sorted(CONTRADICTIONS))
def test_contradictions_are_named(name: str) -> None:
    """Rules that no allocation keeps say which field is wrong, what was found and what fits."""
    rules, n, message = CONTRADICTIONS[name]
    with pytest.raises(Contradiction, match=message):
        decide(rules, n)


def decide(rules: Rules, n: int) -> None:
    """What a problem does with its rules when it is made."""
    check_rules(rules, n, SHAPE)
    (decide_cells if rules.about_replicas else decide_stages)(rules, n, SHAPE)


def test_tight_rules_are_kept_at_scale() -> None:
    """Eight hosts of eight devices, each in one replica: repair is within reach of any draw."""
    rules = Rules(together=tuple(Bond(tuple(range(8 * h, 8 * h + 8)), "replica") for h in range(8)))
    decision, rng = decide_cells(rules, 64, Shape(8, 8)), np.random.default_rng(0)
    for _ in range(5):
        labels = decision.sample(rng)
        assert (decision.check(decision.neighbour(labels, rng)) != labels).any()
