"""The names of all strategies, without importing any of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class Entry:
    """Where a strategy lives, `module:Class` below this room, and its idea in one line."""

    target: str
    summary: str


STRATEGIES: dict[str, Entry] = {
    "random-grid": Entry("baselines.random_search:RandomGrid", "uniform grids, wired as drawn"),
    "random-partition": Entry("baselines.random_search:RandomPartition", "uniform partitions at their best wiring"),
    "megatron": Entry("baselines.megatron:Megatron", "ranks in the order of the host list, as Megatron-LM lays them"),
    "aligned": Entry("baselines.structural:Aligned", "every site spread evenly over all stages"),
    "site-pure": Entry("baselines.structural:SitePure", "every stage kept inside one site as far as it goes"),
    "clustering": Entry("baselines.clustering:Clustering", "sites found in the links by hierarchical clustering"),
    "multilevel": Entry("baselines.multilevel:Multilevel", "balanced graph partitions by METIS (needs pymetis)"),
    "evolution-strategy": Entry("evolution_strategy:EvolutionStrategy", "CMA-ES on one key per device"),
    "tpe": Entry("tpe:TPE", "Optuna's samplers on N plain parameters"),
    "annealing": Entry("annealing.strategy:Annealing", "swaps and reversals on the ordered state, slowly cooled"),
    "neighbourhood-search": Entry(
        "large_neighbourhood.strategy:NeighbourhoodSearch",
        "blocks of a class and stages destroyed and repaired",
    ),
    "genetic": Entry("genetic.strategy:Genetic", "the paper's hybrid genetic algorithm, with a choice of gains"),
    "constraint-program": Entry("constraint_program.strategy:ConstraintProgram", "OR-Tools CP-SAT, with proofs"),
    "flow-search": Entry("flow_search.strategy:FlowSearch", "annealing of swarm's stages, with bounds on the flow"),
    "stage-enumeration": Entry(
        "stage_enumeration.strategy:StageEnumeration", "all of swarm's decisions for few devices"
    ),
    "participant-search": Entry(
        "participant_search.strategy:ParticipantSearch", "sets of atom's peers, exact ways each"
    ),
    "exact-small": Entry("enumeration.strategy:ExactSmall", "all partitions of a few devices, proven optimal"),
}

ENTRANTS: tuple[str, ...] = (
    "random-grid",
    "random-partition",
    "megatron",
    "megatron[hosts=shuffled]",
    "aligned",
    "site-pure",
    "clustering",
    "evolution-strategy",
    "tpe",
    "genetic",
    "genetic[gain=kernighan-lin]",
    "annealing",
    "neighbourhood-search",
    "constraint-program",
)
"""Who takes part when nobody is named: strategies, some of them with other parameters than their defaults."""


def strategy_class(name: str) -> type[Strategy]:
    """Import the class of a registered strategy; raises `BadInput` with the nearest name for an unknown one."""
    if name not in STRATEGIES:
        raise BadInput.unknown("strategy", name, STRATEGIES)
    module, _, attribute = STRATEGIES[name].target.partition(":")
    found: type[Strategy] = getattr(import_module(f"{__package__}.{module}"), attribute)
    return found
