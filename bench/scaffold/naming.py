"""The names of a plug-in: what users type, its module and its class, all from one."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from tasklet_bench.problems.bad_input import BadInput

Kind = Literal["strategy", "problem"]

_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


@dataclass(frozen=True)
class Names:
    """`patient-climber`, `patient_climber` and `PatientClimber`."""

    name: str
    module: str
    cls: str

    @classmethod
    def of(cls, kind: Kind, text: str) -> Names:
        """The names made of what was typed; raises `BadInput` for what is no name, or is taken."""
        if not _NAME.fullmatch(text):
            raise BadInput.at(f"new {kind}", "NAME", repr(text), "lower case, words joined by hyphens: patient-climber")
        words = re.split("[-_]", text)
        names = cls("-".join(words), "_".join(words), "".join(word.capitalize() for word in words))
        if names.name in _taken(kind):
            raise BadInput.at(f"new {kind}", "NAME", text, f"another: {names.name} is the name of a {kind} already")
        if _hides_something(names.module):
            raise BadInput.at(
                f"new {kind}", "NAME", text, f"another: {names.module} is a name of Python or of a package"
            )
        return names


def _hides_something(module: str) -> bool:
    """Whether a module of that name stands for something else already."""
    from tasklet_bench.bench.contract.packaging import RESERVED

    words = {*keyword.kwlist, *sys.stdlib_module_names, *RESERVED}
    return module in words or find_spec(module) is not None


def _taken(kind: Kind) -> Collection[str]:
    """Names of the project's own strategies, or prefixes of its own problems."""
    if kind == "strategy":
        from tasklet_bench.strategies.registry import STRATEGIES

        return STRATEGIES.keys()
    from tasklet_bench.bench.plugins.installed import own_prefixes

    return own_prefixes()
