"""Rules that an allocation must keep: devices that are pinned, never used, or kept together or apart.

A rule about replicas is one about whole grids: which pipeline a device stands in depends on the wiring. A problem with
such a rule decides the cell of each device; any other one decides its stage, and wiring stays free.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.workload import Shape

Place = Literal["stage", "replica"]


@dataclass(frozen=True)
class Pin:
    """A device that must be used: at a stage, in a replica (pipeline), or both."""

    device: int
    stage: int | None = None
    replica: int | None = None


@dataclass(frozen=True)
class Bond:
    """Devices of which all that are used stand in one stage or replica, or no two of them do; spares are free."""

    devices: tuple[int, ...]
    place: Place


class Contradiction(ValueError):
    """Rules that no allocation keeps: which `field`, what was `found` and what was `expected`."""

    def __init__(self, field: str, found: str, expected: str) -> None:
        super().__init__(f"{field}: found {found}, expected {expected}")
        self.field, self.found, self.expected = field, found, expected


@dataclass(frozen=True)
class Rules:
    """All rules of a problem; without any, it is false."""

    pins: tuple[Pin, ...] = ()
    exclude: tuple[int, ...] = ()
    together: tuple[Bond, ...] = ()
    apart: tuple[Bond, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pins or self.exclude or self.together or self.apart)

    @property
    def about_replicas(self) -> bool:
        """Whether any of them is about replicas, so that wiring is decided too."""
        return any(pin.replica is not None for pin in self.pins) or any(
            bond.place == "replica" for bond in (*self.together, *self.apart)
        )

    @property
    def only_exclude(self) -> bool:
        """Whether no device is bound to a place or to other devices."""
        return not (self.pins or self.together or self.apart)

    def bound(self, n_devices: int) -> NDArray[np.bool_]:
        """Which devices some rule is about, `(N,)`: all others may change places freely."""
        bound = np.zeros(n_devices, dtype=bool)
        bound[[pin.device for pin in self.pins]] = True
        bound[list(self.exclude)] = True
        for bond in (*self.together, *self.apart):
            bound[list(bond.devices)] = True
        return bound

    def in_order(self) -> Rules:
        """The same rules in an order of their own, so that problems which mean the same are the same."""

        def ordered(bonds: tuple[Bond, ...]) -> tuple[Bond, ...]:
            return tuple(sorted({Bond(tuple(sorted(bond.devices)), bond.place) for bond in bonds}, key=astuple))

        return Rules(
            tuple(sorted(self.pins, key=lambda pin: pin.device)),
            tuple(sorted(set(self.exclude))),
            ordered(self.together),
            ordered(self.apart),
        )

    def to_json(self) -> dict[str, Any]:
        """The rules as the keys of a problem file, by device numbers; those that there are."""
        pins = [{key: value for key, value in vars(pin).items() if value is not None} for pin in self.pins]
        bonds = {
            name: [{"in": bond.place, "devices": list(bond.devices)} for bond in getattr(self, name)]
            for name in ("together", "apart")
        }
        return {k: v for k, v in {"pins": pins, "exclude": list(self.exclude), **bonds}.items() if v}

    def broken(self, stage_of: NDArray[np.int64], row_of: NDArray[np.int64]) -> str | None:
        """Which rule an allocation breaks, in words, by the stage and replica of each device `(N,)`, -1 for spares."""
        where = {"stage": stage_of, "replica": row_of}
        for pin in self.pins:
            for place, wanted in (("stage", pin.stage), ("replica", pin.replica)):
                if wanted is not None and where[place][pin.device] != wanted:
                    return f"device {pin.device} is pinned to {place} {wanted}, found {_at(where, place, pin.device)}"
        for device in self.exclude:
            if stage_of[device] >= 0:
                return f"device {device} is excluded, found {_at(where, 'stage', device)}"
        for bond in self.together:
            places = [int(p) for p in where[bond.place][list(bond.devices)] if p >= 0]
            if len(set(places)) > 1:
                return (
                    f"devices {_listed(bond)} belong in one {bond.place}, found {bond.place}s {_numbers(set(places))}"
                )
        for bond in self.apart:
            places = [int(p) for p in where[bond.place][list(bond.devices)] if p >= 0]
            if len(set(places)) < len(places):
                return f"devices {_listed(bond)} belong in {bond.place}s of their own, found {_numbers(places)}"
        return None


def check_rules(rules: Rules, n_devices: int, shape: Shape) -> None:
    """Raise `Contradiction`, which names the field, for rules that contradict each other or the grid's shape."""
    most = {"stage": shape.pipeline_parallel, "replica": shape.data_parallel}
    room = {"stage": shape.data_parallel, "replica": shape.pipeline_parallel}
    for field, device in _named(rules):
        if not 0 <= device < n_devices:
            raise Contradiction(field, f"device {device}", f"a device number 0..{n_devices - 1}")
    available = n_devices - len(set(rules.exclude))
    if shape.n_devices > available:
        used = f"{available} of {n_devices} devices" if rules.exclude else f"{n_devices} devices"
        raise Contradiction("grid", f"{shape} for {used}", f"at most {available} cells; {_fitting(available)}")
    _check_pins(rules, most, room)
    for name in ("together", "apart"):
        for index, bond in enumerate(getattr(rules, name)):
            field = f"{name}[{index}]"
            if len(set(bond.devices)) < len(bond.devices):
                raise Contradiction(f"{field}.devices", _listed(bond), "every device once")
            _check_bond(name, field, bond, rules, (most, room), available - shape.n_devices)


