"""What a simulation assumes about how an iteration is run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from tasklet_bench.problems.bad_input import BadInput

Schedule = Literal["gpipe", "1f1b"]
Collective = Literal["direct", "shifted", "ring", "tree"]
Sharing = Literal["independent", "nic", "site"]


@dataclass(frozen=True)
class SimulationOptions:
    """How the micro-batches, the gradients and the links of an iteration are handled.

    `tflops` is the speed of devices whose site declares none; None leaves them without one. Speeds are multiplied by
    `efficiency`, the share of it that training reaches. `nic_gbps` is a device's rate in each direction under `nic`
    sharing; None takes its fastest link. Raises `BadInput` for a value that makes no sense.
    """

    schedule: Schedule = "gpipe"
    micro_batches: int = 8
    collective: Collective = "direct"
    sharing: Sharing = "independent"
    tflops: float | None = None
    efficiency: float = 1.0
    nic_gbps: float | None = None

    def __post_init__(self) -> None:
        for field, choices in (("schedule", Schedule), ("collective", Collective), ("sharing", Sharing)):
            if getattr(self, field) not in get_args(choices):
                raise BadInput.unknown(field, str(getattr(self, field)), get_args(choices))
        if not isinstance(self.micro_batches, int) or self.micro_batches < 1:
            raise BadInput.at("simulation", "micro_batches", self.micro_batches, "a whole number of at least 1")
        for field in ("tflops", "nic_gbps"):
            value = getattr(self, field)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise BadInput.at("simulation", field, value, "a finite number above 0")
        if not 0 < self.efficiency <= 1:
            raise BadInput.at("simulation", "efficiency", self.efficiency, "a number above 0 and at most 1")
