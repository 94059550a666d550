"""A folder for compiled code is the user's own and nobody else's to write, or it is not used."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tasklet_bench.problems.code import private_folder as module_level
from tasklet_bench.problems.code.private_folder import _take, private_folder
from tasklet_bench.problems.code.sealed import read_sealed, sealed

ROOT = 0


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720, 0o702, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(mode: int, tmp_path: Path) -> None:
    """By its group or by everybody, sticky or not."""
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(mode)
    assert not _take(folder)


def test_a_new_folder_is_the_users_alone(tmp_path: Path) -> None:
    """Whatever the umask, and so is one that is there already as it should be."""
    before = os.umask(0)
    try:
        assert _take(tmp_path / "cache")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    assert _take(tmp_path / "cache")
    assert private_folder is module_level


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A file, a link that leads nowhere, and a link to a folder that others may write to."""
    (tmp_path / "file").write_text("")
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path / "open")
    for name in ("file", "nowhere", "link"):
        assert not _take(tmp_path / name)


@pytest.mark.skipif(os.getuid() != ROOT, reason="only root can give a file away")
def test_what_somebody_else_owns_is_refused(tmp_path: Path) -> None:
    """A folder, a link to one's own folder, and a file in one's own folder."""
    (tmp_path / "theirs").mkdir(mode=0o700)
    (tmp_path / "own").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "own")
    (tmp_path / "own" / "file").write_bytes(sealed(b"code"))
    assert read_sealed(tmp_path / "own" / "file") == b"code"
    for name in ("theirs", "link", "own/file"):
        os.chown(tmp_path / name, 65534, 65534, follow_symlinks=False)
    assert not _take(tmp_path / "theirs")
    assert not _take(tmp_path / "link")
    assert read_sealed(tmp_path / "own" / "file") is None


@pytest.mark.parametrize("damage", [b"", b"x", b"\0" * 32, sealed(b"code")[:-1], sealed(b"code") + b"x"])
def test_damaged_content_is_as_good_as_none(damage: bytes, tmp_path: Path) -> None:
    """Shorter, longer, or with another hash; and a file that is not there."""
    (tmp_path / "file").write_bytes(damage)
    assert read_sealed(tmp_path / "file") is None
    assert read_sealed(tmp_path / "missing") is None
