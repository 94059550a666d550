"""The page's data as one block of text: columns instead of rows, six digits, compressed."""

from __future__ import annotations

import base64
import gzip
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6


def packed(data: Any) -> str:
    """JSON, gzipped, in base64: what the page's `DecompressionStream` reads."""
    text = json.dumps(plain(data), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()


def unpacked(block: str) -> Any:
    """Read what `packed` wrote."""
    return json.loads(gzip.decompress(base64.b64decode(block)))


def table(frame: pd.DataFrame) -> dict[str, Any]:
    """A table as columns: `{"columns": names, "values": one list per column}`."""
    return {"columns": list(frame.columns), "values": [frame[name].tolist() for name in frame.columns]}


def plain(value: Any) -> Any:
    """Values that JSON knows: floats with six digits, infinity as text, NaN and None as null."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return _rounded(value)
    return value


def _rounded(value: float) -> float | int | str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
