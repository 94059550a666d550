"""The price of an iteration, for `solve` and `evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.price import Price
    from tasklet_bench.problems.problem import Candidate, Problem


def price_of(problem: Problem, candidate: Candidate) -> Price | None:
    """The price of an iteration of its simulated seconds; None for families and sites without prices."""
    from tasklet_bench.bench import plugins
    from tasklet_bench.problems.allocation.price import price_of_iteration

    formal = plugins.formal_of(problem)
    if formal is None or all(s.price_per_hour is None and s.egress_price_per_gb is None for s in formal.sites):
        return None
    iteration_s = plugins.simulated_s(problem, candidate)
    if iteration_s is None:
        return None
    return price_of_iteration(formal, problem.complete(candidate), iteration_s)


def describe_price(price: Price) -> str:
    """The price in a sentence."""
    return (
        f"an iteration costs {price.total:.6g}: {price.devices:.6g} for devices, {price.egress:.6g} for bytes between "
        "sites, in the currency of the problem file"
    )
