"""Mutated files of every kind, read as commands read them: each is used, or refused with `BadInput`.

`python tests/fuzz/files.py 100000 --seed 1` reads so many, on one core, and ends with status 1 if an input ended in
another exception, took more than `SLOW_S`, or the process more than `MOST_BYTES` of memory. An input is made again by
its seed and its number: `--first NUMBER 1`.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from mutations import mutate_bytes, mutate_csv, mutate_json, mutate_toml
from peak_memory import peak_bytes

from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.plugins import resolve
from tasklet_bench.bench.results import best_known, csv_rows
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.files import read_allocations, read_profile

SLOW_S = 2.0
HANG_S = 20
"""CPU seconds, as others may have the core meanwhile."""
MOST_BYTES = 2**30
MOST_SCORED = 64
"""Devices up to which a problem that could be read is bounded and scored, too."""
FAMILIES = ("gossip", "mixing_graph", "federated_round", "swarm", "tensor_parallel", "atom")
_INSTANCES = Path(__file__).resolve().parents[1] / "problems" / "families"

PROBLEM: dict[str, Any] = {
    "name": "good",
    "sites": [
        {"name": "Dallas", "devices": 4, "latitude": 32.8, "longitude": -96.8, "device": "T4", "tflops": 65.0},
        {"name": "London", "devices": 3, "memory_gb": 16.0, "upload_gbps": 1.0},
        {"name": "Oslo", "devices": 1},
    ],
    "delay_ms": [[0.1, 113.0, 120.0], [113.0, 0.1, 25.0], [120.0, 25.0, None]],
    "bandwidth_gbps": [[10.0, 1.0, 1.0], [1.0, 10.0, 2.5], [1.0, 2.5, None]],
    "delay_is": "rtt",
    "grid": {"data_parallel": 2, "pipeline_parallel": 4},
    "workload": {"layers": 24, "hidden": 2048, "sequence_length": 2048, "sequences_per_iteration": 64},
}
PROFILE: dict[str, Any] = {
    "layers": 4,
    "parameters": [1e8, 1e8, 1e8, 2e8],
    "gradient_bytes_per_parameter": 2.0,
    "activation_bytes": [1e6, 1e6, 2e6],
    "devices": {"T4": {"forward_s": [0.1] * 4, "backward_s": [0.2] * 4, "update_s": [0.01] * 4}},
}
ALLOCATIONS: tuple[Any, ...] = (
    {"grid": [[0, 1, 2, 3], [4, 5, 6, 7]]},
    {"groups": [[0, 1], [2, 3], [4, 5], [6, 7]]},
    [{"grid": [[0, 1, 2, 3], [4, 5, 6, 7]]}, {"groups": [[0, 4], [1, 5], [2, 6], [3, 7]]}],
)
CAMPAIGN = """name = "mine"
problems = ["problem.json", "generated/uniform?n=8&dp=2&seed=1"]
champion = "random-partition"
strategies = ["random-partition", "genetic[gain=kernighan-lin]"]
budgets = ["10-evaluations", "2-cpu-seconds", "10-evaluations+1-wall-seconds"]
seeds = 2
first_seed = 1
memory_gb = 2.5
timing = false
"""
RESULTS = """strategy,problem,seed,evaluations,cost,allocation
mine,paper/regional,0,10,5.5e9,
mine,problem.json,1,10,7.5,"{""grid"": [[0, 1, 2, 3], [4, 5, 6, 7]]}"
other,problem.json,1,20,7.5,"[[0, 1, 2, 3], [4, 5, 6, 7]]"
"""
KNOWN: dict[str, Any] = {
    "problem": "paper/regional", "digest": "a" * 64, "cost_s": 5.0, "found_by": "annealing", "bound_s": 4.0,
    "bound_by": "problem", "candidate": {"grid": [[0, 1], [2, 3]]},
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name, how a mutated one is made, and how it is read."""

    file: str
    make: Callable[[Random], bytes]
    read: Callable[[Path], object]


class Hang(BaseException):
    """Reading has taken longer than anybody waits."""


def use_problem(path: Path) -> None:
    """Read a problem file as commands do; bound and score what can be."""
    problem = resolve(path.name, path.parent).problem
    if sum(site.devices for site in problem.sites) > MOST_SCORED:
        return
    problem.bound()
    with suppress(InvalidCandidate):  # a random member of the decision may break a rule of the problem
        problem.cost(problem.random(_stream()))


def use_rows(path: Path) -> None:
    """Read results of another tool, with the candidates that they name."""
    for row in csv_rows.read_rows(path):
        problem = None if ".py:" in row.problem else resolve(row.problem, path.parent).problem
        if problem is not None and isinstance(row.allocation, dict):
            with suppress(InvalidCandidate):
                problem.candidate_from_json(row.allocation)


def _stream() -> Any:
    import numpy as np

    return np.random.default_rng(0)


