"""The clauses for problems as tests: a class to inherit, one test for each clause."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from tasklet_bench.bench.contract.problem_checking import ProblemClause, check_problem_clause, clause_name, promise
from tasklet_bench.bench.contract.problem_clauses import CLAUSES, ProblemTrial
from tasklet_bench.bench.plugins import resolve


class ProblemContract:
    """Inherit, name the problem, and every clause is a test of yours.

    `problem` is what `tasklet-bench check` takes: a name, a problem file, or `path/to/file.py:load` (a path is looked
    for beside the test, too).
    """

    problem: ClassVar[str]
    _trial: ClassVar[ProblemTrial]

    @classmethod
    def setup_class(cls) -> None:
        """Load the problem."""
        beside = Path(sys.modules[cls.__module__].__file__ or "").parent
        file = cls.problem.partition(":")[0]
        folder = beside if (beside / file).is_file() else None
        cls._trial = ProblemTrial(resolve(cls.problem, folder).problem, lambda: resolve(cls.problem, folder).problem)


def _test(clause: ProblemClause) -> Callable[[ProblemContract], None]:
    def test(self: ProblemContract) -> None:
        __tracebackhide__ = True
        finding = check_problem_clause(clause, self._trial, self.problem)
        if finding.status == "broken":
            raise AssertionError(f"{clause_name(clause)}: {promise(clause)}\n{finding.text()}")
        if finding.status == "n/a":
            pytest.skip(finding.found)

    test.__name__ = f"test_{clause.__name__}"
    test.__qualname__ = f"{ProblemContract.__name__}.{test.__name__}"
    test.__doc__ = promise(clause)
    return test


for _clause in CLAUSES:
    setattr(ProblemContract, f"test_{_clause.__name__}", _test(_clause))
