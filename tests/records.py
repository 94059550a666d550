"""Records as runs give them, for tests that make no runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import RunSpec


def build_record(
    spec: RunSpec, parts_s: Mapping[str, float], candidate: Mapping[str, Any], rows: Sequence[Improvement], **other: Any
) -> RunRecord:
    """An `ok` record of a run on some machine that ended with the last of its rows, which is the best one.

    `other` are fields that are to be something else.
    """
    last = rows[-1]
    fields: dict[str, Any] = {
        "spec": spec,
        "status": "ok",
        "error": None,
        "cost_s": last.cost_s,
        "parts_s": dict(parts_s),
        "exact": True,
        "bound_s": last.bound_s,
        "evaluations": spec.budget.evaluations or last.evaluations,
        "self_counted": False,
        "cpu_s": last.cpu_s + 0.25,
        "wall_s": last.wall_s + 0.5,
        "prepare_s": 0.25,
        "meter_s": 0.125,
        "peak_memory_bytes": 1 << 27,
        "machine": "a machine",
        "versions": {"python": "3.11"},
        "started_at": f"2026-01-01T00:00:{spec.seed:02}.000+00:00",
        "candidate": dict(candidate),
        "trajectory": tuple(rows),
    }
    return RunRecord(**fields | other)
