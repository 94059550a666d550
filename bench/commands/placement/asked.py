"""What `solve` was asked: its options in one place, those that contradict refused, and specs made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from tasklet_bench.bench.runs.budget import Budget
    from tasklet_bench.bench.runs.spec import Entrant, ProblemRef, RunSpec
    from tasklet_bench.problems.problem import Problem


@dataclass(frozen=True)
class Asked:
    """The options of `solve`. `leaving` names devices, `robust` is a percentile as it was typed, such as `p90`."""

    problem: str
    budget: Budget
    memory_bytes: int
    seed: int = 0
    strategy: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    start: Path | None = None
    out: Path | None = None
    rank_map: Path | None = None
    bound_seconds: float | None = None
    objective: Literal["formal", "seconds"] | None = None
    moves: int | None = None
    leaving: tuple[str, ...] = ()
    robust: str | None = None
    noise: float | None = None
    as_json: bool = False

    def require_consistent(self) -> None:
        """Raise `BadInput` for options that another one would make ignored, and files that overwrite each other."""
        self._require_apart()
        if self.parameters and self.strategy is None:
            raise BadInput.at("option -P", "-s", "nothing", "the strategy whose parameters these are")
        if self.noise is not None and self.robust is None:
            raise BadInput.at("option --noise", "--robust", "nothing", "a percentile such as p90")
        if self.robust is not None:
            self._refuse("--robust", {"--moves": self.moves, "--bound-seconds": self.bound_seconds})
            if self.leaving and self.start is not None:
                raise BadInput.at("option --robust", "with", "--start and --without", "one of them: a repair is plain")
            self._require_formal("--robust")
        elif self.is_repair:
            self._refuse("a repair (--start with --without or --lose)", {"--bound-seconds": self.bound_seconds})
            self._require_formal("a repair")
        elif self.moves is not None:
            named = {"-s": self.strategy, "--objective": self.objective, "--rank-map": self.rank_map}
            self._refuse("--moves", {**named, "--bound-seconds": self.bound_seconds})

    @property
    def is_repair(self) -> bool:
        """Whether an allocation that is there is to be repaired after a loss."""
        return bool(self.leaving) and self.start is not None

    def _refuse(self, asked: str, options: dict[str, object]) -> None:
        for option, value in options.items():
            if value is not None:
                raise BadInput.at(f"option {option}", "together with", asked, f"{option} without it, or nothing")

    def _require_formal(self, asked: str) -> None:
        if self.objective == "seconds":
            raise BadInput.at("option --objective", f"with {asked}", "seconds", "formal, the cost that it is about")

    def _require_apart(self) -> None:
        from pathlib import Path

        from tasklet_bench.problems.files import rank_map as ranks

        read = {"the problem": Path(self.problem), "--start": self.start}
        hosts = self.rank_map and ranks.host_list_path(self.rank_map)
        written = {"--out": self.out, "--rank-map": self.rank_map, "its host list": hosts}
        taken = {path.resolve(): name for name, path in read.items() if path is not None and path.is_file()}
        for name, path in written.items():
            if path is not None:
                first = taken.setdefault(path.resolve(), name)
                if first != name:
                    raise BadInput.at(name, "file", path, f"another than that of {first}, which it would overwrite")

    def spec(
        self,
        problem: Problem,
        ref: ProblemRef,
        budget: Budget | None = None,
        start: dict[str, Any] | None = None,
        *,
        by_default: bool = False,
    ) -> RunSpec:
        """The run of the strategy that was named, or `by_default` of the family's own, from a candidate."""
        from tasklet_bench.bench.runs.spec import RunSpec

        of = self.entrant(problem, by_default=by_default)
        return RunSpec(ref, of, self.seed, budget or self.budget, memory_bytes=self.memory_bytes, start=start)

    def entrant(self, problem: Problem, *, by_default: bool = False) -> Entrant:
        """Who searches; raises `BadInput` if it does not take this family of problems."""
        from tasklet_bench.bench import plugins

        name = None if by_default else self.strategy
        result = plugins.entrant(name or plugins.default_strategy(problem.family), self.parameters if name else {})
        if not result.takes(problem.family):
            raise BadInput.at(
                f"strategy {result.name}", "families", ", ".join(result.families), f"{problem.family} or *"
            )
        if not result.takes_decision(problem.decision.kind):
            raise BadInput.at(
                f"strategy {result.name}", "decisions", ", ".join(result.decisions), problem.decision.kind
            )
        return result

    def start_candidate(self, problem: Problem) -> dict[str, Any] | None:
        """The candidate of `--start`, complete; None without the option."""
        from tasklet_bench.problems.files import read_allocations

        if self.start is None:
            return None
        candidate = read_allocations(self.start, problem)
        if isinstance(candidate, list):
            raise BadInput.at(str(self.start), "the whole of it", "a list", "one allocation to start from")
        return problem.candidate_to_json(problem.complete(candidate))

    def write_ranks(self, problem: Problem, candidate: dict[str, Any] | None) -> None:
        """Write the rank map of a candidate, if one was asked for; raises `BadInput` for a family without ranks."""
        if self.rank_map is None or candidate is None:
            return
        from tasklet_bench.bench.commands.inputs import placement
        from tasklet_bench.problems.launch import ranks, write_rank_map

        placed = placement(problem, "--rank-map")
        write_rank_map(ranks(placed, placed.complete(placed.candidate_from_json(candidate))), self.rank_map)
