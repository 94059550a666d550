"""What an iteration costs in money: devices by the hour, and bytes that leave a site by the gigabyte."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.allocation.problem import AllocationProblem

S_PER_HOUR = 3600.0
BYTES_PER_GB = 1e9


@dataclass(frozen=True)
class Price:
    """The price of one iteration, in the currency of the sites' prices."""

    devices: float
    egress: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.devices + self.egress

    def to_json(self) -> dict[str, float]:
        """As `evaluate` and `solve` print it."""
        return {"total": self.total, "devices": self.devices, "egress": self.egress}


def price_of_iteration(problem: AllocationProblem, allocation: Allocation, iteration_s: float) -> Price | None:
    """The price of an iteration of so many seconds; None where no site declares a price.

    Devices of the grid are paid while it lasts, spares are not. A site without a price is free, such as machines of
    one's own.
    """
    sites = problem.sites
    if all(site.price_per_hour is None and site.egress_price_per_gb is None for site in sites):
        return None
    site_of = problem.topology.site_of
    per_hour = np.array([site.price_per_hour or 0.0 for site in sites])
    per_gb = np.array([site.egress_price_per_gb or 0.0 for site in sites])
    devices = float(per_hour[site_of[allocation.grid]].sum()) * iteration_s / S_PER_HOUR
    leaving = bytes_between_sites(problem, allocation).sum(axis=1)
    return Price(devices, float(leaving @ per_gb) / BYTES_PER_GB)


def bytes_between_sites(problem: AllocationProblem, allocation: Allocation) -> NDArray[np.float64]:
    """Bytes of an iteration from each site to each other one, `(S, S)`, the diagonal 0.

    A boundary of two stages sends the activations of a macro-batch forwards and as many bytes of their gradients
    back. In a stage each device sends every mate that mate's share of the gradients, `c_dp/D`, and later its own
    share of the updated parameters, as much again.
    """
    home = problem.topology.site_of[allocation.grid]
    sent = np.zeros((len(problem.sites),) * 2)
    left, right = home[:, :-1].ravel(), home[:, 1:].ravel()
    np.add.at(sent, (left, right), problem.workload.activation_bytes)
    np.add.at(sent, (right, left), problem.workload.activation_bytes)
    share = 2 * problem.workload.gradient_bytes / problem.shape.data_parallel
    for stage in home.T:
        count = np.bincount(stage, minlength=len(sent))
        sent += share * np.outer(count, count)
    np.fill_diagonal(sent, 0.0)
    return sent
