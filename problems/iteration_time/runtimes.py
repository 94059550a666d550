"""In which order a stage computes, sends and receives, and what each of these waits for, by runtime.

Nothing here is taken from a measured run. Sources:

- DeepSpeed 0.16.5, `runtime/pipe/schedule.py` (`TrainSchedule`): steps in which forward and backward alternate; what
  a pass made is sent at the start of the next step. Forward step: send the gradient of the last backward pass, receive
  an activation, forward. Backward step: receive a gradient, then send the activation of the last forward pass,
  backward. One operation at a time. NCCL's calls block the GPU's stream (user guide, point-to-point communication);
  a send may return before its receiver has come if buffers take the message (nccl#1252), so that it holds its device
  until its bytes have left.
- Megatron-LM, `core/pipeline_parallel/schedules.py` (without interleaving) and `p2p_communication.py`
  (NVIDIA/Megatron-LM@00c2c0a): in the steady state the two directions are one batch, begun and waited for together;
  before and after it they are single. NCCL starts a transfer when both sides have posted it.
- Rendezvous: DeepSpeed's order read strictly; a message starts when both sides are there, and both wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tasklet_bench.problems.iteration_time.options import Sends
from tasklet_bench.problems.iteration_time.schedules import Pass, one_forward_one_backward


class Move(NamedTuple):
    """One thing that a stage does: compute a pass, send what it made, or receive what the pass before it made."""

    what: Literal["compute", "send", "receive"]
    step: Pass


Moves = list[tuple[Move, ...]]
"""What a stage does, in order; what stands in one tuple begins together, and what follows waits for all of it."""


def deepspeed(stage: int, n_stages: int, micro_batches: int) -> Moves:
    """The commands of DeepSpeed's `TrainSchedule`: what was made is sent at the start of the next step."""
    moves: Moves = []
    before: Pass | None = None
    first, last = stage == 0, stage == n_stages - 1
    for index in range(2 * (micro_batches + n_stages - 1)):
        backward = (index - stage) % 2 == 1
        m = (index - 2 * n_stages + 1 + stage if backward else index - stage) // 2
        step = Pass(backward, m) if 0 <= m < micro_batches else None
        exchange: Moves = []
        if before is not None and not (first if before.backward else last):
            exchange.append((Move("send", before),))
        if step is not None and not (last if backward else first):
            exchange.append((Move("receive", step),))
        moves += reversed(exchange) if backward else exchange
        if step is not None:
            moves.append((Move("compute", step),))
        before = step
    return moves


def megatron(stage: int, n_stages: int, micro_batches: int) -> Moves:
    """1F1B of Megatron-LM without interleaving: pairs of both directions in the steady state, single ones around it."""
    passes = one_forward_one_backward(stage, n_stages, micro_batches)
    first, last = stage == 0, stage == n_stages - 1
    ahead = min(n_stages - 1 - stage, micro_batches)
    steady = range(ahead, ahead + 2 * (micro_batches - ahead))
    moves: Moves = []
    received: set[Pass] = set()
    for index, step in enumerate(passes):
        if not (last if step.backward else first) and step not in received:
            moves.append((Move("receive", step),))
        moves.append((Move("compute", step),))
        batch = [] if (first if step.backward else last) else [Move("send", step)]
        following = passes[index + 1] if index in steady and index + 1 in steady else None
        if following is not None and not (last if following.backward else first):
            batch.append(Move("receive", following))
            received.add(following)
        if batch:
            moves.append(tuple(batch))
    return moves


@dataclass(frozen=True)
class Runtime:
    """How a runtime runs its stages.

    `meets`: a message starts when its receiver has come to it too, and both wait until it has left; otherwise it starts
    when its sender has come to it, which waits alone. `barrier`: gradients are summed when all stages are done.
    """

    moves: Callable[[int, int, int], Moves]
    meets: bool
    barrier: bool


RUNTIMES: dict[Sends, Runtime] = {
    "deepspeed": Runtime(deepspeed, meets=False, barrier=True),
    "megatron": Runtime(megatron, meets=True, barrier=False),
    "rendezvous": Runtime(deepspeed, meets=True, barrier=True),
}
"""Those that hold a stage up for messages; where sends are overlapped no runtime is needed."""
