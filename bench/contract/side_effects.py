"""Clauses about side effects: a strategy leaves alone what is not its own, and can be named and sent about."""

from __future__ import annotations

import re

from tasklet_bench.bench.contract.clause import Broken
from tasklet_bench.bench.contract.packaging import reserved_names_taken
from tasklet_bench.bench.contract.trial import Watch, finding
from tasklet_bench.bench.contract.trials import Trials
from tasklet_bench.bench.runs import flags

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def problem_unmodified(trials: Trials) -> str:
    """The problem and its arrays are after a search what they were before it."""
    trial = trials.make(trials.instances.plain, watch=Watch())
    changed = [note["name"] for note in trial.saw("changed")]
    if changed:
        raise Broken("a problem that nobody changes (copy what you want to write to)", f"changed: {', '.join(changed)}")
    if "read-only" in (trial.record.error or ""):
        raise Broken("a problem that nobody writes to (copy first)", "an attempt to", trial.record.error)
    return finding("every array and every attribute is what it was", trial)


def survives_pickling(trials: Trials) -> str:
    """A pickled copy of the strategy, made after `prepare`, searches as the strategy itself does."""
    trial, again = (trials.make(trials.instances.plain, watch=Watch(), again=again) for again in (0, 1))
    copied = trials.make(trials.instances.plain, watch=Watch(pickled=True))
    for note in copied.saw("unpicklable"):
        raise Broken("a strategy that can be pickled (keep what cannot be out of its attributes)", note["error"])
    if copied.record.status != trial.record.status:
        raise Broken(
            f"a copy that ends as the strategy does ({trial.record.status})",
            copied.record.status,
            copied.record.error,
        )
    if copied.curve != trial.curve and trial.curve == again.curve:
        raise Broken("a copy that searches as the strategy does", "another search from the same seed")
    return finding("a pickled copy searches as well", copied)


def best_known_unread(trials: Trials) -> str:
    """No table of known results is opened, by itself or by a program that it starts: a search finds its results."""
    trial = trials.make(trials.instances.plain, watch=Watch())
    if flags.READS_TABLE in trial.record.flags:
        raise Broken("no table of best-known costs opened, nor anything else under results/", "an attempt to open it")
    for note in trial.saw("opened"):
        raise Broken("no table of best-known costs opened, nor anything else under results/", f"opened: {note['path']}")
    return finding("no file of results opened", trial)


def nothing_kept(trials: Trials) -> str:
    """Nothing is carried from one run to the next: no file is written that the next could read."""
    trial = trials.make(trials.instances.plain, watch=Watch())
    for note in trial.saw("wrote"):
        raise Broken("no file written outside the run's own folder (the working directory)", f"written: {note['path']}")
    return finding("no file left for another run", trial)


def well_described(trials: Trials) -> str:
    """The name is in lower case with hyphens, and a package brings no top-level name that is taken already."""
    name = trials.of.strategy_name
    if not _NAME.fullmatch(name):
        raise Broken("a name in lower case, words joined by hyphens", repr(name))
    taken = reserved_names_taken(trials.of.target)
    if taken:
        raise Broken("a package without top-level names of the suite's own", f"it installs {', '.join(taken)}")
    return f"{name}, version {trials.of.strategy_version}"
