"""The grid of stages, replicas and tensor ranks, unrolled into groups of devices and the links between them."""

from __future__ import annotations

from itertools import pairwise

from tasklet_bench.problems.drawing import Drawing, Link
from tasklet_bench.problems.tensor_parallel.judge import Placement, boundary
from tasklet_bench.problems.tensor_parallel.memory import stage_memories


def draw(placement: Placement) -> Drawing:
    """Groups are tensor groups in the order of their ranks, and what is idle; links are boundaries and gradients.

    The caption says which stages spill.
    """
    shape = placement.shape
    groups = {
        _group_name(placement, stage, replica): tuple(placement.group(stage, replica))
        for stage in range(shape.stages)
        for replica in range(shape.replicas)
    }
    idle = tuple(placement.order[shape.devices :])
    if idle:
        groups["idle"] = idle
    links = [*_tensor_links(placement), *_boundary_links(placement), *_gradient_links(placement)]
    spilling = [stage.summary for stage in stage_memories(placement) if stage.spilled_bytes]
    caption = "; ".join([f"{shape}: tensor groups in the order of their ranks", *spilling])
    return Drawing(caption, groups, tuple(links))


def _group_name(placement: Placement, stage: int, replica: int) -> str:
    name = f"stage {stage}"
    return name if placement.shape.replicas == 1 else f"{name}, replica {replica}"


def _tensor_links(placement: Placement) -> list[Link]:
    """The neighbours of each tensor group, by position."""
    shape = placement.shape
    groups = [placement.group(p, d) for p in range(shape.stages) for d in range(shape.replicas)]
    return [Link(i, j, role="tensor group") for group in groups for i, j in pairwise(group)]


def _boundary_links(placement: Placement) -> list[Link]:
    """Rank to rank, from each stage to the next; seconds are those of the slowest rank of the group."""
    shape = placement.shape
    links = []
    for stage in range(shape.stages - 1):
        for replica in range(shape.replicas):
            here, there = placement.group(stage, replica), placement.group(stage + 1, replica)
            seconds = boundary(placement, stage, replica)
            links += [Link(i, j, seconds, f"to stage {stage + 1}", True) for i, j in zip(here, there, strict=True)]
    return links


def _gradient_links(placement: Placement) -> list[Link]:
    """The ring of each part of each stage's weights over replicas and copies of depth."""
    shape = placement.shape
    links = []
    for stage in range(shape.stages):
        for part in range(shape.weight_parts):
            ring = [
                placement.device(stage, replica, part + shape.weight_parts * copy)
                for replica in range(shape.replicas)
                for copy in range(shape.depth)
            ]
            if len(ring) > 1:
                closed = [*ring[1:], *ring[:1]] if len(ring) > 2 else ring[1:]
                links += [Link(i, j, role="gradients") for i, j in zip(ring, closed, strict=False)]
    return links
