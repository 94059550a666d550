"""Campaigns as they are written and typed: a suite by its name, or a TOML file, with changes from the command line.

>>> # name = "my-comparison"                          the leaderboard's title; the file's name unless given
>>> # suite = "quick"                                 its instances, or: problems = ["paper/spot", "mine.json"]
>>> # strategies = ["annealing", "genetic[gain=kernighan-lin]", "mine.py:Mine[depth=3]"]
>>> # budgets = ["1000-evaluations", "2-cpu-seconds"]
>>> # seeds = 3
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import Field

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.plugins import BrokenPlugin, entrant, resolve
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import DEFAULT_MEMORY_BYTES, Entrant, ProblemRef
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import is_file, read_toml, shown
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.catalogue import Suite
from tasklet_bench.problems.instances.sealed import NAME as SEALED
from tasklet_bench.problems.validation import Name, StrictModel, validated
from tasklet_bench.strategies.registry import ENTRANTS, GROUPS, STRATEGIES

SUITE_BUDGET = Budget(evaluations=1000, cpu_s=1.0)
SUITE_SEEDS = 3
BYTES_PER_GIB = 2**30
MOST_SEEDS = 1_000_000
MOST_SEED = 2**62
MOST_GIB = 2**30
OTHER_PROBLEMS = "other problems"
"""Title of a suite's leaderboard where the command line names problems that are not the suite's."""


class CampaignFile(StrictModel):
    """The keys of a campaign file. Paths in it are relative to its own folder."""

    name: Name | None = None
    """Title of the leaderboard of listed problems; a suite keeps its own."""
    suite: str | None = None
    problems: list[str] | None = Field(default=None, min_length=1)
    """Names, problem files and `path/to/file.py:load`, in place of a suite."""
    champion: str = ""
    """Whom a leaderboard of listed problems compares with; a suite names its own."""
    strategies: list[str] = Field(default=list(ENTRANTS), min_length=1)
    budgets: list[str] = Field(default=[SUITE_BUDGET.name], min_length=1)
    seeds: int = Field(default=SUITE_SEEDS, ge=1, le=MOST_SEEDS)
    """How many seeds, from `first_seed` on."""
    first_seed: int = Field(default=0, ge=0, le=MOST_SEED)
    memory_gb: float | int = Field(default=DEFAULT_MEMORY_BYTES / BYTES_PER_GIB, gt=0, le=MOST_GIB)
    timing: bool = False


@dataclass(frozen=True)
class Changes:
    """What the command line says otherwise; nothing unless given."""

    strategies: tuple[str, ...] = ()
    """Only these: entrants of the campaign by name, or any others."""
    problems: tuple[str, ...] = ()
    """Only these of the campaign's instances, `*` matches any text; or any others, as a campaign of their own."""
    budget: Budget | None = None
    seeds: int | None = None
    memory_bytes: int | None = None
    timing: bool = False
    sealed: Suite | None = None
    """The suite that `sealed` stands for: whoever asks for it has its secret."""


def campaign_of(what: str, changes: Changes = Changes()) -> Campaign:
    """The campaign of a suite's name or of a TOML file; raises `BadInput` for anything that it cannot be."""
    if what.endswith(".toml") or is_file(what):
        return _campaign(read_campaign_file(Path(what)), Path(what), changes)
    return _campaign(CampaignFile(suite=what), None, changes)


def read_campaign_file(path: Path) -> CampaignFile:
    """Read and check a TOML file; raises `BadInput` naming the file, the key and what was expected."""
    return validated(CampaignFile, read_toml(path, "a campaign file or the name of a suite"), shown(path))


def _campaign(file: CampaignFile, path: Path | None, changes: Changes) -> Campaign:
    source = str(path or "command line")
    if (file.suite is None) == (file.problems is None):
        raise BadInput.at(source, "suite", "both or neither of suite and problems", "one of them")
    suite = _suite(file, changes)
    title, digest, names = _instances(file, path, suite)
    problems, others = _problems(names, path, changes.problems)
    if others:
        title, digest = OTHER_PROBLEMS, ""
    champion = file.champion if suite is None else suite.champion
    if suite is None or others:
        digest = catalogue.suite_digest((ref.digest for ref, _ in problems), champion)
    memory_bytes = changes.memory_bytes or int(file.memory_gb * BYTES_PER_GIB)
    seeds = range(file.first_seed, file.first_seed + (changes.seeds or file.seeds))
    return Campaign(
        suite=title,
        suite_digest=digest,
        champion=champion,
        problems=problems,
        entrants=_entrants(file.strategies, path, changes.strategies),
        budgets=(changes.budget,) if changes.budget else tuple(Budget.parse(text) for text in file.budgets),
        seeds=tuple(seeds),
        memory_bytes=memory_bytes,
        timing=changes.timing or file.timing,
    )


