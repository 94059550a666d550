"""What was run, where and with which versions, and what went wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.stats.doubts import doubts
from tasklet_bench.bench.stats.library_versions import versions_in_words
from tasklet_bench.bench.stats.machines import several_machines

if TYPE_CHECKING:
    import pandas as pd


def provenance_data(results: Results) -> dict[str, Any]:
    """Machines, versions, timing modes, dates, and how many results were scored again."""
    runs = results.distinct_runs
    return {
        "runs": len(runs),
        "failed": int((runs["status"] != "ok").sum()),
        "superseded": 0 if results.superseded is None else int(results.superseded["key"].isin(runs["key"]).sum()),
        "mixed_machines": several_machines(runs),
        "first": str(runs["started_at"].min()),
        "last": str(runs["started_at"].max()),
        "cpu_s": float(runs["cpu_s"].sum()),
        "peak_memory_bytes": float(runs["peak_memory_bytes"].max()),
        "timing": sorted(str(mode) for mode in runs["timing_mode"].dropna().unique()),
        "machines": _counted(runs["machine"]),
        "versions": _counted(runs["versions"]),
        "suites": [
            [sample.suite, sample.suite_digest, results.champions.get(sample.suite), sample.budget, sample.scope()]
            for sample in results.samples
        ],
        "verified": None if results.verified is None else list(results.verified),
    }


def failure_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Failed runs, those that ended alike counted together.

    Columns: `strategy`, `status`, `budget`, `runs`, `problems`, and of the first of them `problem`, `seed`, `error`.
    """
    import pandas as pd

    columns = ["strategy", "status", "budget", "runs", "problems", "problem", "seed", "error"]
    failed = runs[runs["status"] != "ok"].fillna({"error": ""})
    if failed.empty:
        return pd.DataFrame(columns=columns)
    last_line = failed["error"].str.strip().str.rsplit("\n", n=1).str[-1]
    groups = failed.assign(last_line=last_line).groupby(["strategy", "status", "budget", "last_line"], sort=True)
    table = groups.agg(
        runs=("seed", "size"),
        problems=("problem", "nunique"),
        problem=("problem", "first"),
        seed=("seed", "first"),
        error=("error", "first"),
    ).reset_index()
    return table[columns].sort_values(["runs", "strategy"], ascending=[False, True], ignore_index=True)


def retry_table(results: Results) -> pd.DataFrame:
    """Attempts that were made again, those that ended alike counted together.

    Columns: `strategy`, `status` (how the attempt ended), `budget`, `runs`, `problems`, `then` (how the last attempts
    at these runs ended, with their number), and the `error` of the first.
    """
    import pandas as pd

    columns = ["strategy", "status", "budget", "runs", "problems", "then", "error"]
    if results.superseded is None or results.superseded.empty:
        return pd.DataFrame(columns=columns)
    last = results.distinct_runs[["key", "strategy", "budget", "problem", "status"]].rename(columns={"status": "last"})
    rows = results.superseded.fillna({"error": ""}).merge(last, on="key")
    groups = rows.groupby(["strategy", "status", "budget"], sort=True)
    table = groups.agg(
        runs=("key", "size"),
        problems=("problem", "nunique"),
        then=("last", lambda last: ", ".join(f"{count} {status}" for status, count in last.value_counts().items())),
        error=("error", "first"),
    ).reset_index()
    return table.reindex(columns=columns)


def flag_table(runs: pd.DataFrame) -> pd.DataFrame:
    """What is odd about runs: `strategy`, `flag`, and how many `runs` have it on how many `problems`."""
    import pandas as pd

    columns = ["strategy", "flag", "runs", "problems"]
    if "flags" not in runs:
        return pd.DataFrame(columns=columns)
    result = runs.assign(flag=runs["flags"].map(doubts)).explode("flag").dropna(subset="flag")
    groups = result.groupby(["strategy", "flag"], sort=True)
    return groups.agg(runs=("seed", "size"), problems=("problem", "nunique")).reset_index()[columns]


def strategy_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per entrant: what it is and how it ran.

    Columns: `strategy`, `strategy_name`, `strategy_version`, `code_hash`, `libraries` (in words, all versions that runs
    were made with), `parameters`, `runs`, `failed`, `cpu_s`, `prepare_s`, `per_evaluation_s` (medians),
    `peak_memory_bytes`, `self_counted`, `summary`.
    """
    from tasklet_bench.strategies.registry import STRATEGIES

    latest = runs.assign(
        failed=runs["status"] != "ok",
        per_evaluation_s=runs["cpu_s"] / runs["evaluations"].where(runs["evaluations"] > 0),
    )
    table = (
        latest.groupby("strategy")
        .agg(
            strategy_name=("strategy_name", "last"),
            strategy_version=("strategy_version", "last"),
            code_hash=("code_hash", "last"),
            libraries=("libraries", versions_in_words),
            parameters=("parameters", "last"),
            runs=("key", "size"),
            failed=("failed", "sum"),
            cpu_s=("cpu_s", "median"),
            prepare_s=("prepare_s", "median"),
            per_evaluation_s=("per_evaluation_s", "median"),
            peak_memory_bytes=("peak_memory_bytes", "max"),
            self_counted=("self_counted", "max"),
        )
        .reset_index()
    )
    table["summary"] = [STRATEGIES[n].summary if n in STRATEGIES else "" for n in table["strategy_name"]]
    return table


def _counted(column: pd.Series[Any]) -> list[list[Any]]:
    """Distinct JSON values with how many runs have them, most frequent first."""
    counts = column.dropna().value_counts()
    return [[_read(str(text)), int(count)] for text, count in counts.items()]


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
