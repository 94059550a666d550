"""An instance by its name or its file, for whoever uses the problems without the harness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem


def load_problem(name: str | Path) -> Problem:
    """The instance of a name of any family of the project, or of a problem file; raises `BadInput` for neither.

    >>> load_problem("paper/regional").decision.describe()
    '8 groups of 8 things'
    """
    if isinstance(name, Path) or name.endswith(".json") or Path(name).is_file():
        from tasklet_bench.problems.files.source import read_json

        data = read_json(name)
        if not isinstance(data, dict):
            raise BadInput.at(str(name), "the whole of it", type(data).__name__, "an object")
        return families.from_json(data, str(name))
    return families.load(name)
