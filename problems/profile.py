"""A profile: what each layer of a model costs, as somebody measured it on devices of some types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LayerSeconds:
    """Seconds of one micro-batch in each layer on a type of device, shapes `(L,)`; of updates once an iteration."""

    forward_s: NDArray[np.float64]
    backward_s: NDArray[np.float64]
    update_s: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Profile:
    """L layers: `parameters` of each, shape `(L,)`, and `devices`, their seconds by type of device.

    `activation_bytes`, shape `(L-1,)`, are what one micro-batch sends behind each layer but the last. Raises
    `ValueError` for shapes that do not agree, or figures that are negative or not finite.
    """

    parameters: NDArray[np.float64]
    gradient_bytes_per_parameter: float
    activation_bytes: NDArray[np.float64] = field(repr=False)
    devices: Mapping[str, LayerSeconds] = field(repr=False)

    def __post_init__(self) -> None:
        n = self.n_layers
        arrays = {"parameters": (self.parameters, n), "activation_bytes": (self.activation_bytes, n - 1)}
        for kind, seconds in self.devices.items():
            arrays |= {f"devices.{kind}.{name}": (array, n) for name, array in vars(seconds).items()}
        for name, (array, length) in arrays.items():
            if array.shape != (length,):
                raise ValueError(f"{name} has shape {array.shape}, expected {(length,)} for {n} layers")
            if not (np.isfinite(array).all() and (array >= 0).all()):
                raise ValueError(f"{name} has a negative or non-finite entry, expected finite values of at least 0")
            array.flags.writeable = False
        object.__setattr__(self, "devices", MappingProxyType(dict(self.devices)))

    @property
    def n_layers(self) -> int:
        """Number of layers L."""
        return len(self.parameters)

    @property
    def updates(self) -> bool:
        """Whether an update of the weights takes any time on any type of device."""
        return any(seconds.update_s.any() for seconds in self.devices.values())

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "devices": dict(self.devices)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, devices=MappingProxyType(state["devices"]))


def even_layers(n_layers: int, n_stages: int) -> tuple[int, ...]:
    """Split L layers into K stages as evenly as can be: stage j gets ⌊(j+1)L/K⌋ − ⌊jL/K⌋."""
    return tuple((j + 1) * n_layers // n_stages - j * n_layers // n_stages for j in range(n_stages))
