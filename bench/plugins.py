"""One loader for strategies and problems, whatever they come from."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from bench.keys import code_hash
from bench.record import Entrant, ProblemRef
from problems.bad_input import BadInput
from strategies.parameters import configured, entrant_name, parameters_of, split_entrant
from strategies.registry import strategy_class
from strategies.strategy import Strategy

if TYPE_CHECKING:
    from problems.problem import Problem


def entrant(target: str, parameters: dict[str, Any] | None = None) -> Entrant:
    """Describe a strategy with its parameters; `target` is a registered name or `path/to/file.py:Class`.

    Parameters may stand in brackets behind it as well, `genetic[gain=kernighan-lin]`. Raises `BadInput` for an unknown
    name or parameter. A file is imported here, in this process.
    """
    target, in_brackets = split_entrant(target)
    target = _located(target)
    cls = _class(target)
    strategy = configured(cls, {**in_brackets, **(parameters or {})})
    return Entrant(
        target=target,
        name=entrant_name(strategy),
        strategy_name=strategy.name,
        strategy_version=strategy.version,
        code_hash=_hash(target, cls),
        parameters=parameters_of(strategy),
        families=tuple(strategy.families),
        deterministic=bool(strategy.deterministic),
    )


def load_strategy(of: Entrant) -> Strategy:
    """The strategy of an entrant, ready to prepare; raises `BadInput` if its code is not what it was described from."""
    cls = _class(of.target)
    found = _hash(of.target, cls)
    if found != of.code_hash:
        raise BadInput.at(of.target, "code hash", found, f"{of.code_hash}: the code has changed since, or differs here")
    return configured(cls, of.parameters)


def load_problem(ref: ProblemRef) -> Problem:
    """The problem behind a reference; raises `BadInput` if it is not the one that the reference was made from."""
    if ref.content is None:
        problem = problem_named(ref.name)
    else:
        import json

        from problems.files import problem_from_json

        problem = problem_from_json(json.loads(ref.content), ref.name)
    if ref.digest and problem.digest != ref.digest:
        raise BadInput.at(ref.name, "digest", problem.digest, ref.digest)
    return problem


def problem_named(name: str) -> Problem:
    """The problem of a catalogue name, of any family; raises `BadInput` for what none of them knows."""
    from problems.instances import catalogue
    from problems.iteration_time import names

    problem: Problem = names.load(name) if name.startswith(names.PREFIX) else catalogue.load(name)
    return problem


def problem_ref(problem: Problem, content: str | None = None) -> ProblemRef:
    """A reference to a problem; `content` is the text of its problem file, None for the catalogue's."""
    return ProblemRef(problem.name, problem.digest, content)


def file_of(target: str) -> Path | None:
    """The file of a target such as `path/to/file.py:Class`; None where it is a registered name."""
    path, colon, _ = target.rpartition(":")
    return Path(path) if colon and path.endswith(".py") else None


def _class(target: str) -> type[Strategy]:
    path = file_of(target)
    if path is None:
        return strategy_class(target)
    attribute = target.rpartition(":")[2]
    found = getattr(_module(path), attribute, None)
    if found is None:
        raise BadInput.at(str(path), attribute, "nothing of that name", "a strategy's class or function")
    return _of_class(found) if inspect.isclass(found) else _of_function(found)


def _located(target: str) -> str:
    """The target with its file's whole path: a run does not start in the folder that this process is in."""
    path = file_of(target)
    return target if path is None else f"{path.resolve()}:{target.rpartition(':')[2]}"


def _of_class(found: type[Any]) -> type[Strategy]:
    """The class itself, or one that adds the defaults of a strategy to it."""
    if Strategy in found.__mro__:
        return cast("type[Strategy]", found)
    own = {} if hasattr(found, "name") else {"name": found.__name__.lower()}
    return cast("type[Strategy]", type(found.__name__, (found, Strategy), own))


def _module(path: Path) -> ModuleType:
    """Import a file as a module of its own; its neighbours can be imported by it."""
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    path = path.resolve()
    name = f"tasklet_plugin_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadInput.at(str(path), "file", "no Python module", "a .py file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as fault:
        del sys.modules[name]
        raise BadInput(f"{path}: cannot be imported: {type(fault).__name__}: {fault}") from fault
    return module


def _of_function(function: Any) -> type[Strategy]:
    """A strategy class whose `search` is a plain function of (problem, run, rng)."""

    class OfFunction(Strategy):
        name = function.__name__.replace("_", "-")
        families = ("*",)

        def search(self, problem: Any, run: Any, rng: Any) -> None:
            function(problem, run, rng)

    return OfFunction


def _hash(target: str, cls: type[Strategy]) -> str:
    path = file_of(target)
    return code_hash(Path(inspect.getfile(cls))) if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
