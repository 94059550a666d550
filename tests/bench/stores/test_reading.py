"""Readers change nothing, wherever a store stands; while nobody writes it is one file."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tasklet_bench.bench.results.store import FILE_NAME, Store
from tasklet_bench.problems.bad_input import BadInput

READ = """
import os, sys
from pathlib import Path
from tasklet_bench.bench.results.store import Store
def count(folder):
    with Store(Path(folder)) as store: return len(store.runs()), len(store.trajectories()["key"].unique())
count(sys.argv[2])  # nobody may read the modules that this imports
if os.getuid() == 0: os.setuid(65534)
print(*count(sys.argv[1]))
"""


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of a folder with what is in it, and when it was written."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())}


def test_a_store_that_nobody_writes_to_is_one_file(made: Path) -> None:
    """No log, no lock: whoever copies it has all of it."""
    assert [path.name for path in (made / "store").iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_reader_changes_nothing_and_leaves_nothing(mode: str, copied: Callable[[str], Path]) -> None:
    """Also of a store that an earlier version left in log mode."""
    folder = copied("store")
    db = sqlite3.connect(folder / FILE_NAME)
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.close()
    before = files(folder)
    with Store(folder) as store:
        assert len(store.runs()) == 8
    assert files(folder) == before
    with Store(folder, writing=True) as store:
        assert len(store.runs()) == 8
    assert list(files(folder)) == [FILE_NAME]


@pytest.mark.parametrize("state", ["at rest", "log mode", "killed", "killed without its index"])
def test_a_store_in_a_folder_that_cannot_be_written_is_read_whole(
    state: str, made: Path, copied: Callable[[str], Path], tmp_path: Path
) -> None:
    """By somebody who may only read it: closed well, left in log mode, and with the log of a writer that was killed."""
    source = copied("store")
    folder = tmp_path / "published"
    db = sqlite3.connect(source / FILE_NAME, isolation_level=None)
    if state != "at rest":
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("INSERT INTO suites VALUES ('late', 'late', 'late')")
    if state == "log mode":
        db.close()
    shutil.copytree(source, folder)
    db.close()
    if state == "killed without its index":
        (folder / f"{FILE_NAME}-shm").unlink()
    before = files(folder)
    for place in (*folder.iterdir(), folder):
        place.chmod(0o555 if place.is_dir() else 0o444)
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:3]:  # one more where tests are run side by side
        parent.chmod(parent.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(folder), str(made / "store")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["8", "8"]
    assert files(folder) == before


def test_a_reader_sees_every_row_that_is_committed_while_it_is_open(copied: Callable[[str], Path]) -> None:
    """Beside a writer, from before its start until after its end, and none is lost."""
    folder = copied("store")
    with Store(folder) as reader:
        assert len(reader.table("suites")) == 8
        with Store(folder, writing=True) as writer:
            for number in range(5):
                with writer.transaction():
                    writer._db.write("INSERT INTO suites VALUES ('s', 's', ?)", (str(number),))
                assert len(reader.table("suites")) == 9 + number
                with Store(folder) as another:
                    assert len(another.table("suites")) == 9 + number
        assert len(reader.table("suites")) == 13
    with Store(folder) as store:
        assert len(store.table("suites")) == 13


def test_a_store_is_copied_whole_while_somebody_writes(
    copied: Callable[[str], Path], tried: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    """`export --store` makes one file with all that is committed; a folder with a store already is refused."""
    folder = copied("store")
    with Store(folder, writing=True) as writer:
        with writer.transaction():
            writer._db.write("INSERT INTO suites VALUES ('s', 's', 'late')")
        assert tried("export", folder, "--store", "--out", tmp_path / "copy")[0] == 0
    assert [path.name for path in (tmp_path / "copy").iterdir()] == [FILE_NAME]
    with Store(tmp_path / "copy") as store:
        assert len(store.table("suites")) == 9
        assert len(store.runs()) == 8
    assert tried("export", folder, "--store", "--out", tmp_path / "copy")[0] == 2


def test_a_lock_that_was_removed_meanwhile_keeps_nobody_in(copied: Callable[[str], Path]) -> None:
    """Two writers never hold a store at once, though the lock's file comes and goes with each."""
    folder = copied("store")
    for _ in range(3):
        with Store(folder, writing=True), pytest.raises(BadInput, match="another campaign is writing"):
            Store(folder, writing=True)
        assert not (folder / f"{FILE_NAME}.lock").exists()


def test_a_killed_reader_of_exports_leaves_no_folder(made: Path, tmp_path: Path) -> None:
    """What is read from an export is in memory."""
    code = (
        "import os, signal, sys; from pathlib import Path; from tasklet_bench.bench.results.merge import results_at\n"
        "with results_at(Path(sys.argv[1])) as store: store.runs(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, str(made / "export")],
        env={**os.environ, "TMPDIR": str(scratch)},
        timeout=120,
        check=False,
    )
    assert done.returncode == -9
    assert list(scratch.iterdir()) == []
