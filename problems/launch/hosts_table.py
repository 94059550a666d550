"""Put the hosts of a table into a problem whose file names none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput, nearest
from tasklet_bench.problems.topology import Host


def with_hosts(problem: AllocationProblem, path: Path) -> AllocationProblem:
    """The problem with the hosts of a table (`host,site,slots`) in its sites.

    Raises `BadInput` for a host at no site of the problem, and for slots that are not as many as a site's devices.
    """
    from tasklet_bench.problems.files.measured.files import read_file

    at_site: dict[str, list[Host]] = {site.name: [] for site in problem.sites}
    for place in read_file(path).places:
        home = place.site or place.name
        if home not in at_site:
            raise BadInput(f"{path}: host {place.name}: {home!r} is no site of {problem.name}{nearest(home, at_site)}")
        at_site[home].append(Host(place.name, place.slots or 1))
    for site in problem.sites:
        slots = sum(host.slots for host in at_site[site.name])
        if slots != site.devices:
            raise BadInput.at(str(path), f"hosts at {site.name!r}", f"{slots} slots", f"{site.devices}, one a device")
    sites = tuple(replace(site, hosts=tuple(at_site[site.name])) for site in problem.sites)
    return replace(problem, topology=problem.topology.with_sites(sites))
