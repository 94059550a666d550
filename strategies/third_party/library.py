"""Optional libraries: whether one is installed, and how to install it where it is not."""

from __future__ import annotations

from importlib.util import find_spec

from tasklet_bench.problems.bad_input import BadInput


def require_library(strategy: str, package: str, extra: str) -> None:
    """Raise `BadInput` unless `package` is there; it says how to install it, by the project's extra `extra`."""
    if find_spec(package) is None:
        how = f"it installed: pip install 'tasklet-bench[{extra}]'"
        raise BadInput.at(f"strategy {strategy}", "package", f"no {package}", how)
