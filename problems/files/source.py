"""The one reader of files that people write: what is no file of its kind is said with file and place, whatever it is.

Only regular files are read, of at most `MOST_BYTES`: a pipe or a device would be waited for, or never end. JSON may be
`MOST_DEPTH` deep, its whole numbers have 64 bits, and a key stands once in an object.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.text import shorten

MOST_BYTES = 256 * 2**20
"""A problem file of 4,096 sites has about as many."""
MOST_DEPTH = 64
MOST_DIGITS = 19
"""Digits of a whole number; floats may have any number of them."""

_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def read_json(path: str | Path) -> Any:
    """The content of a JSON file; raises `BadInput` if it is missing, unreadable or not JSON."""
    return parse_json(read_text(path, "a JSON file"), shown(path))


def read_toml(path: str | Path, expected: str = "a TOML file") -> dict[str, Any]:
    """The content of a TOML file; raises `BadInput` if it is missing, unreadable or not TOML."""
    text, source = read_text(path, expected), shown(path)
    _check_depth(text, source)
    with sound(source):
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadInput(f"{source}: not TOML: {shorten(error, 160)}") from None
        except ValueError as error:  # a whole number of too many digits
            raise BadInput(f"{source}: not TOML: {shorten(error)}") from None


def read_text(path: str | Path, expected: str, encoding: str = "utf-8") -> str:
    """The text of a regular file, line ends as they are; raises `BadInput` that says what was `expected`."""
    source = shown(path)
    data = _read_bytes(path, source, expected)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(f"{source}: cannot be read: byte {error.start} is not UTF-8, expected {expected}") from None


def parse_json(text: str, source: str) -> Any:
    """The value of a JSON text; raises `BadInput` that names `source` and line, column or key."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise BadInput.at(source, twice, "the key twice in one object", "each key once")
        return result

    def whole(digits: str) -> int:
        if len(digits) > MOST_DIGITS:
            raise BadInput(
                f"{source}: not usable: found a whole number of {len(digits)} digits, expected at most {MOST_DIGITS}"
            )
        return int(digits)

    _check_depth(text, source)
    with sound(source):
        try:
            return json.loads(text, object_pairs_hook=members, parse_int=whole)
        except json.JSONDecodeError as error:
            raise BadInput(f"{source}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None


@contextmanager
def sound(source: str) -> Iterator[None]:
    """Say as `BadInput` of `source` that its numbers are too large, or that it is too deep or too much for memory."""
    try:
        yield
    except OverflowError as error:
        raise BadInput(f"{source}: cannot be used: a number in it is too large ({shorten(error)})") from None
    except MemoryError:
        raise BadInput(f"{source}: cannot be used: what it describes does not fit into memory") from None
    except RecursionError:
        raise BadInput(f"{source}: cannot be used: it is too deep, expected at most {MOST_DEPTH} levels") from None


def shown(path: str | Path) -> str:
    """A path as messages repeat it: whole, unless it is longer than any path."""
    return shorten(path, 300)


def is_file(path: str | Path) -> bool:
    """Whether a regular file is there; no path is too odd to be asked about."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def _read_bytes(path: str | Path, source: str, expected: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BadInput(f"{source}: no such file, expected {expected}") from None
    except (OSError, ValueError) as error:  # ValueError: NUL in the path
        raise BadInput(f"{source}: cannot be read: {_reason(error)}, expected {expected}") from None
    result = os.fstat(descriptor)
    if not stat.S_ISREG(result.st_mode):
        os.close(descriptor)
        raise BadInput(f"{source}: found {_kind(result.st_mode)}, expected {expected}")
    with os.fdopen(descriptor, "rb") as file, sound(source):
        try:
            data = b"" if result.st_size > MOST_BYTES else file.read(MOST_BYTES + 1)
        except OSError as error:
            raise BadInput(f"{source}: cannot be read: {_reason(error)}, expected {expected}") from None
    if max(result.st_size, len(data)) > MOST_BYTES:
        raise BadInput(f"{source}: found more than {MOST_BYTES / 2**20:.0f} MiB, expected {expected}")
    return data


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _kind(mode: int) -> str:
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    return next((name for is_kind, name in kinds.items() if is_kind(mode)), "a device")


def _check_depth(text: str, source: str) -> None:
    """Raise `BadInput` for brackets deeper than allowed; those within strings are looked for only where it matters."""
    data = text.encode(errors="replace")
    if _depth(data) > MOST_DEPTH and _depth(_STRING.sub(b"", data)) > MOST_DEPTH:
        raise BadInput(f"{source}: found more than {MOST_DEPTH} levels of brackets, expected fewer")


def _depth(data: bytes) -> int:
    brackets = data.translate(None, _ALL_BUT_BRACKETS)
    return max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0)
