"""What a simulation assumes about how an iteration is run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from tasklet_bench.problems.bad_input import BadInput

Schedule = Literal["gpipe", "1f1b", "interleaved", "zb-h1"]
Collective = Literal["direct", "shifted", "ring", "tree"]
Sharing = Literal["independent", "nic", "site"]
Sends = Literal["overlapped", "deepspeed", "megatron", "rendezvous"]
Exchange = Literal["runtime", "ready", "barrier", "overlapped"]
Recomputation = Literal["none", "full"]
Update = Literal["apart", "counted"]
Memory = Literal["reported", "priced", "required"]

MOST_MICRO_BATCHES = 65_536
MOST_CHUNKS = 1024
"""More are nobody's, and a digit too many would simulate for hours."""
SAILOR_RECEIVE_GBPS = 80.0
"""Rate (10 GB/s) at which Sailor's engine copies a zero buffer of the whole activation to the device at each receive.

The copy stands in its source (`reconstruct_tensor`, `deepspeed/utils.py`, eth-easl/sailor@cf2c8e3); the rate is printed
nowhere: it is the best of four round rates tried on its runs, so errors with it are no test of the model.
"""

_CHOICES = {
    "schedule": Schedule,
    "collective": Collective,
    "sharing": Sharing,
    "sends": Sends,
    "exchange": Exchange,
    "recomputation": Recomputation,
    "update": Update,
    "memory": Memory,
}


@dataclass(frozen=True)
class SimulationOptions:
    """How the micro-batches, the gradients and the links of an iteration are handled.

    `tflops` is the speed of devices whose site declares none; None leaves them without one. Speeds are multiplied by
    `efficiency`, the share of it that training reaches, or by that of the device's type in `efficiency_of`. `nic_gbps`
    is a device's rate in each direction under `nic` sharing; None takes its fastest link. `sends` is the runtime whose
    way of sending is taken, and `exchange` when gradients are: `runtime` as that runtime does, `ready` as soon as a
    device is done, `barrier` when all are, `overlapped` in pieces along the last backward pass. `chunks` is how many
    pieces of a model a device holds in the interleaved schedule. `receive_gbps` is a rate at which a device pays for
    each activation received; None takes none. An iteration ends with the last summed gradient; `update` says whether
    updating the weights counts as well. `memory` says what becomes of a stage that does not fit its device.
    Raises `BadInput` for a value that makes no sense, alone or with the others.
    """

    schedule: Schedule = "gpipe"
    micro_batches: int = 8
    collective: Collective = "direct"
    sharing: Sharing = "independent"
    tflops: float | None = None
    efficiency: float = 1.0
    nic_gbps: float | None = None
    sends: Sends = "overlapped"
    exchange: Exchange = "runtime"
    recomputation: Recomputation = "none"
    chunks: int = 2
    receive_gbps: float | None = None
    efficiency_of: tuple[tuple[str, float], ...] = ()
    update: Update = "apart"
    memory: Memory = "reported"

    def __post_init__(self) -> None:
        for field, choices in _CHOICES.items():
            if getattr(self, field) not in get_args(choices):
                raise BadInput.unknown(field, str(getattr(self, field)), get_args(choices))
        for field, least, most in (("micro_batches", 1, MOST_MICRO_BATCHES), ("chunks", 2, MOST_CHUNKS)):
            value = getattr(self, field)
            if not isinstance(value, int) or not least <= value <= most:
                expected = f"a whole number of at least {least}, at most {most}"
                raise BadInput.at("simulation", field, value, expected)
        for field in ("tflops", "nic_gbps", "receive_gbps"):
            value = getattr(self, field)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise BadInput.at("simulation", field, value, "a finite number above 0")
        for field, value in (
            ("efficiency", self.efficiency),
            *(("efficiency_of", share) for _, share in self.efficiency_of),
        ):
            if not 0 < value <= 1:
                raise BadInput.at("simulation", field, value, "a number above 0 and at most 1")
        self._check_combination()

    def _check_combination(self) -> None:
        if self.sends != "overlapped" and self.schedule != "1f1b":
            raise BadInput.at(
                "simulation", "sends", f"{self.sends} with {self.schedule}", "schedule 1f1b, or overlapped"
            )
        if self.receive_gbps is not None and self.sends == "overlapped":
            raise BadInput.at("simulation", "receive_gbps", "it with overlapped sends", "sends of a runtime that waits")
        if self.recomputation != "none" and self.schedule == "zb-h1":
            raise BadInput.at("simulation", "recomputation", "it with zb-h1", "another schedule")

    @property
    def held_chunks(self) -> int:
        """Pieces of the model that a device holds."""
        return self.chunks if self.schedule == "interleaved" else 1
