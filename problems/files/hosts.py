"""Hosts of a site with their slots, as a problem file names them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field, model_validator

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.topology import Host, Site
from tasklet_bench.problems.validation import StrictModel

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?")


class HostEntry(StrictModel):
    """A host with the devices that it holds; a name alone stands for one that has its even share."""

    name: str
    slots: int | None = Field(None, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _of_name(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data


def read_hosts(entries: list[HostEntry] | None, devices: int, source: str, site: int) -> tuple[Host, ...] | None:
    """The hosts of a site of `devices` devices; names alone share them evenly.

    Raises `BadInput` for a name that no launcher could take, a name twice, or slots that do not add up to the devices.
    """
    if entries is None:
        return None
    where = f"sites[{site}].hosts"
    bare = [entry for entry in entries if entry.slots is None]
    if bare and (len(bare) < len(entries) or devices % len(entries)):
        result = f"{len(bare)} of {len(entries)} names without slots, for {devices} devices"
        raise BadInput.at(source, where, result, 'the slots of each host: [{"name": …, "slots": …}, …]')
    hosts = [Host(entry.name, entry.slots or devices // len(entries)) for entry in entries]
    for index, host in enumerate(hosts):
        check_host_name(host.name, source, f"{where}[{index}]")
        if any(host.name == other.name for other in hosts[:index]):
            raise BadInput.at(source, f"{where}[{index}]", f"{host.name!r} a second time", "each host once")
    if sum(host.slots for host in hosts) != devices:
        slots = sum(host.slots for host in hosts)
        raise BadInput.at(source, where, f"{slots} slots", f"{devices}, as many as the site has devices")
    return tuple(hosts)


def check_host_name(name: str, source: str, where: str) -> None:
    """Refuse a host's name that would break a line of a host file or be read as an option."""
    if not _NAME.fullmatch(name):
        raise BadInput.at(source, where, repr(name), "a host name or an address: letters, digits, dots and dashes")


def check_hosts_apart(sites: Sequence[Site], source: str) -> None:
    """Refuse a host that stands in two sites."""
    home: dict[str, int] = {}
    for index, site in enumerate(sites):
        for host in site.hosts or ():
            if host.name in home:
                result = f"{host.name!r}, which is in sites[{home[host.name]}], too"
                raise BadInput.at(source, f"sites[{index}].hosts", result, "each host in one site")
            home[host.name] = index
