"""The cost of who takes part and how, once more, in code to read: pass after pass as it finishes."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasklet_bench.problems.pipeline_model.exchange import exchange
from tasklet_bench.problems.problem import Cost

if TYPE_CHECKING:
    from tasklet_bench.problems.atom.problem import AtomProblem


def judge(problem: AtomProblem, takes_part: Sequence[int], ways: Sequence[int]) -> Cost:
    """The cost of a member of the decision."""
    peers = [i for i, part in enumerate(takes_part) if part]
    chosen = [problem.menus[i].ways[ways[i]] for i in peers]
    cycles_s = [cycle(problem, i, *way) for i, way in zip(peers, chosen, strict=True)]
    compute_s = finish(cycles_s, [a for _, a in chosen], problem.micro_batches)
    model = problem.model
    volume = problem.options.bytes_per_gradient * 12 * model.hidden**2 * model.layers
    allreduce_s = exchange(problem.devices, peers, volume)
    return Cost(compute_s + allreduce_s, {"compute_s": compute_s, "allreduce_s": allreduce_s})


def cycle(problem: AtomProblem, device: int, pieces: int, accumulation: int) -> float:
    """Seconds of one pass: forward through the pieces, each loading the next; backward, each loading the one before."""
    model, h, s = problem.model, problem.model.hidden, problem.model.sequence_length
    layers = model.layers / pieces
    operations = accumulation * problem.options.micro_batch * layers * (24 * s * h**2 + 4 * s**2 * h)
    forward_s = operations / float(problem.devices.flops[device])
    load_s = 2 * 12 * h**2 * layers / float(problem.devices.host_link_bytes_s[device])
    if pieces == 1:
        return 4 * forward_s
    there_s = sum(max(forward_s, load_s) for _ in range(pieces - 1)) + forward_s
    return there_s + sum(max(3 * forward_s, load_s) for _ in range(pieces))


def finish(cycles_s: Sequence[float], accumulations: Sequence[int], micro_batches: int) -> float:
    """When the peers, each running passes back to back, have finished so many micro-batches.

    Pass k of a peer ends at k·t; a pass counts when it is finished.
    """
    ends = [(t, peer, 1) for peer, t in enumerate(cycles_s)]
    heapq.heapify(ends)
    left, now_s = micro_batches, 0.0
    while left > 0:
        now_s, peer, k = ends[0]
        left -= accumulations[peer]
        heapq.heapreplace(ends, ((k + 1) * cycles_s[peer], peer, k + 1))
    return now_s
