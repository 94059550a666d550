"""Large-neighbourhood search on whole grids in simulated seconds: some stages or pipelines are destroyed and repaired.

The devices of two or three stages, or of as many pipelines, are shuffled among the cells that they stood in, and a
short cooling of these cells alone fits them in again. What is not slower than the current grid by more than a little
is kept. Where layers are free, some move between the destroyed stages as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.decisions.composition import Composition
from tasklet_bench.problems.iteration_time.starts import fit_layers
from tasklet_bench.strategies.annealing.grid import FLAT_S, PROBES, random_allocation, score_starts, search_uncompiled
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.slices import Slices

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time import IterationTimeProblem
    from tasklet_bench.strategies.shared.grid_walk import GridWalker

DESTROYED = (2, 4)
"""How many stages or pipelines are shuffled, at least and less than."""
MOVES_PER_CELL, STEPS = 30, 8
"""Moves of a repair for each of its cells, in so many temperatures."""
HOT, COLD = 0.05, 0.0005
"""First and last temperature of a repair, in mean changes by a random swap."""
SHUFFLED = 0.3
"""How often cells are shuffled before they are repaired; otherwise the cooling alone disturbs them."""
TOLERANCE = 0.01
"""By how much a repaired grid may be slower than the current one, as a share."""
PATIENCE = 60
"""Repairs in a row without anything better in a round that end it; rounds begin at the best and at random in turn."""
LAYERS_MOVED = 3
"""Most layers that are moved where layers are destroyed."""


def search_grid(problem: IterationTimeProblem, run: Run, rng: np.random.Generator) -> None:
    """Destroy and repair until the budget is spent; by the decision's own neighbours where links share rates."""
    if problem.options.sharing != "independent":
        search_uncompiled(problem, run, rng)
        return
    from tasklet_bench.strategies.shared.grid_walk import GridWalker

    slices = Slices(run, problem.shape.n_devices)
    walker = GridWalker(problem, rng)
    starts = sorted(score_starts(problem, run, rng, slices), key=lambda start: start[0])
    if run.exhausted or not starts or not walker.can_move:
        return
    best_s, best = starts[0]
    current_s, current = best_s, best
    walker.begin(best)
    left = run.remaining.evaluations
    unit_s, scored = walker.mean_rise_s(PROBES if left is None else min(PROBES, left // 40 + 1))
    run.submit(walker.best, scored)
    unit_s, failed, rounds = unit_s or FLAT_S, 0, 0
    round_s = best_s
    while not run.exhausted:
        scored = _repair(walker, problem, rng, current, unit_s)
        left = run.remaining.evaluations
        run.submit(walker.best, scored if left is None else min(scored, left))
        if walker.best_s <= current_s * (1 + TOLERANCE):
            current_s, current = walker.best_s, walker.best
        failed += 1
        if walker.best_s < round_s:
            round_s, failed = walker.best_s, 0
        if walker.best_s < best_s:
            best_s, best = walker.best_s, walker.best
        if failed >= PATIENCE:
            rounds, failed = rounds + 1, 0
            current = random_allocation(problem, rng) if rounds % 2 else best
            current_s = walker.begin(current)
            if current_s == np.inf:
                current_s, current = best_s, best
            round_s = current_s


def _repair(
    walker: GridWalker, problem: IterationTimeProblem, rng: np.random.Generator, current: Allocation, unit_s: float
) -> int:
    """Destroy a part of a grid and cool it; returns how many allocations were scored."""
    cells = _cells(rng, *current.grid.shape)
    where = np.flatnonzero(cells)
    grid = current.grid.copy()
    if rng.random() < SHUFFLED:
        grid.ravel()[where] = grid.ravel()[rng.permutation(where)]
    layers = current.layers
    if layers is not None and rng.random() < SHUFFLED:
        layers = fit_layers(problem, grid) if rng.random() < 0.5 else _moved(problem, layers, rng)
    if walker.begin(Allocation(grid, layers)) == np.inf:
        walker.begin(current)
    scored = 1
    for step in range(STEPS):
        temperature_s = unit_s * HOT * (COLD / HOT) ** (step / (STEPS - 1))
        scored += walker.walk(temperature_s, MOVES_PER_CELL * len(where) // STEPS + 1, cells)
        scored += walker.move_layer(temperature_s)
        if step % 2:
            scored += walker.move_layer(temperature_s)
    return scored


def _moved(problem: IterationTimeProblem, layers: tuple[int, ...], rng: np.random.Generator) -> tuple[int, ...]:
    """Layers of which some have changed their stage."""
    composition, counts = Composition(problem.n_layers, len(layers)), np.array(layers)
    for _ in range(1 + int(rng.integers(LAYERS_MOVED))):
        counts = composition.neighbour(counts, rng)
    return tuple(counts.tolist()) if counts.min() >= problem.options.held_chunks else layers


def _cells(rng: np.random.Generator, n_pipelines: int, n_stages: int) -> NDArray[np.bool_]:
    """Flags of the cells `(N,)` of some stages or of some pipelines."""
    cells = np.zeros((n_pipelines, n_stages), dtype=bool)
    count = int(rng.integers(*DESTROYED))
    if n_stages > 1 and (n_pipelines == 1 or rng.random() < 0.5):
        cells[:, rng.permutation(n_stages)[:count]] = True
    else:
        cells[rng.permutation(n_pipelines)[:count]] = True
    return cells.ravel()
