"""Everything that the page shows, as plain values and tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.plugins import allocation_of, formal_of
from tasklet_bench.bench.report.answer import Board, first_view, sentences, title
from tasklet_bench.bench.report.drawing_text import drawing_text
from tasklet_bench.bench.report.figures import figure_tables, main_clock
from tasklet_bench.bench.report.heat_picture import heat_svg
from tasklet_bench.bench.report.map_picture import TALL
from tasklet_bench.bench.report.payload import table
from tasklet_bench.bench.report.picture import map_of, row_names
from tasklet_bench.bench.report.provenance import (
    failure_table,
    flag_table,
    provenance_data,
    retry_table,
    strategy_table,
)
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.simulated import iteration_data, seconds_table
from tasklet_bench.bench.report.summary import omnibus_sentence, too_few_instances, verdict_sentence
from tasklet_bench.bench.report.topology import LARGEST_HEAT_MAP, allocation_data, heat_map, topology_data
from tasklet_bench.bench.report.wording import budget_words
from tasklet_bench.bench.stats.machines import several_machines
from tasklet_bench.bench.stats.ranks import friedman
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.problems.families import SUMMARIES

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.problem import Problem

WIDE, NARROW, HEAT = 1120.0, 360.0, 420.0
"""Pixels of the drawings: maps for wide and for narrow screens, and heat maps."""
_LAND = '<use href="#land" class="land"/>'


def page_data(results: Results) -> dict[str, Any]:
    """The data block of the page."""
    if results.runs.empty:
        nothing = table(results.runs[[]])
        empty = dict.fromkeys(("strategies", "failures", "flags", "retries"), nothing)
        return {"samples": [], "instances": [], "first": 0, **empty}
    boards = [_board(sample, results) for sample in results.views]
    return {
        "samples": [_sample_data(board, boards, results) for board in boards],
        "first": first_view(results.views),
        "highlighted": list(results.highlighted),
        "instances": _instances(results),
        "strategies": table(strategy_table(results.distinct_runs)),
        "failures": table(failure_table(results.distinct_runs)),
        "retries": table(retry_table(results)),
        "flags": table(flag_table(results.distinct_runs)),
        "provenance": provenance_data(results),
    }


def board_of(sample: Sample, results: Results) -> Board:
    """A sample with the tables of its answer alone, which Markdown is made of."""
    from tasklet_bench.bench.stats.by_kind import decision_table
    from tasklet_bench.bench.stats.leaderboard import leaderboard
    from tasklet_bench.bench.stats.verdicts import verdict_table

    champion = results.champions.get(sample.suite)
    verdicts = verdict_table(sample, champion)
    return Board(
        sample,
        leaderboard(sample, champion, verdicts=verdicts),
        verdicts,
        decision_table(sample, results.kinds),
        seconds_table(sample, results.problems),
        champion,
    )


def _board(sample: Sample, results: Results) -> tuple[Board, dict[str, pd.DataFrame]]:
    tables = figure_tables(sample, results) | {"seconds": seconds_table(sample, results.problems)}
    champion = results.champions.get(sample.suite)
    shown = (tables[name] for name in ("leaderboard", "verdicts", "decisions", "seconds"))
    leaderboard, verdicts, decisions, seconds = shown
    return Board(sample, leaderboard, verdicts, decisions, seconds, champion), tables


def others_of(board: Board, boards: Sequence[Board]) -> list[Board]:
    """The boards of the same suite and the same view under other budgets."""
    own = board.sample
    return [
        other
        for other in boards
        if other is not board
        and (other.sample.suite_digest, other.sample.view) == (own.suite_digest, own.view)
        and other.sample.budget != own.budget
    ]


def _sample_data(
    drawn: tuple[Board, dict[str, Any]], boards: list[tuple[Board, dict[str, Any]]], results: Results
) -> dict[str, Any]:
    board, tables = drawn
    sample = board.sample
    family = _family(sample, results)
    return {
        "suite": sample.suite,
        "suite_digest": sample.suite_digest,
        "family": family,
        "objective": SUMMARIES.get(family, ""),
        "budget": sample.budget,
        "budget_words": budget_words(sample.budget),
        "view": sample.view,
        "champion": board.champion,
        "clock": main_clock(sample),
        "n_instances": len(sample.instances),
        "n_seeds": len(sample.seeds),
        "equal_within": sample.equal_within,
        "scope": sample.scope(),
        "mixed_machines": several_machines(sample.runs),
        "title": title(board),
        "answer": sentences(board, others_of(board, [other for other, _ in boards]), results.highlighted),
        "alone": board.alone,
        "seconds_to_spend": _seconds_to_spend(sample),
        "too_few": "" if board.alone else too_few_instances(board.leaderboard, sample),
        "omnibus": omnibus_sentence(friedman(sample)),
        "sentences": [verdict_sentence(row) for row in board.verdicts.to_dict("records")],
        "tables": {name: table(frame) for name, frame in tables.items()},
    }


def _family(sample: Sample, results: Results) -> str:
    """The family that most instances of a sample are of; empty where none could be made."""
    families = [results.problems[name].family for name in sample.instances if name in results.problems]
    return max(families, key=families.count, default="")


def _seconds_to_spend(sample: Sample) -> float:
    """CPU seconds of a run: those of its budget, else the median of what runs took."""
    runs = sample.runs
    if runs["budget_cpu_s"].notna().all() and runs["budget_evaluations"].isna().all():
        return float(runs["budget_cpu_s"].max())
    return float(runs["cpu_s"].median())


def _instances(results: Results) -> list[dict[str, Any]]:
    import pandas as pd

    runs = pd.concat([sample.runs for sample in results.samples], ignore_index=True)
    return [_instance(str(name), own, results) for name, own in runs.groupby("problem", sort=True)]


def _instance(name: str, runs: pd.DataFrame, results: Results) -> dict[str, Any]:
    """One instance; its sites and the best candidate only of problems that could be made of their name."""
    digest, reference_s, reference = runs.iloc[0][["problem_digest", "reference_s", "reference"]]
    data: dict[str, Any] = {
        "name": name,
        "digest": digest,
        "kinds": results.kinds.get(name, {}),
        "reference_s": reference_s,
        "reference": reference,
        "proven": digest in results.proven,
    }
    named = results.problems.get(name)
    if named is None or named.digest != digest:
        return data
    data |= counts(named) | {"family": named.family, "facts": {key: str(value) for key, value in named.facts().items()}}
    ok = runs[(runs["status"] == "ok") & runs["candidate"].notna()].sort_values("cost_s", kind="stable")
    best = None if ok.empty else ok.iloc[0]
    problem = formal_of(named)
    candidate = None if best is None else json.loads(best["candidate"])
    allocation = None if candidate is None else allocation_of(candidate)
    reported = {} if best is None else {"strategy": best["strategy"], "cost_s": best["cost_s"]}
    if best is not None:
        reported["parts_s"] = json.loads(best["parts_s"])
    if problem is None:
        decision = None if candidate is None else list(drawing_text(named, candidate))
        return data | {"decision": {**reported, "lines": decision}} if decision else data
    grid = None if allocation is None else allocation.grid
    data |= {"topology": topology_data(problem, grid), "drawings": drawings(problem, grid)}
    if grid is None:
        return data
    return data | {
        "best": reported | allocation_data(problem, grid),
        "iteration": iteration_data(problem, grid),
    }


def counts(problem: Problem) -> dict[str, int]:
    """Devices, sites (0 where each device is one of its own) and kinds of devices, by which a reader finds theirs."""
    sites = problem.sites
    kinds = {(site.device, site.tflops, site.memory_gb) for site in sites}
    return {
        "n_devices": sum(site.devices for site in sites),
        "n_sites": 0 if all(site.devices == 1 for site in sites) else len(sites),
        "n_kinds": max(1, len(kinds)),
    }


def drawings(problem: AllocationProblem, grid: Any = None) -> dict[str, str | None]:
    """Maps for wide and for narrow screens, None without sites or coordinates, and the heat map; land is elsewhere."""
    heat = heat_map(problem, LARGEST_HEAT_MAP, grid)
    sited = heat.unit == "site"
    return {
        "map": map_of(problem, WIDE, land=_LAND) if sited else None,
        "map_narrow": map_of(problem, NARROW, shape=TALL, land=_LAND) if sited else None,
        "heat": heat_svg(heat, row_names(problem, heat), HEAT),
    }
