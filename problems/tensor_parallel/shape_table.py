"""What a shape fixes, whatever the devices are: sizes, bytes, hops and memory, a row for each shape of the list.

Sources: the exchanges of a linear layer are those that Colossal-AI's documentation states per mode (features
1D, 2D, 2p5D and 3D tensor parallelism); which matrix pays which share, and the sum over the four linear layers of a
transformer's layer (inputs 7X, weights 12h², outputs 9X; Megatron's four all-reduces of X for 1d), is our own reading.
34 bytes an element of activations: Korthikanti et al., arXiv 2205.05198, without its term for attention scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.tensor_parallel.shapes import TensorShape

TENSOR, STAGES, REPLICAS, MICRO_BATCHES, SIDE, AXES, WEIGHT_PARTS, DEPTH = range(8)
"""Columns of `whole`."""
(
    FLOP,
    RING_BYTES,
    RING_BYTES_2,
    RING_BYTES_3,
    RING_HOPS,
    STATE_BYTES,
    ACTIVATION_BYTES,
    BOUNDARY_BYTES,
    GRADIENT_BYTES,
    GRADIENT_HOPS,
) = range(10)
"""Columns of `real`."""

BYTES_PER_ELEMENT = 2
STATE_BYTES_PER_PARAMETER = 16
"""Adam in mixed precision: weights and gradients of 2 bytes, and 12 of the optimiser's."""
GRADIENT_BYTES_PER_PARAMETER = 4


class ShapeTable(NamedTuple):
    """Rows are shapes. `whole`: int64 `(S, 8)`; `real`: float64 `(S, 10)`, a layer's and a micro-batch's.

    Of `real`: operations of a device; bytes of the rings along each axis of the tensor grid, and their hops; bytes of
    weights with the optimiser's state; bytes of activations of one micro-batch in flight; bytes of a rank at a stage's
    boundary (not per layer); bytes and hops of the ring of gradients.
    """

    whole: NDArray[np.int64]
    real: NDArray[np.float64]


def build_table(shapes: Sequence[TensorShape], model: Model) -> ShapeTable:
    """Work out the rows."""
    whole = np.array([_whole_row(shape, model) for shape in shapes], dtype=np.int64)
    real = np.array([_real_row(shape, model) for shape in shapes], dtype=np.float64)
    whole.flags.writeable = real.flags.writeable = False
    return ShapeTable(whole, real)


def ring_axes(shape: TensorShape, model: Model) -> tuple[list[float], int]:
    """Bytes of the rings along each axis of the tensor grid, innermost first, and the hops of each.

    They are of one layer and micro-batch, forward and backward. Axis a joins the ranks t that differ in digit a of t to
    the base q; the depth of 2.5d exchanges nothing here.
    """
    q, x = shape.q, shape.micro_batch * model.edge_elements
    weights = model.parameters_per_layer
    if shape.tensor_devices == 1:
        return [], 0
    if shape.mode in ("1d", "1d-sequence"):
        return [BYTES_PER_ELEMENT * 8 * (q - 1) / q * x], 8 * (q - 1)
    if shape.mode in ("2d", "2.5d"):
        share = BYTES_PER_ELEMENT * 3 * (q - 1) / q
        return [share * 7 * x / shape.depth, share * weights], 12 * (q - 1)
    share = BYTES_PER_ELEMENT * 2 * (q - 1) / q**3
    return [share * 9 * x, share * 7 * x, share * weights], 8 * (q - 1)


def activation_bytes_per_element(shape: TensorShape) -> float:
    """Bytes of activations that a device keeps of an element at a layer's edge: only 1d does not cut all of them."""
    return 10 + 24 / shape.tensor_devices if shape.mode == "1d" else 34 / shape.tensor_devices


def _whole_row(shape: TensorShape, model: Model) -> list[int]:
    axes, _ = ring_axes(shape, model)
    return [
        shape.tensor_devices,
        shape.stages,
        shape.replicas,
        shape.micro_batches(model),
        shape.q,
        len(axes),
        shape.weight_parts,
        shape.depth,
    ]


def _real_row(shape: TensorShape, model: Model) -> list[float]:
    axes, hops = ring_axes(shape, model)
    x = shape.micro_batch * model.edge_elements
    part_parameters = model.parameters_per_layer / shape.weight_parts
    members = shape.replicas * shape.depth
    return [
        3 * shape.micro_batch * model.forward_flops / shape.tensor_devices,
        *axes,
        *[0.0] * (3 - len(axes)),
        hops,
        STATE_BYTES_PER_PARAMETER * part_parameters,
        activation_bytes_per_element(shape) * x,
        BYTES_PER_ELEMENT * x / (1 if shape.mode == "1d" else shape.tensor_devices),
        2 * (members - 1) / members * GRADIENT_BYTES_PER_PARAMETER * part_parameters,
        2 * (members - 1),
    ]


def stage_layers(layers: int, stages: NDArray[np.int64]) -> NDArray[np.int64]:
    """Layers of each stage of shapes with so many `stages` `(S,)`, 0 beyond a shape's last; shape `(S, most pp)`."""
    stage = np.arange(stages.max())[None, :]
    own = (stage + 1) * layers // stages[:, None] - stage * layers // stages[:, None]
    return np.where(stage < stages[:, None], own, 0)


def memory_needs(table: ShapeTable, layers: int) -> NDArray[np.float64]:
    """Bytes that a device needs in each stage of each shape, 0 beyond a shape's last; shape `(S, most pp)`.

    Weights with the optimiser's state, and the activations of as many micro-batches as 1F1B keeps in flight.
    """
    whole, real = table
    stages = whole[:, STAGES]
    own = stage_layers(layers, stages)
    flight = np.minimum(whole[:, MICRO_BATCHES, None], stages[:, None] - np.arange(own.shape[1])[None, :])
    return np.asarray(own * (real[:, STATE_BYTES, None] + flight * real[:, ACTIVATION_BYTES, None]))
