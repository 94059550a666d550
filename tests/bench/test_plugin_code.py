"""A plug-in is its file with its neighbours: these are its own, count in its identity, and travel with it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.plugins import Bundle, code_identity, entrant, load_strategy
from tasklet_bench.bench.plugins.code_identity import library_versions, package_identity
from tasklet_bench.problems.bad_input import BadInput

MINE = """
from helper import STEPS
class Mine:
    name = NAME
    def search(self, problem, run, rng):
        return STEPS
"""
Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Make a folder of files, each by its path without the suffix."""

    def make(name: str, **files: str) -> Path:
        for path, text in files.items():
            file = tmp_path / name / f"{path}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return tmp_path / name

    return make


def searched(target: str) -> object:
    """What `search` of a plug-in returns."""
    return load_strategy(entrant(target)).search(None, None, np.random.default_rng(0))  # type: ignore[func-returns-value, arg-type]


def test_neighbours_of_one_name_are_each_plugins_own(folder: Folder) -> None:
    """Two folders with a `helper` each; neither is to be had by anybody else, nor stays on the path."""
    path = list(sys.path)
    for number in (1, 2):
        folder(str(number), mine=MINE.replace("NAME", f"'mine-{number}'"), helper=f"STEPS = {number}\n")
    where = folder("1").parent
    assert [searched(f"{where}/{n}/mine.py:Mine") for n in (1, 2, 1)] == [1, 2, 1]
    assert "helper" not in sys.modules
    assert sys.path == path


def test_neighbours_may_be_packages_and_import_each_other(folder: Folder) -> None:
    """Relative imports, dotted imports, imports within functions, and of the plug-in by its neighbour."""
    where = folder(
        "a",
        mine="import tools.deep\nfrom . import beside\nSTEPS = 1\ndef search_all(problem, run, rng):\n"
        "    import late\n    return STEPS, tools.deep.DEPTH, beside.STEPS, late.here()\n",
        beside="STEPS = 2\n",
        late="def here():\n    from mine import STEPS\n    return -STEPS\n",
        **{"tools/__init__": "from .deep import DEPTH\n"},
        **{"tools/deep": "from ..beside import STEPS\nDEPTH = 10 * STEPS\n"},
    )
    assert searched(f"{where}/mine.py:search_all") is None  # a function as a strategy gives nothing back
    from tasklet_bench.bench.plugins.files import attribute_of

    assert attribute_of(where / "mine.py", "search_all", "a function")(None, None, None) == (1, 20, 2, -1)


def test_a_neighbour_hides_no_library_from_others(folder: Folder) -> None:
    """A neighbour called like an installed package is the plug-in's; Python's own library stays what it is."""
    where = folder(
        "a",
        mine="import json\nimport deap\ndef both(problem, run, rng):\n    return json.dumps([]), deap.OWN\n",
        deap="OWN = True\n",
        json="raise RuntimeError\n",
    )
    from tasklet_bench.bench.plugins.files import attribute_of

    assert attribute_of(where / "mine.py", "both", "a function")(None, None, None) == ("[]", True)
    import deap

    assert not hasattr(deap, "OWN")


def test_an_edited_neighbour_makes_another_entrant(folder: Folder) -> None:
    """A changed constant counts; a comment, a renamed neighbour and a file that nobody imports do not."""
    plain = folder("a", mine=MINE.replace("NAME", "'mine'"), helper="STEPS = 1\n")
    first = entrant(f"{plain}/mine.py:Mine")
    (plain / "helper.py").write_text("# as before\nSTEPS = 1\n", encoding="utf-8")
    folder("a", other="x = 1\n")
    assert entrant(f"{plain}/mine.py:Mine").code_hash == first.code_hash
    renamed = folder("b", mine=MINE.replace("NAME", "'mine'").replace("helper", "aid"), aid="STEPS = 1\n")
    assert entrant(f"{renamed}/mine.py:Mine").code_hash == first.code_hash
    (plain / "helper.py").write_text("STEPS = 2\n", encoding="utf-8")
    with pytest.raises(BadInput, match="the code has changed"):
        load_strategy(first)


