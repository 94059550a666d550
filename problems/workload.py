"""How many bytes a training iteration moves: from a preset or from a transformer's shape."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
    """Bytes of gradients of one stage (`c_dp`) and of activations of one macro-batch at a stage boundary (`c_pp`)."""

    gradient_bytes: float
    activation_bytes: float

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

    def workload(self, shape: Shape) -> Workload:
        """Bytes of the largest stage's gradients and of one pipeline's macro-batch, for D×K."""
        layers_per_stage = math.ceil(self.layers / shape.pipeline_parallel)
        sequences_per_pipeline = self.sequences_per_iteration / shape.data_parallel
        return Workload(
            gradient_bytes=float(layers_per_stage * 12 * self.hidden**2 * BYTES_PER_FP32),
            activation_bytes=sequences_per_pipeline * self.sequence_length * self.hidden * BYTES_PER_FP16,
        )


GPT3_XL_REFERENCE = Workload(gradient_bytes=0.65e9, activation_bytes=0.47124922275543213e9)
"""The released scheduler's constants, at any shape (its slips included: they are what its published values need)."""

PRESETS: dict[str, Workload | Transformer] = {
    "gpt3-xl-reference": GPT3_XL_REFERENCE,
    "gpt3-xl": Transformer(layers=24, hidden=2048, sequence_length=2048, sequences_per_iteration=512),
}


def workload_of_preset(name: str, shape: Shape) -> Workload:
    """The workload of a preset at a shape; raises `KeyError` for an unknown name."""
    preset = PRESETS[name]
    return preset if isinstance(preset, Workload) else preset.workload(shape)
