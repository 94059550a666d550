"""Versions of the libraries that runs were made with: runs that differ in these alone are one entrant's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def versions_in_words(libraries: pd.Series[str]) -> str:
    """All versions of each library of some runs, `numpy 2.3 and 2.4, ortools 9.15`; from JSON objects of versions."""
    return _in_words(_versions(libraries))


def mixed_versions(runs: pd.DataFrame) -> dict[str, str]:
    """Entrants whose runs were made with more than one version of a library, and those versions in words."""
    if "libraries" not in runs:
        return {}
    mixed = {}
    for strategy, own in runs.groupby("strategy")["libraries"]:
        several = {name: kinds for name, kinds in _versions(own).items() if len(kinds) > 1}
        if several:
            mixed[str(strategy)] = _in_words(several)
    return mixed


def _in_words(versions: dict[str, set[str]]) -> str:
    return ", ".join(f"{name} {' and '.join(sorted(kinds))}" for name, kinds in sorted(versions.items()))


def _versions(libraries: pd.Series[str]) -> dict[str, set[str]]:
    result: dict[str, set[str]] = {}
    for text in libraries.dropna().unique():
        for name, version in json.loads(text).items():
            result.setdefault(str(name), set()).add(str(version))
    return result
