"""Read a JSON file, with errors that say which file and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tasklet_bench.problems.bad_input import BadInput


def read_json(path: str | Path) -> Any:
    """The file's content; raises `BadInput` if it is missing, unreadable or not JSON."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file, expected a JSON file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
