"""Sealed suites: instances that nobody can tune to, as they follow from a secret that is published afterwards.

The secret's SHA-256, its *commitment*, stands in `sealed.toml` before anybody is scored. Whoever has the secret gets
the suite from it, and later everybody can see that secret, commitment and suite belong together. The project does not
know the secret. All draws are hashes of it, so that they are the same everywhere.

Forty instances: every measured table once, with noise, and drawn networks of the families, sizes and payloads of
`core`. No two have a base in common.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.source import read_toml
from tasklet_bench.problems.instances.catalogue import Suite, canonical_name
from tasklet_bench.problems.instances.data import toml
from tasklet_bench.problems.instances.relatives import base_of

SIZE = 40
CHAMPION = "annealing"
NAME = "sealed"
COMMITMENTS = Path(__file__).with_suffix(".toml")
FEWEST_CHARACTERS = 32
"""A shorter secret could be guessed from its commitment."""

_NOISE = ("0.1", "0.2", "0.3")
_PAYLOADS = ("", "", "&pp_scale=0.1", "&pp_scale=0.3", "&pp_scale=3")
_SHAPES = ("n=32&dp=4", "n=32&dp=8", "n=36&dp=6", "n=48&dp=6", "n=64&dp=8", "n=64&dp=4", "n=72&dp=6", "n=96&dp=8")
_FAMILIES = {
    "uniform": ("",),
    "geometric": ("",),
    "clustered": ("", "", "&asymmetry=0.5", "&sites=5"),
    "hierarchical": ("",),
    "transit": ("", "&routers=24"),
    "planted": ("", "&lure=aligned"),
}
"""Families of drawn networks, with what their names may carry beside."""

T = TypeVar("T")


@dataclass(frozen=True)
class Round:
    """One sealed suite: its number, and the commitment to its secret."""

    number: int
    sha256: str


def read_secret(path: Path) -> str:
    """A file's text without blanks around it; raises `BadInput` for one that is missing, not ASCII, or too short."""
    try:
        secret = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput.at(str(path), "secret", "bytes that are not ASCII", "ASCII characters") from None
    if len(secret) < FEWEST_CHARACTERS:
        raise BadInput.at(str(path), "secret", f"{len(secret)} characters", f"at least {FEWEST_CHARACTERS}")
    return secret


def commitment(secret: str) -> str:
    """Hex SHA-256 of a secret."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def read_rounds(path: Path = COMMITMENTS) -> tuple[Round, ...]:
    """The rounds that are written down in a file; raises `BadInput` that names the file and the place."""
    data = read_toml(path, "commitments of sealed suites")
    entries = data.get("round")
    if not isinstance(entries, list) or set(data) != {"round"}:
        raise BadInput.at(str(path), "round", ", ".join(data) or "nothing", "a list of [[round]] and nothing else")
    return tuple(_round(str(path), nth, entry) for nth, entry in enumerate(entries))


def round_of(secret: str, path: Path = COMMITMENTS) -> Round:
    """The round that a secret is of; raises `BadInput` if its commitment is not written down."""
    digest = commitment(secret)
    for known in read_rounds(path):
        if known.sha256 == digest:
            return known
    raise BadInput.at(str(path), "commitments", f"none of this secret, {digest}", "it written down before its use")


def sealed_suite(secret: str, number: int) -> Suite:
    """The suite of a secret, named after its round's number."""
    summary = f"sealed instances of round {number}: {SIZE} that nobody could tune to"
    return Suite(f"{NAME}-{number}", summary, CHAMPION, instances(secret))


def instances(secret: str) -> tuple[str, ...]:
    """The canonical names of a secret's instances, measured ones first; no two have a base in common."""
    draws = _Draws(secret)
    result = [canonical_name(_measured(short, draws)) for short in toml("measured")]
    bases = {base_of(name) for name in result}
    families = draws.shuffled(list(_FAMILIES))
    while len(result) < SIZE:
        name = canonical_name(_drawn(families[len(result) % len(families)], draws))
        if base_of(name) not in bases:
            bases.add(base_of(name))
            result.append(name)
    return tuple(result)


def _measured(short: str, draws: _Draws) -> str:
    payload = draws.one_of(_PAYLOADS)
    return f"measured/{short}?noise={draws.one_of(_NOISE)}&draw={draws.seed()}{payload}"


def _drawn(family: str, draws: _Draws) -> str:
    shape, extra, payload = draws.one_of(_SHAPES), draws.one_of(_FAMILIES[family]), draws.one_of(_PAYLOADS)
    drawn = f"&draw={draws.seed()}" if "asymmetry" in extra else ""
    return f"generated/{family}?{shape}&seed={draws.seed()}{extra}{drawn}{payload}"


class _Draws:
    """Whole numbers that follow from a secret: hashes of it and of how many were drawn before."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._drawn = 0

    def below(self, n: int) -> int:
        """One of 0 to n - 1, alike to one part in 2^200."""
        self._drawn += 1
        text = f"tasklet-bench sealed {self._drawn} {self._secret}"
        return int.from_bytes(hashlib.sha256(text.encode("ascii")).digest(), "big") % n

    def seed(self) -> int:
        """A seed of 48 bits: too many to be tried."""
        return self.below(2**48)

    def one_of(self, values: Sequence[T]) -> T:
        """One of several values."""
        return values[self.below(len(values))]

    def shuffled(self, values: list[T]) -> list[T]:
        """The values in a drawn order."""
        order = list(values)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order


def _round(path: str, nth: int, entry: Any) -> Round:
    where = f"round {nth + 1}"
    if not isinstance(entry, dict) or set(entry) != {"number", "sha256"}:
        raise BadInput.at(path, where, repr(entry), "number and sha256")
    number, digest = entry["number"], entry["sha256"]
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise BadInput.at(path, f"{where}: number", repr(number), "a whole number from 1 on")
    if not isinstance(digest, str) or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise BadInput.at(path, f"{where}: sha256", repr(digest), "64 hexadecimal digits in lower case")
    return Round(number, digest)
