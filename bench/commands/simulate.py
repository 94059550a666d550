"""`simulate` and `fidelity`: what an allocation costs in seconds of training, and how well formal cost tells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tasklet_bench.bench.commands.inputs import formal
from tasklet_bench.bench.commands.options import AllocationArgument, JsonOption, OutOption, ProblemArgument, SeedOption
from tasklet_bench.bench.commands.output import print_json, text_console, write_json

if TYPE_CHECKING:
    import pandas as pd

ScheduleOption = Annotated[Literal["gpipe", "1f1b"], typer.Option(help="Order of a stage's passes.")]
MicroBatchesOption = Annotated[int, typer.Option(min=1, metavar="M", help="Micro-batches of a pipeline.")]
CollectiveOption = Annotated[
    Literal["direct", "shifted", "ring", "tree"],
    typer.Option(help="How gradients are summed; `direct` is the paper's."),
]
SharingOption = Annotated[
    Literal["independent", "nic", "site"], typer.Option(help="Where messages share a rate, max–min fairly.")
]
TflopsOption = Annotated[
    float | None,
    typer.Option(metavar="X", help="Speed of devices whose site declares none."),
]
EfficiencyOption = Annotated[float, typer.Option(help="Share of the speed that training reaches.")]
NicOption = Annotated[
    float | None, typer.Option(metavar="X", help="Rate of a device's NIC under `nic`; its fastest link without one.")
]


def simulate(
    problem: ProblemArgument,
    allocation: AllocationArgument,
    schedule: ScheduleOption = "gpipe",
    micro_batches: MicroBatchesOption = 8,
    collective: CollectiveOption = "direct",
    sharing: SharingOption = "independent",
    tflops: TflopsOption = None,
    efficiency: EfficiencyOption = 1.0,
    nic_gbps: NicOption = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Simulate one training iteration of an allocation, or of each of a list.

    A grid is simulated as it is wired; groups at their formally best wiring and order.
    """
    from tasklet_bench.bench.plugins import resolve
    from tasklet_bench.problems.files import read_allocations
    from tasklet_bench.problems.iteration_time import SimulationOptions, text
    from tasklet_bench.problems.iteration_time import simulate as simulated

    options = SimulationOptions(schedule, micro_batches, collective, sharing, tflops, efficiency, nic_gbps)
    found = formal(resolve(problem).problem)
    candidates = read_allocations(allocation, found)
    several = isinstance(candidates, list)
    timelines = [simulated(found, candidate, options) for candidate in (candidates if several else [candidates])]
    answers = [timeline.as_dict() for timeline in timelines]
    if out:
        write_json(out, answers if several else answers[0])
    if as_json:
        print_json(answers if several else answers[0])
    else:
        typer.echo("\n\n".join(text.render(timeline) for timeline in timelines))


def fidelity(
    problem: ProblemArgument,
    schedule: ScheduleOption = "gpipe",
    micro_batches: MicroBatchesOption = 8,
    collective: CollectiveOption = "direct",
    sharing: SharingOption = "independent",
    tflops: TflopsOption = None,
    efficiency: EfficiencyOption = 1.0,
    nic_gbps: NicOption = None,
    per_kind: Annotated[int, typer.Option(min=10, metavar="N", help="Allocations of each kind to draw.")] = 200,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Measure how well the formal cost ranks allocations of a problem by their simulated seconds."""
    from tasklet_bench.bench.plugins import resolve
    from tasklet_bench.bench.studies import fidelity as measure
    from tasklet_bench.problems.iteration_time import SimulationOptions

    options = SimulationOptions(schedule, micro_batches, collective, sharing, tflops, efficiency, nic_gbps)
    found = formal(resolve(problem).problem)
    table = measure.fidelity(measure.scores(found, options, per_kind, seed), seed=seed)
    rows = [
        {str(key): None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
    if out:
        write_json(out, rows)
    if as_json:
        print_json(rows)
    else:
        _print_fidelity(found.name, table)


def _print_fidelity(name: str, table: pd.DataFrame) -> None:
    from rich.table import Table

    shown = Table(
        title=f"{name} · formal cost against simulated seconds", title_justify="left", box=None, pad_edge=False
    )
    shown.caption_justify = "left"
    shown.caption = (
        "Kendall τ: 1 is the same order, 0 none. Regret: how much slower the formally best allocation is than the "
        "fastest simulated one. Below the last figure a difference of formal cost carries no order (a pair keeps it "
        "less than three times in four)."
    )
    shown.add_column("allocations")
    for heading in ("n", "Kendall τ", "95 %", "regret", "order from"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for row in table.to_dict("records"):
        shown.add_row(
            str(row["kind"]),
            str(row["n"]),
            _figure(row["tau"], "{:.2f}"),
            f"{_figure(row['tau_low'], '{:.2f}')}–{_figure(row['tau_high'], '{:.2f}')}",
            _figure(row["regret"], "{:.1%}"),
            _figure(row["order_means_from"], "{:.1%}"),
        )
    text_console().print(shown)


def _figure(value: Any, form: str) -> str:
    return "–" if math.isnan(value) else form.format(value)
