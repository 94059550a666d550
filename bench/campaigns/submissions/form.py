"""The statement of a submission, `submission.toml`."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import Field

from tasklet_bench.bench.campaigns.submissions.division import Division
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import read_toml
from tasklet_bench.problems.validation import StrictModel, validated

FILE_NAME = "submission.toml"
CAMPAIGN_NAME = "campaign.toml"
EXPORT_NAME = "export"
CODE_NAME = "code"
MOST_BYTES = 1 << 16


class Submission(StrictModel):
    """What is handed in, and by whom."""

    entrant: str = Field(min_length=1, max_length=80)
    """Its name on the leaderboard."""
    strategy: str = Field(min_length=1, max_length=200)
    """`code/mine.py:Mine`, relative to the folder, or `package==1.0:name` of a published distribution."""
    division: Division
    """`known-starts` where a run begins from known starts, `third-party-library` where the code imports a library
    that is none of this project's own, else `open`."""
    authors: list[str] = Field(min_length=1)
    statement: str = Field(min_length=1)
    """The idea in a sentence or two, and what was tuned on what."""
    licence: str = ""
    source: str = ""
    """Where the idea is published, if it is."""
    machine: list[str] = Field(min_length=1)
    """System, processor and cores of each machine that made the runs."""
    chain: str = Field(pattern=r"^[0-9a-f]{64}$")
    """The head of the export's hash chain."""


def read_submission(folder: Path) -> Submission:
    """Read and check the statement of a folder; raises `BadInput` that names the file and the key."""
    path = folder / FILE_NAME
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise BadInput.at(str(path), "size", f"{path.stat().st_size} bytes", f"at most {MOST_BYTES}")
    data = read_toml(path, "what `tasklet-bench submit` writes")
    return validated(Submission, data, str(path))


def toml(values: dict[str, str | int | list[str]]) -> str:
    """Write plain values as TOML; strings of JSON are strings of TOML."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
