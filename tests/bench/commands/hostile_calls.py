"""Calls of the command line that a hurried user, a broken disk or an odd terminal makes: each ends in a sentence.

Each is a line of bash in which `tasklet-bench` is the installed command, made in a folder with the files of
`hostile_files`. A call ends with status 0 or 2 (`MORE_STATUSES` names the few that may end with another), prints no
traceback and returns within `LIMIT_S`.

`python tests/bench/commands/hostile_calls.py` makes all of them through the real command and prints what came of it;
`--only TEXT` those that contain a text, `--command PATH` those of another installation.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from hostile_files import PROBLEMS, TOMLS, make_files

LIMIT_S = 20.0
MEMORY_KB = 12_000_000
"""Address space of a call, so that one that reads without end cannot take the machine's memory."""
SMALL = "'generated/uniform?n=8&dp=2&seed=1'"
QUICK = f"-p {SMALL} -s random-partition --evaluations 10 --seeds 1"

_PROBLEM_FILES = (
    *(f"tasklet-bench show {name}" for name in PROBLEMS),
    *(f"tasklet-bench solve {name} -s random-partition --evaluations 5 --json" for name in PROBLEMS),
    *(f"tasklet-bench run -p {name} -s random-partition --evaluations 5 --seeds 1 --out o" for name in PROBLEMS[::4]),
    *(f"tasklet-bench simulate {name} good_allocation.json" for name in PROBLEMS[1::6]),
    *(f"tasklet-bench check {name}" for name in PROBLEMS[2::8]),
)
_CAMPAIGNS = tuple(f"tasklet-bench run {name} --out o" for name in TOMLS)
_ALLOCATIONS = tuple(
    f"tasklet-bench evaluate good.json {name}"
    for name in (
        "empty", "binary", "folder", "missing.json", "deep.json", "digits.json", "null.json", "list.json",
        "list_of_lists.json", "twice_allocation.json", "float_allocation.json", "huge_allocation.json",
        "negative_allocation.json", "ragged_allocation.json", "escaping_key.json", "/dev/zero", "fifo", "sparse.json",
        "/dev/stdin < good_allocation.json", "/dev/null", "/proc/self/mem", "utf16.json", "'a\\0b'", "''",
    )
)  # fmt: skip
_CSVS = tuple(
    f"tasklet-bench import {name} store-of-csv --budget 100-evaluations"
    for name in (
        "empty", "binary", "folder", "missing.csv", "fifo", "/dev/zero", "sparse.csv", "deep.csv", "digits.csv",
        "wide.csv", "nul.csv", "formula.csv", "escaping.csv", "longest_name.csv", "code.csv", "two_lines.csv",
        "infinite.csv", "twice_column.csv", "long_field.csv", "one_column.csv", "seed.csv",
    )
)  # fmt: skip
_PROFILES = tuple(
    f"tasklet-bench simulate good.json good_allocation.json --profile {name}"
    for name in ("empty", "folder", "missing.json", "deep.json", "digits.json", "good.json", "fifo", "/dev/zero",
                 "sparse.json", "null.json", "overflow_profile.json")
)  # fmt: skip
_NAMES = (
    "tasklet-bench show \"$(printf 'paper/\\033[2J')\"",
    "tasklet-bench show \"$(printf 'x\\ny')\"",
    "tasklet-bench show \"$(head -c 100000 /dev/zero | tr '\\0' a)\"",
    "tasklet-bench run \"$(head -c 100000 /dev/zero | tr '\\0' a)\"",
    "tasklet-bench run -s \"$(head -c 100000 /dev/zero | tr '\\0' a)\"",
    "tasklet-bench show \"$(head -c 5000 /dev/zero | tr '\\0' a).json\"",
    "tasklet-bench show $'\\xff\\xfe'",
    "tasklet-bench show $'\\xff.json'",
    "tasklet-bench run -s $'\\xff.py:X'",
    "tasklet-bench run -s $'x\\xff'",
    "tasklet-bench show ''",
    "tasklet-bench show /",
    "tasklet-bench show .",
    "tasklet-bench show 'generated/uniform?n=1e9'",
    "tasklet-bench show 'generated/uniform?n=99999999&dp=1'",
    "tasklet-bench show 'generated/uniform?n=-1'",
    "tasklet-bench show 'generated/uniform?n=8&n=9'",
    "tasklet-bench show 'generated/uniform?n=8&dp=0'",
    "tasklet-bench show 'generated/uniform?seed=99999999999999999999999&n=8&dp=2'",
    "tasklet-bench show \"generated/uniform?n=$(printf '9%.0s' $(seq 5000))\"",
    "tasklet-bench show 'paper/regional?noise=nan'",
    "tasklet-bench show 'paper/regional?failed_links=999999'",
    "tasklet-bench show 'gossip/nothing?x=y'",
    "tasklet-bench show 'iteration-time/missing.json?schedule=1f1b'",
    "tasklet-bench show 'iteration-time/deep.json?schedule=1f1b'",
    "tasklet-bench show 'iteration-time/good.json?micro_batches=1e99'",
    "tasklet-bench show 'iteration-time/good.json?micro_batches=99999999999999999999'",
    "tasklet-bench show 'iteration-time/good.json?efficiency=0'",
    "tasklet-bench show 'mixing-graph/paper/regional?degree=-3'",
    "tasklet-bench show 'atom/x?micro_batch=0'",
    "tasklet-bench show missing.py:load",
    "tasklet-bench show good.py:nothing",
    "tasklet-bench show broken.py:load",
    "tasklet-bench show folder.py:load",
    "tasklet-bench compare '' ''",
    "tasklet-bench compare a b --results good",
    "tasklet-bench compare random-partition random-partition --results good",
    "tasklet-bench tune nothing --out o",
    "tasklet-bench new strategy ''",
    "tasklet-bench new strategy ../../x --out o",
    "tasklet-bench new strategy \"$(printf 'a\\033b')\" --out o",
    "tasklet-bench new strategy class --out o",
    "tasklet-bench new strategy \"$(head -c 300 /dev/zero | tr '\\0' a)\" --out o",
    "tasklet-bench new problem numpy --out /proc/nope",
    "tasklet-bench new strategy fine --out good.json",
)
_NUMBERS = (
    f"tasklet-bench solve {SMALL} --evaluations 99999999999999999999999 --wall-seconds 0.5",
    f"tasklet-bench solve {SMALL} --cpu-seconds nan",
    f"tasklet-bench solve {SMALL} --cpu-seconds inf",
    f"tasklet-bench solve {SMALL} --wall-seconds 1e999",
    f"tasklet-bench solve {SMALL} --evaluations 5 --memory-gb 1e300",
    f"tasklet-bench solve {SMALL} --evaluations 5 --memory-gb nan",
    f"tasklet-bench solve {SMALL} --evaluations 5 --seed 99999999999999999999999999",
    f"tasklet-bench solve {SMALL} --evaluations 5 --seed -1",
    f"tasklet-bench solve {SMALL} --evaluations 5 --bound-seconds nan",
    f"tasklet-bench solve {SMALL} -s genetic -P population=1e99 --evaluations 5",
    f"tasklet-bench solve {SMALL} -s 'genetic[' --evaluations 5",
    f"tasklet-bench solve {SMALL} -s genetic -P =1 --evaluations 5",
    f"tasklet-bench run {QUICK} --seeds 99999999999999999999 --dry-run",
    f"tasklet-bench run {QUICK} --seeds 1000000000000 --dry-run",
    f"tasklet-bench run {QUICK} --memory-gb 1e300 --out o",
    f"tasklet-bench run {QUICK} --workers 999999999999 --out o",
    f"tasklet-bench run {QUICK} --wall-seconds inf --out o",
    "tasklet-bench reproduce annealing good --budget 1e999-evaluations",
    "tasklet-bench reproduce annealing good --budget 1..2-evaluations",
    "tasklet-bench reproduce \"$(printf '\\033[2J')\" good",
    "tasklet-bench verify good --sample 99999999999999999999999",
    "tasklet-bench report good --equal-within nan --format md",
    "tasklet-bench report good --equal-within 1e999 --format md",
    "tasklet-bench simulate good.json good_allocation.json --micro-batches 99999999999999999999",
    "tasklet-bench simulate good.json good_allocation.json --micro-batches 1000000000",
    "tasklet-bench simulate good.json good_allocation.json --efficiency nan",
    "tasklet-bench simulate good.json good_allocation.json --efficiency 0",
    "tasklet-bench simulate good.json good_allocation.json --nic-gbps 0",
    "tasklet-bench simulate good.json good_allocation.json --tflops -1",
    "tasklet-bench simulate good.json good_allocation.json --tflops nan",
    "tasklet-bench simulate good.json good_allocation.json --efficiency-of x:y:z",
    "tasklet-bench simulate good.json good_allocation.json --schedule interleaved --chunks 99999999",
    "tasklet-bench fidelity good.json --per-kind 99999999999999999999",
)
_STREAMS = (
    "LC_ALL=C PYTHONUTF8=0 tasklet-bench show paper/regional",
    "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 tasklet-bench show paper/worldwide",
    f"LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 tasklet-bench run {QUICK} --out o",
    "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 tasklet-bench report good --format md",
    "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 tasklet-bench show unicode_name.json",
    "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 tasklet-bench --help",
    "PYTHONIOENCODING=ascii tasklet-bench show paper/regional",
    "PYTHONIOENCODING=ascii tasklet-bench report good --format md",
    f"PYTHONIOENCODING=ascii tasklet-bench run {QUICK} --out o",
    "PYTHONIOENCODING=ascii tasklet-bench check random-partition --only 'name'",
    "PYTHONIOENCODING=ascii tasklet-bench list problems",
    "PYTHONIOENCODING=latin-1 tasklet-bench report good --format md",
    "PYTHONIOENCODING=latin-1 tasklet-bench compare random-partition aligned --results good",
    "PYTHONIOENCODING=utf-16 tasklet-bench list suites",
    "COLUMNS=20 tasklet-bench show paper/worldwide",
    "COLUMNS=20 tasklet-bench list problems",
    "COLUMNS=1 tasklet-bench list strategies",
    "COLUMNS=0 tasklet-bench list strategies",
    "COLUMNS=-5 tasklet-bench list strategies",
    "COLUMNS=x tasklet-bench list strategies",
    "COLUMNS=100000 tasklet-bench list suites",
    f"COLUMNS=20 tasklet-bench run {QUICK} --out o",
    "COLUMNS=1 tasklet-bench compare random-partition aligned --results good",
    "COLUMNS=20 tasklet-bench --help",
    "TERM=dumb tasklet-bench show paper/regional",
    "TERM= tasklet-bench list suites",
    "tasklet-bench list problems >&-",
    "tasklet-bench list problems >&- 2>&-",
    "tasklet-bench list problems <&- >&- 2>&-",
    "tasklet-bench show nothing 2>&-",
    f"tasklet-bench run {QUICK} --out o >&-",
    f"tasklet-bench run {QUICK} --out o <&- >&- 2>&-",
    f"tasklet-bench solve {SMALL} --evaluations 5 --out o.json >&-",
    "tasklet-bench --help >&-",
    "tasklet-bench --help > /dev/full",
    "tasklet-bench list problems > /dev/full",
    "tasklet-bench list problems --json > /dev/full",
    "tasklet-bench show paper/regional > /dev/full",
    "tasklet-bench show paper/regional --json > /dev/full",
    "tasklet-bench verify good > /dev/full",
    "tasklet-bench report good --format md > /dev/full",
    f"tasklet-bench run {QUICK} --out o > /dev/full",
    f"tasklet-bench solve {SMALL} --evaluations 5 > /dev/full",
    "tasklet-bench show nothing 2> /dev/full",
    "tasklet-bench list problems | head -1; exit ${PIPESTATUS[0]}",
    "tasklet-bench list problems --json | head -1; exit ${PIPESTATUS[0]}",
    "tasklet-bench show paper/worldwide | head -1; exit ${PIPESTATUS[0]}",
    "tasklet-bench show 'generated/uniform?n=512&dp=8&seed=1' | head -1; exit ${PIPESTATUS[0]}",
    "tasklet-bench report good --format md | head -1; exit ${PIPESTATUS[0]}",
    "tasklet-bench --help | head -1; exit ${PIPESTATUS[0]}",
    f"tasklet-bench run {QUICK} --out o | true; exit ${{PIPESTATUS[0]}}",
    f"tasklet-bench solve {SMALL} --evaluations 5 --out o.json | true; exit ${{PIPESTATUS[0]}}",
    "tasklet-bench list problems | true; exit ${PIPESTATUS[0]}",
    "tasklet-bench best-known | head -1; exit ${PIPESTATUS[0]}",
    "tasklet-bench check random-partition | head -1; exit ${PIPESTATUS[0]}",
)
_PLACES = (
    f"tasklet-bench run {QUICK} --out good.json",
    f"tasklet-bench run {QUICK} --out /proc/x",
    f"tasklet-bench run {QUICK} --out /dev/null",
    f"tasklet-bench run {QUICK} --out ''",
    f"tasklet-bench run {QUICK} --out \"$(printf 'a\\nb')\"",
    f"tasklet-bench run {QUICK} --out $'\\xff'",
    f"tasklet-bench run {QUICK} --out \"$(head -c 5000 /dev/zero | tr '\\0' a)\"",
    f"tasklet-bench run {QUICK} --out /sys/x",
    f"tasklet-bench solve {SMALL} --evaluations 5 --out folder",
    f"tasklet-bench solve {SMALL} --evaluations 5 --out /proc/x",
    f"tasklet-bench solve {SMALL} --evaluations 5 --out /dev/full",
    f"tasklet-bench solve {SMALL} --evaluations 5 --out good.json/x",
    f"tasklet-bench solve {SMALL} --evaluations 5 --rank-map /proc/x",
    f"tasklet-bench solve {SMALL} --evaluations 5 --rank-map folder",
    f"tasklet-bench solve {SMALL} --evaluations 5 --start deep.json",
    f"tasklet-bench solve {SMALL} --evaluations 5 --start missing.json",
    "tasklet-bench show paper/regional --out /proc/x",
    "tasklet-bench show paper/regional --out folder",
    "tasklet-bench show paper/regional --picture /proc/x.svg",
    "tasklet-bench show paper/regional --picture folder.svg",
    "tasklet-bench evaluate good.json good_allocation.json --out /proc/x",
    "tasklet-bench simulate good.json good_allocation.json --out folder",
    "tasklet-bench report good --out /proc/x.html",
    "tasklet-bench report good --out folder",
    "tasklet-bench report good --format md --out folder",
    "tasklet-bench report good --format md --out /dev/full",
    "tasklet-bench report folder",
    "tasklet-bench report missing",
    "tasklet-bench report good.json",
    "tasklet-bench report /dev/null",
    "tasklet-bench export good --out good.json",
    "tasklet-bench export good --out /proc/x",
    "tasklet-bench export good --format csv --out /proc/x",
    "tasklet-bench export good --format iohprofiler --out /proc/x",
    "tasklet-bench export missing",
    "tasklet-bench verify missing",
    "tasklet-bench merge missing o",
    "tasklet-bench merge good /proc/x",
    "tasklet-bench merge good good.json",
    "tasklet-bench best-known --update missing",
    "TMPDIR=/nope tasklet-bench list suites",
    "HOME=/nope XDG_CACHE_HOME=/proc/nope tasklet-bench show paper/regional",
    "cd gone && rmdir ../gone && tasklet-bench list suites",
    "cd gone && rmdir ../gone && tasklet-bench show nothing.json",
    "ulimit -f 1; tasklet-bench show paper/worldwide --out big.json",
    "ulimit -v 4000000; tasklet-bench show many_devices.json",
    "ulimit -n 8; tasklet-bench list suites",
)
_PLUGINS = (
    *(
        f"tasklet-bench run -p {SMALL} -s {target} --evaluations 20 --seeds 1 --wall-seconds 8 --out o"
        for target in (
            "asynchronous.py:Search", "generator.py:Search", "broken.py:Search", "folder.py:Search", "missing.py:X",
            "binary.py:X", "good.py:nothing", "escaping.py:Search", "formula.py:Search", "long_name.py:Search",
            "exits.py:Search", "raises_odd.py:Search", "prints.py:Search", "no_search.py:Search", "number.py:value",
            "relative.py:Search", "data_file.py:Search", "recursing.py:Search", "nameless.py:Search",
        )
    ),
    "tasklet-bench check asynchronous.py:Search",
    "tasklet-bench check generator.py:Search",
    "tasklet-bench check escaping.py:Search",
    "tasklet-bench check missing.py:X",
    "tasklet-bench solve good.json -s asynchronous.py:Search --evaluations 5",
    "tasklet-bench tune asynchronous.py:Search --out o",
)  # fmt: skip
_DASK = (
    f"tasklet-bench run {QUICK} --out o --scheduler tcp://127.0.0.1:1",
    f"tasklet-bench run {QUICK} --out o --engine dask --scheduler 127.0.0.1:1",
    f"tasklet-bench run {QUICK} --out o --engine dask --scheduler http://127.0.0.1:1",
    f"tasklet-bench run {QUICK} --out o --engine dask --scheduler foo",
    f"tasklet-bench run {QUICK} --out o --engine dask --scheduler tls://127.0.0.1:1",
    f"tasklet-bench run {QUICK} --out o --engine dask --scheduler ''",
    f"tasklet-bench run {QUICK} --out o --engine dask --scheduler 'x://y:z'",
    f"tasklet-bench run {QUICK} --out o --engine nothing",
)
_INTERRUPTED = tuple(
    f"timeout -s INT -k 15 {seconds} tasklet-bench {rest}"
    for seconds, rest in (
        ("0.05", "list problems"), ("0.1", "list problems"), ("0.2", "show paper/worldwide"), ("0.3", "list problems"),
        ("0.15", f"run {QUICK} --out o"), ("0.3", f"run {QUICK} --out o"), ("0.3", f"solve {SMALL}"),
    )
)  # fmt: skip

