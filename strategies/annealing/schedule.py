"""The cooling schedule: temperatures along a cooling, and how long coolings are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Course:
    """One cooling: first and last temperature (in seconds), and the weight of the mean stage at first."""

    hot_s: float
    cold_s: float
    stages: float

    def temperature_s(self, done: float) -> float:
        """The temperature after a share of the cooling (in seconds): it falls geometrically."""
        return float(self.hot_s * (self.cold_s / self.hot_s) ** done)


@dataclass(frozen=True)
class Schedule:
    """All coolings of a search: their course, and that of refining a start.

    `first_span`: length of the first one, as a share of the budget; `growth`: how many times longer each next one is.
    """

    cooling: Course
    refinement: Course
    first_span: float
    growth: float
