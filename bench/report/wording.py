"""Figures in words, the same in a terminal and in Markdown."""

from __future__ import annotations

import math


def percent(share: float) -> str:
    """A relative figure with its sign, as precise as it is worth reading: `+0.31 %`, `+27.0 %`, `+1,940 %`."""
    if not math.isfinite(share):
        return "∞" if share > 0 else "–"
    digits = 2 if abs(share) < 0.1 else 1 if abs(share) < 1 else 0
    text = f"{100 * share:+,.{digits}f} %"
    return text if any(character in "123456789" for character in text) else "0 %"


def listed(names: list[str], most: int = 4) -> str:
    """Names as in a sentence: `a, b and c`, and how many more beyond `most`."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
