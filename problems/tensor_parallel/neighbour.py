"""Small random changes of a candidate: units of ranks move, or the shape becomes one that is much like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.tensor_parallel.shapes import TensorShape

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel.problem import Chosen, Order, TensorParallelProblem

CHANGE_SHAPE = 0.15
"""How often the shape changes; most moves are of devices, as there are far more orders than shapes."""


def find_neighbour(problem: TensorParallelProblem, candidate: Chosen, rng: np.random.Generator) -> Chosen:
    """A candidate that differs by one change: of the shape, or in the places of devices, tensor groups or stages."""
    chosen, order = candidate
    number = int(chosen[0])
    if len(problem.shapes) > 1 and (rng.random() < CHANGE_SHAPE or len(order) == 1):
        return np.array([_like(problem.shapes, number, rng)]), order
    return chosen, _move(problem.shapes[number], order, rng)


def _like(shapes: tuple[TensorShape, ...], number: int, rng: np.random.Generator) -> int:
    """Another shape, drawn among those that share most numbers with this one three times in four, else among all."""
    if rng.random() < 0.25:
        return int((number + rng.integers(1, len(shapes))) % len(shapes))
    fields = list(TensorShape.__dataclass_fields__)
    own = shapes[number]
    alike = np.array([sum(getattr(shape, key) == getattr(own, key) for key in fields) for shape in shapes])
    alike[number] = 0
    near = np.flatnonzero(alike >= alike.max() - 1)
    return int(rng.choice(near))


def _move(shape: TensorShape, order: Order, rng: np.random.Generator) -> Order:
    """Swap two units, turn a run of units round, or move one; a unit is a rank, a tensor group or a stage."""
    sizes = sorted({1, shape.tensor_devices, shape.tensor_devices * shape.replicas})
    unit = int(rng.choice(sizes))
    if (unit > 1 and shape.devices // unit < 2) or len(order) < 2:
        unit = 1
    if len(order) < 2:
        return order.copy()
    whole = len(order) if unit == 1 else shape.devices
    units = order[:whole].reshape(-1, unit)
    low, high = np.sort(rng.choice(len(units), size=2, replace=False))
    places = np.arange(len(units))
    match int(rng.integers(4)):
        case 0:
            places[low : high + 1] = places[low : high + 1][::-1]
        case 1:
            places[low : high + 1] = np.roll(places[low : high + 1], rng.choice([-1, 1]))
        case _:
            places[[low, high]] = places[[high, low]]
    return np.concatenate([units[places].ravel(), order[whole:]])