CALLS = (
    *_PROBLEM_FILES, *_CAMPAIGNS, *_ALLOCATIONS, *_CSVS, *_PROFILES, *_NAMES, *_NUMBERS, *_STREAMS, *_PLACES,
    *_PLUGINS, *_DASK, *_INTERRUPTED,
)  # fmt: skip

MORE_STATUSES = {
    "timeout -s INT": {124, 130},
    "tasklet-bench check ": {1},
    "tasklet-bench solve ": {1},
    "tasklet-bench reproduce ": {1},
}
"""Statuses beside 0 and 2 of calls that begin so: an interruption, a broken clause, nothing found, a difference."""


@dataclass(frozen=True)
class Outcome:
    """How a call ended; `fault` says what is wrong about it, or is empty."""

    call: str
    status: int | None
    seconds: float
    output: str
    fault: str


def make_call(call: str, folder: Path, command: Path, limit_s: float = LIMIT_S) -> Outcome:
    """Make one call in a folder with the files; what it leaves running is ended."""
    environment = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}"}
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            ["bash", "-c", f"ulimit -v {MEMORY_KB}\n{call}"], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            status: int | None = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            status = None
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        seconds = time.monotonic() - began
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Outcome(call, status, seconds, text, _fault(call, status, text))


def _fault(call: str, status: int | None, text: str) -> str:
    if status is None:
        return "does not return"
    if "Traceback (most recent call last)" in text or "Exception ignored" in text or "Fatal Python" in text:
        return "traceback"
    if "\x1b" in text:
        return "escape sequence"
    allowed = {0, 2}.union(*(more for beginning, more in MORE_STATUSES.items() if call.startswith(beginning)))
    if status not in allowed:
        return f"status {status}"
    said = [line for line in text.splitlines() if line.startswith("tasklet-bench: ")]
    return "long message" if any(len(line) > 2000 for line in said) else ""


