"""Problems by catalogue name, by file, or of an installed family; and how a run finds them again."""

from __future__ import annotations

import inspect
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.plugins.files import BrokenPlugin, attribute_of, contained, file_hash, file_of, locate, within
from tasklet_bench.bench.plugins.installed import installed_problems, own_prefixes
from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.decisions.decision import Decision
from tasklet_bench.problems.problem import Problem
from tasklet_bench.problems.text import MOST_NAME, MOST_PROBLEM_NAME, name_fault

if TYPE_CHECKING:
    from pathlib import Path

_REQUIRED = ("name", "family", "digest", "sites", "decision", "cost", "bound")
_SHA256 = re.compile("[0-9a-f]{64}")
_origins: dict[str, str] = {}
"""Where the plug-ins' problems of this process came from, by digest: what a reference keeps of it."""


def problem_named(name: str) -> Problem:
    """The problem of a name, of any family; raises `BadInput` for what none of them knows, and for broken plug-ins.

    A name is the catalogue's, or `path/to/file.py:load`, or begins with the prefix of an installed family. What a
    plug-in offers is a problem, a class of problems without arguments, or a function that makes one: of the name (in a
    file, of what stands behind the colon), or of nothing.
    """
    path = file_of(name)
    if path is not None:
        return _of_file(locate(name), path)
    prefix = name.partition("/")[0]
    if prefix in own_prefixes() or prefix not in installed_problems():
        return families.load(name)
    plugin = installed_problems()[prefix]
    problem = _made(plugin.load(), name, plugin.target)
    origin = {"plugin": name, "distribution": plugin.distribution, "version": plugin.version}
    _origins[problem.digest] = canonical_json(origin)
    return problem


def most_devices(name: str) -> int | None:
    """How many devices an instance of the project's families has at most, without building it.

    None for a name that does not say, such as one with the sizes of its sites.
    """
    from tasklet_bench.problems.instances import catalogue
    from tasklet_bench.problems.instances.name import split

    family, _, rest = name.partition("/")
    with suppress(BadInput, ValueError):
        base, query = split(rest if family in families.ROOMS else name)
        if "each" not in query:
            return int(query["n"]) if "n" in query else catalogue.shape(base).n_devices
    return None


def problem_ref(problem: Problem, content: str | None = None) -> ProblemRef:
    """A reference to a problem; `content` is the text of its problem file, None for catalogue and plug-ins.

    For a plug-in's problem the reference keeps where it came from: the name or file that was asked for, with the
    package's version or the file's hash.
    """
    return ProblemRef(problem.name, problem.digest, content if content is not None else _origins.get(problem.digest))


def load_problem(ref: ProblemRef) -> Problem:
    """The problem behind a reference; raises `BadInput` if it is not the one that the reference was made from.

    For references of this process's own making, or its parent's: a plug-in's file is imported, if it still has the
    hash that the reference keeps. What a store or a table of results names is for `load_stored`.
    """
    problem = problem_named(ref.name) if ref.content is None else _of_content(json.loads(ref.content), ref.name)
    if ref.digest and problem.digest != ref.digest:
        raise BadInput.at(ref.name, "digest", problem.digest, ref.digest)
    return problem


def _of_content(content: dict[str, Any], name: str) -> Problem:
    if "plugin" not in content:
        return families.from_json(content, name)
    path = file_of(content["plugin"])
    if path is not None and path.is_file() and file_hash(path) != content.get("sha256"):
        expected = f"{content.get('sha256', 'one in the reference')}: the file has changed since"
        raise BadInput.at(content["plugin"], "sha256", file_hash(path), expected)
    return problem_named(content["plugin"])


def _of_file(target: str, path: Path) -> Problem:
    name = within(target)
    offered = attribute_of(path, name.partition("/")[0], "a problem, its class, or a function that loads one")
    problem = _made(offered, name, target)
    _origins[problem.digest] = canonical_json({"plugin": target, "sha256": file_hash(path)})
    return problem


def _made(offered: Any, name: str, source: str) -> Problem:
    """The problem of a plug-in, after a look at whether it is one."""
    with contained(source, "loaded"):
        problem = offered if hasattr(offered, "cost") and not inspect.isclass(offered) else _called(offered, name)
        lacking = [member for member in _REQUIRED if not hasattr(problem, member)]
        if lacking:
            result = f"{type(problem).__name__} without {', '.join(lacking)}"
            raise BrokenPlugin(f"{source}: found {result}, expected a problem")
        _check(problem, source)
        _add_defaults(type(problem))
    made: Problem = problem
    return made


def _add_defaults(cls: type[Any]) -> None:
    """Give a plug-in's class the defaults of `Problem` that it lacks because it does not inherit them."""
    for member, default in vars(Problem).items():
        if inspect.isfunction(default) and not member.startswith("_") and not hasattr(cls, member):
            setattr(cls, member, default)


def _called(offered: Any, name: str) -> Any:
    if not callable(offered):
        return offered
    takes_name = not inspect.isclass(offered) and inspect.signature(offered).parameters
    return offered(name) if takes_name else offered()


def _check(problem: Any, source: str) -> None:
    """What everything else relies on and would fail at later, with less to say."""
    if not _SHA256.fullmatch(str(problem.digest)):
        raise BrokenPlugin(f"{source}: digest: found {problem.digest!r}, expected 64 hexadecimal digits (SHA-256)")
    for what, name, most in [
        ("name", problem.name, MOST_PROBLEM_NAME),
        *((f"sites[{index}].name", site.name, MOST_NAME) for index, site in enumerate(problem.sites)),
    ]:
        if (fault := name_fault(name, most) if isinstance(name, str) else "text") is not None:
            raise BrokenPlugin(str(BadInput.at(source, what, repr(name), fault)))
    if not isinstance(problem.decision, Decision):
        raise BrokenPlugin(f"{source}: decision: found {problem.decision!r}, expected one of tasklet_bench's decisions")
    if problem.family == "allocation" and not hasattr(type(problem), "dp_pair_s"):
        raise BrokenPlugin(f"{source}: family: found 'allocation', which is the project's own, expected a new name")
