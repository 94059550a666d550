"""Options and arguments that several commands share, spelled and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProblemArgument = Annotated[
    str, typer.Argument(metavar="PROBLEM", help="A catalogue name (`list problems`) or a problem file.")
]
AllocationArgument = Annotated[Path, typer.Argument(metavar="ALLOCATION", help="An allocation file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON in full precision instead of text.")]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Write the result to a file, too.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed of the random stream.")]
EvaluationsOption = Annotated[
    int | None, typer.Option("--evaluations", min=1, metavar="N", help="Budget: scored candidates.")
]
CpuSecondsOption = Annotated[
    float | None, typer.Option("--cpu-seconds", min=0.001, metavar="T", help="Budget: CPU seconds of the search.")
]
WallSecondsOption = Annotated[
    float | None, typer.Option("--wall-seconds", min=0.001, metavar="T", help="Budget: seconds on the clock.")
]
ParametersOption = Annotated[
    list[str] | None, typer.Option("-P", metavar="NAME=VALUE", help="A parameter of the strategy; may be repeated.")
]
MemoryOption = Annotated[
    float | None,
    typer.Option("--memory-gb", min=0.1, metavar="G", help="Memory cap of each run, in GiB of address space (4)."),
]
TrustOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--trust",
        metavar="FILE",
        help="A plug-in file that the results may name: it is loaded if its hash is the stored one; may be repeated.",
    ),
]
LOCAL = Path("results/local")
"""Where results are kept unless another folder is named."""
ResultsArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a store, or of exports.")]
ResultsOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the store and the page.")]