def make_calls(calls: tuple[str, ...], command: Path, workers: int = 2) -> Iterator[Outcome]:
    """Make calls, each in a folder of its own with the files; outcomes in order."""

    def one(call: str) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="hostile-") as name:
            folder = Path(name)
            make_files(folder)
            return make_call(call, folder, command)

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(one, calls)


def sample(n: int, seed: int) -> tuple[str, ...]:
    """Some of the calls, drawn by a seed."""
    return tuple(random.Random(seed).sample(CALLS, n))  # noqa: S311 - any will do


def main() -> int:
    """Make the calls that were asked for, print each fault and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--command", type=Path, default=Path(sys.executable).parent / "tasklet-bench")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    calls = tuple(call for call in CALLS if options.only in call)
    faults: dict[str, int] = {}
    slowest = 0.0
    for outcome in make_calls(calls, options.command, options.workers):
        slowest = max(slowest, outcome.seconds)
        if outcome.fault:
            faults[outcome.fault] = faults.get(outcome.fault, 0) + 1
            last = (outcome.output.strip().splitlines() or [""])[-1][:200]
            print(f"{outcome.fault} ({outcome.seconds:.1f} s): {outcome.call[:200]}\n    {last!r}", flush=True)
    print(f"{len(calls)} calls, {sum(faults.values())} faults {faults}, the slowest took {slowest:.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
