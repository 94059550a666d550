"""How many bytes a training iteration moves: from a preset or from a transformer's shape."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasklet_bench.problems.profile import Profile

BYTES_PER_FP32 = 4
BYTES_PER_FP16 = 2


@dataclass(frozen=True)
class Shape:
    """D pipelines (replicas) of K stages each, written D×K."""

    data_parallel: int
    pipeline_parallel: int

    def __post_init__(self) -> None:
        for name, value in (("data_parallel", self.data_parallel), ("pipeline_parallel", self.pipeline_parallel)):
            if value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1")

    @property
    def n_devices(self) -> int:
        """Number of tasklets, and so of devices."""
        return self.data_parallel * self.pipeline_parallel

    def __str__(self) -> str:
        return f"{self.data_parallel}×{self.pipeline_parallel}"


@dataclass(frozen=True)
class Workload:
    """Bytes of gradients of one stage (`c_dp`) and of activations of one macro-batch at a stage boundary (`c_pp`).

    `transformer` is the model that they come from, where one is known, and `profile` what its layers cost, where that
    was measured; two workloads of equal bytes are equal.
    """

    gradient_bytes: float
    activation_bytes: float
    transformer: Transformer | None = field(default=None, compare=False, repr=False)
    profile: Profile | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in (("gradient_bytes", self.gradient_bytes), ("activation_bytes", self.activation_bytes)):
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} is {value}, expected a finite number of at least 0")


@dataclass(frozen=True)
class Transformer:
    """A model's shape and its global batch: enough to know the bytes at any D×K.

    Gradients are fp32 (12·hidden² parameters a layer), activations fp16, as in the paper's workload.
    """

    layers: int
    hidden: int
    sequence_length: int
    sequences_per_iteration: int

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")

    @property
    def layer_parameters(self) -> int:
        """Parameters of one layer."""
        return 12 * self.hidden**2

    def workload(self, shape: Shape) -> Workload:
        """Bytes of the largest stage's gradients and of one pipeline's macro-batch, for D×K."""
        layers_per_stage = math.ceil(self.layers / shape.pipeline_parallel)
        sequences_per_pipeline = self.sequences_per_iteration / shape.data_parallel
        return Workload(
            gradient_bytes=float(layers_per_stage * 12 * self.hidden**2 * BYTES_PER_FP32),
            activation_bytes=sequences_per_pipeline * self.sequence_length * self.hidden * BYTES_PER_FP16,
            transformer=self,
        )


GPT3_XL_REFERENCE = Workload(gradient_bytes=0.65e9, activation_bytes=0.47124922275543213e9)
"""The released scheduler's constants, at any shape (its slips included: they are what its published values need)."""

PRESETS: dict[str, Workload | Transformer] = {
    "gpt3-xl-reference": GPT3_XL_REFERENCE,
    "gpt2-small": Transformer(layers=12, hidden=768, sequence_length=1024, sequences_per_iteration=480),
    "gpt3-xl": Transformer(layers=24, hidden=2048, sequence_length=2048, sequences_per_iteration=512),
    "llama-7b": Transformer(layers=32, hidden=4096, sequence_length=2048, sequences_per_iteration=2048),
    "llama-13b": Transformer(layers=40, hidden=5120, sequence_length=2048, sequences_per_iteration=2048),
    "llama2-70b": Transformer(layers=80, hidden=8192, sequence_length=4096, sequences_per_iteration=1024),
    "gpt3-175b": Transformer(layers=96, hidden=12288, sequence_length=2048, sequences_per_iteration=1536),
}
"""Workloads by name. Shapes of real models: `gpt2-small` as configured in github.com/WangZesen/
Decentralized-Training-Exp at commit 6817039; `llama-7b` and `llama-13b` from Touvron et al., "LLaMA" (arXiv
2302.13971), table 2, and `llama2-70b` from "Llama 2" (arXiv 2307.09288), batches of 4 Mi tokens in both; `gpt3-175b`
from Brown et al. (arXiv 2005.14165), table 2.1, with the 1,536 sequences of Narayanan et al. (arXiv 2104.04473)."""


def workload_of_preset(name: str, shape: Shape) -> Workload:
    """The workload of a preset at a shape; raises `KeyError` for an unknown name."""
    preset = PRESETS[name]
    return preset if isinstance(preset, Workload) else preset.workload(shape)
