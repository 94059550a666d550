"""`simulate` and `fidelity`: what an allocation costs in seconds of training, and how well formal cost tells."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tasklet_bench.bench.commands.inputs import formal
from tasklet_bench.bench.commands.options import (
    AllocationArgument,
    JsonOption,
    LargeOption,
    OutOption,
    ProblemArgument,
    SeedOption,
)
from tasklet_bench.bench.commands.output import print_json, text_console, write_json

if TYPE_CHECKING:
    import pandas as pd

ScheduleOption = Annotated[
    Literal["gpipe", "1f1b", "interleaved", "zb-h1"], typer.Option(help="Order of a stage's passes.")
]
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
ProfileOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Seconds of each layer by type of device, in place of the formula and speeds."),
]
SendsOption = Annotated[
    Literal["overlapped", "deepspeed", "megatron", "rendezvous"],
    typer.Option(help="The runtime whose way of sending is taken."),
]
ExchangeOption = Annotated[
    Literal["runtime", "ready", "barrier", "overlapped"],
    typer.Option(help="When gradients are summed: as the runtime does, when a stage is done, all are, or in pieces."),
]
RecomputationOption = Annotated[
    Literal["none", "full"], typer.Option(help="Whether backward passes make forward passes again.")
]
ChunksOption = Annotated[int, typer.Option(min=2, metavar="V", help="Chunks of a device, in `interleaved`.")]
ReceiveOption = Annotated[
    float | None, typer.Option(metavar="X", help="Rate at which a device pays for each activation that it receives.")
]
EfficiencyOfOption = Annotated[
    str | None, typer.Option(metavar="TYPE:SHARE,…", help="Efficiency of some types of device.")
]
UpdateOption = Annotated[
    Literal["apart", "counted"], typer.Option(help="Whether the update of the weights counts in the iteration.")
]
MemoryModelOption = Annotated[
    Literal["reported", "priced"],
    typer.Option(help="Whether what does not fit is reported, or crosses the host's link."),
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
    profile: ProfileOption = None,
    sends: SendsOption = "overlapped",
    exchange: ExchangeOption = "runtime",
    recomputation: RecomputationOption = "none",
    chunks: ChunksOption = 2,
    receive_gbps: ReceiveOption = None,
    efficiency_of: EfficiencyOfOption = None,
    update: UpdateOption = "apart",
    memory: MemoryModelOption = "reported",
    as_json: JsonOption = False,
    out: OutOption = None,
    _large: LargeOption = False,
) -> None:
    """Simulate one training iteration of an allocation, or of each of a list.

    A grid is simulated as it is wired; groups at their formally best wiring and order.
    """
    from tasklet_bench.bench.plugins import resolve
    from tasklet_bench.problems.files import read_allocations, read_profile
    from tasklet_bench.problems.iteration_time import SimulationOptions, text
    from tasklet_bench.problems.iteration_time import simulate as simulated

    options = SimulationOptions(
        schedule,
        micro_batches,
        collective,
        sharing,
        tflops,
        efficiency,
        nic_gbps,
        sends,
        exchange,
        recomputation,
        chunks,
        receive_gbps,
        _efficiencies(efficiency_of),
        update,
        memory,
    )
    result = formal(resolve(problem).problem)
    if profile is not None:
        result = replace(result, workload=replace(result.workload, profile=read_profile(profile)))
    candidates = read_allocations(allocation, result)
    several = isinstance(candidates, list)
    timelines = [simulated(result, candidate, options) for candidate in (candidates if several else [candidates])]
    answers = [timeline.as_dict() for timeline in timelines]
    if out:
        write_json(out, answers if several else answers[0])
    if as_json:
        print_json(answers if several else answers[0])
    else:
        typer.echo("\n\n".join(text.render(timeline) for timeline in timelines))


def _efficiencies(text: str | None) -> tuple[tuple[str, float], ...]:
    from tasklet_bench.problems.bad_input import BadInput
    from tasklet_bench.problems.iteration_time.names import efficiencies

    try:
        return efficiencies(text or "")
    except ValueError:
        raise BadInput.at(
            "option --efficiency-of", "its value", repr(text), "TYPE:SHARE,…, shares above 0, at most 1"
        ) from None


def fidelity(
    problem: ProblemArgument,
    schedule: ScheduleOption = "gpipe",
    micro_batches: MicroBatchesOption = 8,
    collective: CollectiveOption = "direct",
    sharing: SharingOption = "independent",
    tflops: TflopsOption = None,
    efficiency: EfficiencyOption = 1.0,
    nic_gbps: NicOption = None,
    per_kind: Annotated[
        int, typer.Option(min=10, max=1_000_000, metavar="N", help="Allocations of each kind to draw.")
    ] = 200,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Measure how well the formal cost ranks allocations of a problem by their simulated seconds."""
    from tasklet_bench.bench.plugins import resolve
    from tasklet_bench.bench.studies import fidelity as measure
    from tasklet_bench.problems.iteration_time import SimulationOptions

    options = SimulationOptions(schedule, micro_batches, collective, sharing, tflops, efficiency, nic_gbps)
    result = formal(resolve(problem).problem)
    table = measure.fidelity(measure.scores(result, options, per_kind, seed), seed=seed)
    rows = [
        {str(key): None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
    if out:
        write_json(out, rows)
    if as_json:
        print_json(rows)
    else:
        _print_fidelity(result.name, table)


def _print_fidelity(name: str, table: pd.DataFrame) -> None:
    from rich.markup import escape
    from rich.table import Table

    shown = Table(
        title=f"{escape(name)} · formal cost against simulated seconds", title_justify="left", box=None, pad_edge=False
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
