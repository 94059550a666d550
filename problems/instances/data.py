"""The data files of this package."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def toml(name: str) -> dict[str, Any]:
    """What `NAME.toml` beside this file says; read once, not to be changed."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
