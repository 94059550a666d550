"""A small store, its export, and a way to try a command on what somebody has made of them."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from tasklet_bench.bench.commands.app import app
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.store import FILE_NAME, Store
from tasklet_bench.problems.bad_input import BadInput

PLUGIN = Path(__file__).parents[1] / "ringed.py"
PROBLEM = "generated/uniform?n=8&dp=2&seed=1"
Tried = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def making() -> ModuleType:
    """What makes stores for tests, and mutates them: `tests/fuzz/stores.py`."""
    spec = spec_from_file_location("fuzz_stores", Path(__file__).parents[2] / "fuzz" / "stores.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made(making: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `store` and `export`: eight runs, four of them of a strategy and a problem in `mine.py` there."""
    folder = tmp_path_factory.mktemp("made")
    mine = Path(shutil.copy(PLUGIN, folder / "mine.py"))
    texts = (("random-partition", PROBLEM), (f"{mine}:Swaps", f"{mine}:Ringed"))
    making.make_store(folder / "store", texts, seeds=4)
    with Store(folder / "store") as store:
        export(store, folder / "export", "parquet")
    return folder


@pytest.fixture(autouse=True)
def _table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`best-known --update` writes to a table of this test's own."""
    monkeypatch.setattr(best_known, "default_path", lambda: tmp_path / "table" / "best_known.jsonl")
    monkeypatch.setattr(best_known, "planted", lambda _: [])


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copy `store` or `export` to change it; the plug-in that made half of it is not beside the copy."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(made / name, tmp_path / name))

    return copy


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tried:
    """Run a command in an empty folder; its exit status, and what it said. Nothing but bad input may be raised."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, [str(word) for word in words])
        if isinstance(done.exception, BadInput):
            return 2, str(done.exception)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return run


@pytest.fixture
def edited() -> Callable[..., None]:
    """Execute statements on a store's file, as somebody can who drops the triggers first."""

    def edit(folder: Path, *statements: str, values: tuple[object, ...] = ()) -> None:
        with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as db:
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                if values:
                    db.execute(statement, values)
                else:
                    db.executescript(statement)

    return edit


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A file that leaves a mark when it is imported, as a problem and as a strategy."""
    file = tmp_path / "evil.py"
    mark = tmp_path / "it-has-run"
    file.write_text(f"open({json.dumps(str(mark))}, 'w').close()\ndef load(): raise SystemExit\nMine = load\n")
    return file
