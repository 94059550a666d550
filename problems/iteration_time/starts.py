"""Placements that take no search in seconds: the formal ones, and devices in the order of their speed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.iteration_time.compute import stage_costs
from tasklet_bench.problems.problem import Candidate

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time.problem import IterationTimeProblem


def list_starts(problem: IterationTimeProblem) -> dict[str, Candidate]:
    """All of them by name; where layers are free, each with those that are best for it without communication."""
    formal = problem.formal.starts()
    if problem.wiring == "formal" and problem.layers == "equal":
        return {**formal, "by-speed": by_speed(problem)}
    grids = {name: problem.formal.complete(candidate) for name, candidate in formal.items()}
    grids["by-speed"] = problem.formal.allocation(by_speed(problem))
    if problem.layers == "free":
        grids = {name: replace(grid, layers=fit_layers(problem, grid.grid)) for name, grid in grids.items()}
    return {name: problem.encode(grid) for name, grid in grids.items()}


def by_speed(problem: IterationTimeProblem) -> NDArray[np.int64]:
    """Labels `(N,)` of groups of like speed, the fastest devices first: each pipeline gets as many of each speed.

    A stage of slow devices can then hold few layers in all pipelines alike. The slowest are the spares.
    """
    formal, k = problem.formal, problem.shape.pipeline_parallel
    seconds = layer_seconds(problem).sum(axis=0)[formal.available]
    order = formal.available[np.argsort(seconds, kind="stable")]
    labels = np.full(formal.n_devices, k)
    labels[order] = np.minimum(np.arange(len(order)) // problem.shape.data_parallel, k)
    if not formal.rules:
        return labels
    return formal.decision.balance(formal.encode(formal.wire(labels)))


def layer_seconds(problem: IterationTimeProblem) -> NDArray[np.float64]:
    """Seconds of each layer, forward and backward, on each device, shape `(L, N)`; one row if no layers are known."""
    formal, options = problem.formal, problem.options
    profile = formal.workload.profile
    if profile is None:
        costs = stage_costs(formal, options)
        return np.repeat((costs.forward_s[:1] + costs.backward_s[:1]), max(problem.n_layers, 1), axis=0)
    again = 2.0 if options.recomputation == "full" else 1.0
    kinds = [profile.devices[site.device or ""] for site in formal.sites]
    by_site = np.array([again * kind.forward_s + kind.backward_s for kind in kinds])
    return by_site[formal.topology.site_of].T


def fit_layers(problem: IterationTimeProblem, grid: NDArray[np.int64]) -> tuple[int, ...]:
    """Layers of each stage that are best for a grid `(D, K)` without communication; at least one for each chunk."""
    from tasklet_bench.problems.iteration_time.layer_cut import best_layers

    layer_s = np.moveaxis(layer_seconds(problem)[:, grid], 0, 2)
    layers, _ = best_layers(np.ascontiguousarray(layer_s), problem.options.micro_batches)
    chunks = problem.options.held_chunks
    if chunks == 1 or min(layers) >= chunks:
        return layers
    from tasklet_bench.problems.profile import even_layers

    return even_layers(problem.n_layers, len(layers))
