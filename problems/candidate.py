"""A candidate, and the two ways in which it can be none."""

from __future__ import annotations

from typing import Any

Candidate = Any
"""A member of a decision: labels `(N,)`, an order `(n,)`, choices `(n,)`, edges `(E, 2)`, parents `(N,)`, or a
tuple."""


class InvalidCandidate(ValueError):
    """A candidate that is no member of the problem's decision: wrong shape, unknown device, unbalanced groups."""


class Infeasible(InvalidCandidate):
    """A member of the decision that breaks a rule of the problem: memory, connectivity, utility.

    Scoring one counts an evaluation. It may be caught, and the run goes on; generic strategies treat it as worst.
    """
