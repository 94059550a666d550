"""IOHprofiler's format, as IOHanalyzer and IOHinspector read it: one JSON file a function, one `.dat` file beside it.

An entrant with a budget is an algorithm, an instance a function (numbered by name, its dimension the numbers
of a candidate), a seed a run. A run's rows are its improvements by evaluations; the readers want a first row at
evaluation 1, which has the instance's penalty where a strategy reported nothing so early, and a last one where the run
ended.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.runs.canonical import sha256

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.bench.results.store import Store

FORMAT_VERSION = "0.3.17"
"""Of IOHexperimenter, whose files these are like."""


def write(store: Store, folder: Path) -> list[Path]:
    """Write all runs with a cost; returns the files."""
    runs = store.runs()
    runs = runs[runs["cost_s"].notna() & runs["candidate"].notna()]
    rows = {str(key): group for key, group in store.trajectories(runs["key"]).groupby("key")}
    numbers = {digest: i for i, digest in enumerate(runs.sort_values("problem")["problem_digest"].unique(), start=1)}
    written = []
    names = _folder_names(runs)
    for (strategy, budget, digest), group in runs.groupby(["strategy", "budget", "problem_digest"]):
        base = folder / names[str(strategy), str(budget)]
        written += _function(base, numbers[digest], group.sort_values("seed"), rows)
    return written


def folders(store: Store) -> list[str]:
    """The folders that `write` makes."""
    return list(_folder_names(store.runs()).values())


def _folder_names(runs: pd.DataFrame) -> dict[tuple[str, str], str]:
    """A folder for each algorithm; those that differ in punctuation or case alone are distinguished by a hash."""
    pairs = sorted(
        {(str(strategy), str(budget)) for strategy, budget in zip(runs["strategy"], runs["budget"], strict=True)}
    )
    plain = {pair: _file_name(" ".join(pair)) for pair in pairs}
    times = Counter(name.casefold() for name in plain.values())
    return {
        pair: name if times[name.casefold()] == 1 else f"{name}-{sha256(' '.join(pair))[:8]}"
        for pair, name in plain.items()
    }


def _function(base: Path, number: int, runs: pd.DataFrame, rows: dict[str, pd.DataFrame]) -> list[Path]:
    """One algorithm on one function."""
    first = runs.iloc[0]
    name = _file_name(first["problem"])
    dimension = len(_numbers(json.loads(first["candidate"])))
    data = Path(f"data_f{number}_{name}") / f"IOHprofiler_f{number}_DIM{dimension}.dat"
    meta = {
        "version": FORMAT_VERSION,
        "suite": first["suite"] or "unknown_suite",
        "function_id": number,
        "function_name": name,
        "maximization": False,
        "algorithm": {"name": f"{first['strategy']} {first['budget']}", "info": first["code_hash"]},
        "experiment_attributes": [{"problem": first["problem"]}, {"budget": first["budget"]}],
        "attributes": ["evaluations", "raw_y"],
        "scenarios": [
            {
                "dimension": dimension,
                "path": data.as_posix(),
                "runs": [_run(run, rows[run["key"]]) for _, run in runs.iterrows()],
            }
        ],
    }
    json_file = base / f"IOHprofiler_f{number}_{name}.json"
    (base / data).parent.mkdir(parents=True, exist_ok=True)
    json_file.write_text(json.dumps(meta, indent=1), encoding="utf-8")
    blocks = [_block(run, rows[run["key"]]) for _, run in runs.iterrows()]
    (base / data).write_text("".join(blocks), encoding="utf-8")
    return [json_file, base / data]


def _run(run: pd.Series[Any], rows: pd.DataFrame) -> dict[str, Any]:
    """A run's summary; `x` is the candidate as plain numbers."""
    best = {
        "evals": int(rows["evaluations"].iloc[-1]),
        "y": float(rows["cost_s"].iloc[-1]),
        "x": _numbers(json.loads(run["candidate"])),
    }
    return {"instance": 1, "evals": int(run["evaluations"]), "best": best}


def _numbers(candidate: dict[str, Any]) -> list[int | float]:
    """A candidate as plain numbers: of a grid the stage of each device, of anything else all its numbers in order."""
    if set(candidate) == {"grid"}:
        stages = {device: stage for row in candidate["grid"] for stage, device in enumerate(row)}
        return [stages[device] for device in sorted(stages)]
    return list(_flat(candidate))


def _flat(value: Any) -> Iterator[int | float]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _flat(part)
    elif isinstance(value, int | float):
        yield value


def _block(run: pd.Series[Any], rows: pd.DataFrame) -> str:
    """A run's improvements by evaluations, one a line."""
    rows = rows[rows["cost_s"] < float("inf")]
    points = dict(zip(rows["evaluations"].clip(lower=1), rows["cost_s"], strict=True))
    points.setdefault(1, max(float(run["penalty_s"]), *points.values()))
    points.setdefault(int(run["evaluations"]), min(points.values()))
    lines = [f"{evaluations} {cost_s:.10f}" for evaluations, cost_s in sorted(points.items())]
    return "\n".join(["evaluations raw_y", *lines]) + "\n"


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.=-]+", "-", text).strip("-.")[:200] or "unnamed"
