"""Collect the files of this folder into CHANGELOG.md under a new version, and delete them.

python changes/collect.py 0.2.0
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
KINDS = ("added", "changed", "removed", "fixed")


def fragments(folder: Path) -> dict[str, list[Path]]:
    """The files by their kind, in alphabetical order; raises `ValueError` for one whose kind is none."""
    by_kind: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("*.md")):
        if path.name == "README.md":
            continue
        kind = path.name.removesuffix(".md").rpartition(".")[2]
        if kind not in by_kind:
            raise ValueError(f"{path.name}: kind is {kind!r}, expected one of {', '.join(KINDS)}")
        by_kind[kind].append(path)
    return by_kind


def section(version: str, by_kind: dict[str, list[Path]]) -> str:
    """The text of a version for the changelog."""
    lines = [f"## {version}, {datetime.now(UTC).date()}", ""]
    for kind, paths in by_kind.items():
        if paths:
            texts = (re.sub(r"\s*\n\s*", " ", path.read_text(encoding="utf-8").strip()) for path in paths)
            lines += [f"### {kind.capitalize()}", "", *(f"- {text}" for text in texts), ""]
    return "\n".join(lines) + "\n"


def collect(version: str, folder: Path = HERE, log: Path = HERE.parent / "CHANGELOG.md") -> None:
    """Put the section of `version` above the last one; raises `ValueError` for what is no version or has no changes."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ValueError(f"version is {version!r}, expected MAJOR.MINOR.PATCH")
    by_kind = fragments(folder)
    if not any(by_kind.values()):
        raise ValueError(f"{folder}: no changes to collect")
    head, mark, rest = log.read_text(encoding="utf-8").partition("## ")
    log.write_text(head + section(version, by_kind) + mark + rest, encoding="utf-8")
    for paths in by_kind.values():
        for path in paths:
            path.unlink()


if __name__ == "__main__":
    try:
        collect(*sys.argv[1:])
    except (TypeError, ValueError) as fault:
        sys.exit(f"{fault}")
