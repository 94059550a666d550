"""What a run may spend: evaluations, CPU seconds, wall seconds, or several of them together."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from tasklet_bench.problems.bad_input import BadInput

PREPARE_LIMIT_S = 120.0
"""Seconds for loading the problem and the strategy's `prepare`, before the clocks start."""
EPILOGUE_LIMIT_S = 60.0
"""Seconds for writing the result out, after the clocks have stopped."""

MOST = 10**15
"""The largest limit of each kind; with more digits a count is no longer exact as a float."""

_EXAMPLE = "such as 1000-evaluations, 2-cpu-seconds or 1000-evaluations+30-wall-seconds"
_PART = re.compile(r"(?P<amount>[0-9.]+(e[+-]?[0-9]+)?)-(?P<unit>[a-z-]+)")
_FIELD_OF_UNIT = {"evaluations": "evaluations", "cpu-seconds": "cpu_s", "wall-seconds": "wall_s"}


@dataclass(frozen=True)
class Budget:
    """Limits of one run; None is unlimited, and at least one is given.

    The clocks start when `search` is entered. Raises `BadInput` for an empty budget or a limit that is not positive.
    """

    evaluations: int | None = None
    cpu_s: float | None = None
    wall_s: float | None = None

    def __post_init__(self) -> None:
        limits = {field.name: getattr(self, field.name) for field in fields(self)}
        if all(limit is None for limit in limits.values()):
            raise BadInput.at("budget", "limits", "none", f"at least one, {_EXAMPLE}")
        for name, limit in limits.items():
            if limit is not None and not 0 < limit <= MOST:
                raise BadInput.at("budget", name, limit, f"a number above 0, at most {MOST:.0e}")

    @property
    def name(self) -> str:
        """The budget in words, `1000-evaluations+1-cpu-seconds`; `parse` reads it back."""
        parts = [(unit, getattr(self, field)) for unit, field in _FIELD_OF_UNIT.items()]
        return "+".join(f"{_number(limit)}-{unit}" for unit, limit in parts if limit is not None)

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Read a budget's name; raises `BadInput` with the nearest unit."""
        limits: dict[str, float | int] = {}
        for part in text.strip().split("+"):
            match = _PART.fullmatch(part.strip())
            if not match:
                raise BadInput.at("budget", repr(text), repr(part), _EXAMPLE)
            field = _FIELD_OF_UNIT.get(match["unit"])
            if field is None:
                raise BadInput.unknown("unit of a budget", match["unit"], _FIELD_OF_UNIT)
            limits[field] = _amount(field, match["amount"], text)
        return cls(**limits)  # type: ignore[arg-type]  # `_amount` gives an int where one is due

    def part(self, share: float) -> Budget:
        """A share of every limit."""
        return Budget(
            None if self.evaluations is None else max(1, round(self.evaluations * share)),
            None if self.cpu_s is None else self.cpu_s * share,
            None if self.wall_s is None else self.wall_s * share,
        )

    def less(self, evaluations: int, cpu_s: float, wall_s: float) -> Budget | None:
        """What is left when so much is spent; None where nothing is left of a limit."""
        left = (
            None if self.evaluations is None else self.evaluations - evaluations,
            None if self.cpu_s is None else self.cpu_s - cpu_s,
            None if self.wall_s is None else self.wall_s - wall_s,
        )
        return None if any(limit is not None and limit <= 0 for limit in left) else Budget(*left)

    @property
    def wall_limit_s(self) -> float:
        """Wall seconds after which a run is killed: its own with the grace, or a hard limit where it has none."""
        if self.wall_s is not None:
            return self.wall_s + grace_s(self.wall_s)
        return 600.0 if self.cpu_s is None else 10 * self.cpu_s + 60

    @property
    def cpu_limit_s(self) -> float | None:
        """CPU seconds after which a run is killed, grace included; None without a CPU budget."""
        return None if self.cpu_s is None else self.cpu_s + grace_s(self.cpu_s)


def grace_s(limit_s: float) -> float:
    """Seconds that a run is left to stop by itself after its budget is spent."""
    return max(1.0, 0.1 * limit_s)


def _amount(field: str, digits: str, text: str) -> float | int:
    try:
        value = float(digits)
    except ValueError:
        raise BadInput.at("budget", repr(text), repr(digits), "a number") from None
    if value > MOST:
        raise BadInput.at("budget", repr(text), repr(digits), f"at most {MOST:.0e}")
    if field != "evaluations":
        return value
    if value != int(value):
        raise BadInput.at("budget", repr(text), digits, "a whole number of evaluations")
    return int(value)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
