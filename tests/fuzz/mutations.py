"""Mutations of files that know what they change: a value in JSON, a line of TOML, a cell of CSV, or some bytes.

All draw from the generator that they are given, so that a seed and a number make the same input again.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import io
import json
from random import Random
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 3, 0.5, -0.0, 1e-9, 5e-324, 1e308, -1e308, float("inf"), float("nan"), 10**9, 2**31,
    2**63, 2**64, 10**18, 10**19, 10**400, "", " ", "x", "0", "nan", "1e5", "\0", "\x1b[2J", "\u202e", "\ud800", "=1+1",
    "@x", "a\nb", "n" * 81, "n" * 5000, "../../etc/passwd", "/dev/zero", ".", "x.json", "f.py:load", [], {}, [[]],
    [None], [1e308] * 3, {"a": 1}, {"": 0}, [[0, 1], [1]],
)  # fmt: skip
"""Values that somebody's hand or program puts where another one belongs."""
ODD_TOML = (
    "0", "-1", "1e400", "nan", "inf", "-inf", "true", "''", "[]", "{}", "[[]]", "'x'", "'=1'", "1979-05-27", "9" * 30,
    "9" * 5000, "'\u202e'", '"\\u0000"', "[1, 'a']", "['x.py:Y']", "['annealing[']", "['1e9-evaluations']",
    "['0-evaluations']", "['x-cpu-seconds']", "'a' 'b'", "0x7fffffffffffffffffff", "1_0", "{a = 1, a = 2}",
)  # fmt: skip
BYTES = (
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"[" * 300,
    b'"',
    b"{",
    b"}",
    b",",
    b":",
    b"\n",
    b"1e999",
    b"\x1b",
    b"//",
    b"9" * 4400,
)


def mutate_json(value: Any, rng: Random) -> bytes:
    """JSON of a value with one to three changes, at times with a key twice or with damaged bytes."""
    changed = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 2, 3))):
        changed = _change(changed, rng)
    text = json.dumps(changed)
    if rng.random() < 0.1:
        at = text.find("{")
        end = text.find(",", at)
        if 0 <= at < end:
            text = text[: at + 1] + text[at + 1 : end] + ", " + text[at + 1 :]
    data = text.encode()
    return mutate_bytes(data, rng) if rng.random() < 0.15 else data


def mutate_toml(text: str, rng: Random) -> bytes:
    """TOML with one line's value, key or place changed, or with damaged bytes."""
    lines = text.splitlines()
    at = rng.randrange(len(lines))
    key, equals, _ = lines[at].partition("=")
    what = rng.randrange(6)
    if what <= 2 and equals:
        lines[at] = f"{key}= {rng.choice(ODD_TOML)}"
    elif what == 3:
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif what == 4:
        lines[at] = f"{rng.choice(('', 'x', 'a.b', '[[', '[x]', key.strip() + 'x'))} = {rng.choice(ODD_TOML)}"
    else:
        del lines[at]
    data = "\n".join(lines).encode(errors="replace")
    return mutate_bytes(data, rng) if rng.random() < 0.15 else data


def mutate_csv(text: str, rng: Random) -> bytes:
    """CSV with a cell, a row or a column changed, or with damaged bytes."""
    rows = list(csv.reader(io.StringIO(text)))
    row = rng.choice(rows)
    at = rng.randrange(len(row))
    what = rng.randrange(8)
    if what <= 4:
        odd = rng.choice(ODD)
        row[at] = odd if isinstance(odd, str) else json.dumps(odd)
    elif what == 5:
        row.insert(at, row[at])
    elif what == 6:
        del row[at]
    else:
        rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))
    out = io.StringIO()
    csv.writer(out, lineterminator=rng.choice(("\n", "\r\n", "\r"))).writerows(rows)
    data = out.getvalue().encode(errors="replace")
    return mutate_bytes(data, rng) if rng.random() < 0.15 else data


def mutate_bytes(data: bytes, rng: Random) -> bytes:
    """Some bytes cut, put in, changed or repeated."""
    at = rng.randrange(len(data) + 1)
    what = rng.randrange(5)
    if what == 0:
        return data[:at]
    if what == 1:
        return data[:at] + rng.choice(BYTES) + data[at:]
    if what == 2:
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    if what == 3:
        return data[:at] + data[at : at + rng.randrange(40)] * 3 + data[at:]
    return data[:at] + rng.randbytes(rng.randrange(1, 9)) + data[at:]


def _change(value: Any, rng: Random) -> Any:
    """The value with one change somewhere within it."""
    if rng.random() < 0.02:
        return rng.choice(ODD)
    parent, key = _somewhere(value, rng)
    if parent is None:
        return rng.choice(ODD)
    what = rng.randrange(8)
    if what <= 3:
        parent[key] = copy.deepcopy(rng.choice(ODD))
    elif what == 4:
        del parent[key]
    elif what == 5 and isinstance(parent, dict):
        parent[rng.choice((str(key) + "x", str(key).upper(), "", "\x1b[2J", "k" * 3000))] = parent.pop(key)
    elif what == 6:
        inner = parent[key]
        for _ in range(rng.choice((1, 2, 70))):
            inner = [inner] if rng.random() < 0.5 else {"a": inner}
        parent[key] = inner
    elif isinstance(parent, list):
        parent.extend(copy.deepcopy(parent[key]) for _ in range(rng.choice((1, 2, 50))))
    elif isinstance(parent[key], (int, float)) and not isinstance(parent[key], bool):
        factor = rng.choice((-1, 0, 2, 10, 1000, 1_000_000, 10**12, 0.001, 1e-12))
        with contextlib.suppress(OverflowError):  # a whole number beyond all fractions stays what it is
            parent[key] = parent[key] * factor
    return value


def _somewhere(value: Any, rng: Random) -> tuple[Any, Any]:
    """A container and one of its keys, deeper ones as likely as shallow ones; (None, None) where there is none."""
    parent: Any = None
    key: Any = None
    while isinstance(value, dict | list) and value and (parent is None or rng.random() < 0.75):
        parent, key = value, rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
        value = parent[key]
    return parent, key
