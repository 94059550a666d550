"""The two structural heuristics that read the declared sites and search nothing.

*Aligned* gives all data-parallel groups the same make-up: fast links inside a site become pipeline links. *Site-pure*
keeps every group inside one site as far as site sizes allow: fast links carry gradients. Which one is better flips with
the ratio of activation to gradient bytes. One evaluation, at the best wiring and order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.problem import Problem
from strategies.run import Run
from strategies.strategy import Strategy


@dataclass(frozen=True)
class Aligned(Strategy):
    """Deal the devices, in site order, round the groups: each site differs by at most one device between groups."""

    name = "aligned"
    families = ("*",)
    deterministic = True

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Evaluate the dealt partition."""
        labels = np.empty(problem.decision.n_devices, dtype=np.int64)
        room = np.array(problem.decision.group_sizes)
        group = -1
        for device in range(len(labels)):
            group = next(g % len(room) for g in range(group + 1, group + 1 + len(room)) if room[g % len(room)])
            labels[device] = group
            room[group] -= 1
        run.evaluate(labels)


@dataclass(frozen=True)
class SitePure(Strategy):
    """Fill groups from one site while it has enough devices, then pool what is left over, largest remainders first."""

    name = "site-pure"
    families = ("*",)
    deterministic = True

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Evaluate the filled partition."""
        sizes = list(problem.decision.group_sizes)
        site_of = np.repeat(np.arange(len(problem.sites)), [site.devices for site in problem.sites])
        members = [list(np.flatnonzero(site_of == site)) for site in range(len(problem.sites))]
        labels = np.full(problem.decision.n_devices, -1, dtype=np.int64)
        mixed = []
        for group, size in enumerate(sizes):
            site = max(range(len(members)), key=lambda s: len(members[s]))
            if len(members[site]) < size:
                mixed.append(group)
                continue
            labels[members[site][:size]] = group
            members[site] = members[site][size:]
        leftover = [device for site in sorted(members, key=len, reverse=True) for device in site]
        labels[leftover] = np.repeat(mixed, [sizes[group] for group in mixed])
        run.evaluate(labels)
