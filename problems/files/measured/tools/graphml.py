"""GraphML, as the Topology Zoo and SNDlib's copies have it."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Reading, Source
from tasklet_bench.problems.files.measured.tools.graph import Graph, read_graph

NAME = "GraphML"


def recognises(text: str) -> bool:
    """Whether a text is XML with a graph in it (whole or not)."""
    return text.lstrip("\ufeff \n\r\t").startswith("<") and "<graphml" in text[:4096]


def read(source: Source) -> Reading:
    """The map; raises `BadInput` for XML that breaks off, and for entities, which no such file needs."""
    builder = _Builder(source.name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.EntityDeclHandler = builder.entity
    try:
        parser.Parse(source.text.removeprefix("\ufeff").lstrip().encode(), True)
    except expat.ExpatError as error:
        raise BadInput.at(source.name, f"line {error.lineno}", str(error).partition(":")[0], "whole XML") from None
    return read_graph(Graph(builder.nodes, builder.edges, builder.directed), NAME, source)


class _Builder:
    """Collects nodes and edges with the attributes that their keys name."""

    def __init__(self, name: str) -> None:
        self.nodes: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str, dict[str, str]]] = []
        self.directed = False
        self._name = name
        self._keys: dict[str, str] = {}
        self._into: dict[str, str] = {}
        self._key: str | None = None
        self._text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins; a prefix of its name space does not count."""
        tag = tag.rpartition(":")[2]
        if tag == "key":
            self._keys[attributes.get("id", "")] = attributes.get("attr.name", attributes.get("id", ""))
        elif tag == "graph":
            self.directed = attributes.get("edgedefault") == "directed"
            self._into = {}
        elif tag == "node":
            self._into = self.nodes.setdefault(attributes.get("id", ""), {})
        elif tag == "edge":
            self._into = {}
            self.edges.append((attributes.get("source", ""), attributes.get("target", ""), self._into))
        elif tag == "data":
            self._key, self._text = attributes.get("key", ""), ""

    def text(self, data: str) -> None:
        """Text within an element."""
        self._text += data

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag.rpartition(":")[2] == "data" and self._key is not None:
            self._into[self._keys.get(self._key, self._key)] = self._text.strip()
            self._key = None

    def entity(self, *_: Any) -> None:
        """Entities can blow a small file up."""
        raise BadInput.at(self._name, "its entities", "a declaration", "none: no GraphML needs one")
