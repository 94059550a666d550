"""What is launched: the ranks of an allocation on real hosts, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.launch.agents import Agent, agents_of
from tasklet_bench.problems.launch.contiguous import make_contiguous
from tasklet_bench.problems.launch.ranks import Order, Rank, ranks


@dataclass(frozen=True, eq=False)
class Plan:
    """An allocation of a problem with hosts, the order of its ranks, and whether devices changed places for it."""

    problem: AllocationProblem
    allocation: Allocation
    order: Order
    exchanged: bool = False

    @cached_property
    def rows(self) -> list[Rank]:
        """All ranks in order."""
        return ranks(self.problem, self.allocation, self.order)

    @cached_property
    def agents(self) -> list[Agent]:
        """Runs of consecutive ranks on one host."""
        return agents_of(self.rows)

    @property
    def hosts(self) -> list[str]:
        """Hosts that take part, in the order of their first ranks."""
        return list(dict.fromkeys(row.host for row in self.rows))

    @property
    def gpus(self) -> Mapping[str, tuple[int, ...]]:
        """GPUs of each host that take part, in the order of their ranks."""
        return {host: tuple(row.gpu or 0 for row in self.rows if row.host == host) for host in self.hosts}

    @property
    def contiguous(self) -> bool:
        """Whether the ranks of every host are consecutive."""
        return len(self.agents) == len(self.hosts)

    @property
    def cost_s(self) -> float:
        """Formal cost (in seconds)."""
        return self.problem.judge(self.allocation).total_s

    def cost_if_ordered(self, rows: list[Rank]) -> float | None:
        """Formal cost if these devices, in this order, took ranks 0, 1, …; None if a rule of the problem forbids it."""
        d, k = self.allocation.grid.shape
        line = np.array([row.device for row in rows], dtype=np.int64)
        grid = line.reshape(k, d).T if self.order == "dp-pp" else line.reshape(d, k)
        try:
            return self.problem.judge(Allocation(grid, self.allocation.layers, self.allocation.n_devices)).total_s
        except InvalidCandidate:
            return None

    def notes(self) -> list[str]:
        """What a user has to know whatever the launcher."""
        d, k = self.allocation.grid.shape
        formula = f"stage = rank // {d}, replica = rank % {d}"
        if self.order == "pp-dp":
            formula = f"stage = rank % {k}, replica = rank // {k}"
        result = [f"rank order {self.order}: {formula}"]
        if self.exchanged:
            result.append(
                "interchangeable devices and pipelines changed places, at the same cost, so that the ranks of a host "
                "are consecutive; ranks.csv and allocation.json say what is launched"
            )
        if not self.contiguous:
            split = [host for host in self.hosts if sum(agent.host == host for agent in self.agents) > 1]
            result.append(
                f"the ranks of {', '.join(split)} are not consecutive, and making them so would cost: "
                f"{len(self.agents)} runs of ranks on {len(self.hosts)} hosts"
            )
        return result

    def sorted_by_name(self) -> str:
        """What a launcher does to the cost that gives ranks to hosts by their sorted names."""
        rows = sorted(self.rows, key=lambda row: (row.host, row.rank))
        if [row.rank for row in rows] == list(range(len(rows))):
            return "sorting hosts by name happens to give the same ranks"
        cost_s = self.cost_if_ordered(rows)
        moved = sum(row.rank != rank for rank, row in enumerate(rows))
        if cost_s is None or not self.cost_s:
            return f"sorting hosts by name would move {moved} of {len(rows)} ranks"
        return (
            f"sorting hosts by name would move {moved} of {len(rows)} ranks and cost {cost_s:.6g} s instead of "
            f"{self.cost_s:.6g} s ({cost_s / self.cost_s - 1:+.0%})"
        )


def plan_launch(
    problem: AllocationProblem,
    allocation: Allocation,
    exact: bool = False,
    orders: tuple[Order, ...] = ("dp-pp", "pp-dp"),
) -> Plan:
    """Plan the launch of an allocation; `exact` keeps every device at its tasklet, and the first order.

    Raises `BadInput` for a problem whose sites name no hosts.
    """
    for index, site in enumerate(problem.sites):
        if site.hosts is None:
            expected = '["HOST", …] or [{"name": "HOST", "slots": N}, …] in the problem file, or --hosts TABLE.csv'
            raise BadInput.at(problem.name, f"sites[{index}].hosts", f"none for {site.name!r}", expected)
    if exact:
        return Plan(problem, allocation, orders[0])
    chosen, order = make_contiguous(problem, allocation, orders)
    return Plan(problem, chosen, order, chosen != allocation)
