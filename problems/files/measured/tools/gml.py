"""GML, as the Topology Zoo has it."""

from __future__ import annotations

import html
import re

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Reading, Source
from tasklet_bench.problems.files.measured.tools.graph import Graph, read_graph

NAME = "GML"
_TOKEN = re.compile(r'"(?P<text>[^"]*)"|(?P<mark>[\[\]])|(?P<word>[^\s\[\]"]+)')
_START = re.compile(r"\A(?:\s*#.*\n|\s*(?:Creator|Version|comment)\s.*\n)*\s*graph\s*\[", re.IGNORECASE)
Block = list[tuple[str, "str | Block"]]


def recognises(text: str) -> bool:
    """Whether a text begins with a graph."""
    return _START.match(text.removeprefix("\ufeff")) is not None


def read(source: Source) -> Reading:
    """The map; raises `BadInput` for a file that breaks off."""
    text = "\n".join(
        line for line in source.text.removeprefix("\ufeff").splitlines() if not line.lstrip().startswith("#")
    )
    top = _blocks(text, source.name)
    graph = next((value for key, value in top if key.lower() == "graph" and isinstance(value, list)), [])
    nodes, edges = {}, []
    for key, value in graph:
        if not isinstance(value, list):
            continue
        flat = {name: inner for name, inner in value if isinstance(inner, str)}
        flat |= {
            name: inner for _, part in value if isinstance(part, list) for name, inner in part if isinstance(inner, str)
        }
        if key.lower() == "node":
            nodes[flat.get("id", "")] = flat
        elif key.lower() == "edge":
            edges.append((flat.get("source", ""), flat.get("target", ""), flat))
    directed = any(key == "directed" and value == "1" for key, value in graph) and not _both_ways(edges)
    return read_graph(Graph(nodes, edges, directed), NAME, source)


def _both_ways(edges: list[tuple[str, str, dict[str, str]]]) -> bool:
    """Whether no link has its opposite, so that a map that calls itself directed cannot mean it."""
    pairs = {(a, b) for a, b, _ in edges}
    return not any((b, a) in pairs for a, b in pairs)


def _blocks(text: str, name: str) -> Block:
    """Keys with their values, or with blocks of such."""
    stack: list[Block] = [[]]
    key: str | None = None
    for match in _TOKEN.finditer(text):
        mark = match["mark"]
        if mark == "[":
            if key is None:
                raise BadInput.at(name, "its brackets", "one without a key", "key [ … ]")
            block: Block = []
            stack[-1].append((key, block))
            stack.append(block)
            key = None
        elif mark == "]":
            stack.pop()
            key = None
            if not stack:
                raise BadInput.at(name, "its brackets", "one too many", "each opened one closed once")
        elif key is None:
            key = match["word"] or match["text"] or ""
        else:
            stack[-1].append((key, html.unescape(match["text"]) if match["text"] is not None else match["word"]))
            key = None
    if len(stack) > 1:
        raise BadInput.at(name, "its end", f"{len(stack) - 1} open brackets", "a whole file: fetch it again")
    return stack[0]