def _suite(file: CampaignFile, changes: Changes) -> Suite | None:
    """The suite of a campaign, None for listed problems; raises `BadInput` for an unknown or sealed one."""
    if changes.sealed is not None and file.suite != SEALED:
        raise BadInput.at("option --secret", "suite", file.suite or "listed problems", SEALED)
    if file.suite == SEALED and changes.sealed is None:
        raise BadInput.at(f"suite {SEALED}", "--secret", "nothing", "the file of the secret that it follows from")
    if file.suite is None or file.suite == SEALED:
        return changes.sealed
    return catalogue.suite(file.suite)


def _instances(file: CampaignFile, path: Path | None, suite: Suite | None) -> tuple[str, str, Sequence[str]]:
    """Title, digest (of a suite) and names of the instances."""
    if suite is not None:
        return suite.name, suite.digest, suite.problems
    assert file.problems is not None  # noqa: S101 - the caller has looked
    return file.name or (path.stem if path else ""), "", file.problems


def _problems(
    names: Sequence[str], path: Path | None, wanted: tuple[str, ...]
) -> tuple[tuple[tuple[ProblemRef, str], ...], bool]:
    """The campaign's instances, or those that are wanted; and whether others than the campaign's are among these."""
    others = {}
    for text in wanted:
        if not any(fnmatchcase(name, text) for name in names):
            try:
                others[text] = _problem(text, None)
            except BrokenPlugin:
                raise
            except BadInput as fault:
                own = text.endswith(".json") or ".py:" in text or is_file(text)
                raise fault if own else BadInput.unknown("problem of the campaign", text, names) from None
    patterns = [text for text in wanted if text not in others]
    chosen = [name for name in names if not wanted or any(fnmatchcase(name, pattern) for pattern in patterns)]
    return (*(_problem(name, path) for name in chosen), *others.values()), bool(others)


def _problem(name: str, path: Path | None) -> tuple[ProblemRef, str]:
    """An instance and its family, from a name, a problem file, or a plug-in's file."""
    resolved = resolve(name, None if path is None else path.parent)
    return resolved.ref, resolved.family


def _entrants(texts: Iterable[str], path: Path | None, wanted: tuple[str, ...]) -> tuple[Entrant, ...]:
    """The file's entrants; or those that are wanted, from the file where their name stands there."""
    asked = list(_spelt_out(wanted))
    own = _working(_locate(text, path) for text in _spelt_out(texts) if not asked or _may_be_one_of(asked, text))
    chosen: list[Entrant] = [] if asked else own
    for text in asked:
        named = [known for known in own if text in (known.name, known.strategy_name)]
        chosen += named or _working([text])
    if not chosen:
        raise BadInput("none of the strategies can be run")
    return _of_one_source_each(chosen)


def _spelt_out(texts: Iterable[str]) -> Iterator[str]:
    """Each text, and each group of entrants as its members."""
    for text in texts:
        yield from GROUPS.get(text, (text,))


def _may_be_one_of(wanted: Iterable[str], text: str) -> bool:
    """Whether a text may name one of the wanted entrants: of a registered strategy by its name, any other may."""
    name = _strategy_in(text)
    return name not in STRATEGIES or name in map(_strategy_in, wanted)


def _strategy_in(text: str) -> str:
    return text.partition("[")[0]


def _of_one_source_each(entrants: Iterable[Entrant]) -> tuple[Entrant, ...]:
    """The entrants, each once; raises `BadInput` for two of one name, whose results would be taken for one's."""
    by_name: dict[str, Entrant] = {}
    for one in entrants:
        first = by_name.setdefault(one.name, one)
        if first.target != one.target:
            both = f"{first.target} and {one.target}"
            raise BadInput(f"strategies: name {one.name}: found {both}, expected one source for each name")
    return tuple(by_name.values())


def _working(texts: Iterable[str]) -> list[Entrant]:
    """The entrants that can be imported; a broken plug-in is said and left out, and stops nobody else."""
    result = []
    for text in texts:
        try:
            result.append(entrant(text))
        except BrokenPlugin as fault:
            sys.stderr.write(f"tasklet-bench: left out: {fault}\n")
    return result


def _locate(text: str, path: Path | None) -> str:
    """A strategy's text, with the path of a plug-in file made relative to the campaign file."""
    file, colon, rest = text.partition(".py:")
    return f"{_beside(file, path)}{colon}{rest}" if colon else text


def _beside(name: str, path: Path | None) -> Path:
    return Path(name) if path is None else path.parent / name
