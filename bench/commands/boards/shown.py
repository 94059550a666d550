"""What `run` shows of a store when all is made: page and rankings, worked out again only where something changed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tasklet_bench.bench.commands.boards.report import PAGE_NAME
from tasklet_bench.bench.commands.boards.results import results_of

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.campaign import Campaign
    from tasklet_bench.bench.report.kept_rankings import Summary
    from tasklet_bench.bench.report.results import Results


COSTS = ("tasklet_bench.problems.compiled",)
RANKS = ("pandas", "scipy.stats", "tasklet_bench.bench.stats.leaderboard", "tasklet_bench.bench.report.terminal")
PAGE = ("tasklet_bench.bench.report.page",)


def importing(*modules: str) -> Iterator[str]:
    """Import modules one after the other, such as `COSTS`, `RANKS` and `PAGE` while there is nothing else to do."""
    for name in modules:
        import_module(name)
        yield name


def shown(campaign: Campaign, out: Path, published: Results | None) -> tuple[Summary, bool]:
    """What there is to say of a campaign's results in the folder `out`, and whether its page was kept as it was.

    `published` results are set beside the own ones. Where nothing has changed since the last time, no run is looked at.
    """
    from tasklet_bench.bench.report import kept_rankings
    from tasklet_bench.bench.report.standing import made_from, stands
    from tasklet_bench.bench.results.store import Store

    place = kept_rankings.place_of(out, campaign.suite_digest, [budget.name for budget in campaign.budgets])
    with Store(out) as store:
        about = (campaign.suite, campaign.suite_digest, campaign.champion or "")
        origin = made_from(store, *about) if published is None else None  # first, in case that rows are added meanwhile
        stood = stands(out / PAGE_NAME, origin)
        kept = kept_rankings.read(place, origin) if stood else None
        if kept is not None:
            return kept, stood
        own = results_of(store, campaign.suite_digest, {campaign.suite: campaign.champion})
    results = own if published is None or own.runs.empty else _beside(own, published)
    if not stood:
        _write_page(results, out / PAGE_NAME, origin)
    summary = _summary(campaign, own, results)
    kept_rankings.keep(place, origin, summary)
    return summary, stood


def _beside(own: Results, published: Results) -> Results:
    from tasklet_bench.bench.report.beside import set_beside

    return set_beside(own, published)


def _write_page(results: Results, path: Path, origin: str | None) -> None:
    from tasklet_bench.bench.report import page
    from tasklet_bench.bench.report.standing import mark

    page.write(results, path)
    mark(path, origin)


def _summary(campaign: Campaign, own: Results, results: Results) -> Summary:
    from tasklet_bench.bench.report.kept_rankings import Summary
    from tasklet_bench.bench.report.ranking import Ranking
    from tasklet_bench.bench.results import best_known
    from tasklet_bench.bench.stats.leaderboard import leaderboard

    budgets = {budget.name for budget in campaign.budgets}
    samples = [sample for sample in results.samples if sample.budget in budgets] if len(results.runs) else []
    tables = [leaderboard(sample, campaign.champion or None) for sample in samples]
    rankings = (Ranking.of(table, sample, results.highlighted) for table, sample in zip(tables, samples, strict=True))
    return Summary(tuple(rankings), tuple(best_known.store_improvement_messages(own.runs)))
