"""What strategies and pages ask of a problem."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.candidate import Infeasible, InvalidCandidate
from tasklet_bench.problems.decisions.decision import Decision
from tasklet_bench.problems.federated_round import FederatedRoundProblem
from tasklet_bench.problems.federated_round.names import load
from tasklet_bench.problems.problem import Problem

ProblemMaker = Callable[..., FederatedRoundProblem]

MEASURED = "federated-round/measured/"

MENUS: list[dict[str, Any]] = [
    {"preset": "fedavg"},
    {"preset": "e-fedsup"},
    {"preset": "ist", "least_utility": 1.0},
    {"preset": "psl"},
    {"preset": "e-fedsup", "offloading": "any"},
]


def test_it_keeps_the_contract(make_problem: ProblemMaker) -> None:
    """A problem and its decision are what the protocols say."""
    problem = make_problem(0)
    assert isinstance(problem, Problem)
    assert isinstance(problem.decision, Decision)
    assert problem.family == "federated-round"
    assert len(problem.digest) == 64
    assert dict(problem.facts())["devices"] == 4
    assert set(problem.kinds()) == {"devices", "sites", "sub-models", "offloading"}


@pytest.mark.parametrize("menu", MENUS, ids=lambda menu: "-".join(str(value) for value in menu.values()))
def test_random_candidates_are_valid_and_neighbours_are_members(
    make_problem: ProblemMaker, menu: dict[str, Any]
) -> None:
    """Random ones keep all rules; a walk over neighbours stays in the decision and moves; repairs are valid."""
    problem = make_problem(1, (3, 2, 1, 2), **menu)
    rng = np.random.default_rng(0)
    changed = repaired = broken = 0
    for _ in range(10):
        plan = problem.random(rng)
        problem.cost(plan)
        for _ in range(30):
            following = problem.neighbour(plan, rng)
            checked = problem.decision.check(following)
            changed += any((a != b).any() for a, b in zip(checked, plan, strict=True))
            plan = following
        try:
            problem.cost(plan)
        except Infeasible:
            broken += 1
            mended = problem.repair(plan)
            if mended is not None:
                problem.judge(mended)
                repaired += 1
    assert changed > 200
    assert repaired >= broken / 2


def test_members_of_the_decision_that_break_rules_are_mended(make_problem: ProblemMaker) -> None:
    """What the decision draws is valid at most after repair, and then costs something."""
    problem = make_problem(2, (3, 2, 1, 2), preset="e-fedsup")
    rng = np.random.default_rng(1)
    plans = [problem.repair(problem.decision.sample(rng)) for _ in range(20)]
    assert all(plan is not None and problem.cost(plan).total_s > 0 for plan in plans)


# The page of the family states these; each is rounded to what stands there.
BASELINES = [
    ("residential-20?preset=e-fedsup", {"best star": 4454, "best star, trimmed": 1636}),
    (
        "sky-3metro-3cloud-72?preset=e-fedsup&model=gpt3-xl",
        {"best star": 882, "best star, trimmed": 362, "site heads": 186, "site heads, trimmed": 113},
    ),
    (
        "gcp4-hivemind-32?preset=ist&model=gpt3-xl",
        {"best star": 6446, "best star, trimmed": 409, "site heads": 1700, "site heads, trimmed": 1331},
    ),
    ("hybrid-dgx2-t4-a10-24?preset=psl&offloading=any", {"best star": 292, "site heads": 46.3, "one site": 8.06}),
]


@pytest.mark.parametrize(("name", "stated"), BASELINES, ids=[name for name, _ in BASELINES])
def test_baselines_cost_what_is_known_of_them(name: str, stated: dict[str, float]) -> None:
    """Stars, site heads, one site, and what trimming makes of them."""
    problem = load(MEASURED + name)
    starts = problem.starts()
    for start, seconds in stated.items():
        digits = 0 if seconds > 100 else 2 if seconds < 10 else 1
        assert round(problem.judge(starts[start]).total_s, digits) == seconds


def test_a_head_without_room_is_no_baseline() -> None:
    """Where no site's head has room for the union, there are no site heads."""
    problem = load(MEASURED + "sky-3metro-3cloud-72?preset=ist&least_utility=4&model=llama-13b")
    assert set(problem.starts()) == {"best star", "best star, trimmed"}
    problem.cost(problem.random(np.random.default_rng(0)))


def test_one_site_wins_where_samples_may_go_anywhere_and_sites_are_fast() -> None:
    """So the preset keeps samples at their site, where the same idea is refused."""
    anywhere = load(MEASURED + "hybrid-dgx2-t4-a10-24?preset=psl&offloading=any")
    costs = {name: anywhere.cost(plan).total_s for name, plan in anywhere.starts().items()}
    assert min(costs, key=lambda name: costs[name]) == "one site"
    within = load(MEASURED + "hybrid-dgx2-t4-a10-24?preset=psl")
    with pytest.raises(Infeasible, match="at another site"):
        within.cost(anywhere.starts()["one site"])


def test_a_candidate_goes_through_json(make_problem: ProblemMaker) -> None:
    """As parent, level and host, results beside them ignored; anything else is refused."""
    problem = make_problem(0, preset="e-fedsup")
    plan = problem.random(np.random.default_rng(0))
    written = problem.candidate_to_json(plan)
    assert set(written) == {"parent", "level", "host"}
    again = problem.candidate_from_json(written | {"cost_s": 1.0})
    assert all((a == b).all() for a, b in zip(again, plan, strict=True))
    for wrong in ({}, {"parent": written["parent"]}, written | {"host": [0]}, {"candidate": [1, 2]}):
        with pytest.raises(InvalidCandidate):
            problem.candidate_from_json(wrong)


def test_the_drawing_shows_who_takes_part(make_problem: ProblemMaker) -> None:
    """Every device that takes part is in one group; all but the root have a line to their parent."""
    problem = make_problem(4, (3, 2), preset="e-fedsup", offloading="any")
    plan = problem.random(np.random.default_rng(3))
    drawing = problem.drawing(plan)
    members = [device for group in drawing.groups.values() for device in group]
    assert len(members) == len(set(members))
    models = [link for link in drawing.links if link.role == "model"]
    assert len(models) == len(members) - 1
    assert all(link.target == plan[0][link.source] and link.seconds > 0 for link in models if link.seconds is not None)


def test_the_compiled_evaluation_is_much_faster_than_the_judge() -> None:
    """At least 20 times at 64 devices, in one process."""
    problem = load(MEASURED + "aws10-uneven-64?preset=masked-core")
    plan = problem.random(np.random.default_rng(0))
    assert 20 * _seconds(lambda: problem.cost(plan), 200) <= _seconds(lambda: problem.judge(plan), 10)


@pytest.mark.parametrize("shape", ["random tree", "star"])
def test_evaluation_grows_little_faster_than_the_devices(shape: str) -> None:
    """Eight times the devices take at most 16 times as long."""
    seconds = []
    for n in (64, 512):
        problem = load(f"federated-round/generated/clustered?n={n}&seed=1&preset=fedavg")
        star = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.arange(n)
        plan = star if shape == "star" else problem.random(np.random.default_rng(0))
        seconds.append(_seconds(partial(problem.cost, plan), 100))
    assert seconds[1] <= 16 * seconds[0]


def _seconds(call: Callable[[], Any], times: int) -> float:
    """The least of several means."""
    call()
    means = []
    for _ in range(7):
        begun = perf_counter()
        for _ in range(times):
            call()
        means.append((perf_counter() - begun) / times)
    return min(means)
