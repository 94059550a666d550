"""Instances of the family as data: a problem file's content, or a name, with what is drawn beside it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from tasklet_bench.problems.files import problem_from_json
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.robust.draws import Draws
from tasklet_bench.problems.robust.problem import RobustProblem
from tasklet_bench.problems.validation import StrictModel, validated


class _Instance(StrictModel):
    family: Literal["robust"]
    problem: dict[str, Any] | str
    draws: int = Field(40, ge=1, le=2000)
    sigma: float = Field(0.2, ge=0, le=3)
    seed: int = Field(0, ge=0, le=10**9)
    quantile: float = Field(0.9, gt=0, le=1)


def from_json(data: dict[str, Any], source: str) -> RobustProblem:
    """Make an instance from `{"family", "problem", "draws", "sigma", "seed", "quantile"}`.

    `problem` is a name of the catalogue or the content of a problem file. Raises `BadInput` that names the field.
    """
    instance = validated(_Instance, data, source)
    given = instance.problem
    formal = catalogue.load(given) if isinstance(given, str) else problem_from_json(given, f"{source}: problem")
    return RobustProblem(formal, Draws(formal, instance.draws, instance.sigma, instance.seed), instance.quantile)
