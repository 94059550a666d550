"""What each stage of a candidate needs of memory, and which devices cannot hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasklet_bench.problems.tensor_parallel.judge import Placement, memory_need, spill

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel.problem import TensorParallelProblem


@dataclass(frozen=True)
class StageMemory:
    """Bytes that every device of a stage needs, and by device the bytes that do not fit.

    `spill_s` is what the worst of them adds to each micro-batch.
    """

    stage: int
    need_bytes: float
    spilled_bytes: Mapping[int, float]
    spill_s: float

    def __str__(self) -> str:
        need = f"stage {self.stage} needs {self.need_bytes / 1e9:.2f} GB a device"
        if not self.spilled_bytes:
            return f"{need}: fits"
        spilled = ", ".join(f"device {i} spills {over / 1e9:.2f} GB" for i, over in self.spilled_bytes.items())
        return f"{need}: {spilled}; {self.spill_s:.4g} s a micro-batch"

    @property
    def summary(self) -> str:
        """In a few words how many devices spill how much."""
        most = max(self.spilled_bytes.values(), default=0.0)
        return f"stage {self.stage} spills up to {most / 1e9:.3g} GB on {len(self.spilled_bytes)} devices"


def report_memory(problem: TensorParallelProblem, candidate: Any) -> tuple[StageMemory, ...]:
    """The memory of each stage of a candidate."""
    return stage_memories(problem.placement(candidate))


def stage_memories(placement: Placement) -> tuple[StageMemory, ...]:
    """The memory of each stage of a placement."""
    memory = placement.devices.memory_bytes
    stages = []
    for stage in range(placement.shape.stages):
        need = memory_need(placement, stage)
        used = [device for replica in range(placement.shape.replicas) for device in placement.group(stage, replica)]
        spilled = {device: need - float(memory[device]) for device in sorted(used) if need > memory[device]}
        stages.append(StageMemory(stage, need, spilled, max(spill(placement, need, device) for device in used)))
    return tuple(stages)
