"""User input errors with a message that says how to fix them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from tasklet_bench.problems.text import clean, shorten

MOST_MESSAGE = 1500
"""Characters of a message; the middle of a longer one is left out."""
MOST_FOUND = 120
"""Characters of what was found: figures and words of the project's own stand around somebody's input."""


class BadInput(ValueError):
    """One message that names the source, the field, what was found and what was expected.

    The command line prints it and exits with status 2. It is printable, whatever it repeats.
    """

    def __init__(self, message: str) -> None:
        text = clean(message)
        if len(text) > MOST_MESSAGE:
            text = f"{text[: MOST_MESSAGE // 2]} … {text[-MOST_MESSAGE // 2 :]}"
        super().__init__(text)

    @classmethod
    def at(cls, source: str, field: str, found: object, expected: str) -> BadInput:
        """Say that `field` of `source` (a file, an option) holds `found` where `expected` was due."""
        return cls(f"{_path(source)}: {shorten(field)}: found {_show(found)}, expected {expected}")

    @classmethod
    def unknown(cls, what: str, name: str, known: Iterable[str]) -> BadInput:
        """Say that no `what` is called `name`, and which known name is nearest."""
        return cls(f"unknown {what} {_show(repr(name[:MOST_MESSAGE]))}{nearest(name, known)}")


class OutsideFault(RuntimeError):
    """Something outside the project that a command needs is gone or does not answer; the message says what to do.

    The command line prints it and exits with status 2, as for bad input.
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, or all of them if none is near."""
    names = sorted(known)
    close = get_close_matches(shorten(name).lower(), names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected one of {', '.join(names)}"


def _path(source: str) -> str:
    """A source as it is, unless it is longer than any path."""
    return source if len(source) <= 300 else shorten(source)


def _show(value: object) -> str:
    return shorten(value, MOST_FOUND)
