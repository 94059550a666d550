"""Names of the family: `gossip/` before a topology of the catalogue, and the options among its keys.

`gossip/measured/aws10-uneven-64?mixing=ring&overlap=none` is the topology of `measured/aws10-uneven-64`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from tasklet_bench.problems.collective.names import LOCAL_STEPS, NETWORK_KEYS, OVERLAP, read_name
from tasklet_bench.problems.gossip.options import GossipOptions, Mixing
from tasklet_bench.problems.instances.name import Key, choice, number, whole

if TYPE_CHECKING:
    from tasklet_bench.problems.gossip.problem import GossipProblem

FAMILY = "gossip"

MIXING = choice("mixing", "schedule by which ranks average", get_args(Mixing), default="one-peer-exp")
OPTIONS: tuple[Key, ...] = (
    MIXING,
    whole("local", "ranks of a host, for alternating-exp-ring", least=1, default=1),
    OVERLAP,
    LOCAL_STEPS,
    number("jitter", "deviation of the logarithm of computing", 0.0, 3.0, default=0.0),
)

KEYS: tuple[Key, ...] = (*NETWORK_KEYS, *OPTIONS)


def load(name: str) -> GossipProblem:
    """Build an instance of the family by its name; raises `BadInput` for what cannot be read or does not fit."""
    from tasklet_bench.problems.gossip.problem import GossipProblem

    result = read_name(name, FAMILY, KEYS, drawn=("jitter",))
    options: dict[str, Any] = {key.name: result.values[key.name] for key in OPTIONS}
    return GossipProblem.make(result.network, GossipOptions(**options, draw=int(result.values["draw"])))
