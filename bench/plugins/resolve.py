"""One way from what somebody typed to a problem, for commands, campaign files and tables of results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tasklet_bench.bench.plugins.files import file_of, locate
from tasklet_bench.bench.plugins.problems import load_problem, problem_named, problem_ref
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import ask_about_problem, is_file, read_problem_json, shown
from tasklet_bench.problems.instances.digests import pinned
from tasklet_bench.problems.problem import Problem

CATALOGUE_FAMILY = "allocation"


@dataclass(frozen=True)
class Resolved:
    """A problem by its reference, with its family; loaded when it is asked for."""

    ref: ProblemRef
    family: str

    @cached_property
    def problem(self) -> Problem:
        """The problem itself."""
        return load_problem(self.ref)


def resolve(text: str, folder: Path | None = None) -> Resolved:
    """The problem of a name of any family, of a problem file, or of a plug-in's file.

    Paths are relative to `folder`, the current one unless given. A listed instance is not built for this. Raises
    `BadInput` for what is none of these.
    """
    if file_of(text) is None:
        content = families.content_of_name(text, folder or Path())
        if content is not None:
            return _loaded(families.from_json(content, text), json.dumps(content))
        path = (folder or Path()) / text
        if text.endswith(".json") or is_file(path):
            return _of_problem_file(path)
        digest = pinned().get(text)
        if digest is not None:
            prefix = text.partition("/")[0]
            return Resolved(ProblemRef(text, digest), prefix if prefix in families.ROOMS else CATALOGUE_FAMILY)
    problem = problem_named(locate(text, folder))
    return _loaded(problem, None)


def _of_problem_file(path: Path) -> Resolved:
    data = read_problem_json(path)
    if not isinstance(data, dict):
        raise BadInput.at(shown(path), "the whole of it", type(data).__name__, "an object")
    resolved = _loaded(families.from_json(data, shown(path)), json.dumps(data))
    ask_about_problem(data, shown(path))
    return resolved


def _loaded(problem: Problem, content: str | None) -> Resolved:
    resolved = Resolved(problem_ref(problem, content), problem.family)
    vars(resolved)["problem"] = problem
    return resolved
