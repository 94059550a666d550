"""The digests of the listed instances, pinned in `digests.toml`: none of them can change unnoticed.

`python -m tasklet_bench.problems.instances.digests` writes the file anew; a changed line in it means a changed
instance, whose results cannot be compared with earlier ones.
"""

from __future__ import annotations

from pathlib import Path

from tasklet_bench.problems import families
from tasklet_bench.problems.instances.data import toml

PINNED = Path(__file__).with_suffix(".toml")


def pinned() -> dict[str, str]:
    """Hex SHA-256 of each listed instance, by its canonical name."""
    return toml("digests")


def digest(name: str) -> str:
    """The digest of an instance: pinned if it is listed, else computed from the instance itself."""
    known = pinned().get(name)
    return known if known else families.load(name).digest


def write() -> None:
    """Compute all digests and write them to `digests.toml`."""
    from tasklet_bench.problems.instances import catalogue

    lines = [f'"{name}" = "{families.load(name).digest}"' for name in catalogue.listed()]
    header = (
        "# Hex SHA-256 of each listed instance; written by `python -m tasklet_bench.problems.instances.digests`.\n\n"
    )
    PINNED.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
