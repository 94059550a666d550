"""Whether what somebody typed is a strategy or a problem."""

from __future__ import annotations

import inspect
from typing import Literal

from tasklet_bench.bench.plugins.files import attribute_of, file_of, within
from tasklet_bench.bench.plugins.installed import installed_strategies
from tasklet_bench.problems.files import is_file
from tasklet_bench.strategies.parameters import split_entrant
from tasklet_bench.strategies.registry import STRATEGIES


def kind_of(target: str) -> Literal["strategy", "problem"]:
    """What a target is: by the registered names, by what a file offers, and a problem where it is neither's name."""
    path = file_of(target)
    if path is None:
        if is_file(target) or "/" in target or "?" in target:
            return "problem"
        name = split_entrant(target)[0]
        known = name in STRATEGIES or name.rpartition(":")[2] in installed_strategies()
        return "strategy" if known or "[" in target or not target.endswith(".json") else "problem"
    offered = attribute_of(path, within(target).partition("[")[0].partition("/")[0], "a strategy or a problem")
    if inspect.isclass(offered):
        return "problem" if hasattr(offered, "cost") and not hasattr(offered, "search") else "strategy"
    if inspect.isfunction(offered):
        return "strategy" if len(inspect.signature(offered).parameters) >= 3 else "problem"
    return "problem"
