"""How the devices of one stage sum their gradients: which messages, after which.

Every collective is a function `(builder, members, ready, gradients) -> finished`: `members` are the cells of the stage,
`ready` the task after which each has its gradients, and the returned markers the moments at which each has the sum. The
gradients are cut into as many shards as there are members, except in the tree, which sends them whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tasklet_bench.problems.iteration_time.options import Collective
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraphBuilder


class Gradients(NamedTuple):
    """What is summed: a share of the gradients of a stage."""

    stage: int = 0
    share: float = 1.0

    def send(self, builder: TaskGraphBuilder, source: int, target: int, step: int, shards: int) -> int:
        """Add the message of one of so many shards; returns its number."""
        return builder.message(Kind.GRADIENTS, source, target, step, self.share / shards, self.stage)


ALL = Gradients()
Exchange = Callable[[TaskGraphBuilder, list[int], list[int], Gradients], list[int]]


def direct(builder: TaskGraphBuilder, members: list[int], ready: list[int], gradients: Gradients = ALL) -> list[int]:
    """The paper's sharded exchange: push each shard to its owner, sum, pull the sums; all peers at once."""
    for phase in range(2):
        gathered = [builder.marker(cell) for cell in members]
        for a, source in enumerate(members):
            builder.wait(gathered[a], ready[a])
            for b in _others(a, len(members)):
                message = gradients.send(builder, source, members[b], phase, len(members))
                builder.wait(message, ready[a])
                builder.wait(gathered[b], message, arrived=True)
        ready = gathered
    return ready


def shifted(builder: TaskGraphBuilder, members: list[int], ready: list[int], gradients: Gradients = ALL) -> list[int]:
    """The same exchange in rounds: in round r to the r-th next peer; a round starts when the last was sent and got."""
    n = len(members)
    for phase in range(2):
        for shift in range(1, n):
            gathered = [builder.marker(cell) for cell in members]
            for a, source in enumerate(members):
                b = (a + shift) % n
                step = phase * (n - 1) + shift - 1
                message = gradients.send(builder, source, members[b], step, n)
                builder.wait(message, ready[a])
                builder.wait(gathered[a], message)
                builder.wait(gathered[b], message, arrived=True)
            ready = gathered
    return ready


def ring(builder: TaskGraphBuilder, members: list[int], ready: list[int], gradients: Gradients = ALL) -> list[int]:
    """Reduce-scatter, then all-gather, round a ring in order of the pipelines: 2(D-1) steps of one shard each."""
    n = len(members)
    for step in range(2 * (n - 1)):
        received = [builder.marker(cell) for cell in members]
        for a, source in enumerate(members):
            message = gradients.send(builder, source, members[(a + 1) % n], step, n)
            builder.wait(message, ready[a])
            builder.wait(received[a], ready[a])
            builder.wait(received[(a + 1) % n], message, arrived=True)
        ready = received
    return ready


def tree(builder: TaskGraphBuilder, members: list[int], ready: list[int], gradients: Gradients = ALL) -> list[int]:
    """Sum up a binary tree of the pipelines (parent of p is (p-1)//2), then hand the sum down; whole gradients."""
    n = len(members)
    summed = [builder.marker(cell) for cell in members]
    for a in reversed(range(n)):
        builder.wait(summed[a], ready[a])
        if a:
            up = gradients.send(builder, members[a], members[(a - 1) // 2], 0, 1)
            builder.wait(up, summed[a])
            builder.wait(summed[(a - 1) // 2], up, arrived=True)
    finished = [builder.marker(cell) for cell in members]
    builder.wait(finished[0], summed[0])
    for a in range(1, n):
        down = gradients.send(builder, members[(a - 1) // 2], members[a], 1, 1)
        builder.wait(down, finished[(a - 1) // 2])
        builder.wait(finished[a], down, arrived=True)
    return finished


def _others(a: int, n: int) -> list[int]:
    """All peers, beginning with the next: so that no peer is everybody's first."""
    return [(a + shift) % n for shift in range(1, n)]


COLLECTIVES: dict[Collective, Exchange] = {"direct": direct, "shifted": shifted, "ring": ring, "tree": tree}
