"""The sweep: the range of the slowest group's seconds cut into windows, each closed by a proof of its own.

A window is closed when nothing in it costs less than the incumbent. One that resists is split, and both halves are
attempted anew when all others have had their turn. At any time, nothing costs less than the least bound of the open
windows, or than the incumbent when none is open.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Window:
    """Allocations whose slowest group takes `low`..`high` units; none of them costs less than `bound`.

    `attempts`: how often it has resisted so far, itself or as a part of a larger one.
    """

    low: int
    high: int
    bound: int
    attempts: int


@dataclass
class Windows:
    """The open windows of a range `low`..`high` where the pipeline costs at least `pipeline_least`, all in units."""

    low: int
    high: int
    pipeline_least: int
    pieces: int
    open: list[Window] = field(init=False)

    def __post_init__(self) -> None:
        width = -(-(self.high - self.low + 1) // self.pieces)
        self.open = [
            Window(low, min(low + width - 1, self.high), low + self.pipeline_least, attempts=0)
            for low in range(self.low, self.high + 1, width)
        ]

    def take(self) -> Window:
        """The next window to work on, of those with fewest attempts.

        At first the one with the slowest groups: the pipeline decides there, which is easily solved and soon gives
        good incumbents. Later the one that holds the bound down.
        """
        window = min(self.open, key=lambda w: (w.attempts, w.bound if w.attempts else -w.low))
        self.open.remove(window)
        return window

    def put_back(self, window: Window, bound: int) -> None:
        """Keep an unfinished window with what has been proven of it, in two halves if it can be split."""
        bound, attempts = max(bound, window.bound), window.attempts + 1
        middle = (window.low + window.high) // 2
        upper_bound = max(bound, middle + 1 + self.pipeline_least)
        self.open.append(Window(window.low, middle, bound, attempts))
        if middle < window.high:
            self.open.append(Window(middle + 1, window.high, upper_bound, attempts))

    def drop_from(self, cost: int) -> None:
        """Close the windows in which nothing can cost less than `cost`."""
        self.open = [window for window in self.open if window.bound < cost]

    def bound(self, cost: int) -> int:
        """What nothing costs less than, given an incumbent of `cost`."""
        return min([cost, *(window.bound for window in self.open)])
