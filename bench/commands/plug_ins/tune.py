"""`tune`: better parameters for a strategy, and whether they are."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tasklet_bench.bench.commands.inputs import budget_typed
from tasklet_bench.bench.commands.options import (
    CpuSecondsOption,
    EvaluationsOption,
    JsonOption,
    ResultsOption,
    WallSecondsOption,
)
from tasklet_bench.bench.commands.output import print_json, stopped, text_console

if TYPE_CHECKING:
    from tasklet_bench.bench.campaigns.campaign import Campaign
    from tasklet_bench.bench.campaigns.tune import Trial, Tuning
    from tasklet_bench.bench.runs.spec import ProblemRef
    from tasklet_bench.bench.stats.compare import Duel

FILE_NAME = "tuned.toml"


def tune(
    strategy: Annotated[
        str, typer.Argument(metavar="STRATEGY", help="A name, or path/to/file.py:Class; parameters in brackets stay.")
    ],
    trials: Annotated[int, typer.Option(min=1, metavar="N", help="Parameters to try, beside the defaults.")] = 20,
    evaluations: EvaluationsOption = None,
    cpu_seconds: CpuSecondsOption = None,
    wall_seconds: WallSecondsOption = None,
    seeds: Annotated[int, typer.Option(min=1, max=1_000_000, metavar="K", help="Seeds 0 to K-1 of each run.")] = 3,
    train: Annotated[str, typer.Option(metavar="SUITE|FILE", help="What to tune on.")] = "train",
    test: Annotated[str, typer.Option(metavar="SUITE|FILE", help="What to report on.")] = "test",
    sampler_seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of what is tried.")] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, max=4096, metavar="W", help="Runs at a time; as many as cores by default.")
    ] = None,
    out: ResultsOption = Path("results/tune"),
    as_json: JsonOption = False,
) -> None:
    """Tune a strategy's parameters on one half of the instances, and compare with the defaults on the other half.

    What is tuned on shares no base (a measured table, a kind of generated instances) with what is reported on.
    Writes tuned.toml, a campaign of both. Ctrl-C keeps what is done, and the same command goes on from there; so does
    one with more trials.
    """
    from tasklet_bench.bench.campaigns.campaign_file import SUITE_BUDGET, Changes, campaign_of
    from tasklet_bench.bench.campaigns.tune import judge_winner
    from tasklet_bench.bench.campaigns.tune import tune as tuned
    from tasklet_bench.bench.results.store import Store

    budget = budget_typed(evaluations, cpu_seconds, wall_seconds) or SUITE_BUDGET
    changes = Changes(strategies=(strategy,), budget=budget, seeds=seeds)
    on, at = _disjoint(campaign_of(train, changes), campaign_of(test, changes))
    with Store(out, writing=True) as store:
        tuning_result = tuned(strategy, on, store, trials, sampler_seed, workers, on_trial=_say)
        result = None
        with suppress(KeyboardInterrupt):
            result = judge_winner(tuning_result, at, store, workers) if tuning_result.finished else None
    moved = tuning_result.best.entrant.name != tuning_result.default.name
    finished = tuning_result.finished and (result is not None or not moved)
    file = out / FILE_NAME
    file.write_text(
        _campaign_file(strategy, tuning_result, test, at, _in_words(tuning_result, on, result)), encoding="utf-8"
    )
    if as_json:
        print_json(_figures(tuning_result, result, finished, file))
    else:
        _print(tuning_result, on, result, file)
    if not finished:
        stopped()


def _disjoint(on: Campaign, at: Campaign) -> tuple[Campaign, Campaign]:
    """Both campaigns, so that the second says something about what was tuned on the first.

    The second is left without the first's instances, and the first without those of the second's bases (a table, a kind
    of generated instances), unless it has no others.
    """
    from tasklet_bench.problems.bad_input import BadInput

    seen = {ref.digest for ref, _ in on.problems}
    left = tuple(pair for pair in at.problems if pair[0].digest not in seen)
    if not left:
        raise BadInput.at("option --test", "instances", "only those of --train", "others, to report on")
    bases = {_base(ref) for ref, _ in left}
    apart = tuple(pair for pair in on.problems if _base(pair[0]) not in bases)
    return replace(on, problems=apart or on.problems), replace(at, problems=left)


def _base(ref: ProblemRef) -> str:
    """What an instance is made of: its name without the query; a problem file or a plug-in is its own."""
    return ref.digest if ref.content is not None else ref.name.partition("?")[0]


def _say(trial: Trial, best: Trial) -> None:
    """A line for each trial, on standard error."""
    from tasklet_bench.bench.report.wording import percent

    if trial.difference is not None and best.difference is not None:
        typer.echo(
            f"trial {trial.number}: {percent(_share(trial.difference))} {trial.entrant.name} "
            f"(best {percent(_share(best.difference))})",
            err=True,
        )


def _share(difference: float) -> float:
    return math.expm1(difference)


def _in_words(tuning_result: Tuning, on: Campaign, result: Duel | None) -> str:
    """What was found, on which half, in a few lines."""
    from tasklet_bench.bench.report.wording import percent

    best = tuning_result.best
    scope = f"{len(on.problems)} instances, {on.budgets[0].name}, {len(on.seeds)} seeds"
    tried = f"{tuning_result.default.name}: {len(tuning_result.trials) - 1} trials on {on.suite} ({scope})"
    if best.number == 0:
        return f"{tried}\nnone was better than the defaults"
    lines = [tried, f"best there: {best.entrant.name}, {percent(_share(best.difference or 0.0))} cost"]
    if result is not None:
        o = result.overall
        size, low, high = (percent(share) for share in (o.difference, o.difference_low, o.difference_high))
        unseen = f"on {result.sample.suite}, not seen before ({o.n_instances} instances)"
        lines += [
            f"{unseen}: {size} cost (95 % {low} to {high})",
            f"{o.wins} won, {o.ties} tied, {o.losses} lost, p = {o.p_value:.2g}: {result.verdict}",
        ]
    return "\n".join(lines)


def _print(tuning_result: Tuning, on: Campaign, result: Duel | None, file: Path) -> None:

    from tasklet_bench.bench.report import terminal

    console = text_console()
    if result is not None:
        console.print(terminal.render_duel(result))
        console.print()
    typer.echo(_in_words(tuning_result, on, result))
    typer.echo(f"to compare them again: tasklet-bench run {file}")


def _figures(tuning_result: Tuning, result: Duel | None, finished: bool, file: Path) -> dict[str, Any]:
    overall = None if result is None else {**asdict(result.overall), "verdict": result.verdict}
    if overall is not None and not math.isfinite(overall["more_instances"]):
        overall["more_instances"] = None
    return {
        "default": tuning_result.default.name,
        "tuned": tuning_result.best.entrant.name,
        "parameters": tuning_result.best.entrant.parameters,
        "trials": len(tuning_result.trials) - 1,
        "finished": finished,
        "on_train": _share(tuning_result.best.difference or 0.0),
        "on_test": overall,
        "file": str(file),
    }


def _campaign_file(target: str, tuning_result: Tuning, suite: str, campaign: Campaign, words: str) -> str:
    """A campaign of tuned and default, as TOML, with what was found above it."""
    from tasklet_bench.bench.campaigns.campaign_file import read_campaign_file
    from tasklet_bench.bench.plugins import locate
    from tasklet_bench.strategies.parameters import split_entrant

    bracket = tuning_result.best.entrant.name.partition("[")[1:]
    both = dict.fromkeys([locate(target), locate(split_entrant(target)[0]) + "".join(bracket)])
    strategies = "".join(f"    {json.dumps(text, ensure_ascii=False)},\n" for text in both)
    comment = "".join(f"# {line}\n" for line in words.splitlines())
    if suite.endswith(".toml"):
        file, folder = read_campaign_file(Path(suite)), Path(suite).parent
        paths = [locate(name, folder) for name in file.problems or ()]
        names = [str((folder / name).resolve()) if name.endswith(".json") else name for name in paths]
        where = f"problems = {json.dumps(names, ensure_ascii=False)}" if names else f"suite = {json.dumps(file.suite)}"
    else:
        where = f"suite = {json.dumps(suite)}"
    return (
        f"{comment}{where}\nstrategies = [\n{strategies}]\n"
        f"budgets = [{json.dumps(campaign.budgets[0].name)}]\nseeds = {len(campaign.seeds)}\n"
    )
