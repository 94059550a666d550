"""The files of a task for systems that search programs."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

from tasklet_bench.bench.scaffold.files import write_new

FILES = ("README.md", "initial_program.py", "evaluator.py", "hidden_score.py", "Containerfile")


def write_agent_task(folder: Path, evaluations: int) -> list[Path]:
    """Write the task below `folder`; raises `BadInput`, and writes nothing, if one of its files is there already."""
    words = {"evaluations": str(evaluations), "version": version("tasklet-bench")}
    templates = files("tasklet_bench.bench.scaffold").joinpath("templates", "agent")
    texts = {
        folder / name: Template(templates.joinpath(f"{name}.tmpl").read_text(encoding="utf-8")).substitute(words)
        for name in FILES
    }
    return write_new(texts, "agent-task")
