"""An instance as JSON, with the samples of each device spelt out or drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.collective.instance_file import read_instance
from tasklet_bench.problems.federated_round.menu import PRESETS
from tasklet_bench.problems.federated_round.names import DRAW
from tasklet_bench.problems.federated_round.problem import FederatedRoundProblem
from tasklet_bench.problems.federated_round.samples import draw_samples
from tasklet_bench.problems.federated_round.setting import MESSAGE_BYTES, STATE_BYTES, TOKEN_BYTES
from tasklet_bench.problems.validation import StrictModel

_DERIVED = ("parameters", "sample_flops", "sample_bytes")


class _Options(StrictModel):
    preset: str = "fedavg"
    widths: list[float] | None = None
    support: Literal["nested", "disjoint"] | None = None
    exchange: Literal["part", "full"] | None = None
    least_utility: float | None = None
    offloading: Literal["no", "site", "any"] | bool | None = None
    draw: int = Field(DRAW, ge=0)
    message_bytes_per_parameter: float = Field(MESSAGE_BYTES, gt=0)
    state_bytes_per_parameter: float = Field(STATE_BYTES, gt=0)
    bytes_per_token: float = Field(TOKEN_BYTES, gt=0)


def from_json(data: dict[str, Any], source: str) -> FederatedRoundProblem:
    """Read an instance; raises `BadInput` that names `source` and the first wrong field."""
    read = read_instance(data, source, _Options, given=("samples",), derived=_DERIVED)
    options, where = read.options, f"{source}: problem"
    if options.preset not in PRESETS:
        raise BadInput(f"{where}.preset: {BadInput.unknown('preset', options.preset, PRESETS)}")
    given = options.model_dump(
        exclude_none=True, include={"widths", "support", "exchange", "least_utility", "offloading"}
    )
    if "widths" in given:
        given["widths"] = tuple(given["widths"])
    if isinstance(options.offloading, bool):
        given["offloading"] = "any" if options.offloading else "no"
    try:
        menu = replace(PRESETS[options.preset], **given)
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from None
    n, sequences = read.network.topology.n_devices, read.network.model.sequences_per_iteration
    drawn = draw_samples(n, sequences, options.draw)
    samples = _samples(read.given["samples"], n, source) if "samples" in read.given else drawn
    bytes_each = (options.message_bytes_per_parameter, options.state_bytes_per_parameter, options.bytes_per_token)
    return FederatedRoundProblem.of_network(read.network, menu, samples, *bytes_each)


def _samples(result: Any, n: int, source: str) -> NDArray[np.float64]:
    """Samples of each device, as they stand in a file."""
    expected = f"a list of {n} numbers of at least 0, one for each device, some above 0"
    plain = isinstance(result, list) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in result
    )
    if not plain or len(result) != n:
        what = f"{len(result)} entries" if isinstance(result, list) else type(result).__name__
        raise BadInput.at(source, "samples", what, expected)
    samples = np.array(result, dtype=np.float64)
    if not (np.isfinite(samples).all() and (samples >= 0).all() and samples.any()):
        raise BadInput.at(source, "samples", "a negative number, or nothing but 0", expected)
    return samples
