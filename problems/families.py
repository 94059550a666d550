"""The families of problems by name, and where each lives, without importing any.

A family's room has a module `names` with `load(name) -> Problem` for names that begin with the family's name and a
slash, and, where instances can be given as files, a module `instance_file` with `from_json(data, source) -> Problem`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from tasklet_bench.problems.problem import Problem

ROOMS: dict[str, str] = {
    "iteration-time": "iteration_time",
    "gossip": "gossip",
    "mixing-graph": "mixing_graph",
    "federated-round": "federated_round",
    "swarm": "swarm",
    "tensor-parallel": "tensor_parallel",
    "atom": "atom",
}
"""Families whose names begin with their own prefix; every other name is of the family `allocation`."""

SUMMARIES: dict[str, str] = {
    "allocation": "D×K tasklets on devices, by the paper's formal cost of communication",
    "iteration-time": "the same placements by the simulated seconds of an iteration",
    "gossip": "which device runs which rank of a mixing schedule",
    "mixing-graph": "which devices exchange models in every iteration",
    "federated-round": "the aggregation tree, sub-models and hosts of a federated round",
    "swarm": "which devices serve which stage of stochastic pipelines",
    "tensor-parallel": "mode × TP × PP × DP × micro-batch, and the device of each rank",
    "atom": "which peers take part, and how each swaps its whole model",
}
"""What each family decides, in a line."""


def load(name: str) -> Problem:
    """The instance of a name of any family of the project; raises `BadInput` for what none of them knows."""
    family = name.partition("/")[0]
    if family in ROOMS:
        problem: Problem = import_module(f"tasklet_bench.problems.{ROOMS[family]}.names").load(name)
        return problem
    from tasklet_bench.problems.instances import catalogue

    return catalogue.load(name)


def from_json(data: dict[str, Any], source: str) -> Problem:
    """The instance of a problem file's content, by its `family`; raises `BadInput` that names file and field."""
    family = data.get("family", "allocation")
    if family == "allocation":
        from tasklet_bench.problems.files import problem_from_json

        return problem_from_json({key: value for key, value in data.items() if key != "family"}, source)
    if not isinstance(family, str) or family not in ROOMS:
        raise BadInput(f"{source}: family: {BadInput.unknown('family', str(family), ['allocation', *ROOMS])}")
    from tasklet_bench.problems.files.source import sound

    with sound(source):
        room = import_module(f"tasklet_bench.problems.{ROOMS[family]}.instance_file")
        problem: Problem = room.from_json(data, source)
    return problem


def content_of_name(name: str, folder: Path) -> dict[str, Any] | None:
    """What a name stands for that has a problem file behind its family, as data; None for any other name."""
    family, _, rest = name.partition("/")
    if family not in ROOMS or not rest.partition("?")[0].endswith(".json"):
        return None
    instance_file = import_module(f"tasklet_bench.problems.{ROOMS[family]}.instance_file")
    if not hasattr(instance_file, "content_of_name"):
        return None
    content: dict[str, Any] | None = instance_file.content_of_name(name, folder)
    return content
