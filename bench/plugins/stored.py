"""What stored results name, found again without running anything that the user did not type.

A store, an export or a CSV file is data, often somebody else's. A problem in it is an instance of the catalogue, an
inline problem file or one of an installed family. A file that it names is code: it is loaded only if the user has
typed a file whose hash is the stored one, and the hash is compared before the file is imported. Where the stored file
was does not matter.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.plugins.code_identity import plugin_identity
from tasklet_bench.bench.plugins.files import file_hash, file_of, within
from tasklet_bench.bench.plugins.installed import installed_problems
from tasklet_bench.bench.plugins.problems import load_problem
from tasklet_bench.bench.plugins.resolve import Resolved, resolve
from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.families import ROOMS
from tasklet_bench.problems.instances import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasklet_bench.bench.runs.spec import ProblemRef
    from tasklet_bench.problems.problem import Problem

MOST_DEVICES = 8192
"""Devices, or sites where links are kept by site, of an instance that is made because data name it; the project's own
have half as many."""
_HOW = "; --trust FILE allows a file of that content"


def load_stored(ref: ProblemRef, trusted: Sequence[Path] = ()) -> Problem:
    """The problem of a stored reference; `trusted` are the files that the user typed.

    Raises `BadInput` for a file that is not among them, and for whatever cannot be made or has another digest.
    """
    return _made(stored_ref(ref, trusted))


def stored_ref(ref: ProblemRef, trusted: Sequence[Path] = ()) -> ProblemRef:
    """The reference as it may be loaded here: a plug-in's file is the one that was typed; nothing is imported."""
    if ref.content is None:
        _require_no_file(ref.name)
        return ref
    content = _object(ref)
    if "plugin" not in content:
        return ref
    target = content["plugin"]
    if not isinstance(target, str):
        raise BadInput.at(ref.name, "plugin", repr(target)[:80], "a text")
    if file_of(target) is None:
        if target.partition("/")[0] not in installed_problems():
            _require_no_file(target)
        return ref
    expected = content.get("sha256")
    if not isinstance(expected, str):
        raise BadInput.at(ref.name, "sha256", "none", f"that of {target}: a file without its hash is never loaded")
    path = next((path for path in trusted if path.is_file() and file_hash(path) == expected), None)
    if path is None:
        raise BadInput(f"{ref.name}: {_not_loaded(target, f'sha256 {expected[:16]}', trusted)}")
    origin = {**content, "plugin": f"{path.resolve()}:{within(target)}"}
    return replace(ref, content=canonical_json(origin))


def resolve_stored(text: str, folder: Path, trusted: Sequence[Path] = ()) -> Resolved:
    """The problem of a name in a table of results: as `resolve` has it, a plug-in's file only if it was typed."""
    file = file_of(text)
    if file is not None and (folder / file).resolve() not in {path.resolve() for path in trusted}:
        raise BadInput(_not_loaded(text, "no hash", trusted))
    return resolve(text, folder)


def stored_target(target: str, code_hash: str, trusted: Sequence[Path] = ()) -> str:
    """How the strategy of a record is loaded here: a file is the typed one with the recorded code; nothing is imported.

    Raises `BadInput` for a file that is not among them.
    """
    if file_of(target) is None:
        return target
    path = next((path for path in trusted if path.is_file() and plugin_identity(path).hash == code_hash), None)
    if path is None:
        raise BadInput(_not_loaded(target, f"code {code_hash[:16]}", trusted))
    return f"{path.resolve()}:{within(target)}"


def _not_loaded(target: str, identity: str, trusted: Sequence[Path]) -> str:
    typed = f" (none of {', '.join(map(str, trusted))} has it)" if trusted else ""
    return f"{target} ({identity}) is a file that these results name, which is not loaded{typed}{_HOW}"


def _require_no_file(name: str) -> None:
    """Refuse a name that stands for a file of this machine, and a size that nobody meant."""
    if file_of(name) is not None:
        raise BadInput(_not_loaded(name, "no hash", ()))
    if ".json" in name or "\0" in name:
        raise BadInput.at("stored problem", "name", repr(name)[:80], "no file: an instance of the catalogue")
    if name.partition("/")[0] in ROOMS or name.partition("/")[0] in installed_problems():
        return
    kept = catalogue.links_of(name)
    if kept > MOST_DEVICES:
        raise BadInput.at(name, "devices", kept, f"at most {MOST_DEVICES} in results that are read")


def _object(ref: ProblemRef) -> dict[str, Any]:
    try:
        content = json.loads(ref.content or "")
    except (ValueError, RecursionError) as fault:
        raise BadInput(f"{ref.name}: its content is no JSON: {fault}") from None
    if not isinstance(content, dict):
        raise BadInput.at(ref.name, "content", type(content).__name__, "an object")
    return content


def _made(ref: ProblemRef) -> Problem:
    """The problem; whatever is wrong with stored data is bad input, and none of it ends the reading of the rest."""
    try:
        return load_problem(ref)
    except BadInput:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError) as fault:
        raise BadInput(f"{ref.name}: cannot be made: {type(fault).__name__}: {fault}") from None
    except RecursionError:
        raise BadInput(f"{ref.name}: cannot be made: nested too deeply") from None
    except MemoryError:
        raise BadInput(f"{ref.name}: cannot be made: it needs more memory than there is") from None
