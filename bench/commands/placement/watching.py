"""The line on standard error that moves while `solve` searches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from tasklet_bench.bench.execution.compiling import Compiling
    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.bench.runs.record import Improvement


class Watch:
    """One line on standard error, while the search goes on, with the best so far; silent when it is no terminal."""

    def __init__(self, budget: Budget) -> None:
        from rich.console import Console

        self._status = Console(stderr=True).status(f"searching, budget {budget.name}")
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Watch:
        if self._shown:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._status.stop()

    def compiling(self, news: Compiling) -> None:
        """Show that code is compiled, which comes before the search; once where there is no terminal."""
        if self._shown:
            self._status.update(str(news))
        elif news.done == 0:
            typer.echo(str(news), err=True)

    def improvement(self, row: Improvement) -> None:
        """Show the best so far."""
        self._status.update(
            f"best {row.cost_s:.6g} s, bound {row.bound_s:.6g} s, after {row.evaluations:,} evaluations and "
            f"{row.cpu_s:.1f} CPU s (Ctrl-C keeps the best)"
        )
