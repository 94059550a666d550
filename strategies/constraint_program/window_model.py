"""The model of one window: stage by stage in pipeline order, with the slowest group's seconds inside a narrow range.

*Counts.* A stage is how many devices of each class it takes; a class of one device makes its count a Boolean, so a
problem without any symmetry becomes one Boolean per device and stage. *Wiring.* Between neighbouring stages a flow
says how many devices of one class are wired to how many of another; whole counts on both sides make it a matching.
*Levels.* One Boolean per boundary and distinct link value says that the boundary is slower than that; a pair may carry
flow only if its boundary is as slow as the pair. *Order* is position, and the mirror image is cut off by asking the
first boundary to be no slower than the last, unless a device is pinned to a stage. Devices that no stage takes are
spares.

The window keeps the model tight: the longest row of a stage is bounded by one variable whose range is narrow, so "this
class is present, hence its row counts" is nearly an implication. A link dearer than the window is as good as any other
such link: what it adds to a row is cut down to what already rules the row out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from tasklet_bench.strategies.constraint_program.integer_problem import Units, WholeProblem
from tasklet_bench.strategies.constraint_program.windows import Window


@dataclass(frozen=True, eq=False)
class WindowModel:
    """A CP-SAT model, its count variables, K rows of C, and what no sum in one of its constraints can exceed."""

    model: cp_model.CpModel
    counts: list[list[cp_model.IntVar]]
    largest_sum: int

    def hint(self, counts: NDArray[np.int64]) -> None:
        """Tell where a good allocation has its devices, shape `(K, C)`."""
        for variables, values in zip(self.counts, counts.tolist(), strict=True):
            for variable, value in zip(variables, values, strict=True):
                self.model.add_hint(variable, value)


def build(problem: WholeProblem, window: Window, cut: int) -> WindowModel:
    """The model of all allocations in `window` that cost less than `cut` (units); it minimises that cost."""
    model = cp_model.CpModel()
    counts, present = _stages(model, problem)
    slowest_group = model.new_int_var(window.low, window.high, "slowest group")
    dp = np.minimum(problem.dp, window.high + 1)
    for stage in range(problem.n_stages):
        _bound_rows(model, dp, counts[stage], present[stage], slowest_group)
    level = problem.level[: _affordable(problem, window, cut)]
    slower = [[model.new_bool_var(f"boundary {b} above {v}") for v in level[:-1]] for b in range(problem.n_stages - 1)]
    for boundary, above in enumerate(slower):
        for lower, higher in pairwise(above):
            model.add_implication(higher, lower)
        _wire(model, problem, len(level), counts[boundary], counts[boundary + 1], above)
    for place, value in enumerate(level[:-1]):
        dearer = int((problem.boundary_least > value).sum())
        model.add(sum(above[place] for above in slower) >= dearer)
    if len(slower) > 1 and all(pin.stage is None for pin in problem.rules.pins):
        model.add(sum(slower[0]) <= sum(slower[-1]))
    steps = np.diff(level).tolist()
    pipeline = int(level[0]) * len(slower) + sum(
        step * is_above for above in slower for step, is_above in zip(steps, above, strict=True)
    )
    model.add(slowest_group + pipeline <= cut - 1)
    model.minimize(slowest_group + pipeline)
    row = int((dp @ np.minimum(problem.classes.sizes, problem.group_size)).max())
    return WindowModel(model, counts, largest_sum=window.high + max(row, int(level[-1]) * len(slower)))


def n_terms(problem: WholeProblem, window: Window, cut: int) -> int:
    """The size of the model of a window, about its number of variables: building it takes so much longer."""
    n_levels = _affordable(problem, window, cut)
    pairs = int(((problem.level_of >= 0) & (problem.level_of < n_levels)).sum())
    return (problem.n_stages - 1) * (pairs + n_levels) + problem.n_stages * problem.classes.n_classes


def _stages(
    model: cp_model.CpModel, problem: WholeProblem
) -> tuple[list[list[cp_model.IntVar]], list[list[cp_model.IntVar]]]:
    """How many devices of each class a stage takes, and whether it takes any: K rows of C each."""
    sizes = problem.classes.sizes.tolist()
    counts, present = [], []
    for stage in range(problem.n_stages):
        takes = [model.new_int_var(0, min(size, problem.group_size), f"n{stage}.{c}") for c, size in enumerate(sizes)]
        model.add(sum(takes) == problem.group_size)
        counts.append(takes)
        present.append([_is_present(model, count, size) for count, size in zip(takes, sizes, strict=True)])
    spares = sum(sizes) > problem.group_size * problem.n_stages
    for c, size in enumerate(sizes):
        placed = sum(counts[stage][c] for stage in range(problem.n_stages))
        model.add(placed <= size if spares else placed == size)
    _keep_rules(model, problem, counts)
    return counts, present


def _keep_rules(model: cp_model.CpModel, problem: WholeProblem, counts: list[list[cp_model.IntVar]]) -> None:
    """Each device of a rule is a class of its own, so its count at a stage says whether it stands there."""
    rules, class_of = problem.rules, problem.classes.class_of
    for pin in rules.pins:
        model.add(counts[pin.stage or 0][class_of[pin.device]] == 1)
    for stage, takes in enumerate(counts):
        for device in rules.exclude:
            model.add(takes[class_of[device]] == 0)
        for bond in rules.apart:
            model.add_at_most_one(takes[class_of[device]] for device in bond.devices)
        elsewhere = [other for other in range(problem.n_stages) if other != stage]
        for bond in rules.together:
            for one, other in permutations(bond.devices, 2):
                model.add(takes[class_of[one]] + sum(counts[s][class_of[other]] for s in elsewhere) <= 1)


def _is_present(model: cp_model.CpModel, count: cp_model.IntVar, size: int) -> cp_model.IntVar:
    if size == 1:
        return count
    present = model.new_bool_var(f"any {count.name}")
    model.add(count >= 1).only_enforce_if(present)
    model.add(count == 0).only_enforce_if(~present)
    return present


def _bound_rows(
    model: cp_model.CpModel,
    dp: Units,
    counts: list[cp_model.IntVar],
    present: list[cp_model.IntVar],
    slowest_group: cp_model.IntVar,
) -> None:
    """Each class that is present pays all devices of the stage but one of its own."""
    for row, is_present, own in zip(dp.tolist(), present, dp.diagonal().tolist(), strict=True):
        paid = sum(link * count for link, count in zip(row, counts, strict=True) if link)
        model.add(paid - own <= slowest_group).only_enforce_if(is_present)


def _affordable(problem: WholeProblem, window: Window, cut: int) -> int:
    """How many of the levels a boundary can have while the rest costs its least and the total stays below `cut`."""
    others = problem.pipeline_least - int(problem.boundary_least[-1:].sum())
    return max(1, int(np.searchsorted(problem.level, cut - 1 - window.low - others, side="right")))


def _wire(
    model: cp_model.CpModel,
    problem: WholeProblem,
    n_levels: int,
    left: list[cp_model.IntVar],
    right: list[cp_model.IntVar],
    above: list[cp_model.IntVar],
) -> None:
    """A matching between two stages, by flows between classes over pairs that are no slower than the boundary."""
    sizes = np.minimum(problem.classes.sizes, problem.group_size)
    leaving: list[list[cp_model.IntVar]] = [[] for _ in left]
    entering: list[list[cp_model.IntVar]] = [[] for _ in right]
    for a, b in np.argwhere((problem.level_of >= 0) & (problem.level_of < n_levels)).tolist():
        flow = model.new_int_var(0, int(min(sizes[a], sizes[b])), "")
        level = int(problem.level_of[a, b])
        if level > 0:
            model.add(flow == 0).only_enforce_if(~above[level - 1])
        leaving[a].append(flow)
        entering[b].append(flow)
    for flows, count in (*zip(leaving, left, strict=True), *zip(entering, right, strict=True)):
        model.add(sum(flows) == count)
