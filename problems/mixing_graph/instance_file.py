"""Instances of the family as JSON, such as those of the check values."""

from __future__ import annotations

from typing import Any

from tasklet_bench.problems.collective.instance_file import read_instance
from tasklet_bench.problems.mixing_graph.options import MixingGraphOptions, check_size
from tasklet_bench.problems.mixing_graph.problem import MixingGraphProblem

DERIVED = ("message_bytes", "compute_s", "cluster", "least_connectivity")
"""Keys that follow from the others."""


def from_json(data: dict[str, Any], source: str) -> MixingGraphProblem:
    """Make a problem from a file's content; raises `BadInput` that names `source` and the field."""
    instance = read_instance(data, source, MixingGraphOptions, derived=DERIVED)
    check_size(instance.options, instance.network.topology.n_devices, f"{source}: problem")
    return MixingGraphProblem(instance.network.name, instance.network, instance.options)
