"""Profile files: seconds of each layer by type of device."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.source import read_json, shown
from tasklet_bench.problems.profile import LayerSeconds, Profile
from tasklet_bench.problems.text import name_fault
from tasklet_bench.problems.validation import StrictModel, validated

MOST_LAYERS = 100_000
MOST = 1e24
"""Seconds, bytes and parameters beyond this would overflow when they are multiplied."""


class _Seconds(StrictModel):
    forward_s: list[float]
    backward_s: list[float]
    update_s: list[float] | None = None


class ProfileFile(StrictModel):
    """The content of a profile file."""

    layers: int = Field(ge=1, le=MOST_LAYERS)
    parameters: list[float]
    gradient_bytes_per_parameter: float = Field(ge=0, le=1e6)
    activation_bytes: float | list[float]
    devices: dict[str, _Seconds] = Field(min_length=1)


def read_profile(path: str | Path) -> Profile:
    """Read a profile file; raises `BadInput` that names the file, the field, what was found and what was expected."""
    return profile_from_json(read_json(path), shown(path))


def profile_from_json(data: Any, source: str) -> Profile:
    """Make a profile from the content of a profile file; `source` is what errors call it."""
    file = validated(ProfileFile, data, source)
    n = file.layers
    for kind in file.devices:
        if (fault := name_fault(kind)) is not None:
            raise BadInput.at(source, "devices", repr(kind), fault)

    def array(values: list[float], field: str, length: int = n) -> NDArray[np.float64]:
        if len(values) != length:
            raise BadInput.at(source, field, f"{len(values)} numbers", f"{length} for {n} layers")
        if (wrong := next((i for i, value in enumerate(values) if not 0 <= value <= MOST), None)) is not None:
            raise BadInput.at(source, f"{field}[{wrong}]", values[wrong], f"a number from 0 to {MOST:g}")
        return np.array(values, dtype=np.float64)

    sent = file.activation_bytes
    devices = {
        kind: LayerSeconds(
            array(seconds.forward_s, f"devices.{kind}.forward_s"),
            array(seconds.backward_s, f"devices.{kind}.backward_s"),
            array(seconds.update_s or [0.0] * n, f"devices.{kind}.update_s"),
        )
        for kind, seconds in file.devices.items()
    }
    return Profile(
        parameters=array(file.parameters, "parameters"),
        gradient_bytes_per_parameter=file.gradient_bytes_per_parameter,
        activation_bytes=array(sent if isinstance(sent, list) else [sent] * (n - 1), "activation_bytes", n - 1),
        devices=devices,
    )


def profile_to_json(profile: Profile) -> dict[str, Any]:
    """Write a profile as the content of a profile file."""
    return {
        "layers": profile.n_layers,
        "parameters": profile.parameters.tolist(),
        "gradient_bytes_per_parameter": profile.gradient_bytes_per_parameter,
        "activation_bytes": profile.activation_bytes.tolist(),
        "devices": {
            kind: {name: array.tolist() for name, array in vars(seconds).items()}
            for kind, seconds in profile.devices.items()
        },
    }
