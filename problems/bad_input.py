"""Input that cannot be used, told so that its owner can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class BadInput(ValueError):
    """One message that names the source, the field, what was found and what was expected.

    The command line prints it and exits with status 2.
    """

    @classmethod
    def at(cls, source: str, field: str, found: object, expected: str) -> BadInput:
        """Say that `field` of `source` (a file, an option) holds `found` where `expected` was due."""
        return cls(f"{source}: {field}: found {found}, expected {expected}")

    @classmethod
    def unknown(cls, what: str, name: str, known: Iterable[str]) -> BadInput:
        """Say that no `what` is called `name`, and which known name is nearest."""
        return cls(f"unknown {what} {name!r}{nearest(name, known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, or all of them if none is near."""
    names = sorted(known)
    close = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected one of {', '.join(names)}"
