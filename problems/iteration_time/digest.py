"""The digest of a problem in simulated seconds: of all that the seconds depend on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time.compute import stage_costs
from tasklet_bench.problems.iteration_time.memory import device_memory_bytes, host_link_bytes_s
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.sharing import shared_rates

_FIRST_OPTIONS = ("schedule", "micro_batches", "collective", "sharing", "tflops", "efficiency", "nic_gbps")
"""Options that are always hashed; later ones only where they are not at their defaults, so that digests stay."""


def digest(formal: AllocationProblem, options: SimulationOptions, wiring: str, layers: str) -> str:
    """Hex SHA-256 of the formal problem, the options, the speeds of the devices, shared rates, and the decision."""
    costs = stage_costs(formal, options)
    rates = shared_rates(formal.topology, options)
    text = json.dumps(["iteration-time", formal.digest, _hashed_options(options)], sort_keys=True)
    hasher = hashlib.sha256(text.encode())
    for array in (costs.forward_s[0], costs.backward_s[0], rates.capacity_bytes_s):
        hasher.update(np.ascontiguousarray(array, dtype="<f8").data)
    for places in (rates.leaving, rates.entering):
        hasher.update(np.ascontiguousarray(places, dtype="<i8").data)
    profile, model = formal.workload.profile, formal.workload.transformer
    if profile is not None:
        from tasklet_bench.problems.files.profile_file import profile_to_json

        hasher.update(json.dumps([profile_to_json(profile), [site.device for site in formal.sites]]).encode())
    if (wiring, layers) != ("formal", "equal"):
        hasher.update(json.dumps([wiring, layers, model.layers if model and layers == "free" else None]).encode())
    if options.memory != "reported":
        hasher.update(json.dumps([model.layers, model.layer_parameters] if model else None).encode())
        for array in (device_memory_bytes(formal), host_link_bytes_s(formal)):
            hasher.update(np.ascontiguousarray(array, dtype="<f8").data)
    return hasher.hexdigest()


def _hashed_options(options: SimulationOptions) -> dict[str, object]:
    defaults = asdict(SimulationOptions())
    return {key: value for key, value in asdict(options).items() if key in _FIRST_OPTIONS or value != defaults[key]}
