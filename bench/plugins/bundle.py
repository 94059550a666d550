"""The sources of a plug-in as one piece of data, to be unpacked where its file is not.

A bundle holds the file and those neighbours that it imports, Python sources all: data files and compiled modules stay
where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tasklet_bench.bench.plugins.code_identity import plugin_sources
from tasklet_bench.bench.plugins.files import file_of, locate, within
from tasklet_bench.bench.runs.canonical import canonical_json, sha256


@dataclass(frozen=True)
class Bundle:
    """Sources by their paths, relative to the folder of the plug-in's file `name`."""

    name: str
    sources: dict[str, str]

    @classmethod
    def of(cls, target: str) -> Bundle | None:
        """The bundle of a target such as `path/to/file.py:Class`; None where it is a name."""
        file = file_of(locate(target))
        if file is None:
            return None
        folder = file.parent
        parts = {part.relative_to(folder) for part in plugin_sources(file).files if part.is_relative_to(folder)}
        packages = {package for part in parts for package in part.parents if package != Path()}
        parts |= {package / init for package in packages for init in ("__init__.py", "__init__.pyi")}
        sources = {part.as_posix(): _text(folder / part) for part in sorted(parts) if (folder / part).is_file()}
        return cls(file.name, {path: text for path, text in sources.items() if text is not None})

    @property
    def digest(self) -> str:
        """Hex SHA-256 of all of it."""
        return sha256(canonical_json([self.name, self.sources]))

    def unpack(self, root: Path, target: str) -> str:
        """Write the sources to a folder of their own below `root`, named by their digest; returns the target there."""
        folder = root / self.digest
        for path, text in self.sources.items():
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise ValueError(f"{path}: leads out of the bundle")
            (folder / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        return f"{folder / self.name}:{within(target)}"


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8") if file.suffix in (".py", ".pyi") else None
    except UnicodeDecodeError:
        return None
