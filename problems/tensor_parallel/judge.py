"""Score a candidate by loops over ranks, as the family is stated; what the harness believes.

Written apart from the compiled code: no shape table, no cells, its own figures of every exchange.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.tensor_parallel.shapes import TensorShape

PARTS = ("compute_s", "tensor_s", "spill_s", "boundary_s", "gradients_s")


@dataclass(frozen=True)
class Placement:
    """A shape with the device of each rank; rank (stage, replica, t) is number t + P·(replica + DP·stage)."""

    shape: TensorShape
    order: Sequence[int]
    model: Model
    devices: Devices

    def device(self, stage: int, replica: int, t: int) -> int:
        """The device that runs a rank."""
        return self.order[t + self.shape.tensor_devices * (replica + self.shape.replicas * stage)]

    def group(self, stage: int, replica: int) -> list[int]:
        """The devices of a tensor group, by their position t."""
        return [self.device(stage, replica, t) for t in range(self.shape.tensor_devices)]

    def layers(self, stage: int) -> int:
        """Layers of a stage."""
        total, stages = self.model.layers, self.shape.stages
        return (stage + 1) * total // stages - stage * total // stages

    def ring(self, members: Sequence[int], carried: float, hops: int) -> float:
        """Seconds of a ring: bytes over its narrowest link, and hops of its longest."""
        links = list(zip(members, [*members[1:], members[0]], strict=True))
        narrowest = min(float(self.devices.bandwidth_bytes_s[link]) for link in links)
        return carried / narrowest + hops * max(float(self.devices.delay_s[link]) for link in links)


def judge(placement: Placement) -> dict[str, float]:
    """The parts of the cost by name (in seconds)."""
    shape = placement.shape
    replicas = [[step(placement, stage, replica) for stage in range(shape.stages)] for replica in range(shape.replicas)]
    seconds = [pipeline_seconds(steps, shape.micro_batches(placement.model)) for steps in replicas]
    slowest = max(seconds, key=lambda parts: sum(parts.values()))
    return {**slowest, "gradients_s": gradients(placement)}


def pipeline_seconds(steps: list[dict[str, float]], micro_batches: int) -> dict[str, float]:
    """Each part of a replica: that of its slowest stage for all micro-batches but one, and of all stages once."""
    slowest = max(steps, key=lambda parts: sum(parts.values()))
    return {name: (micro_batches - 1) * slowest[name] + sum(parts[name] for parts in steps) for name in slowest}


def step(placement: Placement, stage: int, replica: int) -> dict[str, float]:
    """What one micro-batch takes in a stage of a replica."""
    model, shape = placement.model, placement.shape
    layers, group = placement.layers(stage), placement.group(stage, replica)
    flop = 3 * shape.micro_batch * layers * model.forward_flops / shape.tensor_devices
    need = memory_need(placement, stage)
    return {
        "compute_s": max(flop / float(placement.devices.flops[i]) for i in group),
        "tensor_s": layers * tensor_exchange(placement, group),
        "spill_s": max(spill(placement, need, i) for i in group),
        "boundary_s": boundary(placement, stage, replica),
    }


def memory_need(placement: Placement, stage: int) -> float:
    """Bytes that a device of a stage wants: weights with the optimiser's state, and micro-batches in flight (1F1B)."""
    model, shape = placement.model, placement.shape
    layers, p = placement.layers(stage), shape.tensor_devices
    in_flight = min(shape.micro_batches(model), shape.stages - stage)
    per_element = 10 + 24 / p if shape.mode == "1d" else 34 / p
    states = 16 * model.parameters_per_layer * layers / shape.weight_parts
    return states + in_flight * layers * per_element * shape.micro_batch * model.sequence_length * model.hidden


def spill(placement: Placement, need: float, device: int) -> float:
    """Seconds in which what does not fit moves over the host link and back."""
    excess = max(0.0, need - float(placement.devices.memory_bytes[device]))
    return 2 * excess / float(placement.devices.host_link_bytes_s[device])


def tensor_exchange(placement: Placement, group: list[int]) -> float:
    """Seconds of a layer's exchange within a tensor group, forward and backward."""
    shape, model = placement.shape, placement.model
    q, depth = shape.q, shape.depth
    x = shape.micro_batch * model.sequence_length * model.hidden
    weights = model.parameters_per_layer
    if len(group) == 1:
        return 0.0
    if shape.mode in ("1d", "1d-sequence"):
        return placement.ring(group, 2 * 8 * (q - 1) / q * x, 8 * (q - 1))
    side = range(q)
    if shape.mode in ("2d", "2.5d"):
        at = {(i, j, k): group[j + q * (i + q * k)] for i in side for j in side for k in range(depth)}
        share, hops = 2 * 3 * (q - 1) / q, 12 * (q - 1)
        along_j = [[at[i, j, k] for j in side] for i in side for k in range(depth)]
        along_i = [[at[i, j, k] for i in side] for j in side for k in range(depth)]
        return max(placement.ring(ring, share * 7 * x / depth, hops) for ring in along_j) + max(
            placement.ring(ring, share * weights, hops) for ring in along_i
        )
    at = {(i, j, k): group[k + q * (j + q * i)] for i in side for j in side for k in side}
    share, hops = 2 * 2 * (q - 1) / q**3, 8 * (q - 1)
    along_j = [[at[i, j, k] for j in side] for i in side for k in side]
    along_i = [[at[i, j, k] for i in side] for j in side for k in side]
    along_l = [[at[i, j, k] for k in side] for i in side for j in side]
    return (
        max(placement.ring(ring, share * 7 * x, hops) for ring in along_j)
        + max(placement.ring(ring, share * weights, hops) for ring in along_i)
        + max(placement.ring(ring, share * 9 * x, hops) for ring in along_l)
    )


def boundary(placement: Placement, stage: int, replica: int) -> float:
    """Seconds between a stage and the next: activations there and their gradients back, by the slowest rank."""
    shape, model = placement.shape, placement.model
    if stage == shape.stages - 1:
        return 0.0
    elements = shape.micro_batch * model.sequence_length * model.hidden
    carried = 2 * elements / (1 if shape.mode == "1d" else shape.tensor_devices)
    seconds = []
    for i, j in zip(placement.group(stage, replica), placement.group(stage + 1, replica), strict=True):
        there = float(placement.devices.delay_s[i, j]) + carried / float(placement.devices.bandwidth_bytes_s[i, j])
        back = float(placement.devices.delay_s[j, i]) + carried / float(placement.devices.bandwidth_bytes_s[j, i])
        seconds.append(there + back)
    return max(seconds)


def gradients(placement: Placement) -> float:
    """Seconds of the slowest ring that sums gradients, over stages and parts of the weights."""
    shape, model = placement.shape, placement.model
    n = shape.replicas * shape.depth
    if n == 1:
        return 0.0
    seconds = []
    for stage in range(shape.stages):
        carried = 2 * (n - 1) / n * 4 * model.parameters_per_layer * placement.layers(stage) / shape.weight_parts
        for part in range(shape.weight_parts):
            members = [
                placement.device(stage, replica, part + shape.weight_parts * copy)
                for replica in range(shape.replicas)
                for copy in range(shape.depth)
            ]
            seconds.append(placement.ring(members, carried, 2 * (n - 1)))
    return max(seconds)
