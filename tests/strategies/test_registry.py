"""Who takes part when nobody is named."""

from __future__ import annotations

import pytest

from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.registry import ENTRANTS


@pytest.mark.parametrize("suite", catalogue.suites())
def test_the_champion_of_a_suite_takes_part(suite: str) -> None:
    """A run that names nobody has the strategy in it that all others are compared with."""
    assert catalogue.suite(suite).champion in ENTRANTS
