"""A heat map of pair costs as SVG: one pixel a cell from dark blue (fast) to yellow (slow), names, and a key.

The pixels are a PNG with a palette inside the SVG; its levels are those of the table behind it (`shades.levels`).
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.report.shades import LEVELS, Shades, colour
from tasklet_bench.bench.report.svg import element, text
from tasklet_bench.bench.report.topology import HeatMap

MOST_NAMED = 40
"""Rows of a heat map whose names are written."""
NAMES_WIDTH = 130.0
KEY = 42.0
"""Pixels beneath the map for the key."""
_STEPS = 48
_NO_LINK = (128, 128, 128)


def heat_svg(heat: HeatMap, names: Sequence[str], width: float, at: tuple[float, float] = (0, 0)) -> str:
    """An `<svg>` element of `width` pixels at `at`; `names` are those of the rows, written where they are few."""
    named = bool(names) and len(heat.seconds) <= MOST_NAMED
    left = NAMES_WIDTH if named else 0.0
    size = width - left
    shades = Shades.of(heat.seconds)
    step = size / len(heat.seconds)
    rows = names if named else []
    return element(
        "svg",
        element(
            "image",
            class_="cells",
            x=left,
            y=0,
            width=size,
            height=size,
            preserveAspectRatio="none",
            style="image-rendering:pixelated",
            href=f"data:image/png;base64,{base64.b64encode(png(shades.levels())).decode()}",
        ),
        *(text(name, left - 8, (row + 0.5) * step + 4, "tick", "end") for row, name in enumerate(rows)),
        _key(shades, left, size + 12, size),
        class_="heat",
        x=at[0],
        y=at[1],
        width=width,
        height=size + KEY,
        viewBox=f"0 0 {width:g} {size + KEY:g}",
    )


def height(width: float, named: bool) -> float:
    """Pixels that a heat map of so many pixels' width is high, its key included."""
    return width - (NAMES_WIDTH if named else 0.0) + KEY


def png(levels: NDArray[np.uint8]) -> bytes:
    """A picture of one pixel a level: 0 is a faint grey (no link), 1 to `LEVELS` the shades."""
    rows, columns = levels.shape
    palette = bytes(
        channel
        for level in range(LEVELS + 1)
        for channel in (colour((level - 1) / (LEVELS - 1)) if level else _NO_LINK)
    )
    pixels = b"".join(b"\0" + row.tobytes() for row in levels)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0))
        + _chunk(b"PLTE", palette)
        + _chunk(b"tRNS", bytes([60]))
        + _chunk(b"IDAT", zlib.compress(pixels, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _key(shades: Shades, x: float, y: float, width: float) -> str:
    """The ramp from fast to slow, with the seconds at both ends beneath it."""
    boxes = "".join(
        element(
            "rect",
            x=x + width * step / _STEPS,
            y=y,
            width=width / _STEPS + 0.5,
            height=8,
            fill="#{:02x}{:02x}{:02x}".format(*colour(step / (_STEPS - 1))),
        )
        for step in range(_STEPS)
    )
    low, high = (f"{seconds:.3g} s" for seconds in (shades.low_s, shades.high_s))
    return boxes + text(f"fast {low}", x, y + 24, "tick") + text(f"{high} slow", x + width, y + 24, "tick", "end")
