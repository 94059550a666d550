"""One file a launcher: `write(plan)` gives its files by name and notes on it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.problems.launch.plan import Plan

LAUNCHERS = ("torchrun", "deepspeed", "megatron", "mpi", "slurm", "jobset")
WITHOUT_ORDER = {
    "c10d": "its rendezvous gives ranks by sorted host names: use --for torchrun, whose files take the static one",
    "torchelastic": "its rendezvous gives ranks by sorted host names: use --for torchrun",
    "ray": "it gives ranks by the addresses of the nodes where its workers came up: start the workers with --for "
    "torchrun, mpi or slurm",
    "pytorchjob": "its pods take part in an elastic rendezvous: use --for jobset",
    "accelerate": "it hands over to torchrun: use --for torchrun and start the script with it",
}


def files_for(launcher: str, plan: Plan) -> tuple[dict[str, str], list[str]]:
    """The files of a launcher, by name, and what is to be said.

    Raises `BadInput` for a launcher that is not known or keeps no order, and for one that cannot express the plan.
    """
    if launcher in WITHOUT_ORDER:
        raise BadInput(f"option --for: {launcher} keeps no order of ranks: {WITHOUT_ORDER[launcher]}")
    if launcher not in LAUNCHERS:
        raise BadInput(f"option --for: {BadInput.unknown('launcher', launcher, LAUNCHERS)}")
    module = import_module(f"{__name__}.{launcher}")
    files, notes = module.write(plan)
    return files, notes
