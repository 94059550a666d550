"""An iteration as a graph of tasks: passes to compute and messages to send, and what each of them waits for.

The graph depends on the shape and on how an iteration is run alone, so it is built once and shared by all
allocations; an allocation only says how long each task takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


class Kind(IntEnum):
    """What a task does. A marker takes no time: it only gathers what others wait for together.

    `BACKWARD` is the whole backward pass, or what others wait for of it where `WEIGHT_GRADIENTS` is the rest. `RECEIVE`
    is what a receive costs its device beyond waiting.
    """

    FORWARD = 0
    BACKWARD = 1
    ACTIVATIONS = 2
    ACTIVATION_GRADIENTS = 3
    GRADIENTS = 4
    MARKER = 5
    WEIGHT_GRADIENTS = 6
    UPDATE = 7
    RECEIVE = 8


MESSAGES = (Kind.ACTIVATIONS, Kind.ACTIVATION_GRADIENTS, Kind.GRADIENTS)


@dataclass(frozen=True, eq=False)
class TaskGraph:
    """T tasks in an order in which each comes after all it waits for, and E waits.

    Per task, shape `(T,)`: its `kind`; its `source` and `target`, cells of the grid counted row by row (equal unless
    it is a message); the `step` it belongs to (a micro-batch, or a step of the collective; -1 for markers); the `stage`
    that is computed or whose gradients are sent, counting all chunks of the model, or behind whose layers a boundary
    is; and the `share` of a pass that it computes, or of the activation or gradient bytes that a message carries. Task
    `t` waits for `before[first[t]:first[t+1]]`: where `arrived` holds, until that message has reached its target (a
    link's delay later), else until it has left. Tasks `levels[l]:levels[l+1]` wait for tasks of lower levels only.
    `ends`, shape `(N,)`, is the last task of each cell.
    """

    kind: NDArray[np.int8]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    step: NDArray[np.int64]
    stage: NDArray[np.int64]
    share: NDArray[np.float64]
    before: NDArray[np.int64]
    arrived: NDArray[np.bool_]
    first: NDArray[np.int64]
    levels: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.kind)

    @cached_property
    def is_message(self) -> NDArray[np.bool_]:
        """Which tasks are messages, shape `(T,)`."""
        return np.isin(self.kind, MESSAGES)


@dataclass
class TaskGraphBuilder:
    """Collects tasks in any order; each link is a queue that sends its messages one after the other, as queued."""

    kind: list[int] = field(default_factory=list)
    source: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    step: list[int] = field(default_factory=list)
    stage: list[int] = field(default_factory=list)
    share: list[float] = field(default_factory=list)
    waits: list[tuple[int, int, bool]] = field(default_factory=list)
    last_on_link: dict[tuple[int, int], int] = field(default_factory=dict)

    def marker(self, cell: int) -> int:
        """Add a task without duration at a cell; returns its number."""
        return self._add(Kind.MARKER, cell, cell, -1, 0, 0.0)

    def work(self, kind: Kind, cell: int, micro_batch: int, stage: int, share: float = 1.0) -> int:
        """Add a share of a pass, or other work, at a cell; returns its number."""
        return self._add(kind, cell, cell, micro_batch, stage, share)

    def message(self, kind: Kind, source: int, target: int, step: int, share: float, stage: int) -> int:
        """Add a message behind all others queued on its link; returns its number."""
        task = self._add(kind, source, target, step, stage, share)
        if (source, target) in self.last_on_link:
            self.wait(task, self.last_on_link[source, target])
        self.last_on_link[source, target] = task
        return task

    def join(self, tasks: Iterable[int]) -> int:
        """Add a marker that waits for some tasks, at the cell of the first; returns its number."""
        result = list(tasks)
        marker = self.marker(self.source[result[0]])
        for task in result:
            self.wait(marker, task)
        return marker

    def wait(self, task: int, before: int, *, arrived: bool = False) -> None:
        """Let `task` wait for the end of `before`, or for its arrival at its target."""
        self.waits.append((task, before, arrived))

    def _add(self, kind: Kind, source: int, target: int, step: int, stage: int, share: float) -> int:
        self.kind.append(kind)
        self.source.append(source)
        self.target.append(target)
        self.step.append(step)
        self.stage.append(stage)
        self.share.append(share)
        return len(self.kind) - 1

    def build(self, ends: list[int]) -> TaskGraph:
        """Put the tasks in order of their levels. Raises `ValueError` if some wait for each other in a circle."""
        n = len(self.kind)
        waits = np.array(self.waits, dtype=np.int64).reshape(-1, 3)
        level = _levels(n, waits[:, 0], waits[:, 1])
        order = np.argsort(level, kind="stable")
        place = np.empty(n, dtype=np.int64)
        place[order] = np.arange(n)
        task = place[waits[:, 0]]
        by_task = np.argsort(task, kind="stable")
        return TaskGraph(
            kind=np.array(self.kind, dtype=np.int8)[order],
            source=np.array(self.source, dtype=np.int64)[order],
            target=np.array(self.target, dtype=np.int64)[order],
            step=np.array(self.step, dtype=np.int64)[order],
            stage=np.array(self.stage, dtype=np.int64)[order],
            share=np.array(self.share)[order],
            before=place[waits[by_task, 1]],
            arrived=waits[by_task, 2].astype(bool),
            first=_offsets(np.bincount(task, minlength=n)),
            levels=_offsets(np.bincount(level)),
            ends=place[ends],
        )


def successors(n: int, before: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The waits seen from the other side: wait numbers sorted by what they wait for, and where each of `n` begins."""
    return np.argsort(before, kind="stable"), _offsets(np.bincount(before, minlength=n))


def _levels(n: int, task: NDArray[np.int64], before: NDArray[np.int64]) -> NDArray[np.int64]:
    """Length of the longest chain of waits that leads to each task, shape `(n,)`."""
    by_before, first = successors(n, before)
    followers = task[by_before]
    missing = np.bincount(task, minlength=n)
    level = np.full(n, -1, dtype=np.int64)
    ready = np.flatnonzero(missing == 0)
    depth = 0
    while ready.size:
        level[ready] = depth
        released = followers[_spans(first[ready], first[ready + 1])]
        np.subtract.at(missing, released, 1)
        ready = np.unique(released[missing[released] == 0])
        depth += 1
    if (level < 0).any():
        raise ValueError(f"{(level < 0).sum()} tasks wait for each other in a circle")
    return level


def _spans(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """All integers of the ranges `low[i]:high[i]`, one after the other."""
    lengths = high - low
    return np.repeat(low - _offsets(lengths)[:-1], lengths) + np.arange(lengths.sum())


def _offsets(counts: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
