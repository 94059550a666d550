"""An iteration for compiled code: one pipeline and one exchange of gradients, each run once a row and once a column.

With links that share nothing pipelines do not meet before gradients, and all of them are the same tasks; so are the
exchanges of all stages. Every task waits for two others (of more, it waits for a marker of two), and how long it takes
follows from its *resource*: a pass of a stage, or a link with its bytes. There are far fewer of these than tasks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.iteration_time.compute import StageCosts
from tasklet_bench.problems.iteration_time.durations import compute_seconds, payload_bytes
from tasklet_bench.problems.iteration_time.iteration import Plan, add_exchange, add_pipeline
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraph, TaskGraphBuilder
from tasklet_bench.problems.topology import Topology
from tasklet_bench.problems.workload import Shape

ZERO = 0
"""The code of a moment that is always 0, and the resource of what takes no time."""


class Template(NamedTuple):
    """T tasks, each with the two moments that it waits for and its resource, shape `(T, 3)`.

    Task `t` has slot `inputs + 1 + t`; the moment of its end has code `2·slot`, that of its arrival `2·slot + 1`. Slots
    `1…inputs` are moments given from outside. `resource` holds one task of the graph for each resource, -1 for none;
    `ends` are the codes of the moments asked for.
    """

    tasks: NDArray[np.int32]
    resource: NDArray[np.int64]
    ends: NDArray[np.int32]
    graph: TaskGraph


class Tables(NamedTuple):
    """What compiled code takes: the two templates, and what each resource costs on each device or link.

    `row_place` and `column_place`, shapes `(R, 2)`, are the stages or the pipelines between which a resource sends;
    the second is -1 for passes. Passes take `row_seconds`, shape `(R, N)`, messages `row_bytes`, shape `(R,)`, or
    `column_bytes`, shape `(K, R)`. `row_ends`, shape `(K, B)`, and `column_ends`, shape `(D,)`, are codes of moments.
    """

    row_tasks: NDArray[np.int32]
    row_place: NDArray[np.int32]
    row_seconds: NDArray[np.float64]
    row_bytes: NDArray[np.float64]
    row_ends: NDArray[np.int32]
    column_tasks: NDArray[np.int32]
    column_place: NDArray[np.int32]
    column_bytes: NDArray[np.float64]
    column_ends: NDArray[np.int32]
    update_s: NDArray[np.float64]
    bandwidth_bytes_s: NDArray[np.float64]
    delay_s: NDArray[np.float64]
    barrier: bool


def make_tables(shape: Shape, plan: Plan, topology: Topology, costs: StageCosts) -> Tables:
    """The tables of an iteration whose links share nothing."""
    d, k, n = shape.data_parallel, shape.pipeline_parallel, topology.n_devices
    row, column = pipeline_template(k, plan), exchange_template(d, plan)
    examples = np.maximum(row.resource, 0)
    tasks, devices = np.repeat(examples, n), np.tile(np.arange(n), len(examples))
    row_seconds = compute_seconds(row.graph, tasks, devices, costs).reshape(-1, n)
    row_bytes = payload_bytes(row.graph, examples, costs)
    row_seconds[ZERO], row_bytes[ZERO] = 0.0, 0.0
    shares = np.where(column.resource < 0, 0.0, column.graph.share[column.resource])
    return Tables(
        row.tasks,
        _places(row),
        row_seconds,
        row_bytes,
        row.ends.reshape(k, -1),
        column.tasks,
        _places(column),
        shares * costs.gradient_bytes[:, None],
        column.ends,
        np.ascontiguousarray(costs.update_s) if plan.updates else np.zeros((k, n)),
        topology.bandwidth_bytes_s.copy(),  # read-only arrays would be compiled for once more
        topology.delay_s.copy(),
        plan.barrier,
    )


@lru_cache(maxsize=8)
def pipeline_template(n_stages: int, plan: Plan) -> Template:
    """One pipeline; its ends are the pieces of gradients of each stage."""
    builder = TaskGraphBuilder()
    ready = add_pipeline(builder, 0, n_stages, plan)
    return _compress(builder.build([task for pieces in ready for task in pieces]), 0)


@lru_cache(maxsize=8)
def exchange_template(n_pipelines: int, plan: Plan) -> Template:
    """One exchange; its inputs are the pieces of gradients of each pipeline, its ends the sums there."""
    builder = TaskGraphBuilder()
    members = list(range(n_pipelines))
    pieces = 1 if plan.barrier else plan.pieces
    ready = [[builder.marker(cell) for _ in range(pieces)] for cell in members]
    ends = add_exchange(builder, members, ready, 0, plan._replace(updates=False))
    inputs = [task for own in ready for task in own]
    return _compress(builder.build([*inputs, *ends]), len(inputs))


def _places(template: Template) -> NDArray[np.int32]:
    """Source and target of each resource, the target -1 where it is no message."""
    graph, task = template.graph, template.resource
    place = np.column_stack([graph.source[task], np.where(graph.is_message[task], graph.target[task], -1)])
    place[task < 0] = (0, -1)
    return place.astype(np.int32)


def _compress(graph: TaskGraph, n_inputs: int) -> Template:
    """Number the moments, and let each task wait for two; the first of `graph.ends` are inputs."""
    inputs, ends = graph.ends[:n_inputs], graph.ends[n_inputs:]
    end_code, arrival_code = np.zeros(len(graph), np.int64), np.zeros(len(graph), np.int64)
    end_code[inputs] = 2 * np.arange(1, n_inputs + 1)
    given = set(inputs.tolist())
    tasks: list[tuple[int, int, int]] = []
    resource_of: dict[tuple[int, ...], int] = {}
    example = [-1]

    def add(first: int, second: int, resource: int) -> int:
        tasks.append((first, second, resource))
        return 2 * (n_inputs + len(tasks))

    for t in range(len(graph)):
        if t in given:
            continue
        waits = range(graph.first[t], graph.first[t + 1])
        codes = {int((arrival_code if graph.arrived[w] else end_code)[graph.before[w]]): None for w in waits}
        moments = list(codes)
        least = 1 if graph.kind[t] == Kind.MARKER else 2
        while len(moments) > least:  # markers of two, in rounds as of a knock-out
            moments = [
                add(moments[i], moments[i + 1], ZERO) if i + 1 < len(moments) else moments[i]
                for i in range(0, len(moments), 2)
            ]
        if graph.kind[t] == Kind.MARKER:
            end_code[t] = moments[0] if moments else ZERO
            continue
        key = (graph.kind[t], graph.stage[t], graph.source[t], graph.target[t], graph.share[t])
        if key not in resource_of:
            resource_of[key] = len(example)
            example.append(t)
        moments += [ZERO] * (2 - len(moments))
        end_code[t] = add(moments[0], moments[1], resource_of[key])
        arrival_code[t] = end_code[t] + 1
    return Template(
        np.array(tasks, dtype=np.int32).reshape(-1, 3), np.array(example), end_code[ends].astype(np.int32), graph
    )
