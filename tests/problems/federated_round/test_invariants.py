"""What must hold of every round, whatever the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.candidate import Infeasible
from tasklet_bench.problems.federated_round import FederatedRoundProblem
from tasklet_bench.problems.federated_round.setting import Setting

ProblemMaker = Callable[..., FederatedRoundProblem]
Plan = tuple[Any, Any, Any]

MENUS: list[dict[str, Any]] = [
    {"preset": "fedavg"},
    {"preset": "fedsup"},
    {"preset": "e-fedsup"},
    {"preset": "masked-core"},
    {"preset": "ist", "least_utility": 1.0},
    {"preset": "psl"},
    {"preset": "e-fedsup", "offloading": "any"},
]
menus = st.sampled_from(MENUS)
seeds = st.integers(0, 10_000)
some = settings(max_examples=25)


def _with(problem: FederatedRoundProblem, **changes: Any) -> FederatedRoundProblem:
    return FederatedRoundProblem(problem.network, replace(problem.setting, **changes))


def _draw(make_problem: ProblemMaker, menu: dict[str, Any], seed: int) -> tuple[FederatedRoundProblem, Plan]:
    problem = make_problem(seed % 50, (3, 2, 1, 2), **menu)
    return problem, problem.random(np.random.default_rng(seed))


@some
@given(menu=menus, seed=seeds)
def test_cost_and_judge_agree(make_problem: ProblemMaker, menu: dict[str, Any], seed: int) -> None:
    """The two give the same parts, none of them negative, and the parts sum to the total."""
    problem, plan = _draw(make_problem, menu, seed)
    cost, rescored = problem.cost(plan), problem.judge(plan)
    assert dict(cost.parts_s) == pytest.approx(dict(rescored.parts_s), rel=1e-12, abs=1e-12)
    assert min(cost.parts_s.values()) >= 0
    assert sum(cost.parts_s.values()) == pytest.approx(cost.total_s, rel=1e-14)


@some
@given(menu=menus, seed=seeds)
def test_names_of_devices_do_not_count(make_problem: ProblemMaker, menu: dict[str, Any], seed: int) -> None:
    """Renaming devices, in the setting and in the candidate, changes nothing."""
    problem, (parent, level, host) = _draw(make_problem, menu, seed)
    s = problem.setting
    order = np.random.default_rng(seed).permutation(s.n_devices)  # device `i` is now what `order[i]` was
    place = np.argsort(order)
    renamed = _with(
        problem,
        delay_s=s.delay_s[np.ix_(order, order)],
        bandwidth_bytes_s=s.bandwidth_bytes_s[np.ix_(order, order)],
        flop_s=s.flop_s[order],
        memory_bytes=s.memory_bytes[order],
        samples=s.samples[order],
        site_of=s.site_of[order],
    )
    again = renamed.cost((place[parent[order]], level[order], place[host[order]]))
    assert again.total_s == pytest.approx(problem.cost((parent, level, host)).total_s, rel=1e-12)


@some
@given(menu=menus, seed=seeds, factor=st.floats(1.01, 3.0))
def test_less_of_anything_never_costs_more(
    make_problem: ProblemMaker, menu: dict[str, Any], seed: int, factor: float
) -> None:
    """Longer delays, narrower links, more samples or slower devices never make a round cheaper."""
    problem, plan = _draw(make_problem, menu, seed)
    s, cost_s = problem.setting, problem.cost(plan).total_s
    only = np.random.default_rng(seed).random((s.n_devices, s.n_devices)) < 0.3
    worse = [
        {"delay_s": np.where(only, s.delay_s * factor, s.delay_s)},
        {"bandwidth_bytes_s": np.where(only, s.bandwidth_bytes_s / factor, s.bandwidth_bytes_s)},
        {"samples": s.samples * factor},
        {"flop_s": np.where(only[0], s.flop_s / factor, s.flop_s)},
    ]
    for change in worse:
        assert _with(problem, **change).cost(plan).total_s >= cost_s * (1 - 1e-12)


@some
@given(menu=menus, seed=seeds)
def test_a_wider_level_is_never_cheaper(make_problem: ProblemMaker, menu: dict[str, Any], seed: int) -> None:
    """Where it fits."""
    problem, (parent, level, host) = _draw(make_problem, menu, seed)
    device = seed % len(level)
    assume(level[device] > 0)
    wider = level.copy()
    wider[device] -= 1
    try:
        assert problem.cost((parent, wider, host)).total_s >= problem.cost((parent, level, host)).total_s * (1 - 1e-12)
    except Infeasible:
        assume(False)


@some
@given(seed=seeds)
def test_the_whole_model_is_never_cheaper_to_send(make_problem: ProblemMaker, seed: int) -> None:
    """`full` costs at least what `part` does, for every candidate and for the bound."""
    problem, plan = _draw(make_problem, {"preset": "e-fedsup"}, seed)
    full = _with(problem, menu=replace(problem.setting.menu, exchange="full"))
    assert full.cost(plan).total_s >= problem.cost(plan).total_s * (1 - 1e-12)
    assert full.bound() >= problem.bound() * (1 - 0.02)  # a grid's step


@some
@given(seed=seeds)
def test_who_is_left_out_may_hang_anywhere(make_problem: ProblemMaker, seed: int) -> None:
    """The parent and level of a device without work or workers below it do not matter."""
    problem, (parent, level, host) = _draw(make_problem, {"preset": "e-fedsup", "offloading": "any"}, seed)
    leaf = int(next(i for i in range(len(parent)) if not (parent == i).any()))
    host = np.where(host == leaf, (leaf + 1) % len(host), host)
    rng = np.random.default_rng(seed)
    costs = []
    for _ in range(4):
        parent, level = parent.copy(), level.copy()
        parent[leaf], level[leaf] = rng.choice(np.delete(np.arange(len(parent)), leaf)), rng.integers(4)
        try:
            costs.append(problem.cost((parent, level, host)).total_s)
        except Infeasible:
            costs.append(np.inf)
    assert costs == pytest.approx([costs[0]] * 4, rel=1e-12)


@some
@given(menu=menus, seed=seeds)
def test_own_samples_take_no_time_to_move(make_problem: ProblemMaker, menu: dict[str, Any], seed: int) -> None:
    """Where everybody works on their own samples, nothing is offloaded."""
    problem, (parent, level, _) = _draw(make_problem, menu, seed)
    try:
        assert problem.cost((parent, level, np.arange(len(parent)))).parts_s["offload_s"] == 0
    except Infeasible:
        assume(False)


def test_one_device_only_computes(make_problem: ProblemMaker) -> None:
    """A round of one device takes its samples' operations over its speed, and so does the bound."""
    problem = make_problem(3, (1,), preset="fedavg")
    s: Setting = problem.setting
    alone_s = float(s.samples[0] * s.sample_flop / s.flop_s[0])
    assert problem.cost(([0], [0], [0])).total_s == pytest.approx(alone_s, rel=1e-14)
    assert problem.bound() == pytest.approx(alone_s, rel=1e-9)


def test_a_star_of_equal_links_has_a_closed_form(make_problem: ProblemMaker) -> None:
    """The root sends to all at once, and receives from all one after another."""
    problem = make_problem(1, (6,), preset="fedavg")
    s = problem.setting
    n, hop_s = 6, s.model_bytes / s.bandwidth_bytes_s[0, 1]
    same = _with(problem, flop_s=np.full(n, 1e15), samples=np.full(n, 10.0))
    star = (np.zeros(n, dtype=int), np.zeros(n, dtype=int), np.arange(n))
    compute_s = 10 * s.sample_flop / 1e15
    expected_s = 2 * s.delay_s[0, 1] + 2 * (n - 1) * hop_s + compute_s
    assert same.cost(star).total_s == pytest.approx(expected_s, rel=1e-12)
