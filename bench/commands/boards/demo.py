"""`demo`: what a leaderboard looks like, within seconds of installing."""

from __future__ import annotations

import typer

SUITE, INSTANCE = "tensor-parallel", "tensor-parallel/measured/hybrid-dgx2-t4-a10-24"
"""An instance whose costs need little compiled code."""
STRATEGIES = ("random", "known-starts", "local-search", "evolution-strategy")
"""Strategies without compiled code of their own, which takes most of a first minute."""
EVALUATIONS, SEEDS = 1000, 3


def demo() -> None:
    """Print a leaderboard of one instance in seconds: real runs of strategies that need little, which are not kept.

    24 GPUs of three kinds are to train GPT-3 XL: in which shape of tensor × pipeline × data parallelism, and which GPU
    does what? Left out is what takes compiling, such as shape-search, which `run tensor-parallel` has.
    """
    import tempfile
    from pathlib import Path

    from tasklet_bench.bench.campaigns.campaign_file import Changes, campaign_of
    from tasklet_bench.bench.campaigns.progress import Progress
    from tasklet_bench.bench.campaigns.runner import conduct
    from tasklet_bench.bench.commands.boards.results import results_of
    from tasklet_bench.bench.commands.boards.shown import COSTS, RANKS, importing
    from tasklet_bench.bench.commands.output import stopped, text_console
    from tasklet_bench.bench.report import terminal
    from tasklet_bench.bench.report.ranking import Ranking
    from tasklet_bench.bench.results.store import Store
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.bench.runs.machine import without_calibration
    from tasklet_bench.bench.stats.leaderboard import leaderboard

    budget = Budget(evaluations=EVALUATIONS)
    campaign = campaign_of(SUITE, Changes(strategies=STRATEGIES, problems=(INSTANCE,), budget=budget, seeds=SEEDS))
    typer.echo(f"{len(campaign.entrants)} entrants on {INSTANCE}, {budget.name}, {SEEDS} seeds", err=True)
    with tempfile.TemporaryDirectory(prefix="tasklet-bench-demo-") as folder:
        with Store(Path(folder), writing=True) as store, Progress() as progress, without_calibration():
            outcome = conduct(campaign, store, on_event=progress, meanwhile=importing(*COSTS, *RANKS))
        with Store(Path(folder)) as store:
            samples = results_of(store, campaign.suite_digest).samples if outcome.made else []
    console = text_console()
    for sample in samples:
        console.print(terminal.render(Ranking.of(leaderboard(sample), sample)))
    if not outcome.finished:
        stopped()
    console.print("all strategies on seven instances: tasklet-bench run; your own network: tasklet-bench solve --help")
