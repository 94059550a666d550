"""Paths of an author's machine: taken out of what is handed in, and looked for in what was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = "…"
_ABSOLUTE = re.compile(r"(?<![\w.:/])(?:/(?:[\w.+@-]+/)+[\w.+@-]*|[A-Za-z]:\\[^\s\"']+)")
_OF_ANY_MACHINE = ("/usr/", "/lib/", "/proc/", "/dev/", "/etc/", "/sys/")
"""Folders that say nothing about whose machine it was."""


def machine_paths(text: str) -> Iterator[str]:
    """The absolute paths in a text that belong to somebody's machine."""
    for match in _ABSOLUTE.finditer(text):
        if not match[0].startswith(_OF_ANY_MACHINE):
            yield match[0]


def without_paths(text: str) -> str:
    """The text with only the last part of each such path, `…/mine.py`."""

    def shortened(match: re.Match[str]) -> str:
        path = match[0]
        return path if path.startswith(_OF_ANY_MACHINE) else f"{LEFT_OUT}/{Path(path.replace(chr(92), '/')).name}"

    return _ABSOLUTE.sub(shortened, text)
