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


def budget_words(name: str) -> str:
    """A budget's name in a sentence: `1000-evaluations+2-cpu-seconds` is `1,000 evaluations and 2 CPU seconds`."""
    return " and ".join(_limit_words(part) for part in name.split("+"))


def _limit_words(part: str) -> str:
    figure, _, unit = part.partition("-")
    try:
        value = float(figure)
    except ValueError:
        return part
    words = unit.replace("-", " ").replace("cpu", "CPU")
    return f"{value:,.10g} {words.removesuffix('s') if value == 1 else words}"


def listed(names: list[str], most: int = 4) -> str:
    """Names as in a sentence: `a, b and c`, and how many more beyond `most`."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
