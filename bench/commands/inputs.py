"""Turn what was typed into what is meant: problems by name or file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from problems.bad_input import BadInput

if TYPE_CHECKING:
    from problems.allocation import AllocationProblem


def problem_named(text: str) -> AllocationProblem:
    """The problem of a catalogue name or of a problem file; raises `BadInput` if it is neither."""
    from problems.files import read_problem
    from problems.instances import catalogue

    if text.endswith(".json") or Path(text).is_file():
        return read_problem(text)
    return catalogue.load(text)


def parameters_typed(pairs: list[str] | None) -> dict[str, str]:
    """Read `-P name=value` pairs."""
    parameters = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput.at("option -P", "its value", repr(pair), "NAME=VALUE")
        parameters[name.strip()] = value.strip()
    return parameters