def _named(rules: Rules) -> Iterator[tuple[str, int]]:
    yield from ((f"pins[{i}].device", pin.device) for i, pin in enumerate(rules.pins))
    yield from ((f"exclude[{i}]", device) for i, device in enumerate(rules.exclude))
    for name in ("together", "apart"):
        for i, bond in enumerate(getattr(rules, name)):
            yield from ((f"{name}[{i}].devices[{j}]", device) for j, device in enumerate(bond.devices))


def _check_pins(rules: Rules, most: dict[str, int], room: dict[str, int]) -> None:
    pinned: dict[int, int] = {}
    taken: dict[tuple[str, int], list[int]] = {}
    cells: dict[tuple[int | None, int | None], int] = {}
    for index, pin in enumerate(rules.pins):
        field = f"pins[{index}]"
        if pin.stage is None and pin.replica is None:
            raise Contradiction(field, f"device {pin.device} and no place", "a stage, a replica, or both")
        if pin.device in pinned:
            other = f"device {pin.device} a second time (first in pins[{pinned[pin.device]}])"
            raise Contradiction(field, other, "one pin for a device; it may name stage and replica")
        if pin.device in rules.exclude:
            raise Contradiction(field, f"device {pin.device}, which is excluded", "a pin or exclude, not both")
        pinned[pin.device] = index
        for place, value in (("stage", pin.stage), ("replica", pin.replica)):
            if value is None:
                continue
            if not 0 <= value < most[place]:
                raise Contradiction(f"{field}.{place}", str(value), f"a {place} 0..{most[place] - 1}")
            here = taken.setdefault((place, value), [])
            here.append(pin.device)
            if len(here) > room[place]:
                result = f"devices {_numbers(here)} at {place} {value}"
                raise Contradiction(field, result, f"at most {room[place]} devices there")
        if None not in (cell := (pin.stage, pin.replica)):
            if cell in cells:
                result = f"stage {pin.stage} of replica {pin.replica} for devices {cells[cell]} and {pin.device}"
                raise Contradiction(field, result, "one device for each cell")
            cells[cell] = pin.device


def _check_bond(
    name: str, field: str, bond: Bond, rules: Rules, limits: tuple[dict[str, int], dict[str, int]], spares: int
) -> None:
    most, room = limits
    usable = [device for device in bond.devices if device not in rules.exclude]
    pins = {pin.device: getattr(pin, bond.place) for pin in rules.pins if pin.device in usable}
    places = [place for place in pins.values() if place is not None]
    limit = room[bond.place] if name == "together" else most[bond.place]
    if len(usable) > limit + spares:
        result = f"{len(usable)} devices {name} where only {spares} can be spared"
        has = f"{'a' if name == 'together' else 'one for each'} {bond.place}"
        raise Contradiction(field, result, f"at most {limit + spares}: {limit} fit {has}")
    if len(pins) > limit:
        raise Contradiction(field, f"{len(pins)} pinned devices {name}", f"at most {limit}")
    if name == "together" and len(set(places)) > 1:
        result = f"devices together in one {bond.place} that are pinned to {bond.place}s {_numbers(set(places))}"
        raise Contradiction(field, result, f"pins to one {bond.place}")
    if name == "apart" and len(set(places)) < len(places):
        result = f"devices apart that are pinned to {bond.place}s {_numbers(places)}"
        raise Contradiction(field, result, f"pins to different {bond.place}s")


def _fitting(n: int) -> str:
    """Shapes that leave fewest devices over, in words."""
    shapes = [f"{d}×{n // d}" for d in range(1, n + 1) if n % d == 0]
    return f"data_parallel×pipeline_parallel such as {', '.join(shapes)}" if n else "no device is left"


def _at(where: dict[str, NDArray[np.int64]], place: str, device: int) -> str:
    result = int(where[place][device])
    return "it among the spares" if result < 0 else f"it at {place} {result}"


def _listed(bond: Bond) -> str:
    return _numbers(bond.devices)


def _numbers(values: Any) -> str:
    return ", ".join(map(str, sorted(values)))
