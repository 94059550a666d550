"""What is reported of an instance and drawn of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.drawing import Drawing, Link
from tasklet_bench.problems.pipeline_model.devices import BYTES_PER_GB, FLOPS_PER_TFLOPS

if TYPE_CHECKING:
    from tasklet_bench.problems.swarm.problem import SwarmProblem

WIDEST = 3
"""Links that are drawn from each device to the next stage: those that carry most."""
MOST_REPORTED = 6
"""Devices that spill and are named."""


def facts(problem: SwarmProblem) -> Mapping[str, str | int | float]:
    """Headings and figures for `show` and the page."""
    options, model, tables = problem.options, problem.model, problem.tables
    tflops = problem.devices.flops / FLOPS_PER_TFLOPS
    spills = tables.spill_bytes > 0
    spilling, somewhere = int(spills.all(axis=0).sum()), int(spills.any(axis=0).sum())
    reported: dict[str, str | int | float] = {
        "devices": problem.devices.n_devices,
        "stages": options.n_stages,
        "layers of the stages": ", ".join(map(str, options.stage_layers)),
        "model": f"{model.layers} layers of hidden size {model.hidden}, sequences of {model.sequence_length}",
        "micro-batches": f"{problem.micro_batches:g}",
        "wiring": options.wiring,
        "devices that spill": f"{spilling} in every stage, {somewhere} in some",
        "effective speeds": f"{tflops.min():.3g} to {tflops.max():.3g} TFLOPS",
    }
    if options.absences:
        reported["scenarios of absences"] = len(options.absences)
        reported["devices absent in the mean"] = float(options.absent(problem.devices.n_devices).sum(axis=1).mean())
    if problem.assumptions:
        reported["figures"] = problem.assumptions
    return reported


def kinds(problem: SwarmProblem) -> Mapping[str, str]:
    """Dimensions for tables by kind of instance."""
    n = problem.devices.n_devices
    return {
        "devices": "up to 32" if n <= 32 else "33 to 64" if n <= 64 else "above 64",
        "wiring": problem.options.wiring,
        "churn": "yes" if problem.options.absences else "no",
        "cards": "alike" if np.ptp(problem.devices.flops) == 0 else "mixed",
    }


def drawing(problem: SwarmProblem, labels: NDArray[np.int64]) -> Drawing:
    """Stages and reserve as groups; links between neighbouring stages with their seconds a micro-batch.

    Of each device the links that carry most are drawn. A maximum flow is not unique, so that none is shown.
    """
    k, link = problem.options.n_stages, problem.tables.link
    members = [np.flatnonzero(labels == s) for s in range(k + 1)]
    groups = {f"stage {s}": tuple(members[s].tolist()) for s in range(k)}
    if members[k].size:
        groups["reserve"] = tuple(members[k].tolist())
    links = []
    for s in range(k - 1):
        for i in members[s]:
            there = members[s + 1][np.argsort(-link[i, members[s + 1]], kind="stable")[:WIDEST]]
            links += [Link(int(i), int(j), float(1 / link[i, j]), f"stage {s} to {s + 1}", True) for j in there]
    caption = "Devices by the stage that they serve; of each device the fastest links to the next stage"
    return Drawing(f"{caption}; {report_spills(problem, labels)}", groups, tuple(links))


def report_spills(problem: SwarmProblem, labels: NDArray[np.int64]) -> str:
    """Which devices move what does not fit their memory with every micro-batch, and how much."""
    k, spill = problem.options.n_stages, problem.tables.spill_bytes
    reported = [
        f"device {i} in stage {labels[i]} spills {spill[labels[i], i] / BYTES_PER_GB:.3g} GB"
        for i in np.flatnonzero(labels < k)
        if spill[labels[i], i] > 0
    ]
    if not reported:
        return "nothing spills"
    return ", ".join(reported[:MOST_REPORTED]) + (
        f", and {len(reported) - MOST_REPORTED} more" if len(reported) > MOST_REPORTED else ""
    )
