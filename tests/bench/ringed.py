"""Seats in a ring: who sits beside whom, and what the hub carries."""

import hashlib

import numpy as np

from tasklet_bench import Cost, Permutation, Site, Strategy


class Ringed:
    """N seats around a table; neighbours talk over an uplink, everybody through the core."""

    name = "ringed-12"
    family = "ringed"

    def __init__(self):
        rng = np.random.Generator(np.random.PCG64(7))
        talk = rng.random((12, 12))
        self.talk_s = talk + talk.T
        self.talk_s.flags.writeable = False
        self.decision = Permutation(12)
        self.sites = (Site("hall", 12),)

    @property
    def digest(self):
        """Everything that the cost depends on."""
        return hashlib.sha256(b"ringed 1" + self.talk_s.astype("<f8").tobytes()).hexdigest()

    def cost(self, candidate):
        """Seconds on the busiest uplink, and through the core."""
        order = self.decision.check(candidate)
        pairs = self.talk_s[order, np.roll(order, -1)]
        uplink_s, core_s = float(pairs.max()), float(pairs.sum() / 12)
        return Cost(uplink_s + core_s, {"uplink_s": uplink_s, "core_s": core_s})

    def judge(self, candidate):
        """The same, seat by seat."""
        order = [int(seat) for seat in self.decision.check(candidate)]
        worst, total = 0.0, 0.0
        for seat, beside in zip(order, order[1:] + order[:1], strict=True):
            worst = max(worst, float(self.talk_s[seat, beside]))
            total += float(self.talk_s[seat, beside])
        return Cost(worst + total / 12, {"uplink_s": worst, "core_s": total / 12})

    def bound(self):
        """Everybody has two neighbours; at best, those of the shortest talk."""
        least = np.sort(self.talk_s + np.diag(np.full(12, np.inf)), axis=1)[:, :2]
        return float(least[:, 1].max() + least.mean())

    def starts(self):
        """Two orders that take no search."""
        return {"in order": np.arange(12), "evens first": np.array([*range(0, 12, 2), *range(1, 12, 2)])}


class Swaps(Strategy):
    """Exchanges two seats for as long as it helps."""

    name = "swaps"
    families = ("ringed",)

    def search(self, problem, run, rng):
        """From a random order, until the budget is spent."""
        best, best_s = problem.random(rng), float("inf")
        while not run.exhausted:
            candidate = problem.neighbour(best, rng)
            cost_s = run.evaluate(candidate)
            if cost_s < best_s:
                best, best_s = candidate, cost_s
