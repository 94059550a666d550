"""A lower bound on the simulated seconds of any allocation: slow devices and links have to stand somewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time.compute import StageCosts, stage_costs
from tasklet_bench.problems.iteration_time.iteration import Plan
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.templates import Tables, make_tables

MOST_KINDS = 128
"""Kinds of devices that are tried; the slowest ones, where there are more."""


def iteration_bound(problem: AllocationProblem, options: SimulationOptions, free_layers: bool = False) -> float:
    """The slowest kind of device where it hurts least, among devices and links as fast as the fastest.

    Every device stands in some cell, with its own seconds and no better links than its best ones in each direction; all
    other cells, links and delays are taken to be the best there are, and a shared rate only makes a message later. So
    the iteration is no faster than the least over stages, for each device that is used: where there are spares, at
    best those devices are that would make it slowest. With free layers a stage may hold one layer
    alone, and the whole model is no faster than all devices together.
    """
    costs = stage_costs(problem, options)
    if free_layers:
        return max(_work_bound(problem, options), _pivot_bound(problem, options, _one_layer(problem, options, costs)))
    return _pivot_bound(problem, options, costs)


def _pivot_bound(problem: AllocationProblem, options: SimulationOptions, costs: StageCosts) -> float:
    from tasklet_bench.problems.iteration_time.evaluate import make_scratch, run_column, run_row

    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    tables = _with_best(make_tables(problem.shape, Plan.of(options), problem.topology, costs))
    scratch = make_scratch(tables, d)
    run_row(tables, scratch, np.zeros(k, dtype=np.int64), scratch.ready_s[0])
    fastest_s = scratch.ready_s[0].copy()
    used_s = np.zeros(problem.n_devices)
    members = range(d) if options.collective == "tree" else range(1)
    for device, alike in _kinds(tables):
        least_s = np.inf
        for stage in range(k):
            for member in members:
                ready_s = np.repeat(fastest_s[None], d, axis=0)
                row, grid = np.zeros(k, dtype=np.int64), np.zeros((d, k), dtype=np.int64)
                row[stage] = grid[member, stage] = device
                end_s = run_row(tables, scratch, row, ready_s[member])
                if tables.barrier:
                    ready_s[:] = end_s
                least_s = min(least_s, run_column(tables, scratch, grid, ready_s, stage))
        used_s[alike] = least_s
    return float(np.sort(used_s[problem.available])[problem.shape.n_devices - 1])


def _with_best(tables: Tables) -> Tables:
    """The tables with one more device, number 0: as fast as the fastest at everything, with the best links."""
    n = len(tables.delay_s)
    links = ~np.eye(n, dtype=bool)

    def widened(matrix: NDArray[np.float64], best: np.ufunc, worst: float, alone: float) -> NDArray[np.float64]:
        longest = np.where(links, matrix, worst)
        result = np.full((n + 1, n + 1), alone)
        if n > 1:
            result[1:, 1:] = matrix
            result[0, 1:], result[1:, 0] = best.reduce(longest, axis=0), best.reduce(longest, axis=1)
            result[0, 0] = best.reduce(longest, axis=None)
        return result

    return tables._replace(
        row_seconds=np.column_stack([tables.row_seconds.min(axis=1), tables.row_seconds]),
        update_s=np.column_stack([tables.update_s.min(axis=1), tables.update_s]),
        bandwidth_bytes_s=widened(tables.bandwidth_bytes_s, np.maximum, 0.0, np.inf),
        delay_s=widened(tables.delay_s, np.minimum, np.inf, 0.0),
    )


def _kinds(tables: Tables) -> list[tuple[int, NDArray[np.bool_]]]:
    """One device of each kind that the bound can tell apart, slowest first, and which devices are of it, `(N,)`."""
    seen = np.vstack(
        [
            tables.row_seconds[:, 1:],
            tables.update_s[:, 1:],
            tables.bandwidth_bytes_s[0, 1:],
            tables.bandwidth_bytes_s[1:, 0],
            tables.delay_s[0, 1:],
            tables.delay_s[1:, 0],
        ]
    )
    _, first, kind_of = np.unique(seen, axis=1, return_index=True, return_inverse=True)
    slowest = np.lexsort((tables.bandwidth_bytes_s[0, 1:][first], -tables.row_seconds[:, 1:].sum(axis=0)[first]))
    return [(1 + int(first[kind]), kind_of.ravel() == kind) for kind in slowest[:MOST_KINDS]]


def _one_layer(problem: AllocationProblem, options: SimulationOptions, costs: StageCosts) -> StageCosts:
    """What stages cost at least where each may hold one layer alone, the cheapest one."""
    forward_s, backward_s, gradient_bytes, boundary_bytes = _least_layer(problem, options, costs)
    return replace(
        costs,
        forward_s=np.broadcast_to(forward_s, costs.forward_s.shape),
        backward_s=np.broadcast_to(backward_s, costs.backward_s.shape),
        update_s=np.zeros_like(costs.update_s),
        gradient_bytes=np.full_like(costs.gradient_bytes, gradient_bytes),
        boundary_bytes=np.full_like(costs.boundary_bytes, boundary_bytes),
    )


def _least_layer(
    problem: AllocationProblem, options: SimulationOptions, costs: StageCosts
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
    """Least forward and backward seconds of one layer on each device, its gradient bytes, and those of a boundary."""
    profile = problem.workload.profile
    if profile is None:
        k = problem.shape.pipeline_parallel
        largest = -(-(problem.workload.transformer.layers if problem.workload.transformer else k) // k)
        share = options.held_chunks / largest
        forward_s, backward_s = costs.forward_s[0] * share, costs.backward_s[0] * share
        return forward_s, backward_s, costs.gradient_bytes[0] / largest, costs.boundary_bytes[0]
    again = 1.0 if options.recomputation == "full" else 0.0
    seconds = [profile.devices[site.device or ""] for site in problem.sites]
    site_of = problem.topology.site_of
    forward_s = np.array([own.forward_s.min() for own in seconds])[site_of]
    backward_s = np.array([(own.backward_s + again * own.forward_s).min() for own in seconds])[site_of]
    least = float(profile.parameters.min()) * profile.gradient_bytes_per_parameter
    boundary = float(profile.activation_bytes.min(initial=np.inf)) if profile.n_layers > 1 else 0.0
    return forward_s, backward_s, least, boundary * options.micro_batches


def _work_bound(problem: AllocationProblem, options: SimulationOptions) -> float:
    """All passes of all layers, shared by all devices as if they could be cut at will.

    A device takes at least `r_n` times the seconds of the fastest device in each layer, so that in each pipeline
    `Σ_n 1/r_n` fastest devices at most share the work of its micro-batches. Spares are the slowest at best.
    """
    profile, model = problem.workload.profile, problem.workload.transformer
    if profile is not None:
        again = 1.0 if options.recomputation == "full" else 0.0
        by_site = [profile.devices[site.device or ""] for site in problem.sites]
        layer_s = np.array([(1 + again) * own.forward_s + own.backward_s for own in by_site])[problem.topology.site_of]
    elif model is not None:
        costs = stage_costs(problem, options)
        largest = -(-model.layers // problem.shape.pipeline_parallel)
        one_s = (costs.forward_s[0] + costs.backward_s[0]) * options.held_chunks / largest
        layer_s = np.repeat(one_s[:, None], model.layers, axis=1)
    else:
        return 0.0
    fastest_s = layer_s.min(axis=0)
    timed = fastest_s > 0
    if not timed.any():
        return 0.0
    speed = 1 / (layer_s[:, timed] / fastest_s[timed]).min(axis=1)
    if problem.n_spares:
        speed = np.sort(speed[problem.available])[-problem.shape.n_devices :]
    whole_s = options.micro_batches * fastest_s.sum() * problem.shape.data_parallel
    return float(whole_s / speed.sum())
