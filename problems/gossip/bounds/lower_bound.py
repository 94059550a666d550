"""The best of what is proven about the period of any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasklet_bench.problems.gossip.bounds.devices import device_bound_s
from tasklet_bench.problems.gossip.bounds.embedding import embedding_bound_s
from tasklet_bench.problems.gossip.bounds.instance import Instance
from tasklet_bench.problems.gossip.bounds.sites import site_bound_s

if TYPE_CHECKING:
    from tasklet_bench.problems.gossip.problem import GossipProblem

ROUNDING = 1e-13
"""What is taken off, relative to the bound: it may be attained, and is summed in another order than a cost."""


def lower_bound_s(problem: GossipProblem) -> float:
    """A lower bound on the seconds of an iteration of any order."""
    instance = Instance.of(problem)
    by_site = [site_bound_s(instance, members) for members in instance.site_members]
    return max(device_bound_s(instance), embedding_bound_s(instance), *by_site, 0.0) * (1.0 - ROUNDING)
