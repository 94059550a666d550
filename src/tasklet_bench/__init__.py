"""Tasklet Bench: a benchmark suite for searches that place the training of foundation models on distributed devices.

What a plug-in needs stands here, and is imported when it is first used.
"""

from __future__ import annotations

import lazy_loader

_lazy, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """A public name, or the version of what is installed, when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("tasklet-bench")
    return _lazy(name)
