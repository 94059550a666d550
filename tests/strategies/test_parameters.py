"""Parameters: declared once, with what they mean, what is refused, and where `tune` looks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

import pytest

from tasklet_bench.bench.campaigns.tune import space
from tasklet_bench.bench.plugins import entrant, load_strategy
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.strategies.annealing.strategy import Annealing
from tasklet_bench.strategies.parameters import (
    check_parameters,
    configured,
    entrant_name,
    parameter,
    parameter_types,
    split_entrant,
    split_start,
)
from tasklet_bench.strategies.registry import ENTRANTS, STRATEGIES, strategy_class
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class Sample(Strategy):
    """Parameters of every kind."""

    name = "sample"
    uses_start = True

    heat: float = parameter(0.5, "first temperature", low=0.1, high=2.0, log=True, above=0)
    share: float = parameter(0.5, "a share", at_least=0, at_most=1)
    size: int = parameter(0, "a size, 0 for automatic", low=4, high=40, at_least=2, also=0)
    mood: Literal["calm", "bold"] = parameter("calm", "how it goes about it")
    plain: int = 3

    def search(self, problem: Any, run: Any, rng: Any) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"heat": "0"}, "strategy sample: heat: found 0.0, expected a number above 0"),
        ({"heat": "inf"}, "heat: found inf, expected a number above 0"),
        ({"heat": "nan"}, "heat: found nan"),
        ({"heat": "warm"}, "heat: found 'warm', expected a number"),
        ({"share": 1.5}, "share: found 1.5, expected at least 0 and at most 1"),
        ({"size": "1"}, "size: found 1, expected 0 or at least 2"),
        ({"size": "2.5"}, "size: found '2.5', expected a whole number"),
        ({"size": 2.5}, "size: found 2.5, expected a whole number"),
        ({"mood": "blod"}, "did you mean 'bold'"),
        ({"heta": "1"}, "did you mean 'heat'"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(values: dict[str, Any], words: str) -> None:
    """The parameter, what was found and what was expected; given as text or as a value."""
    with pytest.raises(BadInput) as refused:
        configured(Sample, values)  # type: ignore[type-abstract]
    assert words in str(refused.value)


def test_a_strategy_that_is_made_in_python_is_checked_too() -> None:
    """No other way in: the constructor refuses as well."""
    with pytest.raises(BadInput, match="share: found -1"):
        Sample(share=-1)


def test_text_becomes_values() -> None:
    """Whole numbers, numbers and choices are read as what they are declared to be."""
    strategy = configured(Sample, {"heat": "2", "size": "8", "mood": "bold", "plain": "4"})  # type: ignore[type-abstract]
    assert (strategy.heat, strategy.size, strategy.mood, strategy.plain) == (2.0, 8, "bold", 4)  # type: ignore[attr-defined]
    assert entrant_name(strategy) == "sample[heat=2.0,size=8,mood=bold,plain=4]"


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_parameter_says_what_it_means_and_can_be_tuned(name: str) -> None:
    """Each has a sentence, and stands in the space of `tune` with its default inside, or `also` allowed."""
    cls = strategy_class(name)
    declared = parameter_types(cls)
    if not declared:
        return
    assert set(space(name)) == set(declared)
    for field in fields(cls):  # type: ignore[arg-type]
        about = field.metadata
        assert about["about"], field.name
        if "low" in about and field.default != about.get("also"):
            assert about["low"] <= field.default <= about["high"]


@pytest.mark.parametrize("name", ENTRANTS)
def test_every_entrant_is_one_that_its_name_describes(name: str) -> None:
    """The names of the default leaderboard round-trip, starts included."""
    assert entrant(name).name == name


def test_a_start_is_part_of_the_entrant_and_of_its_key() -> None:
    """`annealing[start=known]` is another entrant than `annealing`, with the same strategy."""
    known, alone = entrant("annealing[start=known]"), entrant("annealing")
    assert (known.start, alone.start) == ("known", None)
    assert known.parameters == alone.parameters | {"start": "known"}
    assert load_strategy(known) == load_strategy(alone) == Annealing()
    assert entrant("annealing[hot=1,start=known]").name == "annealing[hot=1.0,start=known]"
    assert entrant("annealing", {"start": "none"}) == alone
    assert entrant("annealing", known.parameters) == known


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("annealing[start=knwon]", "did you mean 'known'"),
        ("random[start=known]", "strategy random: start: found known, expected nothing"),
    ],
)
def test_starts_that_there_are_not_are_refused(text: str, words: str) -> None:
    """With what there is."""
    with pytest.raises(BadInput) as refused:
        entrant(text)
    assert words in str(refused.value)


def test_a_strategys_own_parameter_called_start_is_its_own() -> None:
    """A plug-in that declares one keeps it."""

    @dataclass(frozen=True)
    class Own(Strategy):
        """Has its own idea of a start."""

        name = "own"
        start: int = parameter(1, "where")

        def search(self, problem: Any, run: Any, rng: Any) -> None:
            """Nothing."""

    assert split_start(Own, split_entrant("own[start=3]")[1]) == ({"start": "3"}, None)  # type: ignore[type-abstract]
    check_parameters(Own(start=3))
