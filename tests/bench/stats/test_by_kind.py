"""Who is good at what: kinds of instances, and the decision table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tasklet_bench.bench.stats.by_kind import decision_table, kind_table
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.problems.allocation.kinds import kinds
from tasklet_bench.problems.instances import catalogue


@pytest.fixture
def split(rng: np.random.Generator, make_sample: Callable[..., Sample]) -> Sample:
    """`a` is better on the first six instances, `b` on the other six, `c` is as good as `b` there."""
    good, poor = 1 + 0.01 * rng.random((6, 3)), 1.2 + 0.01 * rng.random((6, 3))
    close = 1 + 0.01 * rng.random((6, 3))
    return make_sample(
        {"a": np.vstack([good, poor]), "b": np.vstack([poor, good]), "c": np.vstack([poor + 0.1, close])}
    )


KINDS = {f"instance-{i:03}": {"sites": "few" if i < 6 else "many", "links": "symmetric"} for i in range(12)}


def test_each_kind_has_its_own_leader(split: Sample) -> None:
    """The decision table names `a` for the first kind, and for the second both that lead it."""
    table = decision_table(split, KINDS, draws=200).set_index("kind")
    assert table.loc["few", "leader"] == "a"
    assert bool(table.loc["few", "clear"])
    assert {table.loc["many", "leader"], *table.loc["many", "as_good"]} == {"b", "c"}  # type: ignore[misc]
    assert not table.loc["many", "clear"]


def test_a_dimension_without_a_split_is_left_out(split: Sample) -> None:
    """All instances have symmetric links, so nothing is said by links."""
    assert set(kind_table(split, KINDS)["dimension"]) == {"sites"}


def test_too_few_instances_get_no_recommendation(split: Sample) -> None:
    """Two instances of a kind are shown with their figures and lead to no advice."""
    few = {name: {"links": "directed" if index < 2 else "symmetric"} for index, name in enumerate(KINDS)}
    assert decision_table(split, few, draws=50)["kind"].tolist() == ["symmetric"]
    assert set(kind_table(split, few)["kind"]) == {"symmetric", "directed"}


def test_kinds_of_known_instances() -> None:
    """The paper's world-wide scenario: 64 devices at 8 even sites over symmetric links, with the paper's bytes."""
    assert kinds(catalogue.load("paper/worldwide")) == {
        "devices": "33 to 64",
        "sites": "5 to 12",
        "site sizes": "even",
        "links": "symmetric",
        "activations per gradient byte": "about the paper's",
    }
    lighter = kinds(catalogue.load("generated/uniform?n=64&dp=8&seed=1&pp_scale=0.1"))
    assert lighter["sites"] == "no sites"
    assert lighter["activations per gradient byte"] == "below half of the paper's"
