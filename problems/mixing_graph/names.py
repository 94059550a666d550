"""Names of the family: `mixing-graph/` before a topology of the catalogue, and the family's keys among its keys.

`mixing-graph/measured/aws10-uneven-64?degree=4&connectivity=0.8` asks for a graph of at most four neighbours that keeps
four fifths of its reference's algebraic connectivity.
"""

from __future__ import annotations

from tasklet_bench.problems.collective.names import LOCAL_STEPS, NETWORK_KEYS, OVERLAP, read_name
from tasklet_bench.problems.instances.name import Key, number, whole
from tasklet_bench.problems.mixing_graph.options import LEAST_DEGREE, MixingGraphOptions
from tasklet_bench.problems.mixing_graph.problem import MixingGraphProblem

FAMILY = "mixing-graph"

KEYS: tuple[Key, ...] = (
    *NETWORK_KEYS,
    whole("degree", "most neighbours of a device", least=LEAST_DEGREE, default=6),
    whole("clusters", "clusters C; device v belongs to cluster v mod C", least=1, default=1),
    number("connectivity", "share of the reference's algebraic connectivity that is demanded", 1e-3, 1.0, default=0.5),
    OVERLAP,
    LOCAL_STEPS,
)


def load(name: str) -> MixingGraphProblem:
    """Build an instance of the family by its name; raises `BadInput` for what cannot be read or does not fit."""
    named = read_name(name, FAMILY, KEYS)
    options = MixingGraphOptions.model_validate(
        {
            "degree": named.values["degree"],
            "clusters": named.values["clusters"],
            "connectivity_factor": named.values["connectivity"],
            "overlap": named.values["overlap"],
            "local_steps": named.values["local_steps"],
        }
    )
    return MixingGraphProblem(named.name, named.network, options)
