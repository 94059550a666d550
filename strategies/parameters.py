"""A strategy's parameters: the fields of its dataclass, read from text and written as an entrant's name.

An entrant is a strategy with its parameters, `genetic[gain=kernighan-lin]`; defaults are left out of the name. `start`
is no parameter of a strategy but of an entrant: what the harness lets a strategy begin from, `annealing[start=known]`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import Field, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.strategies.strategy import Strategy

STARTS = ("none", "known")
"""What an entrant may begin from: nothing, or the best of the problem's starts."""
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


def parameter(
    default: Any,
    about: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
    at_least: float | None = None,
    at_most: float | None = None,
    above: float | None = None,
    also: float | None = None,
) -> Any:
    """Declare a parameter: the field of a strategy's dataclass, with what it means and which values make sense.

    `tune` looks between `low` and `high`, on a logarithmic scale if `log`. Values below `at_least`, not `above`, or
    over `at_most` are refused, wherever they come from; `also` is one more that is allowed, such as 0 for "automatic".
    """
    limits = {"at_least": at_least, "above": above, "at_most": at_most}
    about_it = {"about": about, **{name: limit for name, limit in limits.items() if limit is not None}}
    if low is not None and high is not None:
        about_it |= {"low": low, "high": high, "log": log}
    if also is not None:
        about_it["also"] = also
    return field(default=default, metadata=about_it)


def configured(cls: type[Strategy], values: Mapping[str, Any]) -> Strategy:
    """Make a strategy with parameters given as text or as values; raises `BadInput` naming the parameter."""
    declared = parameter_types(cls)
    unknown = [key for key in values if key not in declared]
    if unknown:
        if not declared:
            raise BadInput.at(f"strategy {cls.name}", unknown[0], repr(values[unknown[0]]), "no parameters at all")
        raise BadInput.unknown(f"parameter of {cls.name}", unknown[0], declared)
    try:
        strategy = cls(**{key: _converted(cls, key, declared[key], value) for key, value in values.items()})
        check_parameters(strategy)
    except ValueError as error:
        raise error if isinstance(error, BadInput) else BadInput(f"strategy {cls.name}: {error}") from error
    return strategy


def check_parameters(strategy: Strategy) -> None:
    """Raise `BadInput`, with the value and what is allowed, for a number outside of what its field declares."""
    for declared in _fields(type(strategy)):
        value, about = getattr(strategy, declared.name), declared.metadata
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value == about.get("also"):
            continue
        if not (
            math.isfinite(value)
            and value >= about.get("at_least", -math.inf)
            and value > about.get("above", -math.inf)
            and value <= about.get("at_most", math.inf)
        ):
            raise BadInput.at(f"strategy {strategy.name}", declared.name, value, _allowed(about))


def _allowed(about: Mapping[str, Any]) -> str:
    words = {"at_least": "at least", "above": "a number above", "at_most": "at most"}
    allowed = " and ".join(f"{words[limit]} {about[limit]:g}" for limit in words if limit in about)
    also = f"{about['also']:g} or " if "also" in about else ""
    return also + (allowed or "a finite number")


def parameters_of(strategy: Strategy) -> dict[str, Any]:
    """All parameters of a strategy with their values."""
    return {key: getattr(strategy, key) for key in parameter_types(type(strategy))}


def split_start(cls: type[Strategy], values: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The parameters without `start`, and that: `known`, or None; raises `BadInput` where there is no such entrant."""
    own = dict(values)
    if "start" in parameter_types(cls) or "start" not in own:
        return own, None
    start = str(own.pop("start"))
    if start not in STARTS:
        raise BadInput.unknown(f"value of {cls.name}'s parameter start", start, STARTS)
    if start == STARTS[0]:
        return own, None
    if not cls.uses_start:
        raise BadInput.at(f"strategy {cls.name}", "start", start, "nothing: it begins from nothing that is given")
    return own, start


def entrant_name(strategy: Strategy, start: str | None = None) -> str:
    """`name[parameter=value,…]` with the parameters that differ from their defaults, in order of declaration.

    `start` stands last: what the entrant begins from, None for nothing.
    """
    defaults = {f.name: f.default for f in _fields(type(strategy))}
    values = {key: getattr(strategy, key) for key in defaults}
    changed = [f"{key}={_text(value)}" for key, value in values.items() if value != defaults[key]]
    changed += [] if start is None else [f"start={start}"]
    return f"{strategy.name}[{','.join(changed)}]" if changed else strategy.name


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
            number = kind(value)
            whole = kind is float or number == float(value)
        except (ValueError, TypeError, OverflowError):
            number = None
        if number is None or not whole:
            raise BadInput.at(where, key, repr(value), "a whole number" if kind is int else "a number")
        return number
    if kind is str:
        return str(value)
    raise TypeError(f"{cls.__name__}.{key} is declared as {kind}, expected a Literal, bool, int, float or str")
