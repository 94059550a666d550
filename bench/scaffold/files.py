"""Which files a scaffold has, and writing them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template

from tasklet_bench.bench.scaffold.naming import Kind, Names
from tasklet_bench.problems.bad_input import BadInput

PLAIN: dict[str, str] = {
    "{module}.py": "{kind}.py.tmpl",
    "test_{module}.py": "test_{kind}.py.tmpl",
}
"""Path of each file and the template that it is made from: a plug-in of one file, with its test."""

PACKAGE: dict[str, str] = {
    "{name}/pyproject.toml": "pyproject.toml.tmpl",
    "{name}/README.md": "readme_{kind}.md.tmpl",
    "{name}/.github/workflows/ci.yml": "ci.yml.tmpl",
    "{name}/src/{module}/__init__.py": "init.py.tmpl",
    "{name}/src/{module}/{kind}.py": "{kind}.py.tmpl",
    "{name}/tests/test_{module}.py": "test_{kind}.py.tmpl",
}
"""The same for a whole project that can be installed."""

_FOUND_AS = {
    ("strategy", False): "{module}.py:{cls}",
    ("strategy", True): "{name}",
    ("problem", False): "{module}.py:load",
    ("problem", True): "{name}",
}
"""What a plug-in is called on the command line: by its file, or once installed by its entry point."""

_OFFERED = {"strategy": "{cls}", "problem": "load"}


def found_as(kind: Kind, names: Names, *, package: bool) -> str:
    """What the plug-in is called on the command line; problems go on with a slash and a shape."""
    return _FOUND_AS[kind, package].format(**vars(names))


def write(kind: Kind, names: Names, folder: Path, *, package: bool) -> list[Path]:
    """Write all files of a scaffold below `folder`; raises `BadInput`, and writes nothing, if one is there already."""
    words = {
        **vars(names),
        "kind": kind,
        "plural": {"strategy": "strategies", "problem": "problems"}[kind],
        "target": found_as(kind, names, package=package),
        "offered": _OFFERED[kind].format(**vars(names)),
    }
    layout = PACKAGE if package else PLAIN
    texts = {
        folder / path.format(**words): _filled(template.format(**words), words) for path, template in layout.items()
    }
    return write_new(texts, f"new {kind}")


def write_new(texts: dict[Path, str], command: str) -> list[Path]:
    """Write files that are not there yet; raises `BadInput`, naming the command, and writes nothing if one is."""
    for path in texts:
        if path.exists():
            raise BadInput(f"{command}: {path} is there already, and is left as it is")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)


def _filled(template: str, words: dict[str, str]) -> str:
    text = files("tasklet_bench.bench.scaffold").joinpath("templates", template).read_text(encoding="utf-8")
    return Template(text).substitute(words)
