"""The commands of `tasklet-bench`. Imports nothing heavy, so that `--help` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from tasklet_bench.bench.commands.boards.demo import demo
from tasklet_bench.bench.commands.boards.report import compare, report
from tasklet_bench.bench.commands.boards.run import run
from tasklet_bench.bench.commands.catalogue.listing import list_names
from tasklet_bench.bench.commands.catalogue.show import show
from tasklet_bench.bench.commands.open_board.agent_task import agent_task
from tasklet_bench.bench.commands.open_board.seal import seal
from tasklet_bench.bench.commands.open_board.submit import submit
from tasklet_bench.bench.commands.placement.evaluate import evaluate
from tasklet_bench.bench.commands.placement.launch import launch
from tasklet_bench.bench.commands.placement.measure import measure
from tasklet_bench.bench.commands.placement.simulate import fidelity, simulate
from tasklet_bench.bench.commands.placement.solve import solve
from tasklet_bench.bench.commands.plug_ins.check import check
from tasklet_bench.bench.commands.plug_ins.new import new
from tasklet_bench.bench.commands.plug_ins.tune import tune
from tasklet_bench.bench.commands.stores.best_known import best_known
from tasklet_bench.bench.commands.stores.certificate import certificate
from tasklet_bench.bench.commands.stores.import_results import import_results
from tasklet_bench.bench.commands.stores.reproduce import reproduce
from tasklet_bench.bench.commands.stores.store import export, merge, verify

RUN = "Run and read"
PLACE = "Place devices"
STORE = "Store and table"
PLUG_IN = "Plug in"
OPEN = "Open board"

app = typer.Typer(
    name="tasklet-bench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(rich_help_panel=RUN)(demo)
app.command(rich_help_panel=RUN)(run)
app.command(rich_help_panel=RUN)(report)
app.command(rich_help_panel=RUN)(compare)
app.command(name="list", rich_help_panel=RUN)(list_names)
app.command(rich_help_panel=RUN)(show)
app.command(rich_help_panel=PLACE)(measure)
app.command(rich_help_panel=PLACE)(solve)
app.command(rich_help_panel=PLACE)(evaluate)
app.command(rich_help_panel=PLACE)(simulate)
app.command(rich_help_panel=PLACE)(fidelity)
app.command(rich_help_panel=PLACE)(launch)
app.command(rich_help_panel=PLUG_IN)(new)
app.command(rich_help_panel=PLUG_IN)(check)
app.command(rich_help_panel=PLUG_IN)(tune)
app.command(rich_help_panel=OPEN)(submit)
app.command(rich_help_panel=OPEN)(seal)
app.command(name="agent-task", rich_help_panel=OPEN)(agent_task)
for command in (verify, reproduce, export, merge):
    app.command(rich_help_panel=STORE)(command)
app.command(name="import", rich_help_panel=STORE)(import_results)
app.command(name="best-known", rich_help_panel=STORE)(best_known)
app.add_typer(certificate, name="certificate", rich_help_panel=STORE)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"tasklet-bench {version('tasklet-bench')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Benchmark search strategies that place the tasklets of foundation-model training on distributed devices."""
