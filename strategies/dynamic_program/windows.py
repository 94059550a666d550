"""What is still open of the range of the slowest stage: windows, each of them to be refuted or searched for better."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Window:
    """Allocations whose slowest stage costs `low`..`high` and whose boundaries cost at least `pipeline`, all in units.

    `attempts`: how often the programme has given up on it, or on a window that it was a part of.
    """

    low: int
    high: int
    pipeline: int
    attempts: int = 0

    @property
    def bound(self) -> int:
        """None of its allocations costs less."""
        return self.low + self.pipeline


@dataclass
class Windows:
    """The open windows. Those that the programme gave up on come again when all others have had their turn.

    `_next` is a stack: the slowest stages come first, because good pipelines are soon found among many compositions.
    """

    _next: list[Window]
    _later: list[Window] = field(default_factory=list)

    @classmethod
    def of(cls, low: int, high: int, pipeline: int, pieces: int) -> Windows:
        """The range `low`..`high` in equal pieces."""
        width = max(1, -(-(high - low + 1) // pieces))
        return cls([Window(begin, min(begin + width - 1, high), pipeline) for begin in range(low, high + 1, width)])

    def take(self, cost: int) -> Window | None:
        """The next window, without what costs as much as `cost` anyway; None where none is open."""
        while self._next or self._later:
            if not self._next:
                self._next = sorted(self._later, key=lambda window: window.low)
                self._later = []
            window = self._next.pop()
            high = min(window.high, cost - window.pipeline - 1)
            if window.low <= high:
                return Window(window.low, high, window.pipeline, window.attempts)
        return None

    def put_back(self, window: Window, pipeline: int) -> None:
        """Keep a window in which a pipeline was found: none costs less; its lower half is searched first."""
        self._next.extend(reversed(_halves(Window(window.low, window.high, pipeline, window.attempts))))

    def postpone(self, window: Window) -> None:
        """Keep a window that the programme gave up on, in halves, for the next round."""
        self._later.extend(_halves(Window(window.low, window.high, window.pipeline, window.attempts + 1)))

    def bound(self, cost: int) -> int:
        """What nothing costs less than, given an incumbent of `cost`."""
        return min([cost, *(window.bound for window in (*self._next, *self._later))])


def _halves(window: Window) -> list[Window]:
    if window.low == window.high:
        return [window]
    middle = (window.low + window.high) // 2
    return [
        Window(window.low, middle, window.pipeline, window.attempts),
        Window(middle + 1, window.high, window.pipeline, window.attempts),
    ]
