"""Which of a run's flags cast doubt on it."""

from __future__ import annotations

import json
from collections.abc import Iterable

SAMPLED = "rows of the curve re-scored"
"""The end of a remark that casts none: only so many rows of a curve were scored again."""


def doubts(flags: str | Iterable[str]) -> list[str]:
    """The flags that cast doubt, of a list or of its JSON; what is no list of texts casts none."""
    if isinstance(flags, str):
        try:
            flags = json.loads(flags)
        except ValueError:
            return []
    if not isinstance(flags, list | tuple):
        return []
    return [flag for flag in flags if isinstance(flag, str) and not flag.endswith(SAMPLED)]
