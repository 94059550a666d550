"""What an installed plug-in must not bring along: top-level packages with names that the suite uses itself."""

from __future__ import annotations

from importlib import metadata

from tasklet_bench.bench.plugins import file_of, installed_strategies

RESERVED = ("tasklet_bench", "tests")


def reserved_names_taken(target: str) -> list[str]:
    """Reserved top-level names that the distribution of a strategy installs; none for a file or the project's own."""
    plugin = None if file_of(target) else installed_strategies().get(target.rpartition(":")[2])
    if plugin is None:
        return []
    files = metadata.distribution(plugin.distribution).files or ()
    names = {file.parts[0].removesuffix(".py") for file in files if file.parts}
    return sorted((names | {plugin.point.module.partition(".")[0]}) & set(RESERVED))
