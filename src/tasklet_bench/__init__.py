"""Tasklet Bench: a benchmark suite for searches that place the training of foundation models on distributed devices.

What a plug-in needs stands here, and is imported when it is first used. Importing this alone imports nothing at all:
the command line has to be able to take an interruption before anything else.
"""


def __getattr__(name: str) -> object:
    """A public name, or the version of what is installed, when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("tasklet-bench")
    if name.startswith("__") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import lazy_loader

    lazy, _, names = lazy_loader.attach_stub(__name__, __file__)
    return names if name == "__all__" else lazy(name)


def __dir__() -> list[str]:
    return list(__getattr__("__all__"))  # type: ignore[call-overload]
