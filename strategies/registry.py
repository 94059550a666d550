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
    "random": Entry("baselines.random_search:Random", "draws of any decision"),
    "local-search": Entry("local_search:LocalSearch", "annealing over the neighbours of any decision, with restarts"),
    "known-starts": Entry(
        "baselines.known_starts:KnownStarts", "the best of what takes no search, as the problem names it"
    ),
    "random-grid": Entry("baselines.random_search:RandomGrid", "uniform grids, wired as drawn"),
    "random-partition": Entry("baselines.random_search:RandomPartition", "uniform partitions at their best wiring"),
    "megatron": Entry("baselines.megatron:Megatron", "ranks in the order of the host list, as Megatron-LM lays them"),
    "aligned": Entry("baselines.structural:Aligned", "every site spread evenly over all stages"),
    "site-pure": Entry("baselines.structural:SitePure", "every stage kept inside one site as far as it goes"),
    "clustering": Entry("baselines.clustering:Clustering", "sites found in the links by hierarchical clustering"),
    "multilevel": Entry("baselines.multilevel:Multilevel", "balanced graph partitions by METIS (needs pymetis)"),
    "evolution-strategy": Entry("evolution_strategy:EvolutionStrategy", "CMA-ES on the keys of any decision"),
    "tpe": Entry("tpe:TPE", "Optuna's samplers on the categories or keys of any decision"),
    "annealing": Entry("annealing.strategy:Annealing", "swaps and reversals on the ordered state, slowly cooled"),
    "neighbourhood-search": Entry(
        "large_neighbourhood.strategy:NeighbourhoodSearch",
        "blocks of a class and stages destroyed and repaired",
    ),
    "genetic": Entry(
        "genetic.strategy:Genetic",
        "the paper's hybrid genetic algorithm; elsewhere crossover and mutation of any decision",
    ),
    "constraint-program": Entry("constraint_program.strategy:ConstraintProgram", "OR-Tools CP-SAT, with proofs"),
    "dynamic-program": Entry(
        "dynamic_program.strategy:DynamicProgram", "stages of counted devices, state by state, with proofs"
    ),
    "gossip-embedding": Entry(
        "gossip_embedding.strategy:GossipEmbedding",
        "a tour or recursive halving, then annealing on the period of gossip",
    ),
    "tree-search": Entry(
        "tree_search.strategy:TreeSearch",
        "trees, widths and hosts of a round, slowly cooled (federated-round)",
    ),
    "graph-annealing": Entry(
        "graph_annealing.strategy:GraphAnnealing",
        "edges moved, crossed, added and dropped, slowly cooled (mixing-graph)",
    ),
    "robust-annealing": Entry(
        "robust_annealing.strategy:RobustAnnealing",
        "tasklets change places, slowly cooled, on all drawn networks at once (robust)",
    ),
    "flow-search": Entry("flow_search.strategy:FlowSearch", "annealing of swarm's stages, with bounds on the flow"),
    "graph-enumeration": Entry(
        "graph_enumeration:GraphEnumeration", "all graphs of up to six devices, proven optimal (mixing-graph)"
    ),
    "stage-enumeration": Entry(
        "stage_enumeration.strategy:StageEnumeration", "all of swarm's decisions for few devices"
    ),
    "participant-search": Entry(
        "participant_search.strategy:ParticipantSearch", "sets of atom's peers, exact ways each"
    ),
    "order-enumeration": Entry(
        "order_enumeration:OrderEnumeration", "all orders of up to eight devices, proven optimal (gossip)"
    ),
    "exact-small": Entry("enumeration.strategy:ExactSmall", "all partitions of a few devices, proven optimal"),
    "shape-search": Entry(
        "shape_search.strategy:ShapeSearch",
        "shapes of tensor parallelism placed by a dynamic programme, then raced by annealing",
    ),
    "shape-enumeration": Entry(
        "shape_enumeration.strategy:ShapeEnumeration", "all shapes and orders of a few devices, proven optimal"
    ),
    "kahip": Entry("third_party.kahip:Kahip", "balanced graph partitions by KaHIP (needs kahip)"),
    "mtkahypar": Entry("third_party.mtkahypar:MtKahypar", "devices mapped onto the line of stages (needs mtkahypar)"),
    "scotch": Entry("third_party.scotch:Scotch", "tasklets mapped onto the devices by Scotch (needs pyscotch)"),
    "flashflex": Entry("third_party.flashflex:FlashFlex", "METIS's pipelines along their widest paths (needs pymetis)"),
    "dlrover-rerank": Entry("third_party.dlrover:DLRoverRerank", "ranks site by site, as DLRover sorts its nodes"),
    "nevergrad": Entry("third_party.nevergrad:Nevergrad", "Nevergrad's optimisers on any decision (needs nevergrad)"),
    "skippipe": Entry("third_party.skippipe:SkipPipe", "SkipPipe's genetic search with cyclic moves"),
}

ENTRANTS: tuple[str, ...] = (
    "random",
    "random-grid",
    "random-partition",
    "megatron",
    "megatron[hosts=shuffled]",
    "aligned",
    "site-pure",
    "clustering",
    "known-starts",
    "local-search",
    "evolution-strategy",
    "tpe",
    "genetic",
    "genetic[gain=kernighan-lin]",
    "annealing",
    "annealing[start=known]",
    "neighbourhood-search",
    "constraint-program",
    "dynamic-program",
    "flow-search",
    "gossip-embedding",
    "graph-annealing",
    "participant-search",
    "shape-search",
    "tree-search",
)
"""Who takes part when nobody is named: strategies, some of them with other parameters, each on its own families."""

THIRD_PARTY: tuple[str, ...] = (
    "kahip",
    "mtkahypar",
    "scotch",
    "flashflex",
    "dlrover-rerank",
    "megatron[order=tp-pp-dp]",
    "nevergrad",
    "skippipe",
)
"""Planners and libraries of other people; docs/entrants.md says what each is."""

GROUPS: dict[str, tuple[str, ...]] = {"everybody": ENTRANTS, "third-party": THIRD_PARTY}
"""Entrants that can be named together."""


def strategy_class(name: str) -> type[Strategy]:
    """Import the class of a registered strategy; raises `BadInput` with the nearest name for an unknown one."""
    if name not in STRATEGIES:
        raise BadInput.unknown("strategy", name, STRATEGIES)
    module, _, attribute = STRATEGIES[name].target.partition(":")
    result: type[Strategy] = getattr(import_module(f"{__package__}.{module}"), attribute)
    return result
