"""The baselines of the field: grid search over shapes on a host list, and a rule of thumb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.tensor_parallel.shape_table import memory_needs

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel.problem import Chosen, Order, TensorParallelProblem


def find_starts(problem: TensorParallelProblem) -> dict[str, Chosen]:
    """The baselines by name; the rule of thumb is left out where no shape of mode 1d exists."""
    n = problem.devices.n_devices
    host_order = np.arange(n)
    shuffled = np.random.Generator(np.random.PCG64(0)).random(n).argsort(kind="stable")
    starts = {"grid-search": search_grid(problem, host_order), "shuffled": search_grid(problem, shuffled)}
    number = apply_rule_of_thumb(problem)
    if number is not None:
        starts["rule-of-thumb"] = (np.array([number]), host_order)
    return starts


def search_grid(problem: TensorParallelProblem, order: Order) -> Chosen:
    """The best of all shapes on one order: the careful grid search over parallel degrees of Megatron's users."""
    return np.array([int(np.argmin(score_shapes(problem, order)))]), order


def score_shapes(
    problem: TensorParallelProblem, order: Order, rates: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The cost of every shape on one order (in seconds), shape `(S,)`; `rates` in place of the devices' own."""
    from tasklet_bench.problems.tensor_parallel.evaluate import score_all

    costs_s = np.empty(len(problem.shapes))
    layers, own, *links = problem.world
    score_all(*problem.table, layers, own if rates is None else rates, *links, order, costs_s)
    return costs_s


def apply_rule_of_thumb(problem: TensorParallelProblem) -> int | None:
    """The number of the shape that a rule of thumb takes, or None where mode 1d has none.

    1d with the largest q within a node (the largest site), as many devices as go, then the fewest stages that fit
    everywhere (or the most, where none does), and the smallest micro-batch.
    """
    node = max(site.devices for site in problem.sites)
    fits = memory_needs(problem.table, problem.model.layers).max(axis=1) <= problem.devices.memory_bytes.min()
    rules = [
        (shape.q, shape.devices, *((1, -shape.stages) if fit else (0, shape.stages)), -shape.micro_batch, -number)
        for number, (shape, fit) in enumerate(zip(problem.shapes, fits, strict=True))
        if shape.mode == "1d" and shape.q <= node
    ]
    return -max(rules)[-1] if rules else None
