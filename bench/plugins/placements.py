"""What the harness shows of problems that place devices on a grid: the only place that tells families apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation import Allocation, AllocationProblem
    from tasklet_bench.problems.problem import Placement, Problem


def placement_of(problem: Problem | None) -> Placement | None:
    """The problem, if it places D×K tasklets on devices; None for any other."""
    from tasklet_bench.problems.problem import Placement

    return problem if isinstance(problem, Placement) else None


def formal_of(problem: Problem | None) -> AllocationProblem | None:
    """The problem whose formal cost places the same devices; None for families without one."""
    from tasklet_bench.problems.allocation import AllocationProblem

    formal = getattr(problem, "formal", problem)
    return formal if isinstance(formal, AllocationProblem) else None


def compiled_kind(problem: Problem) -> str:
    """What tells problems apart that take different compiled code; notes that the code for this one is in use."""
    formal = formal_of(problem)
    return problem.family if formal is None else f"{problem.family} {type(formal).__name__} {formal.rank_type.__name__}"


def rank_type_of(problem: Problem) -> type[Any] | None:
    """The type of numbers that much compiled code for this problem is specialised for; None if there is no such type.

    Problems of one type share the code for it, whatever their family.
    """
    formal = formal_of(problem)
    return None if formal is None else formal.rank_type


@contextmanager
def compiling_for(rank_type: type[Any] | None) -> Iterator[None]:
    """Let strategies that are prepared meanwhile compile code for one type of `rank_type_of` alone."""
    from tasklet_bench.problems.allocation.kernels.packing import only_in_use

    with nullcontext() if rank_type is None else only_in_use(rank_type):
        yield


def allocation_of(candidate: Mapping[str, Any] | None) -> Allocation | None:
    """The allocation that a stored candidate holds; None where it holds no grid."""
    from tasklet_bench.problems.allocation import Allocation

    if not candidate or "grid" not in candidate:
        return None
    grid = candidate["grid"]
    return Allocation(grid, candidate.get("layers"), sum(map(len, grid)) + len(candidate.get("spares", ())))
