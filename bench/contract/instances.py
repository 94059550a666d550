"""The instances on which strategies are checked: small ones that anybody can load again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.bench.runs.spec import Entrant


@dataclass(frozen=True)
class Instances:
    """Names of instances by what clauses want of them; None or missing where a family has none of that kind.

    `plain` is any small one, `easy` one on which whoever improves on what it has gets nearer to the optimum, `planted`
    was built from a proven optimum, `provable` is small enough to try everything, and `odd` stand at the edge of what
    there is, each the subject of the clause of its name.
    """

    plain: str
    easy: str
    planted: str | None = None
    provable: str | None = None
    odd: Mapping[str, str] = field(default_factory=dict)


ALLOCATION = Instances(
    plain="generated/clustered?n=16&dp=4&seed=1&sites=5",
    easy="generated/planted?n=16&dp=4&seed=1&decoys=0",
    planted="generated/planted?n=16&dp=4&seed=1",
    provable="generated/uniform?n=8&dp=2&seed=3",
    odd={
        "one-replica": "generated/uniform?n=6&dp=1&seed=1",
        "one-stage": "generated/uniform?n=6&dp=6&seed=1",
        "two-devices": "generated/uniform?n=2&dp=1&seed=1",
        "equal-links": "generated/hierarchical?n=12&dp=3&seed=1&host=12&rack=1&sites=1",
        "one-slow-link": "generated/uniform?n=12&dp=3&seed=1&failed_links=1",
        "uneven-sites": "generated/clustered?n=12&dp=4&seed=1&sites=5",
        "directed-links": "generated/uniform?n=12&dp=3&seed=1&asymmetry=1",
    },
)
"""Those of the family `allocation`."""


def instances_for(of: Entrant, typed: tuple[str, ...] = ()) -> Instances:
    """Those that were typed, else of the first family that the entrant takes and that has instances.

    Raises `BadInput` where none is known.
    """
    if typed:
        return Instances(plain=typed[0], easy=typed[-1])
    if of.takes("allocation"):
        return ALLOCATION
    from tasklet_bench.problems.instances import catalogue

    for family in of.families:
        if family in catalogue.suites():
            members = sorted(catalogue.suite(family).problems, key=len)
            return Instances(plain=members[0], easy=members[-1])
    families = ", ".join(of.families)
    raise BadInput.at(f"strategy {of.name}", "families", families, "--problem PROBLEM, an instance to check it on")
