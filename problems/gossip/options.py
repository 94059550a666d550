"""What an instance of gossip assumes about how models are exchanged."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tasklet_bench.problems.validation import StrictModel

Mixing = Literal["one-peer-exp", "ring", "complete", "alternating-exp-ring"]


class GossipOptions(StrictModel):
    """The schedule, what runs beside the exchange, and how computing varies.

    `mixing` and `local` (ranks of a host, for alternating-exp-ring alone) choose the schedule; `local_steps` steps of
    computing come between two exchanges; `jitter` is the deviation of the logarithm of computing, drawn from `draw`.
    """

    mixing: Mixing = "one-peer-exp"
    local: int = Field(default=1, ge=1)
    overlap: Literal["delayed", "backward", "none"] = "delayed"
    local_steps: int = Field(default=1, ge=1)
    jitter: float = Field(default=0.0, ge=0, le=3)
    draw: int = Field(default=0, ge=0)
    bytes_per_parameter: float = Field(default=4.0, gt=0)
