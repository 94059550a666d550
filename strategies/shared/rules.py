"""What a strategy that knows only some of a problem's rules says of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time import IterationTimeProblem

KEEPS_ALL = "annealing, genetic, local-search, tpe or another strategy of any decision"


def refuse_rules(strategy: str, problem: AllocationProblem, *, keeps: tuple[str, ...] = ("exclude",)) -> None:
    """Raise `BadInput` that names the strategy, for rules that are not among those that it `keeps`.

    `keeps` holds keys of a problem file; `replica` stands for all rules about replicas.
    """
    given = list(problem.rules.to_json())
    refused = [key for key in given if key not in keeps]
    if problem.rules.about_replicas and "replica" not in keeps and not refused:
        refused = ["rules about replicas"]
    if refused:
        result, kept = ", ".join(refused), ", ".join(key for key in keeps if key != "replica")
        raise BadInput.at(f"strategy {strategy}", f"rules of {problem.name}", result, f"{kept} at most; {KEEPS_ALL}")


def refuse_spares(strategy: str, problem: IterationTimeProblem) -> None:
    """Raise `BadInput` that names the strategy, for spares or rules where it only moves the devices of a grid."""
    refuse_rules(strategy, problem.formal, keeps=())
    if problem.formal.n_spares:
        result = f"{problem.formal.n_spares} spares in simulated seconds"
        raise BadInput.at(f"strategy {strategy}", f"devices of {problem.name}", result, f"none; {KEEPS_ALL}")
