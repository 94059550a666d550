"""Instances of the family as data: a problem file's content with the options beside it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import problem_from_json, problem_to_json, read_problem_json
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.iteration_time.names import formal_name, read_options
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.problem import IterationTimeProblem
from tasklet_bench.problems.validation import StrictModel, validated


class _Instance(StrictModel):
    family: Literal["iteration-time"]
    problem: dict[str, Any] | str
    options: dict[str, Any] = Field(default_factory=dict)
    wiring: Literal["formal", "free"] = "formal"
    layers: Literal["equal", "free"] = "equal"


def from_json(data: dict[str, Any], source: str) -> IterationTimeProblem:
    """Make an instance from `{"family", "problem", "options", "wiring", "layers"}`.

    `problem` is a name of the catalogue or the content of a problem file. Raises `BadInput` that names the field.
    """
    instance = validated(_Instance, data, source)
    given = instance.problem
    formal = catalogue.load(given) if isinstance(given, str) else problem_from_json(given, f"{source}: problem")
    known = asdict(SimulationOptions())
    for key in instance.options:
        if key not in known:
            raise BadInput(f"{source}: options: {BadInput.unknown('option', key, known)}")
    options = dict(instance.options)
    if "efficiency_of" in options:
        options["efficiency_of"] = tuple(sorted(dict(options["efficiency_of"]).items()))
    try:
        checked = SimulationOptions(**options)
    except TypeError as error:
        raise BadInput.at(source, "options", error, "values of the right types") from None
    return IterationTimeProblem.wrap(formal, checked, instance.wiring, instance.layers)


def to_json(problem: IterationTimeProblem, formal: dict[str, Any] | str | None = None) -> dict[str, Any]:
    """Write an instance so that it reads back with the same digest; `formal` is its problem file's content or a name.

    Without it the problem is written out; the model's shape, which a written problem does not hold, is lost then.
    """
    defaults = asdict(SimulationOptions())
    options = {key: value for key, value in asdict(problem.options).items() if value != defaults[key]}
    if "efficiency_of" in options:
        options["efficiency_of"] = dict(options["efficiency_of"])
    return {
        "family": problem.family,
        "problem": problem_to_json(problem.formal) if formal is None else formal,
        "options": options,
        "wiring": problem.wiring,
        "layers": problem.layers,
    }


def content_of_name(name: str, folder: Path) -> dict[str, Any] | None:
    """The content of `iteration-time/FILE.json?…`, its file looked for in a folder; None for names of the catalogue."""
    base = formal_name(name)
    if not base.endswith(".json"):
        return None
    data = read_problem_json(folder / base)
    options, wiring, layers = read_options(name)
    problem = IterationTimeProblem.wrap(problem_from_json(data, base), options, wiring, layers)
    return to_json(problem, data)
