"""Loading what all runs need, once, before anything is forked; with two cores, by two processes where it is compiled.

Compiling takes minutes where no compiled code is cached yet, and most of it is done for one type of ranks after the
other. So a helper goes through the same list and begins with another type: what one has compiled the other finds in
the cache. Where everything is cached already, the helper is a second of another core's time.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
from collections.abc import Iterator, Sequence

from tasklet_bench.bench.execution import process_tree
from tasklet_bench.bench.execution.limits import cores

SAMPLE = "paper/worldwide"
"""An instance that is loaded and scored once in advance, so that forks find ready what all instances need."""

PLAIN_STRATEGY = "random-partition"
"""A strategy that is described once in advance."""


def preload(prepared: Sequence[str]) -> None:
    """Load the kernels and some strategies, each as JSON, `["name", {parameters}]`.

    The collector is kept from touching what is loaded, so that forks share its memory.
    """
    with _helped(prepared) if len(cores()) > 1 else contextlib.nullcontext():
        _load(prepared)
    gc.collect()
    gc.freeze()


def _load(prepared: Sequence[str]) -> None:
    from tasklet_bench.bench.execution.problem_cache import make_ready
    from tasklet_bench.bench.plugins import entrant, load_strategy
    from tasklet_bench.problems.allocation.kernels import warm_up
    from tasklet_bench.problems.instances import catalogue

    warm_up()
    make_ready(catalogue.load(SAMPLE))
    entrant(PLAIN_STRATEGY)  # what the project's modules mean is found out once, not by each run of a plug-in
    for text in prepared:
        name, parameters = json.loads(text)
        with contextlib.suppress(Exception):  # what cannot be prepared here fails in its own run, and says so
            load_strategy(entrant(name, parameters)).prepare()


@contextlib.contextmanager
def _helped(prepared: Sequence[str]) -> Iterator[None]:
    """Let a helper load the same, in another order, until this process is done."""
    parent = os.getpid()
    helper = os.fork()
    if helper == 0:
        try:
            process_tree.die_with_parent(parent)
            _begin_with_other_ranks()
            _load(prepared)
        finally:
            os._exit(0)
    try:
        yield
    finally:
        os.kill(helper, signal.SIGKILL)
        os.waitpid(helper, 0)


def _begin_with_other_ranks() -> None:
    """Modules that are imported from now on find the types of ranks in another order."""
    from tasklet_bench.problems.allocation.kernels import packing as ranks

    first, second, *others = ranks.RANK_TYPES
    ranks.RANK_TYPES = (second, first, *others)
