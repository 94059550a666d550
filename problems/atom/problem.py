"""Who takes part in data parallelism, and how each peer swaps the model: a global batch shall take little time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.atom import bound, show, starts
from tasklet_bench.problems.atom.menu import Menu, build_menus
from tasklet_bench.problems.atom.options import AtomOptions
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.decisions import Choice, Grouping, Product
from tasklet_bench.problems.drawing import Drawing
from tasklet_bench.problems.pipeline_model.devices import Devices, digest
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.problem import Cost, InvalidCandidate, Problem
from tasklet_bench.problems.topology import Site

if TYPE_CHECKING:
    from tasklet_bench.problems.atom.evaluate import Pack

Candidate = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class AtomProblem(Problem):
    """Label 1 takes part; each peer chooses a way of its menu, which counts for those that take part alone.

    `assumptions` says which figures of the devices are not measured; it changes nothing. Raises `BadInput` for
    a batch that is no whole number of micro-batches, and for a peer that cannot hold the model.
    """

    name: str
    devices: Devices
    model: Model
    options: AtomOptions
    family: str = "atom"
    assumptions: str = ""

    def __post_init__(self) -> None:
        sequences, b = self.model.sequences_per_iteration, self.options.micro_batch
        if sequences % b:
            fitting = ", ".join(str(d) for d in range(1, min(b, sequences) + 1) if sequences % d == 0)
            raise BadInput.at(self.name, "micro_batch", f"{b} for {sequences} sequences", f"a divisor: {fitting}, …")
        _ = self.menus

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.devices.sites

    @cached_property
    def menus(self) -> tuple[Menu, ...]:
        """The ways of each peer."""
        return build_menus(self.devices, self.model, self.options, self.name)

    @cached_property
    def decision(self) -> Product:
        """Who takes part, at least one peer, and a way for each."""
        n = self.devices.n_devices
        return Product((Grouping(n, (0, 1), (n, n)), Choice(tuple(len(menu.ways) for menu in self.menus))))

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of devices, links, model and options; menus follow from them."""
        return digest(self.family, self.devices, self.model, self.options.to_json())

    @property
    def micro_batches(self) -> int:
        """Micro-batches of a global batch, m = B/b."""
        return self.model.sequences_per_iteration // self.options.micro_batch

    @property
    def gradient_bytes(self) -> float:
        """Bytes of the gradients of the whole model."""
        return self.options.bytes_per_gradient * self.model.parameters_per_layer * self.model.layers

    @cached_property
    def pack(self) -> Pack:
        """The instance in the form that compiled code takes, with scratch memory."""
        from tasklet_bench.problems.atom.evaluate import pack_problem

        return pack_problem(self)

    def __getstate__(self) -> dict[str, object]:
        """A copy makes scratch memory of its own."""
        return {name: value for name, value in self.__dict__.items() if name != "pack"}

    def cost(self, candidate: Any) -> Cost:
        """Score labels and ways, a pair of `(N,)`: seconds of computing, and of the exchange of gradients."""
        from tasklet_bench.problems.atom.evaluate import evaluate

        takes_part, ways = candidate if _is_plain(candidate) else _plain(self.decision.check(candidate))
        n = self.devices.n_devices
        compute_s = allreduce_s = np.nan
        if len(takes_part) == n == len(ways):
            compute_s, allreduce_s = evaluate(self.pack, takes_part, ways)
        if compute_s != compute_s:  # nan: no member, and this says why
            self.decision.check((takes_part, ways))
        return Cost(compute_s + allreduce_s, {"compute_s": compute_s, "allreduce_s": allreduce_s})

    def judge(self, candidate: Any) -> Cost:
        """Score labels and ways by the passes in the order in which they finish."""
        from tasklet_bench.problems.atom.judge import judge

        takes_part, ways = self.decision.check(candidate)
        return judge(self, takes_part.tolist(), ways.tolist())

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds)."""
        rates = np.array([max(menu.rates) for menu in self.menus])
        return bound.lower_bound(self.devices, rates, self.micro_batches, self.gradient_bytes)

    def starts(self) -> Mapping[str, Candidate]:
        """Everybody, prefixes by rate and by network, and dropping, with the fastest and with hidden ways."""
        return starts.baselines(self)

    def complete(self, candidate: Any) -> Candidate:
        """The same decision with the first way for peers that stay out, which counts for nothing."""
        takes_part, ways = self.decision.check(candidate)
        return takes_part, np.where(takes_part == 1, ways, 0)

    def facts(self) -> Mapping[str, str | int | float]:
        """What the instance is, by heading."""
        return show.facts(self)

    def kinds(self) -> Mapping[str, str]:
        """Kinds of the instance, by dimension."""
        return show.kinds(self)

    def drawing(self, candidate: Any) -> Drawing:
        """Who takes part by way, who stays out, and the slowest links of the exchange."""
        takes_part, ways = self.decision.check(candidate)
        return show.drawing(self, takes_part, ways)

    def candidate_to_json(self, candidate: Any) -> dict[str, Any]:
        """A pair as `{"pieces_and_accumulation": [[G, a] or null, ...]}`; null stays out."""
        takes_part, ways = self.decision.check(candidate)
        chosen = zip(self.menus, takes_part.tolist(), ways.tolist(), strict=True)
        return {"pieces_and_accumulation": [list(menu.ways[way]) if part else None for menu, part, way in chosen]}

    def candidate_from_json(self, data: Mapping[str, Any]) -> Candidate:
        """Read such an object; what else stands in it is ignored."""
        if "pieces_and_accumulation" not in data:
            raise InvalidCandidate(f"found keys {', '.join(data) or 'none'}, expected pieces_and_accumulation")
        rows = data["pieces_and_accumulation"]
        if not isinstance(rows, list) or len(rows) != len(self.menus):
            result = f"{len(rows)} entries" if isinstance(rows, list) else type(rows).__name__
            raise InvalidCandidate(f"pieces_and_accumulation: found {result}, expected {len(self.menus)}, one a device")
        both = enumerate(zip(self.menus, rows, strict=True))
        ways = np.array([0 if row is None else _way(menu, i, row) for i, (menu, row) in both])
        takes_part = np.array([int(row is not None) for row in rows])
        pair: Candidate = self.decision.check((takes_part, ways))
        return pair


def _way(menu: Menu, device: int, row: Any) -> int:
    if isinstance(row, list) and tuple(row) in menu.ways:
        return menu.ways.index(tuple(row))
    known = ", ".join(f"[{pieces}, {a}]" for pieces, a in menu.ways[:8]) + (", …" if len(menu.ways) > 8 else "")
    raise InvalidCandidate(
        f"pieces_and_accumulation[{device}]: found {row!r}, "
        f"expected null or one of {len(menu.ways)} ways that fit: {known}"
    )


def _is_plain(candidate: Any) -> bool:
    """Whether both parts are arrays that compiled code takes as they are."""
    return (
        isinstance(candidate, tuple)
        and len(candidate) == 2
        and all(
            type(part) is np.ndarray and part.dtype == np.int64 and part.ndim == 1 and part.flags.c_contiguous
            for part in candidate
        )
    )


def _plain(candidate: tuple[Any, Any]) -> Candidate:
    return np.ascontiguousarray(candidate[0]), np.ascontiguousarray(candidate[1])
