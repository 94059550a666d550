"""What a model that every device holds weighs, and how long a device computes on its share of an iteration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.collective.devices import Devices
from tasklet_bench.problems.workload import BYTES_PER_FP32, PRESETS, Transformer

MODELS: dict[str, Transformer] = {name: preset for name, preset in PRESETS.items() if isinstance(preset, Transformer)}
"""Presets that say what the model is, not only how many bytes it moves."""

DEFAULT_MODEL = "gpt2-small"


def parameters(model: Transformer) -> int:
    """Number of parameters: 12·hidden² in each layer; embeddings are left out."""
    return 12 * model.layers * model.hidden**2


def message_bytes(model: Transformer, bytes_per_parameter: float = BYTES_PER_FP32) -> float:
    """Bytes of the whole model as it travels."""
    return float(parameters(model) * bytes_per_parameter)


def sequence_flops(model: Transformer) -> float:
    """Operations on one sequence, forward and backward.

    Per layer and sequence of length s at hidden size h: 24·s·h² for the matrices and 4·s²·h for the attention scores,
    and twice as much on the way back.
    """
    s, h = model.sequence_length, model.hidden
    return float(3 * model.layers * (24 * s * h**2 + 4 * s**2 * h))


def compute_seconds(model: Transformer, devices: Devices, local_steps: int = 1) -> NDArray[np.float64]:
    """Seconds that each device computes in an iteration, shape `(N,)`: an equal share of its sequences.

    `local_steps` such shares are worked on between two exchanges.
    """
    share = model.sequences_per_iteration / len(devices.flops_s)
    return np.asarray(local_steps * share * sequence_flops(model) / devices.flops_s)
