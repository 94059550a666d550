"""What the simulator says about runs that others measured, beside what they measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from tasklet_bench.problems.files import candidate_from_json, problem_from_json
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate
from tasklet_bench.problems.iteration_time.options import SAILOR_RECEIVE_GBPS

CASES = Path(__file__).parent / "cases.json"
SETS = {"gh200": "GH200", "mit": "consumer GPUs", "crosspipe": "CrossPipe"}
RUNTIME = {"gh200": "deepspeed", "mit": "deepspeed", "crosspipe": "overlapped"}
"""The model of each set: of the engine that its authors ran, whatever the errors are."""
LEAST_DIFFERENCE = 0.03
"""Measured seconds that differ by less are not asked to be in order."""

MODELS: dict[str, dict[str, Any]] = {
    "the runtime's own": {},
    "overlapped": {"sends": "overlapped"},
    "Megatron's pairs": {"sends": "megatron"},
    "strict rendezvous": {"sends": "rendezvous"},
    "the runtime's own, updates counted": {"update": "counted"},
    "the runtime's own, receives paid": {"receive_gbps": SAILOR_RECEIVE_GBPS},
}
"""Models compared on the page; the last one has a constant that was chosen on these runs."""

OTHERS = {
    "GH200": {"Sailor": 0.06},
    "mixed cluster": {"Sailor": 0.045, "Metis": 0.28, "Piper": 0.28, "Aceso": 0.37, "Varuna": 0.47, "FlashFlex": 0.69},
}
"""Mean errors of other simulators on Sailor's runs, as its paper publishes them (SOSP 2025)."""


@dataclass(frozen=True)
class Run:
    """One measured run: its name, set, measured and simulated seconds; `messages` says whether stages send any."""

    name: str
    set: str
    measured_s: float
    simulated_s: float
    messages: bool

    @property
    def error(self) -> float:
        """Simulated over measured seconds, less 1."""
        return self.simulated_s / self.measured_s - 1


@cache
def cases() -> list[dict[str, Any]]:
    """All measured runs."""
    content: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))
    return content


@cache
def runs(model: str = "the runtime's own") -> list[Run]:
    """All runs simulated with a model, in the order of the file."""
    return [_run(case, MODELS[model]) for case in cases()]


def of_set(result: list[Run], key: str) -> list[Run]:
    """The runs of one of `SETS`."""
    return [run for run in result if run.set == key]


def mean_error(result: list[Run]) -> float:
    """Mean of absolute errors."""
    return float(np.mean([abs(run.error) for run in result]))


def largest_error(result: list[Run]) -> float:
    """Largest absolute error."""
    return max(abs(run.error) for run in result)


def pairs(result: list[Run]) -> Iterator[tuple[Run, Run]]:
    """Pairs of shapes on equal devices with equal batches whose measured seconds differ; the faster one first."""
    batch_bytes = [
        case["options"]["micro_batches"]
        * case["problem"]["grid"]["data_parallel"]
        * case["profile"]["activation_bytes"]
        for case in cases()
    ]
    for (a, a_bytes), (b, b_bytes) in combinations(zip(result, batch_bytes, strict=True), 2):
        same = a.set == b.set != "crosspipe" and a.name.rpartition("/")[0] == b.name.rpartition("/")[0]
        if same and a_bytes == b_bytes:
            fast, slow = sorted((a, b), key=lambda run: run.measured_s)
            if slow.measured_s >= fast.measured_s * (1 + LEAST_DIFFERENCE):
                yield fast, slow


def pairs_in_order(result: list[Run]) -> tuple[int, int]:
    """How many of those pairs the simulator has in the measured order, and how many there are."""
    in_order = [fast.simulated_s < slow.simulated_s for fast, slow in pairs(result)]
    return sum(in_order), len(in_order)


def applies(changes: dict[str, Any]) -> bool:
    """Whether a model says anything about CrossPipe's engine: not where it is of DeepSpeed's order or receives."""
    return changes.get("sends") != "rendezvous" and "receive_gbps" not in changes


def _run(case: dict[str, Any], changes: dict[str, Any]) -> Run:
    key = case["name"].partition("/")[0]
    if key == "crosspipe" and not applies(changes):
        changes = {}  # what DeepSpeed and Sailor's engine do
    problem = problem_from_json({**case["problem"], "profile": case["profile"]}, case["name"])
    options = SimulationOptions(**{**case["options"], "sends": RUNTIME[key], **changes})
    allocation = candidate_from_json(case["allocation"], problem, case["name"])
    timeline = simulate(problem, allocation, options)
    return Run(case["name"], key, case["measured_s"], timeline.iteration_s, problem.shape.pipeline_parallel > 1)
