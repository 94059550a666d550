"""What a problem of the family decides: a stage for each device, or a cell, with the spares as one more group."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tasklet_bench.problems.allocation.rules import Contradiction, Rules
from tasklet_bench.problems.decisions.grouping import Grouping
from tasklet_bench.problems.decisions.ruled_grouping import NOWHERE, Relation, RuledGrouping, Unsatisfiable
from tasklet_bench.problems.workload import Shape


def decide_stages(rules: Rules, n_devices: int, shape: Shape) -> Grouping | RuledGrouping:
    """Label j of K is a stage, or any stage where none is pinned; label K stands for the spares.

    Raises `Contradiction` for rules that no allocation keeps; they must not be about replicas.
    """
    k = shape.pipeline_parallel
    return _decide(rules, n_devices, (shape.data_parallel,) * k, lambda cell: cell, lambda _: NOWHERE)


def decide_cells(rules: Rules, n_devices: int, shape: Shape) -> Grouping | RuledGrouping:
    """Label i·K + j is stage j of replica i, as a grid is read row by row; label D·K stands for the spares.

    Raises `Contradiction` for rules that no allocation keeps.
    """
    k = shape.pipeline_parallel
    return _decide(rules, n_devices, (1,) * shape.n_devices, lambda cell: cell % k, lambda cell: cell // k)


def _decide(
    rules: Rules,
    n_devices: int,
    sizes: tuple[int, ...],
    stage_of: Callable[[int], int],
    row_of: Callable[[int], int],
) -> Grouping | RuledGrouping:
    spares, n_places = n_devices - sum(sizes), len(sizes)
    grouping = Grouping.of_sizes((*sizes, spares) if spares else sizes)
    if not rules:
        return grouping
    allowed = dict.fromkeys(rules.exclude, (n_places,))
    for pin in rules.pins:
        allowed[pin.device] = tuple(
            place
            for place in range(n_places)
            if pin.stage in (None, stage_of(place)) and pin.replica in (None, row_of(place))
        )
    keys = {"stage": stage_of, "replica": row_of}
    relations = [
        Relation(bond.devices, _keys(keys[bond.place], n_places, spares), same, _says(bond.devices, same, bond.place))
        for bonds, same in ((rules.together, True), (rules.apart, False))
        for bond in bonds
    ]
    try:
        return RuledGrouping(grouping, allowed, tuple(relations))
    except Unsatisfiable:
        names = " and ".join(key for key in rules.to_json())
        raise Contradiction(names, "rules that no allocation keeps all of", "fewer of them, or more spares") from None


def _keys(key_of: Callable[[int], int], n_places: int, spares: int) -> tuple[int, ...]:
    places = tuple(key_of(place) for place in range(n_places))
    return (*places, NOWHERE) if spares else places


def _says(devices: Sequence[int], same: bool, place: str) -> str:
    listed = ", ".join(map(str, devices))
    return f"devices {listed} belong in {f'one {place}' if same else f'{place}s of their own'}"
