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
    from tasklet_bench.problems.files.source import is_file, shown

    if isinstance(name, Path) or name.endswith(".json") or is_file(name):
        from tasklet_bench.problems.files.problem_file import ask_about_problem, read_problem_json

        data = read_problem_json(name)
        if not isinstance(data, dict):
            raise BadInput.at(shown(name), "the whole of it", type(data).__name__, "an object")
        problem = families.from_json(data, shown(name))
        ask_about_problem(data, shown(name))
        return problem
    return families.load(name)
