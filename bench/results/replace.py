"""Replace a folder of files as one step: it is written beside the old one and takes its place when it is complete."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from tasklet_bench.problems.bad_input import BadInput

_AT_FDCWD, _EXCHANGE = -100, 2
_DRAFT = ".draft-"


def replace_folder(folder: Path, own: Collection[str], write: Callable[[Path], list[Path]]) -> list[Path]:
    """Have `write` fill a new folder and put it in the place of `folder`; returns the files where they are then.

    A process that is killed leaves the old folder or the new one, and perhaps a hidden draft beside it, which the next
    call removes. In a folder that holds other things than the `own` ones each file is replaced by itself. Raises
    `BadInput` if the folder cannot be written.
    """
    try:
        folder = folder.resolve()
        folder.parent.mkdir(parents=True, exist_ok=True)
        for leftover in folder.parent.glob(f".{folder.name}{_DRAFT}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}{_DRAFT}", dir=folder.parent))
        draft.chmod(0o777 & ~_umask())
        try:
            written = write(draft)
            for file in written:
                _sync(file)
            names = [file.relative_to(draft) for file in written]
            _put(draft, folder, own, names)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written: {error.strerror or error}") from None
    return [folder / name for name in names]


def _put(draft: Path, folder: Path, own: Collection[str], names: Collection[Path]) -> None:
    if not folder.exists():
        draft.rename(folder)
    elif _is_ours(folder, own):
        _exchange(draft, folder)
    else:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).replace(folder / name)


def _is_ours(folder: Path, own: Collection[str]) -> bool:
    here = {folder, *folder.parents} & {Path.cwd(), Path.home().resolve()}
    return folder not in here and not folder.is_mount() and {path.name for path in folder.iterdir()} <= set(own)


def _exchange(first: Path, second: Path) -> None:
    """Two folders change places: in one step where the system can do that, else by way of a third name."""
    if sys.platform.startswith("linux"):
        rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        if rename and rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _EXCHANGE) == 0:
            return
    aside = first.with_name(f"{first.name}-old")
    second.rename(aside)
    first.rename(second)
    aside.rename(first)


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
