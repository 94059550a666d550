"""One instance as plain values: what it is like, its drawings, and the best candidate of the runs on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.plugins import allocation_of, formal_of
from tasklet_bench.bench.report.drawing_text import drawing_text
from tasklet_bench.bench.report.heat_picture import heat_svg
from tasklet_bench.bench.report.map_picture import TALL
from tasklet_bench.bench.report.picture import map_of, row_names
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.simulated import iteration_data
from tasklet_bench.bench.report.topology import LARGEST_HEAT_MAP, allocation_data, heat_map, topology_data

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.problem import Problem

WIDE, NARROW, HEAT = 1120.0, 360.0, 420.0
"""Pixels of the drawings: maps for wide and for narrow screens, and heat maps."""
_LAND = '<use href="#land" class="land"/>'


def instance_data(results: Results) -> list[dict[str, Any]]:
    """Every instance among the results, by name."""
    import pandas as pd

    runs = pd.concat([sample.runs for sample in results.samples], ignore_index=True)
    return [_instance(str(name), own, results) for name, own in runs.groupby("problem", sort=True)]


def _instance(name: str, runs: pd.DataFrame, results: Results) -> dict[str, Any]:
    """One instance; its sites and the best candidate only of problems that could be made of their name."""
    digest, reference_s, reference = runs.iloc[0][["problem_digest", "reference_s", "reference"]]
    data: dict[str, Any] = {
        "name": name,
        "digest": digest,
        "kinds": results.kinds.get(name, {}),
        "reference_s": reference_s,
        "reference": reference,
        "proven": digest in results.proven,
    }
    named = results.problems.get(name)
    if named is None or named.digest != digest:
        return data
    data |= counts(named) | {"family": named.family, "facts": {key: str(value) for key, value in named.facts().items()}}
    ok = runs[(runs["status"] == "ok") & runs["candidate"].notna()].sort_values("cost_s", kind="stable")
    best = None if ok.empty else ok.iloc[0]
    problem = formal_of(named)
    candidate = None if best is None else json.loads(best["candidate"])
    allocation = None if candidate is None else allocation_of(candidate)
    reported = {} if best is None else {"strategy": best["strategy"], "cost_s": best["cost_s"]}
    if best is not None:
        reported["parts_s"] = json.loads(best["parts_s"])
    if problem is None:
        decision = None if candidate is None else list(drawing_text(named, candidate))
        return data | {"decision": {**reported, "lines": decision}} if decision else data
    grid = None if allocation is None else allocation.grid
    data |= {"topology": topology_data(problem, grid), "drawings": drawings(problem, grid)}
    if grid is None:
        return data
    return data | {
        "best": reported | allocation_data(problem, grid),
        "iteration": iteration_data(problem, grid),
    }


def counts(problem: Problem) -> dict[str, int]:
    """Devices, sites (0 where each device is one of its own) and kinds of devices, by which a reader finds theirs."""
    sites = problem.sites
    kinds = {(site.device, site.tflops, site.memory_gb) for site in sites}
    return {
        "n_devices": sum(site.devices for site in sites),
        "n_sites": 0 if all(site.devices == 1 for site in sites) else len(sites),
        "n_kinds": max(1, len(kinds)),
    }


def drawings(problem: AllocationProblem, grid: Any = None) -> dict[str, str | None]:
    """Maps for wide and for narrow screens, None without sites or coordinates, and the heat map; land is elsewhere."""
    heat = heat_map(problem, LARGEST_HEAT_MAP, grid)
    sited = heat.unit == "site"
    return {
        "map": map_of(problem, WIDE, land=_LAND) if sited else None,
        "map_narrow": map_of(problem, NARROW, shape=TALL, land=_LAND) if sited else None,
        "heat": heat_svg(heat, row_names(problem, heat), HEAT),
    }
