"""What modules mean, read once: kept in memory while their files do not change, and between processes by content."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tasklet_bench.problems.code import meaning as syntax
from tasklet_bench.problems.code import survey
from tasklet_bench.problems.code.meaning import Meaning, Reference, meaning
from tasklet_bench.problems.code.private_folder import private_folder

_MOST = 2000
"""Modules that are kept between processes; the oldest go."""
_read: dict[Path, tuple[tuple[int, ...], Meaning]] = {}
_fresh: dict[str, Meaning] = {}


def meaning_of(file: Path) -> Meaning:
    """What a module means; a binary one, or one that is no Python, is what its bytes are. Raises `OSError`."""
    status = file.stat()
    stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    known = _read.get(file)
    if known is None or known[0] != stamp:
        known = _read[file] = (stamp, _of_content(file.read_bytes(), file))
    return known[1]


def save() -> None:
    """Keep for other processes what was read anew in this one."""
    if not _fresh:
        return
    kept = {**_kept(), **{digest: _to_json(what) for digest, what in _fresh.items()}}
    _kept().update(kept)
    _fresh.clear()
    with contextlib.suppress(OSError):
        descriptor, name = tempfile.mkstemp(dir=_path().parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(dict(list(kept.items())[-_MOST:])))  # `json.dump` goes the slow way
        Path(name).replace(_path())


def _of_content(content: bytes, file: Path) -> Meaning:
    digest = hashlib.sha256(content).hexdigest()
    if file.suffix != ".py":
        return Meaning(digest, (), ())
    if digest in _kept():
        return _from_json(_kept()[digest])
    try:
        _fresh[digest] = meaning(content, str(file))
    except (SyntaxError, ValueError):
        return Meaning(digest, (), ())
    return _fresh[digest]


@cache
def _kept() -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


@cache
def _path() -> Path:
    """One file for each way of reading."""
    reader = [*(Path(str(module.__file__)).read_bytes() for module in (syntax, survey)), sys.version.encode()]
    return private_folder("code") / f"meanings-{hashlib.sha256(b''.join(reader)).hexdigest()[:16]}.json"


def _to_json(what: Meaning) -> list[Any]:
    return [what.own, *([[r.level, r.names, r.idle] for r in part] for part in (what.used, what.others))]


def _from_json(data: list[Any]) -> Meaning:
    used, others = (tuple(Reference(level, tuple(names), idle) for level, names, idle in part) for part in data[1:])
    return Meaning(data[0], used, others)
