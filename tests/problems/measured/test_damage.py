"""Damaged output is read or refused, and never ends in anything else."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured import Wishes, combine, problem_of, read_all

from . import outputs

TEXTS = {
    "oslo-to-rome.ping": outputs.PING,
    "oslo-to-roma.ping": outputs.PING_WINDOWS,
    "oslo.fping": outputs.FPING,
    "bonn.fping": outputs.FPING_COUNTED,
    "i.json": outputs.iperf3(1e9),
    "n.log": outputs.NCCL,
    "x.graphml": outputs.GRAPHML,
    "x.gml": outputs.GML,
    "m.csv": outputs.MATRIX,
    "g.csv": outputs.MATRIX_GERMAN,
    "l.csv": outputs.LINKS,
    "h.csv": "host,site,gpus,address,latitude\na,Oslo,4,10.0.0.1,3\nb,Rome,4,,4\n",
}
SCRAPS = (
    "",
    "0",
    "-1",
    "1e400",
    "nan",
    "null",
    '"',
    "<",
    "\n",
    ",",
    "\t",
    "9" * 23,
    "é",
    "\x1b[31m",
    "time",
    "a b",
    "-",
    "..",
)
VALUES: tuple[Any, ...] = (None, 0, -1, 1e308, "x", [], {}, [1], {"a": 1}, True)


def damaged(text: str, rng: random.Random) -> str:
    """A text with a few pieces lost, doubled or replaced."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.randint(0, 12))
        middle = rng.choice((rng.choice(SCRAPS), "", text[start:end] * 2))
        text = text[:start] + middle + (text[end:] if rng.random() < 0.9 else "")
    return text


def altered(data: Any, rng: random.Random) -> Any:
    """Nested data with one place that holds something else, or is gone."""
    if isinstance(data, dict) and data and rng.random() < 0.8:
        key = rng.choice(list(data))
        rest = {name: value for name, value in data.items() if name != key}
        return rest if rng.random() < 0.2 else {**rest, key: altered(data[key], rng)}
    if isinstance(data, list) and data and rng.random() < 0.8:
        place = rng.randrange(len(data))
        return [altered(value, rng) if i == place else value for i, value in enumerate(data)]
    return rng.choice(VALUES)


def cases(name: str) -> Iterator[str]:
    """Damage of a file, the same every time."""
    rng = random.Random(name)  # noqa: S311 - damage, no secret
    for _ in range(60):
        yield damaged(TEXTS[name], rng)
        if name == "i.json":
            yield json.dumps(altered(json.loads(TEXTS[name]), rng))


@pytest.mark.parametrize("name", TEXTS)
def test_damage_is_read_or_refused(name: str, tmp_path: Path) -> None:
    """Whatever is lost, doubled or replaced in what a tool printed, at worst there is a message."""
    refusals = 0
    for text in cases(name):
        (tmp_path / name).write_text(text, encoding="utf-8")
        try:
            problem_of(combine(read_all([tmp_path / name])), Wishes())
        except BadInput:
            refusals += 1
    assert refusals > 0
