"""A transformer of equal layers and its global batch: parameters, operations and elements, by layer and sequence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tasklet_bench.problems.workload import PRESETS, Transformer

BYTES_PER_PARAMETER = 16.0
"""Weights and gradients in fp16 and Adam's fp32 copies: 2 + 2 + 12, the usual account of mixed precision."""
GRADIENT_BYTES_PER_PARAMETER = 4.0
"""Gradients travel in fp32."""
LAYER_AT_WORK_BYTES = 34.0
"""Activations of a layer at work, bytes per element of a sequence (Korthikanti et al., arXiv 2205.05198), without its
term for stored attention scores, which are taken to be computed anew."""


@dataclass(frozen=True)
class Model:
    """L equal layers of hidden size h with so many attention heads; B sequences of length s make an iteration.

    Embeddings are left out. Raises `ValueError` for a size below 1.
    """

    layers: int
    hidden: int
    heads: int
    sequence_length: int
    sequences_per_iteration: int

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")

    @property
    def parameters_per_layer(self) -> float:
        """Parameters of a layer: 12·h²."""
        return 12.0 * self.hidden**2

    @property
    def forward_flops(self) -> float:
        """Operations u of a layer's forward pass on one sequence: 24·s·h² for matrices, 4·s²·h for attention scores.

        The backward pass takes 2u; recomputing the forward pass takes u more.
        """
        s, h = self.sequence_length, self.hidden
        return float(24 * s * h**2 + 4 * s**2 * h)

    @property
    def edge_elements(self) -> float:
        """Elements e of one sequence at the edge of a layer: s·h."""
        return float(self.sequence_length * self.hidden)

    def with_batch(self, sequences: int = 0, sequence_length: int = 0) -> Model:
        """The same model with another global batch; 0 keeps what it has."""
        return replace(
            self,
            sequences_per_iteration=sequences or self.sequences_per_iteration,
            sequence_length=sequence_length or self.sequence_length,
        )


_HEADS = {"gpt3-xl": 16, "llama-7b": 32, "llama-13b": 40, "llama2-70b": 64, "gpt3-175b": 96}
"""Attention heads of the presets, from the papers that the workloads' shapes come from; 16 of 128 for gpt3-xl, as in
the released scheduler (the paper of GPT-3 prints 24, which 2,048 is no multiple of)."""

MODELS: dict[str, Model] = {
    **{
        name: Model(preset.layers, preset.hidden, heads, preset.sequence_length, preset.sequences_per_iteration)
        for name, heads in _HEADS.items()
        if isinstance(preset := PRESETS[name], Transformer)
    },
    "gpt3-2.7b": Model(layers=32, hidden=2560, heads=32, sequence_length=2048, sequences_per_iteration=512),
}
"""Models by name: the workloads of the catalogue that have a transformer's shape, and GPT-3 2.7B (arXiv 2005.14165,
table 2.1)."""


def split(total: int, parts: int) -> tuple[int, ...]:
    """Split a number into nearly equal whole parts: part j is ⌊(j+1)T/n⌋ − ⌊jT/n⌋.

    >>> split(24, 5)
    (4, 5, 5, 5, 5)
    """
    return tuple((j + 1) * total // parts - j * total // parts for j in range(parts))