def test_what_is_run_is_the_source_as_it_is(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A neighbour edited within the second, at the same length, is not taken from the bytecode of before."""
    where = folder("a", mine=MINE.replace("NAME", "'mine'"), helper="STEPS = 1\n")
    assert searched(f"{where}/mine.py:Mine") == 1
    (where / "helper.py").write_text("STEPS = 2\n", encoding="utf-8")
    for name in [name for name in sys.modules if name.startswith("tasklet_plugin_")]:
        monkeypatch.delitem(sys.modules, name)
    assert searched(f"{where}/mine.py:Mine") == 2


def test_a_bundle_is_the_plugin_elsewhere(folder: Folder, tmp_path: Path) -> None:
    """Unpacked in another folder it is the same code with neighbours and packages, and nothing that is not imported."""
    where = folder(
        "a",
        mine=MINE.replace("NAME", "'mine'").replace("from helper", "from tools.helper"),
        **{"tools/__init__": "", "tools/helper": "from .more import STEPS\n", "tools/more": "STEPS = 3\n"},
        unused="x = 1\n",
    )
    here = entrant(f"{where}/mine.py:Mine")
    bundle = Bundle.of(here.target)
    assert bundle is not None
    assert sorted(bundle.sources) == ["mine.py", "tools/__init__.py", "tools/helper.py", "tools/more.py"]
    there = bundle.unpack(tmp_path / "worker", here.target)
    assert entrant(there).code_hash == here.code_hash
    assert searched(there) == 3
    assert Bundle.of("annealing") is None
    with pytest.raises(ValueError, match="leads out of the bundle"):
        Bundle("mine.py", {"../mine.py": ""}).unpack(tmp_path / "worker", here.target)


def test_two_sources_of_one_name_are_refused(folder: Folder) -> None:
    """Both are named; the same source twice is one entrant."""
    targets = [
        f"{folder(n, mine=MINE.replace('NAME', repr('mine')), helper=f'STEPS = {n}')}/mine.py:Mine" for n in ("1", "2")
    ]
    with pytest.raises(BadInput, match=r"name mine: found .*1/mine\.py:Mine and .*2/mine\.py:Mine, expected"):
        campaign_of("quick", Changes(strategies=tuple(targets)))
    assert len(campaign_of("quick", Changes(strategies=(targets[0], targets[0]))).entrants) == 1


def test_nobody_takes_a_strategys_name(folder: Folder) -> None:
    """A plug-in that is called like a strategy of the project is refused, with its source."""
    where = folder("a", mine=MINE.replace("NAME", "'annealing'"), helper="STEPS = 1\n")
    with pytest.raises(BadInput, match=r"mine\.py:Mine: name: found 'annealing', expected a name of its own"):
        entrant(f"{where}/mine.py:Mine")


def test_versions_of_libraries_are_part_of_an_entrant(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that its code imports through its neighbours; another version is reported by name before anything runs."""
    where = folder("a", mine=MINE.replace("NAME", "'mine'"), helper="import optuna\nSTEPS = optuna.__name__\n")
    mine = entrant(f"{where}/mine.py:Mine")
    assert mine.libraries == library_versions(["optuna"])
    assert "ortools" in entrant("constraint-program").libraries
    version = code_identity.version  # type: ignore[attr-defined]
    monkeypatch.setattr(code_identity, "_version", lambda name: "9999.1" if name == "optuna" else version(name))
    assert replace(entrant(f"{where}/mine.py:Mine"), libraries=mine.libraries) == mine
    with pytest.raises(BadInput, match=r"version of optuna: found 9999\.1, expected .*, as where the run was planned"):
        load_strategy(mine)


def test_libraries_are_found_by_what_is_imported() -> None:
    """A distribution need not be called like its package, and what is not installed has no version."""
    assert set(library_versions(["yaml", "numpy", "no_such_library"])) == {"PyYAML", "numpy"}


def test_an_installed_packages_identity_is_that_of_what_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other modules of the package do not count, nor do comments; its version does."""
    package = tmp_path / "searchers"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "mine.py").write_text("from .steps import STEPS\nx = STEPS\n", encoding="utf-8")
    (package / "steps.py").write_text("STEPS = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    plain = package_identity("searchers.mine", "searchers==1.0")
    (package / "other.py").write_text("x = 1\n", encoding="utf-8")
    (package / "steps.py").write_text("STEPS = 1  # one\n", encoding="utf-8")
    assert package_identity("searchers.mine", "searchers==1.0") == plain
    assert package_identity("searchers.mine", "searchers==1.1") != plain
    (package / "steps.py").write_text("STEPS = 2\n", encoding="utf-8")
    assert package_identity("searchers.mine", "searchers==1.0") != plain
