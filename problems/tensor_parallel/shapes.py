"""The shapes that a model can take on N devices: tensor mode × tensor group × stages × replicas × micro-batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.tensor_parallel.options import Mode, TensorParallelOptions

_ROUNDING = 1e-9


@dataclass(frozen=True)
class TensorShape:
    """How a model is cut: matrices into a grid of side `q` (and `depth`), layers into stages, the batch into replicas.

    Modes as in Colossal-AI (arXiv 2110.14883): `1d` and `1d-sequence` (Megatron's), `2d`, `2.5d`, `3d`.
    """

    mode: Mode
    q: int
    depth: int
    stages: int
    replicas: int
    micro_batch: int

    @property
    def tensor_devices(self) -> int:
        """Devices P of a tensor group."""
        return {"2d": self.q**2, "2.5d": self.depth * self.q**2, "3d": self.q**3}.get(self.mode, self.q)

    @property
    def weight_parts(self) -> int:
        """Parts W that the weights of a layer are cut into; a tensor group holds each P/W times."""
        return {"2d": self.q**2, "2.5d": self.q**2, "3d": self.q**3}.get(self.mode, self.q)

    @property
    def batch_rows(self) -> int:
        """Parts that the mode cuts a micro-batch into (Colossal-AI's splitting of the input)."""
        return {"2d": self.q, "2.5d": self.depth * self.q, "3d": self.q**2}.get(self.mode, 1)

    @property
    def devices(self) -> int:
        """Devices in use."""
        return self.tensor_devices * self.stages * self.replicas

    def micro_batches(self, model: Model) -> int:
        """Micro-batches m of a replica in an iteration."""
        return model.sequences_per_iteration // (self.replicas * self.micro_batch)

    def to_json(self) -> dict[str, Any]:
        """As it stands in a file of candidates."""
        return asdict(self)

    def __str__(self) -> str:
        grid = f"{self.q}×{self.q}×{self.depth}" if self.mode == "2.5d" else str(self.tensor_devices)
        return f"{self.mode} TP {grid} × PP {self.stages} × DP {self.replicas}, micro-batches of {self.micro_batch}"


def list_shapes(model: Model, n_devices: int, options: TensorParallelOptions, source: str) -> tuple[TensorShape, ...]:
    """All shapes that fit, in a fixed order; raises `BadInput` that says what would fit where none does."""
    shapes = tuple(shape for shape in _nested(model, n_devices, options) if _divides(shape, model))
    if not shapes:
        raise BadInput(f"{source}: {_why_none(model, n_devices, options)}")
    return shapes


def _nested(model: Model, n: int, options: TensorParallelOptions) -> Iterator[TensorShape]:
    """Shapes of the right number of devices, in the order of the list."""
    least = options.least_used * n - _ROUNDING
    for mode in options.modes:
        for q, depth in _grids(mode, min(options.most_tensor, n)):
            tensor = TensorShape(mode, q, depth, 1, 1, 1).tensor_devices
            for stages in range(1, min(model.layers, n // tensor) + 1):
                for replicas in range(1, n // (tensor * stages) + 1):
                    if tensor * stages * replicas >= least:
                        for micro_batch in options.micro_batch_sizes:
                            yield TensorShape(mode, q, depth, stages, replicas, micro_batch)


def _grids(mode: Mode, most_tensor: int) -> Iterator[tuple[int, int]]:
    """Sides and depths of the tensor groups of a mode, ascending."""
    for q in range(1 if mode == "1d" else 2, most_tensor + 1):
        for depth in range(2, q + 1) if mode == "2.5d" else (1,):
            if TensorShape(mode, q, depth, 1, 1, 1).tensor_devices <= most_tensor:
                yield q, depth


def _divides(shape: TensorShape, model: Model) -> bool:
    """Whether the grid divides the model's matrices, and micro-batches the batch."""
    return (
        _cuts_model(shape.mode, shape.q, model)
        and model.sequences_per_iteration % (shape.replicas * shape.micro_batch) == 0
        and shape.micro_batch % shape.batch_rows == 0
    )


def _cuts_model(mode: Mode, q: int, model: Model) -> bool:
    """Whether a grid of side q divides the heads, the hidden size and, where it cuts sequences, their length."""
    return not (model.heads % q or model.hidden % q or (mode == "1d-sequence" and model.sequence_length % q))


def _why_none(model: Model, n: int, options: TensorParallelOptions) -> str:
    """What no shape can do, and what would fit."""
    least = options.least_used * n - _ROUNDING
    grids = [(mode, grid) for mode in options.modes for grid in _grids(mode, options.most_tensor)]
    sides = [q for mode, (q, _) in grids if _cuts_model(mode, q, model)]
    if not sides:
        result = f"no tensor group of {', '.join(options.modes)} of at most {options.most_tensor} devices"
        fits = [q for q in range(1, 2 * model.heads) if model.heads % q == 0 and model.hidden % q == 0]
        return (
            f"{result} divides {model.heads} heads and hidden {model.hidden}, expected a side q that does: one of "
            f"{', '.join(map(str, fits))} (1 in mode 1d)"
        )
    used = [
        shape.devices
        for shape in _nested(model, n, TensorParallelOptions(options.modes, (1,), options.most_tensor, 1e-9))
        if _cuts_model(shape.mode, shape.q, model)
    ]
    if not used:
        smallest = min(TensorShape(mode, *grid, 1, 1, 1).tensor_devices for mode, grid in grids if grid[0] in sides)
        return f"the smallest tensor group takes {smallest} devices, found {n}, expected as many or another mode"
    if max(used) < least:
        most = max(used)
        return (
            f"no shape of a model of {model.layers} layers uses at least {options.least_used:g} of {n} devices; the "
            f"largest uses {most}, expected least_used of at most {most / n:.3g}"
        )
    sizes, batch = options.micro_batch_sizes, model.sequences_per_iteration
    return (
        f"no micro-batch of {', '.join(map(str, sizes))} sequences times a number of replicas divides "
        f"{batch} sequences_per_iteration for a shape of {n} devices, expected a size that does, such as 1"
    )
