"""A slot receives its own run, whatever a selector said of the run before."""

from __future__ import annotations

import os
import selectors
import stat

from tasklet_bench.bench.execution import ForkServer
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.instances import catalogue


def test_what_was_ready_for_the_run_before_does_not_end_the_reading_of_this_one() -> None:
    """A run's pipe may get the number of the last one's: read while still empty, it is read on, and all of it comes.

    The run reports far more than a pipe can hold. Unread, its worker waits in its write until its time is over.
    """
    problem = catalogue.load("generated/uniform?n=1024&dp=32&seed=1")
    budget = Budget(evaluations=1000, wall_s=60.0)
    spec = RunSpec(problem_ref(problem), entrant("local-search"), 0, budget)
    record = None
    with ForkServer([spec.entrant]) as server, server.slot() as slot, selectors.DefaultSelector() as selector:
        slot.start(spec, selector)
        (pipe,) = (number for number in selector.get_map() if stat.S_ISFIFO(os.fstat(number).st_mode))
        assert slot.hear(pipe) is None
        while record is None:
            for key, _ in selector.select(slot.seconds_left):
                record = record or slot.hear(key.fd)
    assert (record.status, record.evaluations) == ("ok", 1000)
    assert sum(row.cost_s > record.cost_s for row in record.trajectory) > 50
