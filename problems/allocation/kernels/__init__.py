"""The cost of partitions and grids in compiled code: exact, incremental, callable from any other compiled code.

`problems/allocation/cost_model.py` is the readable truth; these functions equal it. A search loop of one's own::

    from tasklet_bench.problems.allocation.kernels import commit, new_state, pack, propose_swap, rollback, start
    from tasklet_bench.problems.compiled import jit

    @jit
    def descend(pack, state, labels, swaps):
        cost_s = start(pack, state, labels)
        for a, b in swaps:
            proposed_s = propose_swap(pack, state, a, b)
            if proposed_s <= cost_s:
                commit(pack, state)
                cost_s = proposed_s
            else:
                rollback(pack, state)
        return cost_s

    ready = pack(problem)
    descend(ready, new_state(ready), labels, swaps)

**A problem made ready.** `pack(problem) -> Pack` (Python only; kept with the problem, so asking again is free) holds
the matrices and the scratch memory of one evaluation, so a pack serves one thread. `pack.group_size` is D,
`pack.n_groups` K, `pack.n_devices` N, `pack.class_s` the distinct pair seconds of the pipeline in ascending order,
shape `(R,)`: a *class* is an index into it. Of the N devices `pack.n_spares` stand in no group; their label and their
stage is K.

`warm_up()` (Python only) compiles or loads what `AllocationProblem.cost` and `.allocation` need, for the types of ranks
that `rank_types_in_use()` names: those of the problems packed so far in this process.
Compiled functions of your own: `problems.compiled.jit`. One that allocates nothing and is handed packs and states in a
hot loop is faster with `@jit(allocates=False)`.

**Whole evaluations.** Labels are int64 `(N,)`, 0..K-1, each D times, and K for spares (not checked here).

- `evaluate(pack, labels) -> (data_parallel_s, pipeline_s)` at the best wiring and order: exact up to 12 groups, above
  with the order that a deterministic local search finds, an upper bound.
- `evaluate_batch(pack, labels, cost_s)`: labels `(M, N)`, totals written to `cost_s` float64 `(M,)`.
- `write_grid(pack, labels, grid) -> (data_parallel_s, pipeline_s)`: writes the best wiring and order to `grid`, int64
  `(D, K)`; it costs exactly, to the last bit, what `evaluate` says.
- `evaluate_grid(pack, grid) -> (data_parallel_s, pipeline_s)`: a grid as it is wired.
- `order_labels(pack, labels) -> (data_parallel_s, pipeline_s)`: renames the groups in place, so that group j stands at
  stage j of the best order; what `start` wants.

- `put_in_order(pack, labels)` (Python only): what `order_labels` does, without code of its own.

**The ordered state** keeps the order of the stages fixed, so a move costs a few neighbour matchings and no path. Its
cost is at least that of the same partition in its best order: ask `evaluate` for incumbents. Equal costs may differ in
their last bits, since the devices of a stage are added up in the order in which they came to it.

- `new_state(pack) -> State` (Python only): memory only.
- `start(pack, state, labels) -> cost_s`: label j stands at stage j.
- `propose_swap(pack, state, a, b) -> cost_s`: two devices change places (of one stage: nothing changes);
  one of them may be a spare.
- `propose_reversal(pack, state, first, last) -> cost_s`: the stages first..last in reversed order.
- `commit(pack, state)` or `rollback(pack, state)`: one of them must follow each proposal.
- `write_labels(pack, state, labels)`: the stage of each device, to `(N,)`.

Readable at any time: `state.parts_s` float64 `(2,)` (data parallel, pipeline) of the committed state;
`state.boundary_class` int64 `(K-1,)`, the class of each boundary; `state.boundary_below` int64 `(K-1,)`, how many of
its D rows can be matched one class below (0 at class 0): what a search climbs on plateaus; `state.stage_of` int64
`(N,)`. After a proposal and before its end: `state.proposed_s` float64 `(2,)`; `state.n_touched[0]` boundaries are
recomputed, `state.touched[i]` (its position 0..K-2), `state.touched_class[i]`, `state.touched_below[i]`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
