"""Who works on a problem when nobody is named: strategies that complement each other, in their order.

What is short of a proof and what takes a proof to be shown are found by different strategies: enumeration where a
problem is small, a search that begins at known structures, and a solver that starts from the best so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasklet_bench.bench.plugins.placements import formal_of
from tasklet_bench.bench.plugins.strategies import default_strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

LONG_ENOUGH_S = 0.5
"""CPU seconds below which a solver is not asked for a proof: loading its model takes as long."""


@dataclass(frozen=True)
class Member:
    """A strategy of a portfolio. `share` is its part of what is left of the budget, `needs_s` the least it must get.

    `proves` says that its strength is a bound: where it ends early without a proof, searching goes on.
    """

    entrant: str
    share: float
    proves: bool = False
    needs_s: float = 0.0


_ENUMERATIONS = {
    "gossip": "order-enumeration",
    "mixing-graph": "graph-enumeration",
    "swarm": "stage-enumeration",
    "tensor-parallel": "shape-enumeration",
}
ENUMERATED = 2_000_000
"""Decisions up to which trying all is the quickest way to a proof."""


def portfolio_of(problem: Problem) -> tuple[Member, ...]:
    """The members for a problem, in the order in which they work; the last one gets all that is left."""
    search = Member(default_strategy(problem.family), 1.0)
    formal = formal_of(problem)
    if formal is None:
        enumeration = _ENUMERATIONS.get(problem.family)
        return (search,) if enumeration is None else (Member(enumeration, 0.2, proves=True), search)
    if formal is not problem:
        return (search,)
    from tasklet_bench.strategies.enumeration.strategy import n_partitions

    if formal.rules.only_exclude and n_partitions(formal.shape, len(formal.available)) <= ENUMERATED:
        return (Member("exact-small", 1.0, proves=True), search)
    counting = Member("dynamic-program[warm=none]", 0.6, proves=True, needs_s=LONG_ENOUGH_S)
    solver = Member("constraint-program[warm=none]", 0.97, proves=True, needs_s=LONG_ENOUGH_S)
    return (Member(search.entrant, 0.15), counting, Member(search.entrant, 0.65), solver, Member("annealing", 1.0))
