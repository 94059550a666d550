"""A strategy that carries out another one and notes what it does: the clauses' eyes inside the child of a run.

The child loads this file as it loads any plug-in, so a watched strategy runs under the same limits and the same meter
as in a campaign. What is seen is written to a file at once, a JSON object a line, so that it outlives a kill.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tasklet_bench.bench.contract.fingerprints import fingerprints
from tasklet_bench.bench.contract.scored import Scored
from tasklet_bench.bench.plugins import load_strategy
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.runs.spec import Entrant
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class Watched(Strategy):
    """Search as the entrant `of` (JSON) does, and note into the file `notes` what can be seen only from here.

    `global_seed` is where the global random generators of Python and NumPy are set before the search; with `pickled`
    it is a pickled copy of the strategy that searches; with `idle` nobody does.
    """

    name = "watched"
    families = ("*",)
    of: str = "{}"
    notes: str = os.devnull
    global_seed: int = 1
    pickled: bool = False
    idle: bool = False

    def prepare(self) -> None:
        """Load and prepare the entrant; from now on every file that is opened is seen."""
        sys.addaudithook(_FilesOpened(self._note))
        strategy = load_strategy(Entrant(**json.loads(self.of)))
        strategy.prepare()
        object.__setattr__(self, "_strategy", strategy)

    def search(self, problem: Any, run: Run, rng: np.random.Generator) -> None:
        """Let the entrant search, between two looks at the problem."""
        if self.idle:
            return
        strategy: Strategy = vars(self)["_strategy"]
        if self.pickled:
            strategy = self._copied(strategy)
        scored = Scored(problem, run, self._note)
        before = fingerprints(problem)
        unused = rng.bit_generator.state
        random.seed(self.global_seed)
        np.random.seed(self.global_seed)  # noqa: NPY002 - whether the strategy draws from it is to be found out
        entered = time.process_time()
        try:
            strategy.search(problem, scored, rng)  # type: ignore[arg-type]  # as a run, by its attributes
        finally:
            searched_s = time.process_time() - entered
            self._note("scored", search_cpu_s=searched_s, **vars(scored.account))
            if rng.bit_generator.state != unused:
                self._note("drew")
            after = fingerprints(problem)
            for name in sorted(name for name in before if after.get(name) != before[name]):
                self._note("changed", name=name)

    def _copied(self, strategy: Strategy) -> Strategy:
        try:
            return unpickled(strategy)
        except Exception as fault:
            self._note("unpicklable", error=f"{type(fault).__name__}: {fault}")
            raise

    def _note(self, saw: str, **what: Any) -> None:
        with Path(self.notes).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"saw": saw, **what}) + "\n")


def unpickled(strategy: Strategy) -> Strategy:
    """A copy of a strategy by way of its pickle; its class is taken as given, since a plug-in's is made when loaded."""
    cls = type(strategy)

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: Any) -> str | None:
            return "class" if value is cls else None

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, _: str) -> type[Strategy]:
            return cls

    data = io.BytesIO()
    Pickler(data).dump(strategy)
    data.seek(0)
    copy: Strategy = Unpickler(data).load()
    return copy


class _FilesOpened:
    """An audit hook that notes when a table of best-known costs, or anything else under `results/`, is opened."""

    def __init__(self, note: Callable[..., None]) -> None:
        self._note = note
        table = best_known.default_path().resolve()
        results = table.parent.parent if table.parent.name == "best_known" else table.parent
        self._forbidden = f"{results}{os.sep}"

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if path.startswith(self._forbidden) or path.endswith(best_known.FILE_NAME):
                self._note("opened", path=path)
