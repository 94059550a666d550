"""A strategy's parameters: the fields of its dataclass, read from text and written as an entrant's name.

An entrant is a strategy with its parameters, `genetic[gain=kernighan-lin]`; defaults are left out of the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.strategies.strategy import Strategy

_ENTRANT = re.compile(r"(?P<name>[^\[\]]+)(\[(?P<parameters>[^\[\]]*)\])?")


def split_entrant(text: str) -> tuple[str, dict[str, str]]:
    """Read `name[parameter=value,…]` into the name and its parameters, still as text."""
    match = _ENTRANT.fullmatch(text.strip())
    if not match:
        raise BadInput.at("strategy", repr(text), "unbalanced brackets", "name or name[parameter=value,…]")
    parameters: dict[str, str] = {}
    for pair in filter(None, (match["parameters"] or "").split(",")):
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not equals:
            raise BadInput.at("strategy", match["name"], repr(pair), "parameter=value")
        parameters[key] = value
    return match["name"].strip(), parameters


def configured(cls: type[Strategy], values: Mapping[str, Any]) -> Strategy:
    """Make a strategy with parameters given as text or as values; raises `BadInput` naming the parameter."""
    declared = parameter_types(cls)
    unknown = [key for key in values if key not in declared]
    if unknown:
        if not declared:
            raise BadInput.at(f"strategy {cls.name}", unknown[0], repr(values[unknown[0]]), "no parameters at all")
        raise BadInput.unknown(f"parameter of {cls.name}", unknown[0], declared)
    try:
        return cls(**{key: _converted(cls, key, declared[key], value) for key, value in values.items()})
    except ValueError as error:
        raise error if isinstance(error, BadInput) else BadInput(f"strategy {cls.name}: {error}") from error


def parameters_of(strategy: Strategy) -> dict[str, Any]:
    """All parameters of a strategy with their values."""
    return {key: getattr(strategy, key) for key in parameter_types(type(strategy))}


def entrant_name(strategy: Strategy) -> str:
    """`name[parameter=value,…]` with the parameters that differ from their defaults, in order of declaration."""
    defaults = {f.name: f.default for f in _fields(type(strategy))}
    values = {key: getattr(strategy, key) for key in defaults}
    changed = ",".join(f"{key}={_text(value)}" for key, value in values.items() if value != defaults[key])
    return f"{strategy.name}[{changed}]" if changed else strategy.name


def parameter_types(cls: type) -> dict[str, Any]:
    """Name and type of each parameter, in order of declaration."""
    hints = get_type_hints(cls)
    return {f.name: hints[f.name] for f in _fields(cls)}


def _fields(cls: type[Any]) -> tuple[Field[Any], ...]:
    return fields(cls) if is_dataclass(cls) else ()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _converted(cls: type[Strategy], key: str, kind: Any, value: Any) -> Any:
    where = f"strategy {cls.name}"
    if get_origin(kind) is Literal:
        choices = {str(choice): choice for choice in get_args(kind)}
        if str(value) not in choices:
            raise BadInput.unknown(f"value of {cls.name}'s parameter {key}", str(value), choices)
        return choices[str(value)]
    if kind is bool:
        if _text(value) not in {"true", "false"}:
            raise BadInput.at(where, key, repr(value), "true or false")
        return _text(value) == "true"
    if kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            raise BadInput.at(where, key, repr(value), "a whole number" if kind is int else "a number") from None
    if kind is str:
        return str(value)
    raise TypeError(f"{cls.__name__}.{key} is declared as {kind}, expected a Literal, bool, int, float or str")
