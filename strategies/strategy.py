"""The one thing that a strategy must do: search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    import numpy as np

    from tasklet_bench.strategies.run import Run


class Strategy(Protocol):
    """A way to search. Inherit to get the defaults; only `search` is required.

    Parameters are the fields of a frozen dataclass: make the strategy one, and each field is a parameter with its
    type (a `Literal` for choices) and its default. `strategies.parameters.parameter` declares one with what it means,
    which values are refused, and where `tune` looks::

        @dataclass(frozen=True)
        class Restless(Strategy):
            \"\"\"Random partitions, some of them twice.\"\"\"

            name = "restless"
            patience: int = parameter(3, "draws of one partition", low=1, high=10, at_least=1)

            def search(self, problem, run, rng):
                while not run.exhausted:
                    run.evaluate(problem.random(rng))
    """

    name: ClassVar[str]
    """Name on the leaderboard; lower case with hyphens."""
    version: ClassVar[str] = "1"
    """Changes when the search does: results of another version are never mixed in."""
    families: ClassVar[tuple[str, ...]] = ("allocation",)
    """Families of problems that it can search; `("*",)` is any family with a decision that it takes."""
    decisions: ClassVar[tuple[str, ...]] = ("*",)
    """Kinds of decisions that it takes where `families` is `("*",)`, such as `grouping`; `("*",)` is any."""
    uses_start: ClassVar[bool] = False
    """Whether it looks at `run.start`, so that there is an entrant `NAME[start=known]`."""
    deterministic: ClassVar[bool] = False
    """Whether the seed makes no difference, so that one run is enough."""

    def __post_init__(self) -> None:
        """Refuse parameters outside of what their fields declare, with `BadInput`; a dataclass calls this by itself."""
        from tasklet_bench.strategies.parameters import check_parameters

        check_parameters(self)

    def prepare(self) -> None:
        """Import and load compiled code. Called once before the clocks start; cannot search, as it knows no problem."""

    def search(self, problem: Any, run: Run, rng: np.random.Generator) -> None:
        """Search until done or `run.exhausted`; what is found is what was reported to `run`."""
        ...
