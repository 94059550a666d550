"""Files behind the hash of their content: what was damaged, or is another user's, is as good as not there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_BYTES = hashlib.sha256().digest_size


def sealed(content: bytes) -> bytes:
    """The content with its SHA-256 before it."""
    return hashlib.sha256(content).digest() + content


def read_sealed(path: Path) -> bytes | None:
    """What was sealed in a file; None where there is none, where it is damaged, and where somebody else owns it."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            seal, content = file.read(_BYTES), file.read()
    except OSError:
        return None
    return content if hashlib.sha256(content).digest() == seal else None
