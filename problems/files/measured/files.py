"""Find out which tool wrote a file, and read it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.file_name import ends_of
from tasklet_bench.problems.files.measured.reading import Reading, Source, Units

LARGEST_BYTES = 64 * 2**20
_TOOLS = (
    "problem_json", "graphml", "gml", "iperf3", "nccl", "ping", "fping", "links_table", "places_table", "matrix_table",
)  # fmt: skip
"""In the order in which they are asked: from what is unmistakable to what is any table of numbers."""


class Tool(Protocol):
    """A tool whose output can be read."""

    NAME: str

    def recognises(self, text: str) -> bool:
        """Whether a text is the tool's output, whole or broken off."""
        ...

    def read(self, source: Source) -> Reading:
        """What the output says; raises `BadInput` that names file and place."""
        ...


def read_all(paths: Iterable[Path], units: Units = Units()) -> list[Reading]:  # noqa: B008 - frozen
    """Read files, and all files of folders; raises `BadInput` for one that no tool of those known has written."""
    result = []
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
            if not files:
                raise BadInput.at(str(path), "the folder", "no files", "output of ping, iperf3, …")
        else:
            files = [path]
        result += [read_file(file, units) for file in files]
    return result


def read_file(path: Path, units: Units = Units()) -> Reading:  # noqa: B008 - frozen
    """What a file says, by the tool that recognises it."""
    text = _text(path)
    tool = tool_of(text)
    if tool is None:
        known = ", ".join(_tool(name).NAME for name in _TOOLS)
        raise BadInput.at(str(path), "the whole of it", _beginning(text), f"output of one of {known}")
    return tool.read(Source(str(path), text, ends_of(path), units))


def tool_of(text: str) -> Tool | None:
    """The tool that wrote a text, if it is known."""
    return next((tool for name in _TOOLS if (tool := _tool(name)).recognises(text)), None)


def _tool(name: str) -> Tool:
    module: Tool = import_module(f"tasklet_bench.problems.files.measured.tools.{name}")
    return module


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise BadInput.at(str(path), "the path", "no regular file", "a file, or a folder of files")
        if path.stat().st_size > LARGEST_BYTES:
            raise BadInput.at(str(path), "its size", f"{path.stat().st_size:,} bytes", f"at most {LARGEST_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")  # what Windows' shell writes when output is sent to a file
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
    if "\0" in text:
        raise BadInput.at(str(path), "the whole of it", "bytes that are no text", "what a tool prints")
    return text


def _beginning(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return repr(line.strip()[:60]) if line else "nothing"
