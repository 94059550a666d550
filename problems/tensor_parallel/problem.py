"""Which shape a model takes on N devices and where each rank runs, scored by the seconds of an iteration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.decisions import Choice, Permutation, Product
from tasklet_bench.problems.pipeline_model.devices import Devices, digest
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.problem import Cost, InvalidCandidate, Problem
from tasklet_bench.problems.tensor_parallel.judge import PARTS, Placement, judge
from tasklet_bench.problems.tensor_parallel.options import TensorParallelOptions
from tasklet_bench.problems.tensor_parallel.shape_table import ShapeTable, build_table
from tasklet_bench.problems.tensor_parallel.shapes import TensorShape, list_shapes
from tasklet_bench.problems.topology import Site

if TYPE_CHECKING:
    from tasklet_bench.problems.drawing import Drawing

Order = NDArray[np.int64]
Chosen = tuple[NDArray[np.int64], Order]
"""A candidate: the number of its shape, `(1,)`, and the devices by rank, `(N,)`; the last ones stay idle."""


@dataclass(frozen=True, eq=False)
class TensorParallelProblem(Problem):
    """Devices, a model, and the limits of the list of shapes. Raises `BadInput` where no shape fits.

    Sources: the modes are Colossal-AI's (arXiv 2110.14883), the order of ranks and `1d-sequence` Megatron's.
    """

    name: str
    devices: Devices
    model: Model
    options: TensorParallelOptions = field(default_factory=TensorParallelOptions)
    family: str = "tensor-parallel"

    def __post_init__(self) -> None:
        _ = self.shapes

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.devices.sites

    @cached_property
    def shapes(self) -> tuple[TensorShape, ...]:
        """The shapes to choose from, in a fixed order."""
        return list_shapes(self.model, self.devices.n_devices, self.options, self.name)

    @cached_property
    def table(self) -> ShapeTable:
        """What each shape fixes, as arrays."""
        return build_table(self.shapes, self.model)

    @cached_property
    def rates(self) -> NDArray[np.float64]:
        """Speed, memory and host link of each device (operations/s, bytes, bytes/s), shape `(3, N)`."""
        rates = np.array([self.devices.flops, self.devices.memory_bytes, self.devices.host_link_bytes_s])
        rates.flags.writeable = False
        return rates

    @cached_property
    def world(self) -> tuple[int, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Layers, rates `(3, N)`, delays and bandwidths `(N, N)`: what compiled code takes beside a row of the table.

        All arrays are read-only, in a copy of the problem as well: compiled code is compiled again for any other kind.
        """
        links = self.devices.delay_s.view(), self.devices.bandwidth_bytes_s.view()
        for matrix in links:
            matrix.flags.writeable = False
        return (self.model.layers, self.rates, *links)

    def __getstate__(self) -> dict[str, object]:
        """A copy works out again what follows from devices, model and options."""
        return {name: value for name, value in self.__dict__.items() if name in self.__dataclass_fields__}

    @property
    def decision(self) -> Product:
        """A shape, and an order of the devices."""
        return Product((Choice((len(self.shapes),)), Permutation(self.devices.n_devices)))

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of devices, links, model and options; network cards and host memory play no part."""
        cards = ("upload_bytes_s", "download_bytes_s")
        return digest(self.family, self.devices, self.model, asdict(self.options), unused=cards)

    def cost(self, candidate: Any) -> Cost:
        """Seconds of an iteration: computing, tensor exchange, spilled memory, boundaries, gradients."""
        from tasklet_bench.problems.tensor_parallel.evaluate import score

        number, order = self._arrays(candidate)
        whole, real = self.table
        parts_s = score(whole[number], real[number], *self.world, order)
        if parts_s[0] != parts_s[0]:  # nan: no order, and this says where
            self.decision.check(candidate)
        return Cost(sum(parts_s), dict(zip(PARTS, parts_s, strict=True)))

    def judge(self, candidate: Any) -> Cost:
        """The same by plain loops over ranks."""
        parts_s = judge(self.placement(candidate))
        return Cost(sum(parts_s.values()), parts_s)

    def placement(self, candidate: Any) -> Placement:
        """The candidate's shape with the device of each rank."""
        chosen, order = self.decision.check(candidate)
        return Placement(self.shapes[int(chosen[0])], order.tolist(), self.model, self.devices)

    def bound(self) -> float:
        """The least of the shapes' bounds (in seconds); loose across wide areas."""
        return float(self.shape_bounds.min())

    @cached_property
    def shape_bounds(self) -> NDArray[np.float64]:
        """A lower bound on the cost of each shape (in seconds), shape `(S,)`."""
        from tasklet_bench.problems.tensor_parallel.bound import shape_bounds

        bounds_s = shape_bounds(self.table, self.model, self.devices)
        bounds_s.flags.writeable = False
        return bounds_s

    def starts(self) -> Mapping[str, Chosen]:
        """Grid search over all shapes on the host list and on a shuffled one, and a rule of thumb."""
        from tasklet_bench.problems.tensor_parallel.starts import find_starts

        return find_starts(self)

    def neighbour(self, candidate: Chosen, rng: np.random.Generator) -> Chosen:
        """Ranks, tensor groups or stages move, or the shape becomes one that differs in few numbers."""
        from tasklet_bench.problems.tensor_parallel.neighbour import find_neighbour

        return find_neighbour(self, candidate, rng)

    def facts(self) -> Mapping[str, str | int | float]:
        """Model, devices, memory and shapes, by heading."""
        from tasklet_bench.problems.tensor_parallel.description import list_facts

        return list_facts(self)

    def kinds(self) -> Mapping[str, str]:
        """Number of devices, their kinds, and whether memory decides."""
        from tasklet_bench.problems.tensor_parallel.description import list_kinds

        return list_kinds(self)

    def candidate_to_json(self, candidate: Any) -> dict[str, Any]:
        """`{"shape": {…}, "order": [device of each rank, then idle ones]}`."""
        chosen, order = self.decision.check(candidate)
        return {"shape": self.shapes[int(chosen[0])].to_json(), "order": order.tolist()}

    def candidate_from_json(self, data: Mapping[str, Any]) -> Chosen:
        """Read such an object, other keys ignored; raises `InvalidCandidate` for anything else."""
        from tasklet_bench.problems.tensor_parallel.candidate_file import read_candidate

        return read_candidate(self, data)

    def drawing(self, candidate: Any) -> Drawing:
        """Tensor groups by stage and replica, and the links of boundaries and gradients."""
        from tasklet_bench.problems.tensor_parallel.picture import draw

        return draw(self.placement(candidate))

    def _arrays(self, candidate: Any) -> tuple[int, Order]:
        """Number of the shape and an order of the right length; raises `InvalidCandidate` for anything else."""
        try:
            (number,), order = candidate
        except (TypeError, ValueError):
            self.decision.check(candidate)
            raise InvalidCandidate("expected the number of a shape and an order of devices") from None
        n = self.devices.n_devices
        if not (isinstance(order, np.ndarray) and order.dtype == np.int64 and order.shape == (n,)):
            (number,), order = self.decision.check(candidate)
        elif not (isinstance(number, (int, np.integer)) and 0 <= number < len(self.shapes)):
            self.decision.check(candidate)
        return int(number), np.array(order, order="C")
