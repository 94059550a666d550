"""A campaign of short runs, as a process of its own that a test can kill: `python long_campaign.py FOLDER RUNS`."""

from __future__ import annotations

import sys
from pathlib import Path

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.instances import catalogue

BURNS = f"{Path(__file__).parent / 'faulty.py'}:burns_50_ms"


def campaign(runs: int) -> Campaign:
    """So many runs of 50 ms each."""
    problem = catalogue.load("paper/worldwide")
    return Campaign(
        suite="long",
        suite_digest="long",
        problems=((problem_ref(problem), problem.family),),
        entrants=(entrant(BURNS),),
        budgets=(Budget(evaluations=10),),
        seeds=tuple(range(runs)),
    )


def main(folder: Path, runs: int) -> None:
    """Make what is missing, two runs at a time."""
    with Store(folder, writing=True) as store:
        conduct(campaign(runs), store, workers=2)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
