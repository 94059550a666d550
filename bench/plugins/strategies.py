"""Strategies by name, by file, or from an installed package."""

from __future__ import annotations

import inspect
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tasklet_bench.bench.plugins.code_identity import CodeIdentity, module_identity, plugin_identity
from tasklet_bench.bench.plugins.files import BrokenPlugin, attribute_of, file_of, locate, within
from tasklet_bench.bench.plugins.installed import Installed, installed_strategies
from tasklet_bench.bench.runs.spec import Entrant
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.text import name_fault
from tasklet_bench.strategies.parameters import configured, entrant_name, parameters_of, split_entrant, split_start
from tasklet_bench.strategies.registry import STRATEGIES, strategy_class
from tasklet_bench.strategies.strategy import Strategy

_DEFAULTS = {
    "allocation": "annealing[start=known]",
    "iteration-time": "annealing[start=known]",
    "gossip": "gossip-embedding",
    "mixing-graph": "graph-annealing",
    "federated-round": "tree-search",
    "swarm": "flow-search[start=known]",
    "tensor-parallel": "shape-search",
    "atom": "participant-search",
    "robust": "robust-annealing[start=known]",
}


def default_strategy(family: str) -> str:
    """Who searches a problem of a family when nobody is named: what works best there."""
    return _DEFAULTS.get(family, "local-search")


@dataclass(frozen=True)
class _FoundStrategy:
    """A strategy's class, how to find it again, and the identity of its code."""

    target: str
    cls: type[Strategy]
    code: CodeIdentity


def entrant(target: str, parameters: dict[str, Any] | None = None) -> Entrant:
    """Describe a strategy with its parameters; `target` is a name, or `path/to/file.py:Class` (or a function).

    Names are the project's own and those of installed packages. Parameters may stand in brackets behind it as well,
    `genetic[gain=kernighan-lin]`. Raises `BadInput` for an unknown name or parameter, `BrokenPlugin` for what cannot
    be imported: a plug-in is imported here, in this process.
    """
    target, in_brackets = split_entrant(target)
    result = _find(target)
    own, start = split_start(result.cls, {**in_brackets, **(parameters or {})})
    strategy = configured(result.cls, own)
    return Entrant(
        target=result.target,
        name=entrant_name(strategy, start),
        strategy_name=strategy.name,
        strategy_version=strategy.version,
        code_hash=result.code.hash,
        libraries=result.code.libraries,
        parameters=parameters_of(strategy) | ({} if start is None else {"start": start}),
        families=tuple(strategy.families),
        deterministic=bool(strategy.deterministic),
        decisions=tuple(strategy.decisions),
        start=start,
    )


def load_strategy(of: Entrant) -> Strategy:
    """The strategy of an entrant, ready to prepare.

    Raises `BadInput` if its code, or a library that it imports, is not what it was described from.
    """
    result = _find(of.target)
    result.code.require(of.target, of.code_hash, of.libraries)
    return configured(result.cls, split_start(result.cls, of.parameters)[0])


def check_code(of: Entrant) -> None:
    """Raise `BadInput` unless this process has the code and the libraries that an entrant was described from.

    A plug-in's file is read and not imported.
    """
    path = file_of(of.target)
    code = _find(of.target).code if path is None else plugin_identity(path.resolve())
    code.require(of.target, of.code_hash, of.libraries)


def strategy_class_of(target: str) -> type[Strategy]:
    """The class behind a name or a file; raises as `entrant` does."""
    return _find(target).cls


def _find(target: str) -> _FoundStrategy:
    path = file_of(target)
    if path is not None:
        offered = attribute_of(path, within(target), "a strategy's class or function")
        cls = _of_anything(offered, within(target), str(path))
        return _FoundStrategy(locate(target), _with_own_name(cls, target), plugin_identity(path.resolve()))
    if target in STRATEGIES:
        cls = strategy_class(target)
        return _FoundStrategy(target, cls, module_identity(Path(inspect.getfile(cls))))
    plugin = _installed(target)
    cls = _of_anything(plugin.load(), plugin.point.name, plugin.target)
    return _FoundStrategy(plugin.target, _with_own_name(cls, plugin.target), plugin.identity())


def _with_own_name(cls: type[Strategy], source: str) -> type[Strategy]:
    """The class, unless it has the name of a strategy of the project, whose results its own would be taken for."""
    if _plain(cls.name) in {_plain(name) for name in STRATEGIES}:
        raise BadInput.at(source, "name", repr(cls.name), "a name of its own: this one is a strategy of Tasklet Bench")
    fault = name_fault(cls.name) if isinstance(cls.name, str) else "text"
    if fault is not None:
        raise BrokenPlugin(str(BadInput.at(source, "name", repr(cls.name), fault)))
    _check_search(cls.search, source)
    return cls


def _plain(name: object) -> str:
    """A name without parameters, case, blanks and other spellings of its letters."""
    return "".join(unicodedata.normalize("NFKC", str(name)).casefold().partition("[")[0].split())


def _check_search(search: Any, source: str) -> None:
    """Raise `BrokenPlugin` for a search that would return at once without having searched."""
    if inspect.iscoroutinefunction(search) or inspect.isasyncgenfunction(search):
        raise BrokenPlugin(f"{source}: search: found `async def`, expected a plain function: nobody would await it")
    if inspect.isgeneratorfunction(search):
        raise BrokenPlugin(f"{source}: search: found a generator, expected a plain function without `yield`")


def _installed(target: str) -> Installed:
    """An installed strategy by its name, or by `distribution==version:name`, which must be the one that is here."""
    known = installed_strategies()
    source, colon, name = target.rpartition(":")
    if name not in known:
        raise BadInput.unknown("strategy", name, [*STRATEGIES, *known])
    if colon and known[name].source != source:
        raise BadInput.at(f"strategy {name}", "installed", known[name].source, source)
    return known[name]


def _of_anything(result: Any, name: str, source: str) -> type[Strategy]:
    """A strategy's class, made of what a plug-in offers: such a class, one that inherits nothing, or a function."""
    if inspect.isclass(result):
        if not callable(getattr(result, "search", None)):
            raise BrokenPlugin(f"{source}: {name}: found a class without a method `search`, expected a strategy")
        return _of_class(result)
    if not callable(result):
        raise BrokenPlugin(f"{source}: {name}: found {type(result).__name__}, expected a strategy's class or function")
    return _of_function(result, name)


def _of_class(result: type[Any]) -> type[Strategy]:
    """The class itself, or one that adds the defaults of a strategy to it."""
    if Strategy in result.__mro__:
        return cast("type[Strategy]", result)
    own = {"__doc__": result.__doc__} | ({} if hasattr(result, "name") else {"name": result.__name__.lower()})
    return cast("type[Strategy]", type(result.__name__, (result, Strategy), own))


def _of_function(function: Any, called: str) -> type[Strategy]:
    """A strategy class whose `search` is a plain function of (problem, run, rng)."""
    _check_search(function, called)

    class OfFunction(Strategy):
        """A function as a strategy."""

        name = called.replace("_", "-")
        families = ("*",)

        def search(self, problem: Any, run: Any, rng: Any) -> None:
            """Call the function."""
            function(problem, run, rng)

    OfFunction.__doc__ = function.__doc__
    return OfFunction
