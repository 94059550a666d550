"""What identifies code: a hash of a module and of all that it imports, each by what it means.

A module's hash is made of its own code and of the hashes of what it refers to, not of their names: a file that is
renamed or moved, or a package that is called something else, is the same code. Modules may import each other in
circles: hashes are refined in rounds, until a round tells no more modules apart than the one before.

What is not followed: modules that are imported by a text (`importlib.import_module`), and data files.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tasklet_bench.problems.code import meaning as syntax
from tasklet_bench.problems.code.meaning import Meaning, Reference
from tasklet_bench.problems.code.meanings import meaning_of, save
from tasklet_bench.problems.code.sources import Sources, Target, is_own


@dataclass(frozen=True)
class Identity:
    """What code is: its hash, the libraries that it imports by their top names, and the files that it is made of."""

    hash: str
    libraries: frozenset[str]
    files: tuple[Path, ...]


@dataclass(frozen=True)
class _Node:
    """A module: the hash of its own code, what it uses in order, and what it imports besides in any order."""

    own: str
    used: tuple[tuple[Target, ...], ...]
    others: tuple[tuple[Target, ...], ...]
    libraries: frozenset[str]

    def targets(self) -> Iterator[Target]:
        """All that it leads to."""
        return (target for targets in (*self.used, *self.others) for target in targets)


_NOTHING = syntax.meaning("")
_own_nodes: dict[Path, tuple[Meaning, _Node]] = {}
"""The project's own modules: what they import belongs to them whoever imports them."""


def identify(files: Path | Iterable[Path], sources: Sources | None = None) -> Identity:
    """The identity of a module, or of several in order; `sources` says what belongs to them.

    Raises `OSError` for a file that cannot be read.
    """
    roots = [file.absolute() for file in ([files] if isinstance(files, Path) else files)]
    graph: dict[Path, _Node] = {}
    waiting = list(roots)
    around = {root: sources or Sources.beside(root) for root in roots}
    while waiting:
        file = waiting.pop()
        if file in graph:
            continue
        graph[file] = _node(meaning_of(file), file, around[file])
        for target in graph[file].targets():
            if target.file is not None:
                around.setdefault(target.file, around[file])
                waiting.append(target.file)
    save()
    colours = _refined(graph)
    text = " ".join([*(colours[root] for root in roots), "|", *sorted(set(colours.values()))])
    return Identity(_hash(text), frozenset().union(*(node.libraries for node in graph.values())), tuple(sorted(graph)))


def _node(meaning: Meaning, file: Path, sources: Sources) -> _Node:
    if not is_own(str(file)):
        return _new_node(meaning, file, sources)
    known = _own_nodes.get(file)
    if known is None or known[0] is not meaning:
        known = _own_nodes[file] = (meaning, _new_node(meaning, file, Sources.beside(file)))
    return known[1]


def _new_node(meaning: Meaning, file: Path, sources: Sources) -> _Node:
    used = tuple(_resolve(reference, file, sources) for reference in meaning.used)
    others = [(reference, _resolve(reference, file, sources)) for reference in meaning.others]
    kept = tuple(targets for reference, targets in others if _matters(reference, targets))
    outside = (t.rest[0] for targets in (*used, *kept) for t in targets if t.file is None)
    return _Node(meaning.own, used, kept, frozenset(outside) - {"."} - sys.stdlib_module_names)


def _resolve(reference: Reference, file: Path, sources: Sources) -> tuple[Target, ...]:
    """What an import leads to, without the packages on the way that do nothing."""
    return tuple(target for target in sources.resolve(reference, file) if not _does_nothing(target))


def _does_nothing(target: Target) -> bool:
    empty = target.file is not None and target.file.name == "__init__.py" and not target.rest
    return empty and target.file is not None and meaning_of(target.file) == _NOTHING


def _matters(reference: Reference, targets: tuple[Target, ...]) -> bool:
    """Whether an import that no code uses does anything: a library that annotations alone name does not."""
    outside = all(target.file is None for target in targets)
    return not (outside and (reference.idle or reference.names[0] in sys.stdlib_module_names))


def _refined(graph: dict[Path, _Node]) -> dict[Path, str]:
    """A hash of each module by all that can be reached from it."""
    colours = {file: node.own for file, node in graph.items()}
    while True:
        finer = {file: _hash(_described(node, colours)) for file, node in graph.items()}
        if len(set(finer.values())) == len(set(colours.values())):
            return finer
        colours = finer


def _described(node: _Node, colours: dict[Path, str]) -> str:
    used = [_spelt(targets, colours) for targets in node.used]
    others = sorted(_spelt(targets, colours) for targets in node.others)
    return "\n".join([node.own, *used, "|", *others])


def _spelt(targets: tuple[Target, ...], colours: dict[Path, str]) -> str:
    parts = (f"{'' if t.file is None else colours[t.file]}:{'.'.join(t.rest)}" for t in targets)
    return " ".join(parts)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
