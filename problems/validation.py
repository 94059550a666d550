"""Check data from outside against a pydantic model, and say what is wrong with it in the project's words."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from tasklet_bench.problems.bad_input import BadInput, nearest
from tasklet_bench.problems.text import MOST_PROBLEM_NAME, name_fault, shorten

Location = Sequence[int | str]


class StrictModel(BaseModel):
    """Data from outside: unknown keys, text for numbers and non-finite numbers are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _checked_name(name: str) -> str:
    if (fault := name_fault(name)) is not None:
        raise ValueError(fault)
    return name


def _checked_problem_name(name: str) -> str:
    if (fault := name_fault(name, MOST_PROBLEM_NAME)) is not None:
        raise ValueError(fault)
    return name


Name = Annotated[str, AfterValidator(_checked_name)]
"""A name that can stand in tables, files and terminals."""
ProblemName = Annotated[str, AfterValidator(_checked_problem_name)]

Model = TypeVar("Model", bound=StrictModel)


def validated(model: type[Model], data: Any, source: str) -> Model:
    """Make a model from plain data; raises `BadInput` that names `source`, the first wrong field and its remedy."""
    try:
        return model.model_validate(data)
    except RecursionError:
        raise BadInput(f"{source}: cannot be used: it is too deep") from None
    except ValidationError as error:
        # A misspelt key is also a missing one; the unknown key is what its owner looks for.
        faults = sorted(error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden")
        raise BadInput(_describe_fault(model, faults[0], source, others=len(faults) - 1)) from None


def field_name(location: Location) -> str:
    """Write a place in nested data as it would be typed: `sites[0].devices`."""
    name = ""
    for step in location:
        shown = shorten(step)
        name += f"[{shown}]" if isinstance(step, int) else f".{shown}" if name else shown
    return name or "the whole of it"


def _describe_fault(model: type[BaseModel], fault: Any, source: str, others: int) -> str:
    location: Location = fault["loc"]
    more = f" (and {others} more)" if others else ""
    if fault["type"] == "extra_forbidden":
        *parent, key = location
        hint = nearest(str(key), _keys_at(model, parent))
        return f"{source}: {field_name(location)}: unknown key{hint}{more}"
    if fault["type"] == "missing":
        return f"{source}: {field_name(location)}: missing, expected a value{more}"
    if fault["type"] == "too_short":
        return f"{source}: {field_name(location)}: found none, expected at least {fault['ctx']['min_length']}{more}"
    try:
        result = shorten(repr(fault["input"]), 60)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        result = "a whole number of thousands of digits"
    expected = fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{source}: {field_name(location)}: found {result}, expected {expected}{more}"


def _keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Keys that the model allows at a place."""
    kind: Any = model
    for step in location:
        if isinstance(step, int):
            kind = _unwrapped(get_args(kind)[0])
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = _unwrapped(kind.model_fields[step].annotation)
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _unwrapped(kind: Any) -> Any:
    """The type within an optional one."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(inner for inner in get_args(kind) if inner is not type(None))
    return kind
