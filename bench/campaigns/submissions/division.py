"""The divisions of the open board; imports nothing, as the command line shows them."""

from __future__ import annotations

from typing import Literal

Division = Literal["open", "known-starts", "third-party-library"]
