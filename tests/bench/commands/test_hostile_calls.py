"""What users, files, disks and terminals do wrong ends in a sentence: a sample of the calls, by the real command."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from hostile_calls import CALLS, make_call, make_calls, sample

SCRIPT = Path(sys.executable).parent / "tasklet-bench"
SMALL = "generated/uniform?n=8&dp=2&seed=1"
FEW = 12
"""Calls of the quick tier; a slow test makes more, and the module itself all of them."""


def test_the_list_is_long_and_says_each_call_once() -> None:
    """At least 200 calls, none of them twice."""
    assert len(CALLS) >= 200
    assert len(set(CALLS)) == len(CALLS)


def _faults(calls: tuple[str, ...]) -> list[str]:
    return [
        f"{done.fault}: {done.call[:200]}\n{done.output[-500:]}" for done in make_calls(calls, SCRIPT) if done.fault
    ]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_sample_of_calls_ends_in_a_sentence() -> None:
    """Status 0 or 2, no traceback, no escape sequence, no message of thousands of characters, and an end."""
    assert _faults(sample(FEW, seed=20)) == []


@pytest.mark.parametrize(
    "call",
    [
        "tasklet-bench list suites > /dev/full",
        "tasklet-bench list suites >&- 2>&-",
        "tasklet-bench list problems --json | head -1; exit ${PIPESTATUS[0]}",
        "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 tasklet-bench show unicode_name.json",
        "PYTHONIOENCODING=ascii tasklet-bench list strategies",
        "tasklet-bench show escaping_key.json",
        "tasklet-bench show fifo.json",
        "tasklet-bench show folder.json",
        "tasklet-bench run long_key.toml",
        "tasklet-bench evaluate good.json /dev/zero",
    ],
)
def test_each_kind_of_call_ends_in_a_sentence(call: str) -> None:
    """One of each kind, on its own."""
    assert _faults((call,)) == []


def test_output_that_cannot_be_written_is_said_and_nothing_else_lost(tmp_path: Path) -> None:
    """A full disk behind standard output: status 2 and a sentence, with the file of `--out` complete."""
    call = f"tasklet-bench show '{SMALL}' --out problem.json > /dev/full"
    done = make_call(call, tmp_path, SCRIPT, limit_s=120)
    assert done.status == 2
    assert "standard output: cannot be written: No space left on device" in done.output
    assert (tmp_path / "problem.json").read_text().endswith("}\n")


def test_a_reader_who_leaves_ends_nothing(tmp_path: Path) -> None:
    """`| head -1` and `| true`: the status is 0, and what was to be written is written."""
    call = f"tasklet-bench show '{SMALL}' --out problem.json | true; exit ${{PIPESTATUS[0]}}"
    done = make_call(call, tmp_path, SCRIPT, limit_s=120)
    assert (done.status, (tmp_path / "problem.json").exists()) == (0, True)


def test_an_interruption_while_modules_are_imported_is_silent(tmp_path: Path) -> None:
    """Ctrl-C as soon as the command takes it: status 130, and not a word."""
    code = (
        "import os, signal, sys\n"
        "from tasklet_bench.bench import cli\n"
        "class Interrupting:\n"
        "    @staticmethod\n"
        "    def find_spec(name, *_):\n"
        "        if name == os.environ['AT']:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting)\n"
        "sys.argv = ['tasklet-bench', 'show', 'paper/regional']\n"
        "cli.main()\n"
    )
    for module in ("typer", "numpy", "tasklet_bench.problems.instances.features"):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120,
            env={**os.environ, "AT": module},
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (130, "", ""), module


@pytest.mark.slow
def test_an_interrupted_search_keeps_what_it_has(tmp_path: Path) -> None:
    """Ctrl-C during `solve` ends the search early, with the best so far in the file and no traceback."""
    process = subprocess.Popen(
        [SCRIPT, "solve", SMALL, "-s", "random-partition", "--wall-seconds", "200", "--out", "best.json"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(15)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=200)
    assert "Traceback" not in error
    assert process.returncode in (0, 130)


def test_names_from_everywhere_are_refused_where_they_come_in(tmp_path: Path) -> None:
    """A strategy's class and a table of results cannot bring in what a terminal or a spreadsheet would act on."""
    from tasklet_bench.bench.plugins import BrokenPlugin, entrant
    from tasklet_bench.bench.results.csv_rows import read_rows
    from tasklet_bench.problems.bad_input import BadInput

    for number, name in enumerate(("\x1b[2J", "=HYPERLINK(1)", "n" * 81, "", "a\nb", "\u202e", 5)):
        file = tmp_path / f"plugin{number}.py"
        file.write_text(f"class Search:\n    name = {name!r}\n    def search(self, problem, run, rng):\n        pass\n")
        with pytest.raises(BrokenPlugin, match="name: found"):
            entrant(f"{file}:Search")
        table = tmp_path / "results.csv"
        with table.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["strategy", "problem", "seed", "evaluations", "cost"])
            writer.writerow([name, "paper/regional", 0, 10, 5e9])
        if name != 5:
            with pytest.raises(BadInput, match="strategy: found"):
                read_rows(table)


def test_markdown_takes_no_markup_from_names() -> None:
    """Names neither close a cell nor begin code, links or HTML."""
    from tasklet_bench.bench.report.markdown import _code, _plain

    assert _plain("a|b [x](javascript:1) <script> `c`") == "a\\|b [x]\\(javascript:1) &lt;script> \\`c\\`"
    assert _plain("annealing[start=known], 1 %") == "annealing[start=known], 1 %"
    assert _code("x|`y`\nz") == "x\\|'y' z"
