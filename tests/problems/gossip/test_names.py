"""Names, files and what an instance tells of itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.gossip import GossipProblem
from tests.problems.gossip.conftest import check_instances, draw_problem, order_of


def test_a_name_has_one_spelling() -> None:
    """Keys in their order, defaults left out; loading it gives the same instance."""
    problem = families.load("gossip/measured/aws10-uneven-64?overlap=none&mixing=ring&jitter=0.0")
    assert problem.name == "gossip/measured/aws10-uneven-64?mixing=ring&overlap=none"
    assert problem.family == "gossip"
    assert families.load(problem.name).digest == problem.digest


@pytest.mark.parametrize("key", ["mixing=complete", "overlap=none", "local_steps=2", "jitter=0.2", "model=gpt3-xl"])
def test_the_digest_covers_what_the_cost_depends_on(key: str) -> None:
    """Every key that changes costs changes it."""
    base = "gossip/measured/gcp4-hivemind-32"
    other = families.load(f"{base}?{key}")
    assert families.load(base).digest != other.digest


def test_the_draw_counts_only_where_something_is_drawn() -> None:
    """Other draws of jitter are other instances; without jitter, a draw is refused."""
    one, two = (families.load(f"gossip/measured/gcp4-hivemind-32?jitter=0.2&draw={draw}") for draw in (1, 2))
    assert one.digest != two.digest
    with pytest.raises(BadInput, match="jitter beside it"):
        families.load("gossip/measured/gcp4-hivemind-32?draw=1")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gossip/measured/residential-20", "power of two of at least 2: 16 or 32 devices, such as first=16"),
        ("gossip/measured/seattle-99?mixing=ring", "an even number, such as first=98"),
        ("gossip/measured/aws10-uneven-64?dp=4", "dp: found a key of placements"),
        ("gossip/measured/aws10-uneven-64?workload=gpt3-xl", "workload: found a key of placements"),
        ("gossip/measured/aws10-uneven-64?mixing=rings", "did you mean 'ring'"),
        ("gossip/measured/aws10-uneven-64?jiter=0.1", "did you mean 'jitter'"),
        ("gossip/measured/aws10-uneven-64?local=2", "local: found 2, expected 1"),
    ],
)
def test_names_that_do_not_fit_are_refused(name: str, message: str) -> None:
    """By what was found and what would fit."""
    with pytest.raises(BadInput, match=message):
        families.load(name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"multipliers": [[1.0, 1.0]]}, r"multipliers: found shape \(1, 2\)"),
        ({"multipliers": [[1.0], [1.0, 2.0]]}, "multipliers: found"),
        ({"multipliers": [[0.0] * 4, [1.0] * 4]}, "a factor above 0"),
        ({"problem": {"mixing": "star"}}, "mixing: found 'star'"),
        ({"problem": {"mixing": "one-peer-exp", "degree": 3}}, "degree: unknown key"),
        ({"sits": []}, "sits: unknown key; did you mean 'sites'"),
    ],
)
def test_files_that_do_not_fit_are_refused(change: dict[str, Any], message: str) -> None:
    """By file and field."""
    with pytest.raises(BadInput, match=message):
        families.from_json(check_instances()[0] | change, "file")


def test_candidates_are_written_and_read() -> None:
    """As an order, with results beside it ignored."""
    problem = draw_problem(0, 8, "ring")
    order = order_of(problem)
    written = problem.candidate_to_json(order)
    assert written == {"order": order.tolist()}
    np.testing.assert_array_equal(problem.candidate_from_json(written | {"cost": {}}), order)
    with pytest.raises(InvalidCandidate, match="expected order"):
        problem.candidate_from_json({"grid": [[0]]})


def test_orders_may_be_lists_or_of_any_integer_type() -> None:
    """The same order is the same cost."""
    problem = draw_problem(0, 8, "ring")
    order = order_of(problem)
    expected = problem.cost(order)
    assert problem.cost(order.tolist()) == problem.cost(order.astype(np.int32)) == expected
    fixed = order.copy()
    fixed.flags.writeable = False
    assert problem.cost(fixed) == expected
    with pytest.raises(InvalidCandidate):
        problem.cost(order.astype(float))


def test_what_an_instance_tells_of_itself() -> None:
    """A period is comparable between schedules only together with the mixing factor, so facts hold both."""
    problem = families.load("gossip/measured/aws10-uneven-64?mixing=ring&jitter=0.2")
    facts, kinds = problem.facts(), problem.kinds()
    assert facts["schedule"] == "ring"
    assert facts["rounds of a period"] == 2
    assert facts["mixing factor"] == pytest.approx(0.998, abs=1e-3)
    assert kinds["computing"] == "varies"
    assert kinds["devices"] == "33 to 64"
    assert kinds["site sizes"] == "uneven"


@pytest.mark.parametrize("mixing", ["ring", "one-peer-exp", "complete", "alternating-exp-ring"])
def test_the_drawing_shows_each_exchange_once(mixing: str) -> None:
    """Links join devices that are next to each other in some group; hosts are groups."""
    local = 2 if mixing == "alternating-exp-ring" else 1
    problem: GossipProblem = draw_problem(0, 8, mixing, local=local)
    drawing = problem.drawing(order_of(problem))
    assert drawing is not None
    pairs = [(link.source, link.target) for link in drawing.links]
    assert len(pairs) == len(set(pairs)) >= 7
    assert all(link.seconds is not None and link.seconds > 0 for link in drawing.links)
    assert len(drawing.groups) == (4 if local == 2 else 0)
