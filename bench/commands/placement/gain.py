"""What a solution gains over the order of the host list, and what would tighten its bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.portfolio import Solved
    from tasklet_bench.problems.problem import Problem


@dataclass(frozen=True)
class Gain:
    """What nobody has to search for, beside what was found: costs in seconds, simulated ones where there are any."""

    default_cost_s: float
    cost_s: float
    default_simulated_s: float | None = None
    simulated_s: float | None = None

    @property
    def share(self) -> float:
        """By how much of the default order's cost what was found is cheaper."""
        return 1 - self.cost_s / self.default_cost_s if self.default_cost_s else 0.0

    def to_json(self) -> dict[str, float | None]:
        """The keys of `solve --json`."""
        return {
            "default_cost_s": self.default_cost_s,
            "gain": self.share,
            "default_simulated_s": self.default_simulated_s,
            "simulated_s": self.simulated_s,
        }

    def sentences(self) -> list[str]:
        """The gain in words."""
        said = [f"the order of the host list costs {self.default_cost_s:.6f} s: {_change(self.share)}"]
        if self.default_simulated_s is not None and self.simulated_s is not None:
            less = 1 - self.simulated_s / self.default_simulated_s
            hint = "; --objective seconds makes these small" if less < 0 else ""
            said.append(
                f"a simulated iteration takes {self.simulated_s:.6g} s, in that order "
                f"{self.default_simulated_s:.6g} s: {_change(less)}{hint}"
            )
        return said


def _change(share: float) -> str:
    return f"{share:.1%} less" if share >= 0 else f"{-share:.1%} more"


def gain_of(problem: Problem, candidate: dict[str, Any]) -> Gain | None:
    """The gain of a candidate over the default order; None for a problem that has no such order."""
    from tasklet_bench.bench import plugins
    from tasklet_bench.problems.bad_input import BadInput

    formal = plugins.formal_of(problem)
    if formal is None or "megatron" not in formal.starts():
        return None
    try:
        seconds, _ = plugins.in_seconds(formal, None)
        there, here = (plugins.score_both(seconds, one) for one in (plugins.default_order(seconds), candidate))
    except (BadInput, ValueError):  # no simulated seconds, such as for a workload of bytes alone
        there_s = formal.cost(formal.starts()["megatron"]).total_s
        return Gain(there_s, formal.cost(formal.candidate_from_json(candidate)).total_s)
    return Gain(there.formal_s, here.formal_s, there.simulated_s, here.simulated_s)


def advice(solved: Solved) -> str | None:
    """What would tighten the gap; None where nothing is left of it."""
    if solved.record.proven:
        return None
    solver = [cpu_s for name, cpu_s in solved.members if name.startswith(("constraint-program", "dynamic-program"))]
    if solver:
        return f"a proof took {sum(solver):.1f} CPU s so far without an end: more --cpu-seconds may close the gap"
    return "--bound-seconds S spends CPU seconds on a better bound; more --cpu-seconds let a solver try a proof"
