"""Turn what was typed into what is meant: problems by name or file, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from problems.bad_input import BadInput

if TYPE_CHECKING:
    from problems.allocation import AllocationProblem


@dataclass(frozen=True)
class TypedProblem:
    """A problem, and the text of its file if it came from one."""

    problem: AllocationProblem
    content: str | None


def problem_typed(text: str) -> TypedProblem:
    """The problem of a catalogue name or of a problem file; raises `BadInput` if it is neither."""
    if text.endswith(".json") or Path(text).is_file():
        from problems.files import read_problem

        return TypedProblem(read_problem(text), Path(text).read_text(encoding="utf-8"))
    from problems.instances import catalogue

    return TypedProblem(catalogue.load(text), None)


def parameters_typed(pairs: list[str] | None) -> dict[str, str]:
    """Read `-P name=value` pairs."""
    parameters = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput.at("option -P", "its value", repr(pair), "NAME=VALUE")
        parameters[name.strip()] = value.strip()
    return parameters
