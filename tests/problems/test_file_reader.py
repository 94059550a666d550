"""One reader for every file: what is no file of its kind is said in a sentence with file and place."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.problems.bad_input import MOST_MESSAGE, BadInput
from tasklet_bench.problems.files import read_json, read_problem, read_toml, unit_questions
from tasklet_bench.problems.files.size import check_devices
from tasklet_bench.problems.files.source import MOST_DEPTH, parse_json
from tasklet_bench.problems.loading import load_problem
from tasklet_bench.problems.text import name_fault, shorten

PROBLEM: dict[str, Any] = {
    "name": "good",
    "sites": [{"name": "Dallas", "devices": 4}, {"name": "London", "devices": 4}],
    "delay_ms": [[0.1, 113.0], [113.0, 0.1]],
    "bandwidth_gbps": [[10.0, 1.0], [1.0, 10.0]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 4},
    "workload": {"preset": "gpt3-xl"},
}


def changed(**values: Any) -> dict[str, Any]:
    """The problem with other values."""
    return {**copy.deepcopy(PROBLEM), **values}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 100_000, "levels of brackets"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, "levels of brackets"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a whole number of 5000 digits"),
        (b'{"name": 1, "name": 2}', "name: found the key twice in one object"),
        (b'{"x": {"devices": 1, "devices": 1}}', "devices: found the key twice"),
        (b"\xff\xfe{}", "byte 0 is not UTF-8"),
        (b"", "line 1, column 1: not JSON"),
        (b"{}{}", "not JSON: Extra data"),
    ],
)
def test_what_is_no_sound_json_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    """The message names the file and says what is wrong with it, whatever the parser would have raised."""
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=f"file.json: .*{said}"):
        read_json(path)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "missing", "nul", "sparse", "loop", "long"])
def test_only_regular_files_of_some_size_are_read(kind: str, tmp_path: Path) -> None:
    """Nothing is waited for and nothing read without end."""
    path = tmp_path / "x.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "nul":
        path = tmp_path / "a\0b.json"
    elif kind == "sparse":
        with path.open("wb") as file:
            file.truncate(20 * 2**30)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "long":
        path = tmp_path / ("n" * 10_000)
    with pytest.raises(BadInput, match="expected a JSON file") as reported:
        read_json(path)
    assert len(str(reported.value)) < 1000


def test_brackets_within_strings_are_no_depth() -> None:
    """Names may hold brackets, and nesting is allowed up to the limit, not beyond."""
    assert parse_json(json.dumps(["[" * 500, '"[' * 500]), "x") == ["[" * 500, '"[' * 500]
    assert parse_json("[" * MOST_DEPTH + "]" * MOST_DEPTH, "x")
    with pytest.raises(BadInput):
        parse_json("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1), "x")


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "a = 1\na = 2", "x = ", "\0"])
def test_what_is_no_sound_toml_is_refused(text: str, tmp_path: Path) -> None:
    """As for JSON."""
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"x\.toml: "):
        read_toml(path)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sites": [{"name": "a", "devices": 10**15}, {"name": "b", "devices": 4}]}, "sites: found .* at most 65536"),
        ({"grid": {"data_parallel": 10**15, "pipeline_parallel": 10**15}}, "1×8, 2×4, 4×2, 8×1"),
        ({"bandwidth_gbps": [[10.0, 5e-324], [1.0, 10.0]]}, r"bandwidth_gbps\[0\]\[1\]: found 5e-324"),
        ({"delay_ms": [[0.1, 1e308], [1.0, 0.1]]}, r"delay_ms\[0\]\[1\]: found 1e\+308"),
        ({"family": ["x"]}, "family: unknown family"),
        ({"profile": "/dev/zero"}, "found a device"),
        ({"profile": "a\0b"}, "cannot be read"),
        *(({"name": name}, "name: found .* printable") for name in ("", "a\nb", "\x1b[2J", "=1", "@x", "n" * 1000)),
        ({"sites": [{"name": "\u202e", "devices": 4}, {"name": "b", "devices": 4}]}, r"sites\[0\].name"),
    ],
)
def test_problem_files_that_would_hang_or_break_a_terminal_are_refused(
    values: dict[str, Any], said: str, tmp_path: Path
) -> None:
    """Too many devices, figures that overflow, and names that are none: file, field, and what is allowed."""
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(changed(**values)))
    with pytest.raises(BadInput, match=f"(?s).*{said}") as reported:
        load_problem(path)
    assert str(reported.value).replace("…", "").isprintable()


def test_a_message_repeats_little_of_what_it_is_about(tmp_path: Path) -> None:
    """A key, a name, a preset or a path of a megabyte makes a message of some hundred characters."""
    path = tmp_path / "problem.json"
    for values in ({"k" * 10**6: 1}, {"name": "n" * 10**6}, {"workload": {"preset": "p" * 10**6}}):
        path.write_text(json.dumps(changed(**values)))
        with pytest.raises(BadInput) as reported:
            read_problem(path)
        assert len(str(reported.value)) < 600
    assert len(str(BadInput("m" * 10**6))) < MOST_MESSAGE + 10
    assert shorten("x" * 81) == "x" * 79 + "…"
    assert shorten("a\nb\x1b[2J") == "a b\ufffd[2J"


def test_names_of_all_writings_are_names() -> None:
    """Only what a terminal, a table or a spreadsheet would act on is refused."""
    for good in ("Zürich", "東京 → Oslo", "a/b?c=d", "x" * 80, "naïve [1]", "Δ"):
        assert name_fault(good) is None
    for bad in ("", " ", "a\tb", "\u200b", "-x", "+x", "\ud800", "x" * 81):
        assert name_fault(bad) is not None


def test_devices_are_limited_by_number_and_by_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """65,536 unless more are asked for by name, and then as many as there is memory for their links."""
    check_devices(4096, "x")
    with pytest.raises(BadInput, match=r"at most 65536 \(--large"):
        check_devices(65_537, "x")
    monkeypatch.setenv("TASKLET_BENCH_LARGE", "1")
    with pytest.raises(BadInput, match="GiB"):
        check_devices(10**8, "x")


@pytest.mark.parametrize(
    ("delay_ms", "bandwidth_gbps", "asked"),
    [
        ([[0.1, 113.0], [113.0, 0.1]], [[1000.0, 940.0], [940.0, 1000.0]], "are these Mbit/s"),
        ([[0.0001, 0.113], [0.113, 0.0001]], [[10.0, 1.0], [1.0, 10.0]], "are these seconds"),
        ([[0.1, 113.0], [113.0, 0.1]], [[10.0, 1.0], [1.0, 10.0]], None),
        ([[0.002, 0.02], [0.02, 0.002]], [[7200.0, 400.0], [400.0, 7200.0]], None),
        ([[None, 34.0], [34.0, None]], [], None),
        ([], [[None, 1.0], [None, None]], None),
    ],
)
def test_figures_of_another_unit_are_asked_about(delay_ms: Any, bandwidth_gbps: Any, asked: str | None) -> None:
    """Fast links between far places, and delays that nothing has; a machine room and gaps are left in peace."""
    questions = unit_questions(delay_ms, bandwidth_gbps)
    assert [asked in question for question in questions] == ([] if asked is None else [True])


def test_delays_faster_than_light_are_asked_about() -> None:
    """Where places are known, a delay below that of light between them is no millisecond."""
    places = [(32.8, -96.8), (51.5, -0.1)]
    (question,) = unit_questions([[0.1, 0.113], [0.113, 0.1]], [], places)
    assert "are these seconds" in question
    assert unit_questions([[0.1, 113.0], [113.0, 0.1]], [], places) == []


def test_no_instance_of_the_catalogue_raises_a_question() -> None:
    """What was measured and published looks like what it is."""
    from tasklet_bench.problems.files import problem_to_json
    from tasklet_bench.problems.instances import catalogue

    for name in catalogue.names():
        if name.startswith(("paper/", "measured/")) and "?" not in name:
            written = problem_to_json(catalogue.load(name))
            assert unit_questions(written["delay_ms"], written["bandwidth_gbps"]) == [], name
