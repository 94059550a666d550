"""What the Markdown report says beneath its tables: failures, retries, flags, and what was run where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tasklet_bench.bench.report.provenance import failure_table, flag_table, provenance_data, retry_table
from tasklet_bench.bench.report.results import Results


def what_went_wrong(results: Results) -> list[str]:
    """Failed runs, attempts that were made again, and runs that are flagged; or that there are none."""
    failed = [
        f"{row['strategy']}, {row['budget']}: {row['runs']} runs on {row['problems']} instances ended in "
        f"{row['status']}."
        for row in records(failure_table(results.distinct_runs))
    ]
    again = [
        f"{row['strategy']}, {row['budget']}: {row['runs']} attempts on {row['problems']} instances ended in "
        f"{row['status']}; made again: {row['then']}."
        for row in records(retry_table(results))
    ]
    odd = [
        f"{row['strategy']}, {row['flag']}: {row['runs']} runs on {row['problems']} instances."
        for row in records(flag_table(results.distinct_runs))
    ]
    parts = ["## Failures, retries and flags"]
    parts += ["Failed runs:", *bullets(failed)] if failed else ["No run failed."]
    parts += ["Attempts that were made again, and count nowhere above:", *bullets(again)] if again else []
    return parts + (["Flagged, which docs/trust.md explains:", *bullets(odd)] if odd else ["No run is flagged as odd."])


def what_was_run(results: Results) -> list[str]:
    """How many runs, whether they were scored again, when, and on which machines."""
    about = provenance_data(results)
    verified = about["verified"]
    scored = "not scored again when this was written; tasklet-bench verify does it"
    if verified is not None:
        outcome = f"{verified[1]} came out differently" if verified[1] else "all came out the same"
        scored = f"{verified[0]:,} stored candidates were scored again by the readable judge; {outcome}"
    machines = "; ".join(f"{name} ({count:,} runs)" for name, count in about["machines"])
    mixed = f". Mind: {about['mixed_machines']}" if about["mixed_machines"] else ""
    lines = [
        f"runs: {about['runs']:,}, of which {about['failed']:,} failed; {about['superseded']} attempts made again",
        f"re-verified: {scored}",
        f"when: {about['first']} to {about['last']}; {about['cpu_s']:,.0f} CPU seconds",
        f"machines: {machines}{mixed}",
    ]
    return ["## What was run", *bullets(lines)]


def bullets(lines: Iterable[str]) -> list[str]:
    """A paragraph with a line for each, without paragraphs where there are none."""
    return [f"- {line}" for line in lines]


def records(table: Any) -> list[dict[Any, Any]]:
    """The rows of a table, each as a mapping."""
    rows: list[dict[Any, Any]] = table.to_dict("records")
    return rows
