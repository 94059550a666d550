"""Runs of consecutive ranks on one host: what one agent of a launcher starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasklet_bench.problems.launch.ranks import Rank


@dataclass(frozen=True)
class Agent:
    """Consecutive ranks of one host, from `first_rank` on, and the GPUs that they take in this order."""

    number: int
    host: str
    first_rank: int
    gpus: tuple[int, ...]


def agents_of(rows: Sequence[Rank]) -> list[Agent]:
    """The agents in the order of their ranks: one a host where its ranks are consecutive, else several."""
    agents: list[Agent] = []
    for row in rows:
        gpu = row.gpu or 0
        if agents and agents[-1].host == row.host:
            last = agents.pop()
            agents.append(Agent(last.number, last.host, last.first_rank, (*last.gpus, gpu)))
        else:
            agents.append(Agent(len(agents), row.host, row.rank, (gpu,)))
    return agents
