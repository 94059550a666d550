"""Names of the family: `federated-round/` before a topology of the catalogue, and its options among its keys.

`federated-round/measured/aws10-uneven-64?preset=ist&least_utility=4` is Independent Subnetwork Training on that
topology. Options that are not given are the preset's; those that say the same are left out of the canonical name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.collective.names import MEMORY_KEY, NETWORK_KEYS, read_name
from tasklet_bench.problems.federated_round.menu import PRESETS, Exchange, Menu, Offloading, Support
from tasklet_bench.problems.instances.name import Key, Value, as_text, choice, number, split, whole

if TYPE_CHECKING:
    from tasklet_bench.problems.federated_round.problem import FederatedRoundProblem

FAMILY = "federated-round"

AS_PRESET = "preset"
"""Stands for the preset's own value."""

DRAW = 7
"""Seed of the samples, unless another is given."""


def _read_widths(text: str) -> str:
    return ",".join(as_text(float(width)) for width in text.split(","))


_utility = number("least_utility", "utility that a round must reach", 0.0, 1e6, default=0.0)

_OPTIONS: tuple[Key, ...] = (
    Key("widths", _read_widths, "falling shares, such as 1,0.5,0.25", "shares of the parameters", AS_PRESET),
    choice("support", "how sub-models overlap", (AS_PRESET, *get_args(Support)), default=AS_PRESET),
    choice("exchange", "what travels", (AS_PRESET, *get_args(Exchange)), default=AS_PRESET),
    Key("least_utility", _utility.read, _utility.expected, _utility.summary, AS_PRESET),
    choice("offloading", "whose samples a device may work on", (AS_PRESET, *get_args(Offloading)), default=AS_PRESET),
)

KEYS: tuple[Key, ...] = (
    choice("preset", "system whose menu holds", PRESETS, default="fedavg"),
    *_OPTIONS,
    *NETWORK_KEYS,
    MEMORY_KEY,
    whole("draw", "seed of the samples, and of what is drawn of the links", least=0, default=DRAW),
)


def load(name: str) -> FederatedRoundProblem:
    """Build an instance of the family by its name; raises `BadInput` for what cannot be read or has no valid round."""
    from tasklet_bench.problems.federated_round.problem import FederatedRoundProblem
    from tasklet_bench.problems.federated_round.samples import draw_samples

    named = read_name(_without_repeats(name), FAMILY, KEYS)
    menu = _menu(name, str(named.values["preset"]), {key.name: named.values[key.name] for key in _OPTIONS})
    model = named.network.model
    samples = draw_samples(named.network.topology.n_devices, model.sequences_per_iteration, int(named.values["draw"]))
    return FederatedRoundProblem.of_network(named.network, menu, samples)


def _menu(name: str, preset: str, values: dict[str, Value]) -> Menu:
    given: dict[str, Any] = {key: value for key, value in values.items() if value != AS_PRESET}
    if "widths" in given:
        given["widths"] = tuple(float(width) for width in str(given["widths"]).split(","))
    try:
        return replace(PRESETS[preset], **given)
    except BadInput as error:
        raise BadInput(f"{name}: {error}") from None


def _without_repeats(name: str) -> str:
    """The name without options that say what its preset says."""
    base, query = split(name)
    preset = PRESETS.get(query.get("preset", "fedavg"))
    if preset is None:
        return name
    own = vars(preset) | {"widths": ",".join(as_text(width) for width in preset.widths)}
    kept = {key: text for key, text in query.items() if not _says(key, text, own)}
    return base + ("?" + "&".join(f"{key}={text}" for key, text in kept.items()) if kept else "")


def _says(key: str, text: str, own: dict[str, Any]) -> bool:
    """Whether a key's text is what the preset has."""
    option = next((option for option in _OPTIONS if option.name == key), None)
    if option is None:
        return False
    try:
        return bool(option.read(text) == own[key])
    except ValueError:
        return False
