"""Names of the family: `robust/` before a name of the catalogue, at 40 draws, a spread of 0.2 and the 90th percentile.

`robust/paper/regional` is `paper/regional`, scored by the cost that nine of ten drawn networks keep to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasklet_bench.problems.robust.problem import RobustProblem

PREFIX = "robust/"


def load(name: str) -> RobustProblem:
    """Build an instance of the family by its name; raises `BadInput` for what the catalogue does not know."""
    from tasklet_bench.problems.robust.instance_file import from_json

    return from_json({"family": "robust", "problem": name.removeprefix(PREFIX)}, name)
