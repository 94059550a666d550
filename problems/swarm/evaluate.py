"""Compiled: the cost of labels, the flow through the stages and the exchanges within them, over all scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.pipeline_model.exchange_kernel import Network, exchange_seconds, network
from tasklet_bench.problems.swarm.flow import arrange, best_throughput, flow_limit, proportional_throughput

if TYPE_CHECKING:
    from tasklet_bench.problems.swarm.problem import SwarmProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Scratch(NamedTuple):
    """Memory of one evaluation: `members` by stage from `first` on; a flow on them; labels of a scenario."""

    members: Ints
    first: Ints
    stage: Ints
    spare: Floats
    used: Floats
    link_spare: Floats
    link_used: Floats
    level: Ints
    arc: Ints
    path: Ints
    amount: Floats
    labels: Ints


class Pack(NamedTuple):
    """An instance as compiled code takes it, and scratch memory for one evaluation.

    `capacity` `(K, N)` and `link` `(N, N)` in micro-batches a second, `volume` `(K,)` bytes of gradients, `absent`
    `(scenarios, N)`; `steady` says that nobody ever is.
    """

    proportional: bool
    steady: bool
    micro_batches: float
    restart_s: float
    capacity: Floats
    link: Floats
    volume: Floats
    network: Network
    absent: NDArray[np.bool_]
    scratch: Scratch


def make_scratch(n: int, k: int) -> Scratch:
    """Scratch memory for N devices and K stages."""
    return Scratch(
        np.zeros(n, np.int64),
        np.zeros(k + 1, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(n),
        np.zeros((n, n)),
        np.zeros((n, n)),
        np.zeros(2 * n, np.int64),
        np.zeros(2 * n, np.int64),
        np.zeros(2 * n + 1, np.int64),
        np.zeros(2 * n + 1),
        np.zeros(n, np.int64),
    )


@jit(allocates=False)
def exchange_of_stage(pack, s):  # type: ignore[no-untyped-def]
    """Seconds in which the arranged members of a stage sum their gradients."""
    first = pack.scratch.first
    return exchange_seconds(pack.network, pack.scratch.members, first[s], first[s + 1], pack.volume[s])


@jit(allocates=False)
def scenario_seconds(pack, labels):  # type: ignore[no-untyped-def]
    """Stream and exchange of gradients (in seconds) of complete labels in one scenario; nan if a stage is empty."""
    scratch = pack.scratch
    if not arrange(pack.network.falling, labels, scratch.first, scratch.members, scratch.stage):
        return np.nan, np.nan
    exchange_s = 0.0
    for s in range(len(pack.volume)):
        exchange_s = max(exchange_s, exchange_of_stage(pack, s))
    theta = proportional_throughput(pack) if pack.proportional else best_throughput(pack, flow_limit(pack))
    return pack.micro_batches / theta, exchange_s


@jit(allocates=False)
def evaluate(pack, labels):  # type: ignore[no-untyped-def]
    """Stream, exchange of gradients and restarts (in seconds): means over the scenarios; nan for no member."""
    k = len(pack.volume)
    here = pack.scratch.labels
    for i in range(len(labels)):
        if not 0 <= labels[i] <= k:
            return np.nan, np.nan, np.nan
    stream_s = exchange_s = restart_s = 0.0
    for scenario in range(len(pack.absent)):
        for i in range(len(labels)):
            here[i] = k if pack.absent[scenario, i] else labels[i]
        seconds = scenario_seconds(pack, here)
        if seconds[0] != seconds[0]:
            seconds = scenario_seconds(pack, labels)
            restart_s += pack.restart_s
        stream_s += seconds[0]
        exchange_s += seconds[1]
    count = len(pack.absent)
    return stream_s / count, exchange_s / count, restart_s / count


@jit(allocates=False)
def seconds_below(pack, labels, limit_s):  # type: ignore[no-untyped-def]
    """The cost of labels 0..K (in seconds); infinite for an empty stage, and where a bound is above the limit."""
    scratch = pack.scratch
    if not pack.steady:
        stream_s, exchange_s, restart_s = evaluate(pack, labels)
        cost_s = stream_s + exchange_s + restart_s
        return cost_s if cost_s == cost_s else np.inf
    if not arrange(pack.network.falling, labels, scratch.first, scratch.members, scratch.stage):
        return np.inf
    flow = flow_limit(pack)
    floor_s = pack.micro_batches / flow * (1 - 1e-9)
    if floor_s > limit_s:
        return np.inf
    exchange_s = 0.0
    for s in range(len(pack.volume)):
        exchange_s = max(exchange_s, exchange_of_stage(pack, s))
    if floor_s + exchange_s > limit_s:
        return np.inf
    theta = proportional_throughput(pack) if pack.proportional else best_throughput(pack, flow)
    return pack.micro_batches / theta + exchange_s


def pack_problem(problem: SwarmProblem) -> Pack:
    """Make an instance ready for compiled code."""
    devices, tables = problem.devices, problem.tables
    k, n = tables.capacity.shape
    return Pack(
        problem.options.wiring == "proportional",
        not problem.options.absent(n).any(),
        float(problem.micro_batches),
        float(problem.options.restart_s),
        tables.capacity.copy(),
        tables.link.copy(),
        tables.gradient_bytes.copy(),
        network(devices),
        problem.options.absent(n),
        make_scratch(n, k),
    )
