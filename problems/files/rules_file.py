"""Pins, excluded devices, and devices together or apart, as a problem file names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from tasklet_bench.problems.allocation.rules import Bond, Pin, Rules
from tasklet_bench.problems.bad_input import BadInput, nearest
from tasklet_bench.problems.topology import Site
from tasklet_bench.problems.validation import StrictModel

Reference = int | str
"""A device's number; `SITE/0` or `HOST/0`, the first device there; or, where several may stand, `SITE` or `HOST`."""


class PinEntry(StrictModel):
    """A device with its stage, its replica, or both."""

    device: Reference
    stage: int | None = Field(None, ge=0)
    replica: int | None = Field(None, ge=0)


class BondEntry(StrictModel):
    """Devices that belong together or apart in stages or replicas; `each` stands for those of every site or host."""

    place: Literal["stage", "replica"] = Field(alias="in")
    devices: list[Reference] | None = Field(None, min_length=1)
    each: Literal["site", "host"] | None = None


class RulesFile(StrictModel):
    """The keys of a problem file that are rules."""

    pins: list[PinEntry] = Field(default_factory=list)
    exclude: list[Reference] = Field(default_factory=list)
    together: list[BondEntry] = Field(default_factory=list)
    apart: list[BondEntry] = Field(default_factory=list)


def read_rules(file: RulesFile, sites: tuple[Site, ...], source: str) -> Rules:
    """The rules with all references looked up; raises `BadInput` for a name or number that no device has."""
    names = _Names(sites, source)
    exclude: dict[int, None] = {}
    for index, reference in enumerate(file.exclude):
        exclude.update(dict.fromkeys(names.devices(reference, f"exclude[{index}]")))
    return Rules(
        tuple(
            Pin(names.device(pin.device, f"pins[{index}].device"), pin.stage, pin.replica)
            for index, pin in enumerate(file.pins)
        ),
        tuple(exclude),
        _bonds(file.together, "together", names),
        _bonds(file.apart, "apart", names),
    )


def _bonds(entries: list[BondEntry], key: str, names: _Names) -> tuple[Bond, ...]:
    bonds = []
    for index, entry in enumerate(entries):
        where = f"{key}[{index}]"
        if (entry.devices is None) == (entry.each is None):
            result = "neither" if entry.each is None else "both"
            raise BadInput.at(names.source, where, f"{result} of devices and each", "one of them")
        if entry.each is not None:
            bonds += [Bond(devices, entry.place) for devices in names.every(entry.each, where) if len(devices) > 1]
            continue
        devices: list[int] = []
        for place, reference in enumerate(entry.devices or ()):
            devices += names.devices(reference, f"{where}.devices[{place}]")
        if len(devices) < 2:
            raise BadInput.at(names.source, f"{where}.devices", f"device {devices[0]} alone", "two devices or more")
        bonds.append(Bond(tuple(devices), entry.place))
    return tuple(bonds)


class _Names:
    """The devices of each site and host by name."""

    def __init__(self, sites: tuple[Site, ...], source: str) -> None:
        self.source = source
        self._sites: dict[str, tuple[int, ...]] = {}
        self._hosts: dict[str, tuple[int, ...]] = {}
        first = 0
        for site in sites:
            self._sites[site.name] = tuple(range(first, first + site.devices))
            for host in site.hosts or ():
                self._hosts[host.name] = tuple(range(first, first + host.slots))
                first += host.slots
            first = self._sites[site.name][-1] + 1
        self._n = first

    def device(self, reference: Reference, where: str) -> int:
        """The one device of a reference."""
        devices = self.devices(reference, where)
        if len(devices) > 1:
            result = f"{reference!r} with its {len(devices)} devices"
            raise BadInput.at(self.source, where, result, f"one of them, such as '{reference}/0' or {devices[0]}")
        return devices[0]

    def devices(self, reference: Reference, where: str) -> tuple[int, ...]:
        """All devices of a reference."""
        if isinstance(reference, int):
            if not 0 <= reference < self._n:
                raise BadInput.at(self.source, where, reference, f"a device number 0..{self._n - 1}")
            return (reference,)
        known: Mapping[str, tuple[int, ...]] = {**self._sites, **self._hosts}
        if reference in known:
            return known[reference]
        name, _, place = reference.rpartition("/")
        if name not in known:
            unknown = name or reference
            hint = nearest(unknown, known)
            raise BadInput(f"{self.source}: {where}: no site or host is called {unknown!r}{hint}")
        devices = known[name]
        if not place.isdecimal() or int(place) >= len(devices):
            expected = f"'{name}/0' to '{name}/{len(devices) - 1}'"
            raise BadInput.at(self.source, where, repr(reference), expected)
        return (devices[int(place)],)

    def every(self, kind: Literal["site", "host"], where: str) -> list[tuple[int, ...]]:
        """The devices of each site, or of each host; raises `BadInput` where no site has hosts."""
        if kind == "site":
            return list(self._sites.values())
        if not self._hosts:
            raise BadInput.at(
                self.source, f"{where}.each", "host, and no site has hosts", "hosts at the sites, or site"
            )
        return list(self._hosts.values())


def find_devices(references: Sequence[Reference], sites: tuple[Site, ...], source: str) -> tuple[int, ...]:
    """The devices of references, each once, ascending; raises `BadInput` for what no device is called."""
    names = _Names(sites, source)
    return tuple(sorted({device for one in references for device in names.devices(_number(one), "devices")}))


def _number(reference: Reference) -> Reference:
    """A reference as it was typed: digits are a device's number."""
    return int(reference) if isinstance(reference, str) and reference.isdecimal() else reference
