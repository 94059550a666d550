"""The clauses as tests: a class to inherit, one test for each clause."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tasklet_bench.bench.contract.checking import check_clause
from tasklet_bench.bench.contract.clause import Clause
from tasklet_bench.bench.contract.clauses import CLAUSES
from tasklet_bench.bench.contract.instances import instances_for
from tasklet_bench.bench.contract.trials import Trials
from tasklet_bench.bench.plugins import entrant, installed_strategies
from tasklet_bench.problems.bad_input import BadInput


class ContractRemark(UserWarning):
    """Something that breaks no clause, and that the author of a strategy should know of."""


class StrategyContract:
    """Inherit, name the strategy, and every clause is a test of yours.

    `strategy` is what `tasklet-bench check` takes (a path is looked for beside the test, too), or the class itself.
    Tests of one class share their runs, so they are quickest together.
    """

    strategy: ClassVar[str | type]
    parameters: ClassVar[Mapping[str, Any]] = {}
    problems: ClassVar[tuple[str, ...]] = ()
    """Instances to check it on; those known for its families unless given."""
    _trials: ClassVar[Trials]

    @classmethod
    def setup_class(cls) -> None:
        """Start the processes in which the strategy is tried."""
        of = entrant(_target(cls), dict(cls.parameters))
        cls._trials = Trials(of, instances=instances_for(of, cls.problems)).__enter__()

    @classmethod
    def teardown_class(cls) -> None:
        """End them."""
        cls._trials.__exit__(None, None, None)


def _test(clause: Clause) -> Callable[[StrategyContract], None]:
    def test(self: StrategyContract) -> None:
        __tracebackhide__ = True
        finding = check_clause(clause, self._trials)
        if finding.status == "broken":
            raise AssertionError(f"{clause.name}: {clause.promise}\n{finding.text()}")
        if finding.status == "n/a":
            pytest.skip(finding.found)
        if finding.status == "remark":
            warnings.warn(f"{self._trials.of.name}: {clause.name}: {finding.found}", ContractRemark, stacklevel=2)

    test.__name__ = f"test_{clause.name.replace('-', '_')}"
    test.__qualname__ = f"{StrategyContract.__name__}.{test.__name__}"
    test.__doc__ = clause.promise
    return test


for _clause in CLAUSES:
    setattr(StrategyContract, f"test_{_clause.name.replace('-', '_')}", _test(_clause))


def _target(contract: type[StrategyContract]) -> str:
    """What `strategy` names, as the command line takes it."""
    given = getattr(contract, "strategy", None)
    if isinstance(given, str):
        beside = Path(sys.modules[contract.__module__].__file__ or "").parent / given
        return str(beside) if Path(str(beside).rpartition(":")[0]).is_file() else given
    if inspect.isclass(given) and "." not in given.__qualname__:
        value = f"{given.__module__}:{given.__qualname__}"
        names = [name for name, plugin in installed_strategies().items() if plugin.point.value == value]
        return names[0] if names else f"{inspect.getfile(given)}:{given.__qualname__}"
    raise BadInput.at(
        contract.__name__, "strategy", repr(given), "a name, path/to/file.py:Class, or a class at the top of its module"
    )
