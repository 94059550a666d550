"""The ways in which a peer can run the model: in how many pieces, and how many micro-batches a pass.

The paper keeps the model in host memory and swaps pieces of it through the card, cut so that loading hides behind
computing (ATOM, arXiv 2403.10504); the formulas are this project's own. Forward, each piece loads the next one; at the
turn nothing is loaded; backward, with recomputation, each loads the one before it and sends away the gradients of the
one after, both directions at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from tasklet_bench.problems.atom.options import AtomOptions
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.pipeline_model.devices import BYTES_PER_GB, Devices
from tasklet_bench.problems.pipeline_model.model import BYTES_PER_PARAMETER, LAYER_AT_WORK_BYTES, MODELS, Model

ON_CARD_BYTES = 4.0
"""Weights and gradients of a piece in fp16, per parameter."""
ACTIVATION_BYTES = 2.0
LOADED_BYTES = 2.0
"""Weights in fp16, per parameter, over the host link."""


@dataclass(frozen=True)
class Menu:
    """The ways of one peer: (pieces G, accumulation a), pieces first, both ascending; `cycle_s` is a pass of each."""

    ways: tuple[tuple[int, int], ...]
    cycle_s: tuple[float, ...]

    @property
    def rates(self) -> tuple[float, ...]:
        """Micro-batches a second of each way, if passes never end too late."""
        return tuple(a / t for (_, a), t in zip(self.ways, self.cycle_s, strict=True))

    @property
    def fastest(self) -> int:
        """The way with the most micro-batches a second; of those that tie, the smallest accumulation, then the first.

        All ways whose swaps hide tie but for rounding, so that a tie is 1e-12 relative.
        """
        best = max(self.rates)
        tied = [w for w, rate in enumerate(self.rates) if rate >= best * (1 - 1e-12)]
        return min(tied, key=lambda w: (self.ways[w][1], w))


def build_menus(devices: Devices, model: Model, options: AtomOptions, source: str) -> tuple[Menu, ...]:
    """The menu of each device; raises `BadInput` naming a peer that cannot hold the model, and what would fit."""
    menus: dict[tuple[float, float, float], Menu] = {}
    row = []
    for i in range(devices.n_devices):
        figures = (float(devices.flops[i]), float(devices.memory_bytes[i]), float(devices.host_link_bytes_s[i]))
        _check_host(devices, i, model, source)
        if figures not in menus:
            menus[figures] = _menu(*figures, model, options)
        if not menus[figures].ways:
            least = min(card_bytes(pieces, a, model, options) for pieces, a in all_ways(model, options))
            raise BadInput.at(
                source,
                f"memory of {_peer(devices, i)}",
                f"{devices.memory_bytes[i] / BYTES_PER_GB:.4g} GB",
                f"at least {least / BYTES_PER_GB:.4g} GB, which {model.layers} layers of hidden size {model.hidden} "
                "need in their smallest pieces",
            )
        row.append(menus[figures])
    return tuple(row)


def all_ways(model: Model, options: AtomOptions) -> list[tuple[int, int]]:
    """All pairs of a divisor of L and an accumulation, pieces first, both ascending."""
    divisors = [g for g in range(1, model.layers + 1) if model.layers % g == 0]
    return [(pieces, a) for pieces in divisors for a in options.accumulations]


def card_bytes(pieces: int, accumulation: int, model: Model, options: AtomOptions) -> float:
    """Memory that a way takes on the card: two pieces, inputs of all pieces, checkpoints of one, a layer at work.

    Two pieces hold as many weights as one; only three and more save some.
    """
    layers = model.layers / pieces
    edge = options.micro_batch * model.edge_elements
    return (
        min(2, pieces) * ON_CARD_BYTES * model.parameters_per_layer * layers
        + accumulation * pieces * ACTIVATION_BYTES * edge
        + layers * ACTIVATION_BYTES * edge
        + LAYER_AT_WORK_BYTES * edge
    )


def cycle_seconds(
    pieces: int, accumulation: int, flops: float, host_link_bytes_s: float, model: Model, options: AtomOptions
) -> float:
    """Seconds of one pass of so many micro-batches through the model in pieces."""
    layers = model.layers / pieces
    forward_s = accumulation * options.micro_batch * layers * model.forward_flops / flops
    load_s = LOADED_BYTES * model.parameters_per_layer * layers / host_link_bytes_s
    if pieces == 1:
        return 4.0 * forward_s
    return (pieces - 1) * max(forward_s, load_s) + forward_s + pieces * max(3.0 * forward_s, load_s)


def swaps_hide(accumulation: int, flops: float, host_link_bytes_s: float, model: Model, options: AtomOptions) -> bool:
    """Whether a piece computes at least as long as the next one loads, in however many pieces."""
    forward_s = accumulation * options.micro_batch * model.forward_flops / flops
    return forward_s >= LOADED_BYTES * model.parameters_per_layer / host_link_bytes_s


def _menu(flops: float, memory_bytes: float, host_link: float, model: Model, options: AtomOptions) -> Menu:
    ways = tuple(way for way in all_ways(model, options) if card_bytes(*way, model, options) <= memory_bytes)
    return Menu(ways, tuple(cycle_seconds(*way, flops, host_link, model, options) for way in ways))


def _check_host(devices: Devices, device: int, model: Model, source: str) -> None:
    per_layer = BYTES_PER_PARAMETER * model.parameters_per_layer
    host = float(devices.host_memory_bytes[device])
    if per_layer * model.layers > host:
        fitting = [
            name for name, m in MODELS.items() if BYTES_PER_PARAMETER * m.parameters_per_layer * m.layers <= host
        ]
        raise BadInput.at(
            source,
            f"host memory of {_peer(devices, device)}",
            f"{host / BYTES_PER_GB:.4g} GB",
            f"at least {per_layer * model.layers / BYTES_PER_GB:.4g} GB for the whole model; "
            f"there fit {int(host // per_layer)} such layers, or {', '.join(fitting) or 'no model of the catalogue'}",
        )


def _peer(devices: Devices, device: int) -> str:
    return f"device {device} of site {devices.sites[int(devices.site_of[device])].name!r}"
