"""Megatron-LM: its arguments for these ranks and layers, and torchrun's script to start it."""

from __future__ import annotations

from tasklet_bench.problems.launch.launchers import torchrun
from tasklet_bench.problems.launch.plan import Plan


def write(plan: Plan) -> tuple[dict[str, str], list[str]]:
    """`megatron.args`, an argument a line, and `torchrun.sh`."""
    _, k = plan.allocation.grid.shape
    arguments = ["--tensor-model-parallel-size 1", f"--pipeline-model-parallel-size {k}"]
    if plan.order == "pp-dp":
        arguments.append("--use-tp-pp-dp-mapping")
    arguments += _layers(plan.allocation.layers)
    files, notes = torchrun.write(plan)
    start = "bash torchrun.sh all pretrain_gpt.py $(cat megatron.args) …"
    notes = [note for note in notes if not note.startswith("layers ")]
    return {**files, "megatron.args": "".join(f"{line}\n" for line in arguments)}, [f"start with: {start}", *notes]


def _layers(layers: tuple[int, ...] | None) -> list[str]:
    """Arguments that give each stage its layers: the plain ones where they can, else the layout of the pipeline."""
    if layers is None:
        return []
    if len(set(layers)) == 1:
        return [f"--num-layers {sum(layers)}"]
    middle = layers[1:-1]
    if len(middle) > 0 and len(set(middle)) == 1:
        first, last = layers[0], layers[-1]
        return [
            f"--num-layers {sum(layers)}",
            f"--decoder-first-pipeline-num-layers {first}",
            f"--decoder-last-pipeline-num-layers {last}",
        ]
    stages = ["t" * count for count in layers]
    layout = "|".join(["E" + stages[0], *stages[1:]]) + "L"
    return [f"--num-layers {sum(layers)}", f"--pipeline-model-parallel-layout {layout}"]
