"""What a problem is like, in hashes, so that a change of it is found and can be named."""

from __future__ import annotations

import hashlib
from dataclasses import is_dataclass
from typing import Any

import numpy as np

SCRATCH = ("pack", "class_pack")
"""Attributes of problems that evaluations write to: memory for compiled code."""


def fingerprints(value: Any, name: str = "problem") -> dict[str, str]:
    """A hash of everything in a problem, by name: arrays with whether they can be written, and its class's methods."""
    if isinstance(value, np.ndarray):
        data = f"{value.dtype} {value.shape} {value.flags.writeable} {hashlib.sha256(value.tobytes()).hexdigest()}"
        return {name: data}
    if isinstance(value, tuple | list):
        return {key: mark for i, item in enumerate(value) for key, mark in fingerprints(item, f"{name}[{i}]").items()}
    if is_dataclass(value) and not isinstance(value, type):
        result = {f"{name}.{key}()": str(id(item)) for key, item in vars(type(value)).items() if callable(item)}
        for key, item in vars(value).items():
            if key not in SCRATCH:
                result |= fingerprints(item, f"{name}.{key}")
        return result
    return {name: repr(value)}
