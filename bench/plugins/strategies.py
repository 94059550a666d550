"""Strategies by name, by file, or from an installed package."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tasklet_bench.bench.plugins.code_identity import CodeIdentity, module_identity, plugin_identity
from tasklet_bench.bench.plugins.files import BrokenPlugin, attribute_of, file_of, located, within
from tasklet_bench.bench.plugins.installed import Installed, installed_strategies
from tasklet_bench.bench.runs.spec import Entrant
from tasklet_bench.problems.bad_input import BadInput
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
}


def default_strategy(family: str) -> str:
    """Who searches a problem of a family when nobody is named: what works best there."""
    return _DEFAULTS.get(family, "local-search")


@dataclass(frozen=True)
class _Found:
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
    found = _found(target)
    own, start = split_start(found.cls, {**in_brackets, **(parameters or {})})
    strategy = configured(found.cls, own)
    return Entrant(
        target=found.target,
        name=entrant_name(strategy, start),
        strategy_name=strategy.name,
        strategy_version=strategy.version,
        code_hash=found.code.hash,
        libraries=found.code.libraries,
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
    found = _found(of.target)
    found.code.require(of.target, of.code_hash, of.libraries)
    return configured(found.cls, split_start(found.cls, of.parameters)[0])


def check_code(of: Entrant) -> None:
    """Raise `BadInput` unless this process has the code and the libraries that an entrant was described from.

    A plug-in's file is read and not imported.
    """
    path = file_of(of.target)
    code = _found(of.target).code if path is None else plugin_identity(path.resolve())
    code.require(of.target, of.code_hash, of.libraries)


def strategy_class_of(target: str) -> type[Strategy]:
    """The class behind a name or a file; raises as `entrant` does."""
    return _found(target).cls


def _found(target: str) -> _Found:
    path = file_of(target)
    if path is not None:
        offered = attribute_of(path, within(target), "a strategy's class or function")
        cls = _of_anything(offered, within(target), str(path))
        return _Found(located(target), _with_own_name(cls, target), plugin_identity(path.resolve()))
    if target in STRATEGIES:
        cls = strategy_class(target)
        return _Found(target, cls, module_identity(Path(inspect.getfile(cls))))
    plugin = _installed(target)
    cls = _of_anything(plugin.load(), plugin.point.name, plugin.target)
    return _Found(plugin.target, _with_own_name(cls, plugin.target), plugin.identity())


def _with_own_name(cls: type[Strategy], source: str) -> type[Strategy]:
    """The class, unless it has the name of a strategy of the project, whose results its own would be taken for."""
    if cls.name in STRATEGIES:
        raise BadInput.at(source, "name", repr(cls.name), "a name of its own: this one is a strategy of Tasklet Bench")
    return cls


def _installed(target: str) -> Installed:
    """An installed strategy by its name, or by `distribution==version:name`, which must be the one that is here."""
    known = installed_strategies()
    source, colon, name = target.rpartition(":")
    if name not in known:
        raise BadInput.unknown("strategy", name, [*STRATEGIES, *known])
    if colon and known[name].source != source:
        raise BadInput.at(f"strategy {name}", "installed", known[name].source, source)
    return known[name]


def _of_anything(found: Any, name: str, source: str) -> type[Strategy]:
    """A strategy's class, made of what a plug-in offers: such a class, one that inherits nothing, or a function."""
    if inspect.isclass(found):
        if not callable(getattr(found, "search", None)):
            raise BrokenPlugin(f"{source}: {name}: found a class without a method `search`, expected a strategy")
        return _of_class(found)
    if not callable(found):
        raise BrokenPlugin(f"{source}: {name}: found {type(found).__name__}, expected a strategy's class or function")
    return _of_function(found, name)


def _of_class(found: type[Any]) -> type[Strategy]:
    """The class itself, or one that adds the defaults of a strategy to it."""
    if Strategy in found.__mro__:
        return cast("type[Strategy]", found)
    own = {"__doc__": found.__doc__} | ({} if hasattr(found, "name") else {"name": found.__name__.lower()})
    return cast("type[Strategy]", type(found.__name__, (found, Strategy), own))


def _of_function(function: Any, called: str) -> type[Strategy]:
    """A strategy class whose `search` is a plain function of (problem, run, rng)."""

    class OfFunction(Strategy):
        """A function as a strategy."""

        name = called.replace("_", "-")
        families = ("*",)

        def search(self, problem: Any, run: Any, rng: Any) -> None:
            """Call the function."""
            function(problem, run, rng)

    OfFunction.__doc__ = function.__doc__
    return OfFunction
