"""A folder for what is worth keeping between processes and must be nobody else's: compiled code is code.

A folder that somebody else owns, or that others can write to, is not used: whoever can write there could have what
they like run under another user's name.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path

_FOR_CHILDREN = "TASKLET_BENCH_CACHE"
"""Environment variable by which processes find the temporary folder of the one that started them."""
_PRIVATE = 0o700
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def private_folder(name: str) -> Path:
    """The folder `name` where this user keeps things, made if need be.

    Below `NUMBA_CACHE_DIR`, else the user's cache folder, else one of the user's among the temporary ones; where none
    is to be had, or none is the user's alone, below a new temporary one that is removed when the process ends.
    """
    parent = _parent()
    folder = parent / name
    if _take(folder):
        return folder
    folder = _temporary() / name
    folder.mkdir(mode=_PRIVATE, exist_ok=True)
    return folder


@cache
def _parent() -> Path:
    wanted = os.environ.get("NUMBA_CACHE_DIR")
    users = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    places = [
        Path(wanted) if wanted else users / "tasklet-bench",
        Path(tempfile.gettempdir(), f"tasklet-bench-{os.getuid()}"),
        *(Path(place) for place in [os.environ.get(_FOR_CHILDREN)] if place),
    ]
    return next((place for place in places if _take(place)), None) or _temporary()


def _take(folder: Path) -> bool:
    """Make a folder; whether it can be written, by its owner alone, who is the user of this process."""
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        status = folder.stat()
        if {status.st_uid, folder.lstat().st_uid} != {os.getuid()} or status.st_mode & _OTHERS_WRITE:
            _warn(folder)
            return False
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


@cache
def _temporary() -> Path:
    """A folder of this process, which those that it starts use too."""
    folder = Path(tempfile.mkdtemp(prefix="tasklet-bench-cache-"))
    os.environ[_FOR_CHILDREN] = str(folder)
    owner = os.getpid()
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == owner else None)
    return folder


@cache
def _warn(folder: Path) -> None:
    sys.stderr.write(f"tasklet-bench: {folder} is not this user's alone and is not used for compiled code\n")
