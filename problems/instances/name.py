"""The grammar of instance names: `source/base?key=value&key=value`, with one canonical spelling per instance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tasklet_bench.problems.bad_input import BadInput

Value = int | float | str
Values = dict[str, Value]


@dataclass(frozen=True)
class Key:
    """One key of a name's query: how its text is read, and what it is if left out.

    `read` raises `ValueError` for text that is not what `expected` says. Without a default the key must be given.
    """

    name: str
    read: Callable[[str], Value]
    expected: str
    summary: str
    default: Value | None = None
    always_written: bool = False


def whole(name: str, summary: str, least: int = 0, default: int | None = None, most: int | None = None) -> Key:
    """A key that holds a whole number; without a default it is always written out."""

    def read(text: str) -> int:
        value = int(text)
        if value < least or (most is not None and value > most):
            raise ValueError(text)
        return value

    span = f"of at least {least}" if most is None else f"from {least} to {most}"
    return Key(name, read, f"a whole number {span}", summary, default, default is None)


def number(name: str, summary: str, least: float, most: float, default: float) -> Key:
    """A key that holds a number between two limits, both allowed."""

    def read(text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and least <= value <= most):
            raise ValueError(text)
        return value

    return Key(name, read, f"a number from {least:g} to {most:g}", summary, default)


def choice(name: str, summary: str, choices: Iterable[str], default: str) -> Key:
    """A key that holds one of several words; the first is the default."""
    known = tuple(choices)

    def read(text: str) -> str:
        if text not in known:
            raise BadInput.unknown(f"value of {name}", text, known)
        return text

    return Key(name, read, "one of " + ", ".join(known), summary, default)


def split(name: str) -> tuple[str, dict[str, str]]:
    """Cut a name into its base and its query, still as text; raises `BadInput` for a query that cannot be read."""
    base, mark, query = name.strip().partition("?")
    result: dict[str, str] = {}
    for pair in query.split("&") if mark else ():
        key, equals, text = pair.partition("=")
        if not (key and equals and text):
            raise BadInput.at(name, "query", repr(pair), "key=value, joined by &")
        if key in result:
            raise BadInput.at(name, key, "it twice", "every key once")
        result[key] = text
    return base, result


def read(name: str, query: Mapping[str, str], keys: Iterable[Key]) -> Values:
    """The value of every key, given or default, in the order of `keys`.

    Raises `BadInput` for an unknown key (with the nearest one), a missing one, or text that is not what is expected.
    """
    known = {key.name: key for key in keys}
    for unknown in query.keys() - known.keys():
        raise BadInput.unknown(f"key of {name}:", unknown, known)
    return {key.name: _value(name, query, key) for key in known.values()}


def _value(name: str, query: Mapping[str, str], key: Key) -> Value:
    text = query.get(key.name)
    if text is None:
        if key.default is None:
            raise BadInput.at(name, key.name, "nothing", f"{key.name}=…, {key.expected} ({key.summary})")
        return key.default
    try:
        return key.read(text)
    except BadInput as error:
        raise BadInput(f"{name}: {error}") from None
    except ValueError:
        raise BadInput.at(name, key.name, repr(text), key.expected) from None


def canonical(base: str, values: Mapping[str, Value], keys: Iterable[Key]) -> str:
    """The one spelling of an instance: keys in their fixed order, defaults left out unless always written."""
    written = [
        f"{key.name}={as_text(values[key.name])}"
        for key in keys
        if key.always_written or values[key.name] != key.default
    ]
    return f"{base}?{'&'.join(written)}" if written else base


def as_text(value: Value) -> str:
    """A value as it stands in a name."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)
