"""What a program is worth that a program-search system has written: its score on a suite, and what to tell about it.

The program is a file with a strategy's class. It runs as any plug-in does, each run in a process of its own, with fixed
seeds, so that the same program always gets the same score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

_WORST = 3
"""Instances and errors that the feedback names."""


@dataclass(frozen=True)
class ProgramScore:
    """Mean of best known cost over cost, in [0, 1], 0 for failed runs; the same by instance; and feedback in words."""

    score: float
    by_instance: Mapping[str, float]
    failed: int
    runs: int
    feedback: str


def score_program(
    program: Path,
    class_name: str = "Evolved",
    *,
    suite: str = "train",
    evaluations: int = 300,
    seeds: int = 1,
    problems: tuple[str, ...] = (),
    workers: int | None = None,
) -> ProgramScore:
    """Run a program on a suite, or on some of its instances, and score it.

    A program that cannot be imported, or is no strategy, scores 0, and the feedback says why. Raises `BadInput` for an
    unknown suite or instance.
    """
    changes = Changes((f"{program}:{class_name}",), problems, Budget(evaluations=evaluations), seeds)
    campaign_of(suite, Changes(("random",), problems))
    try:
        campaign = campaign_of(suite, changes)
    except BadInput as fault:
        return ProgramScore(0.0, {}, 0, 0, f"the program cannot be used: {fault}")
    from tasklet_bench.bench.results.store import Store

    with TemporaryDirectory(prefix="agent-task-") as folder:
        with Store(Path(folder), writing=True) as store:
            conduct(campaign, store, workers=workers)
        with Store(Path(folder)) as store:
            return _score_of(store.runs())


def _score_of(runs: pd.DataFrame) -> ProgramScore:
    from tasklet_bench.bench.results import best_known
    from tasklet_bench.bench.stats.metrics import scored

    table = scored(runs, {digest: entry.cost_s for digest, entry in best_known.read().items()})
    by_instance = table.groupby("problem")["score"].mean().sort_values()
    score, failed = float(by_instance.mean()), table[table["failed"]]
    worst = ", ".join(f"{name} ({value:.3f})" for name, value in by_instance.head(_WORST).items())
    lines = [f"score {score:.4f} over {len(by_instance)} instances; worst: {worst}"]
    lines += [
        f"failed on {run['problem']} ({run['status']}): {str(run['error']).strip().splitlines()[-1]}"
        for run in failed.head(_WORST).to_dict("records")
    ]
    return ProgramScore(score, dict(by_instance), len(failed), len(table), "\n".join(lines))
