"""A timeline as text for a terminal."""

from __future__ import annotations

from tasklet_bench.problems.iteration_time.timeline import Timeline

_WIDTH = 40


def render(timeline: Timeline) -> str:
    """The figures of a simulated iteration, and where the critical path spends its seconds, in a few lines."""
    options = timeline.options
    total_s = timeline.iteration_s
    figures = [
        ("iteration", f"{total_s:.4f} s"),
        ("  until the last backward pass", f"{timeline.pipeline_s:.4f} s"),
        ("  gradients after that", f"{timeline.data_parallel_s:.4f} s"),
        ("devices computing", _share(timeline.utilisation)),
        ("pipeline bubble", _share(timeline.bubble_share)),
        ("busiest link", _busiest_link(timeline)),
        ("sent", f"{timeline.sent_bytes / 1e9:.4g} GB"),
    ]
    how = f"{options.schedule}, {options.micro_batches} micro-batches, {options.collective}, {options.sharing} links"
    if options.sends != "overlapped":
        how += f", sends as {options.sends}"
    lines = [
        f"{timeline.problem.name} · {timeline.problem.shape} · {how}",
        "",
        *(f"  {name:<32}{value}" for name, value in figures),
        "",
        "critical path",
    ]
    for what, spent_s in timeline.critical_path_s.items():
        if spent_s > 0:
            share = spent_s / total_s
            lines.append(f"  {what:<22}{spent_s:>10.4f} s {share:>6.1%}  {'█' * round(share * _WIDTH)}")
    lines += [f"does not fit: {misfit}" for misfit in timeline.misfits]
    lines += [f"note: {note}" for note in timeline.notes]
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "not counted (see note)" if value is None else f"{value:.1%}"


def _busiest_link(timeline: Timeline) -> str:
    source, target, share = timeline.busiest_link
    return f"{source} → {target}, {share:.1%} of what it could carry"
