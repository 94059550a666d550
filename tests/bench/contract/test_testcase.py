"""`StrategyContract`: the same clauses as tests of one's own."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tasklet_bench.bench.contract import CLAUSES, StrategyContract
from tasklet_bench.bench.contract.testcase import _target
from tasklet_bench.problems.bad_input import BadInput

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

PLUGIN = '''
class Fine:
    """Random partitions."""

    name = "fine"

    def search(self, problem, run, rng):
        while not run.exhausted:
            run.evaluate(problem.random(rng))


class Unfit(Fine):
    """Too loud a name."""

    name = "UNFIT"
'''
TESTS = """
from tasklet_bench.bench.contract import StrategyContract
from plugin import Unfit


class TestFine(StrategyContract):
    strategy = "plugin.py:Fine"


class TestUnfit(StrategyContract):
    strategy = Unfit
"""


def test_each_clause_is_a_test_of_whoever_inherits(tmp_path: Path) -> None:
    """A strategy is named by path or by class; what is broken fails by the clause's name and says how to see it."""
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "plugin.py").write_text(PLUGIN)
    (folder / "test_plugin.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "deep", "-k", "described or random"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout
    assert "TestFine::test_well_described PASSED" in done.stdout
    assert "TestFine::test_global_random_unused PASSED" in done.stdout
    assert "TestUnfit::test_well_described FAILED" in done.stdout
    assert "plugin.py:Unfit --only well-described" in done.stdout
    assert "does NOT beat random" in done.stdout
    assert "1 failed, 5 passed" in done.stdout


def test_no_clause_is_left_out() -> None:
    """There is a test method for each, with its promise."""
    for clause in CLAUSES:
        method = getattr(StrategyContract, f"test_{clause.name.replace('-', '_')}")
        assert method.__doc__ == clause.promise


def test_a_class_that_cannot_be_found_again_is_refused() -> None:
    """A run loads the strategy anew, by its module, so it cannot be one that a function has made."""

    class Local:
        def search(self, problem, run, rng):
            """Find nothing."""

    class Contract(StrategyContract):
        strategy = Local

    with pytest.raises(BadInput, match="at the top of its module"):
        _target(Contract)


def test_a_class_of_an_installed_package_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its module may need its neighbours, so it is not loaded as a file."""
    laid_out = tmp_path / "packed_plugin-1.0.dist-info"
    laid_out.mkdir()
    (laid_out / "METADATA").write_text("Metadata-Version: 2.1\nName: packed-plugin\nVersion: 1.0\n")
    (laid_out / "entry_points.txt").write_text("[tasklet_bench.strategies]\npacked = packed_plugin:Packed\n")
    (tmp_path / "packed_plugin.py").write_text("class Packed:\n    pass\n\n\nclass Loose:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = import_module("packed_plugin")
    contracts = [type("Contract", (StrategyContract,), {"strategy": cls}) for cls in (module.Packed, module.Loose)]
    assert [_target(contract) for contract in contracts] == ["packed", f"{tmp_path / 'packed_plugin.py'}:Loose"]