def kinds(folder: Path) -> list[Kind]:
    """Every kind of file, with a good problem beside them in `folder`."""
    (folder / "problem.json").write_text(json.dumps(PROBLEM), encoding="utf-8")
    problem = resolve("problem.json", folder).problem
    instances = [
        {**instance, "family": family.replace("_", "-")}
        for family in FAMILIES
        for instance in json.loads((_INSTANCES / f"{family}.json").read_text(encoding="utf-8"))["instances"]
    ]
    candidates = [(resolve_instance(instance, folder), instance["candidates"]) for instance in instances[::3]]
    with_profile = {**PROBLEM, "profile": PROFILE}

    def allocation(path: Path) -> object:
        return read_allocations(path, problem)

    def of_family(index: int) -> Kind:
        decided, written = candidates[index]
        return Kind("candidate.json", lambda rng: mutate_json(written, rng), lambda p: read_allocations(p, decided))

    return [
        Kind("mutated.json", lambda rng: mutate_json(PROBLEM, rng), use_problem),
        Kind("profiled.json", lambda rng: mutate_json(with_profile, rng), use_problem),
        Kind("instance.json", lambda rng: mutate_json(rng.choice(instances), rng), use_problem),
        Kind("allocation.json", lambda rng: mutate_json(rng.choice(ALLOCATIONS), rng), allocation),
        *(of_family(index) for index in range(len(candidates))),
        Kind("profile.json", lambda rng: mutate_json(PROFILE, rng), read_profile),
        Kind("campaign.toml", lambda rng: mutate_toml(CAMPAIGN, rng), lambda path: campaign_of(str(path), Changes())),
        Kind("results.csv", lambda rng: mutate_csv(RESULTS, rng), use_rows),
        Kind("known.jsonl", lambda rng: mutate_json(KNOWN, rng) + b"\n", best_known.read),
        Kind("bytes.json", lambda rng: mutate_bytes(json.dumps(PROBLEM).encode(), rng), use_problem),
    ]


def resolve_instance(instance: dict[str, Any], folder: Path) -> Any:
    """The problem of an instance of a family."""
    path = folder / "as_it_is.json"
    path.write_text(json.dumps(instance), encoding="utf-8")
    return resolve(path.name, folder).problem


def main(count: int, seed: int, first: int = 0) -> int:
    """Read `count` mutated files from number `first` on; print what was wrong and the totals, return the faults."""
    ends: Counter[str] = Counter()
    faults: dict[str, tuple[int, str]] = {}
    slowest, before = 0.0, signal.signal(signal.SIGVTALRM, _hang)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    warnings.simplefilter("ignore")
    try:
        known = kinds(folder)
        _warm_up(folder)
        _cap_memory()
        for number in range(first, first + count):
            rng = Random(f"{seed}-{number}")  # noqa: S311 - it has to come out the same again
            kind = known[number % len(known)]
            path = folder / kind.file
            path.write_bytes(kind.make(rng))
            began = time.process_time()  # others may have the core meanwhile
            end, where = _end(kind, path)
            took = time.process_time() - began
            slowest = max(slowest, took)
            end = "slow" if took > SLOW_S else end
            ends[end] += 1
            if end not in ("ok", "BadInput"):
                faults.setdefault(f"{end} {where}", (number, kind.file))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        shutil.rmtree(folder, ignore_errors=True)
    peak = peak_bytes()
    for fault, (number, file) in sorted(faults.items()):
        print(f"{fault}: {file}, --seed {seed} --first {number}")
    wrong = sum(n for end, n in ends.items() if end not in ("ok", "BadInput"))
    print(f"{count} files, seed {seed}: {dict(ends)}, the slowest took {slowest:.2f} s, peak {peak / 2**20:.0f} MiB")
    return wrong + (peak > MOST_BYTES)


def _end(kind: Kind, path: Path) -> tuple[str, str]:
    """How reading ended, and where."""
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_S)
    try:
        kind.read(path)
    except BadInput as fault:
        return ("BadInput", "") if len(str(fault)) <= 2100 else ("long message", "")
    except Hang:
        return "hang", ""
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return type(error).__name__, f"{Path(frame.filename).name}:{frame.lineno}: {str(error)[:100]!r}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return "ok", ""


def _warm_up(folder: Path) -> None:
    """Import and compile what a first use does, so that it is not taken for a slow file."""
    for family in FAMILIES:
        for instance in json.loads((_INSTANCES / f"{family}.json").read_text(encoding="utf-8"))["instances"]:
            path = folder / "as_it_is.json"
            path.write_text(json.dumps({**instance, "family": family.replace("_", "-")}), encoding="utf-8")
            use_problem(path)
    use_problem(folder / "problem.json")


def _cap_memory() -> None:
    """Allow so much address space beyond what is in use that a runaway is an error here and not the machine's."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_BYTES, hard))


def _hang(_: int, __: FrameType | None) -> None:
    raise Hang


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    sys.exit(1 if main(options.count, options.seed, options.first) else 0)
