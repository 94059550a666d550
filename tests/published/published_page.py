"""Tables and figure of the page on published runs, from the numbers that the tests check.

`python tests/published/published_page.py` prints the tables and writes `docs/published-runs.svg`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from measured_runs import (
    MODELS,
    OTHERS,
    SETS,
    Run,
    applies,
    largest_error,
    mean_error,
    of_set,
    pairs_in_order,
    runs,
)

FIGURE = Path(__file__).parents[2] / "docs" / "published-runs.svg"
COLOURS = {"gh200": "#0072B2", "mit": "#D55E00", "crosspipe": "#009E73"}
SIDE, LEFT, TOP = 360, 60, 20
BARS_LEFT, BARS_WIDTH, BAR = 640, 220, 18


def model_rows() -> list[str]:
    """One row per model: mean and largest absolute error by set, and pairs in order."""
    rows = []
    for model in MODELS:
        result = runs(model)
        errors = [f"{mean_error(some):.1%} / {largest_error(some):.1%}" for some in groups(result)]
        if not applies(MODELS[model]):
            errors[-1] = "–"
        right, total = pairs_in_order(result)
        rows.append(f"| {model} | {' | '.join(errors)} | {right} of {total} |")
    return rows


def groups(result: list[Run]) -> list[list[Run]]:
    """The sets, GH200 once more without and once with messages between stages."""
    gh200 = of_set(result, "gh200")
    without = [run for run in gh200 if not run.messages]
    return [gh200, without, [run for run in gh200 if run.messages], of_set(result, "mit"), of_set(result, "crosspipe")]


def run_rows() -> list[str]:
    """One row per run: measured and simulated seconds, and the error."""
    strict, paid = runs("strict rendezvous"), runs("the runtime's own, receives paid")
    rows = []
    for run, met, cost in zip(runs(), strict, paid, strict=True):
        others = ("–", "–") if run.set == "crosspipe" else (f"{met.error:+.1%}", f"{cost.error:+.1%}")
        figures = [run.name, f"{run.measured_s:.4g}", f"{run.simulated_s:.4g}", f"{run.error:+.1%}", *others]
        rows.append(f"| {' | '.join(figures)} |")
    return rows


def figure() -> str:
    """Measured against simulated seconds, by set; and beside it the mean errors, with those that others published."""
    body = [*_axes(), *_points(), *_bars()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 {SIDE + TOP + 50}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>{"".join(body)}</svg>\n'
    )


def _axes() -> Iterator[str]:
    yield f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#888"/>'
    yield f'<line x1="{_x(0.5)}" y1="{_y(0.5)}" x2="{_x(150)}" y2="{_y(150)}" stroke="#888"/>'
    for share in (1.1, 1 / 1.1):
        ends = (0.5, 150 / share) if share > 1 else (0.5 / share, 150)
        yield (
            f'<line x1="{_x(ends[0])}" y1="{_y(ends[0] * share)}" x2="{_x(ends[1])}" y2="{_y(ends[1] * share)}" '
            'stroke="#ccc" stroke-dasharray="4 3"/>'
        )
    for tick in (0.5, 1, 2, 5, 10, 20, 50, 100):
        yield f'<text x="{_x(tick)}" y="{TOP + SIDE + 16}" text-anchor="middle">{tick:g}</text>'
        yield f'<text x="{LEFT - 6}" y="{_y(tick) + 4}" text-anchor="end">{tick:g}</text>'
        yield f'<path d="M{_x(tick)} {TOP + SIDE}v4M{LEFT} {_y(tick)}h-4" stroke="#888"/>'
    yield f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 36}" text-anchor="middle">measured (s)</text>'
    middle = TOP + SIDE / 2
    yield f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">simulated (s)</text>'


def _points() -> Iterator[str]:
    for run in runs():
        shape = f'<circle cx="{_x(run.measured_s)}" cy="{_y(run.simulated_s)}" r="5" fill="{COLOURS[run.set]}" '
        title = f"<title>{run.name}: {run.error:+.1%}</title>"
        yield f'{shape}fill-opacity="0.6" stroke="{COLOURS[run.set]}">{title}</circle>'
    for index, (key, label) in enumerate(SETS.items()):
        y = TOP + 20 + 18 * index
        yield f'<circle cx="{LEFT + 16}" cy="{y - 4}" r="5" fill="{COLOURS[key]}"/>'
        yield f'<text x="{LEFT + 28}" y="{y}">{label}</text>'
    yield f'<text x="{LEFT + 28}" y="{TOP + 74}" fill="#888">dashed: 10 % off</text>'


def _bars() -> Iterator[str]:
    y = TOP + 8
    yield f'<text x="{BARS_LEFT}" y="{y}" font-weight="bold">mean absolute error</text>'
    for key, label in SETS.items():
        y += BAR + 4
        yield from _bar(y, f"{label}, here", mean_error(of_set(runs(), key)), COLOURS[key])
    y += 12
    for where, errors in OTHERS.items():
        for name, error in errors.items():
            y += BAR + 4
            yield from _bar(y, f"{name}, {where}", error, "#bbb")
    yield f'<text x="{BARS_LEFT}" y="{y + BAR + 20}" fill="#666">grey: as published for Sailor’s runs</text>'


def _bar(y: float, label: str, error: float, colour: str) -> Iterator[str]:
    width = BARS_WIDTH * error / 0.7
    yield f'<text x="{BARS_LEFT - 8}" y="{y + 13}" text-anchor="end">{label}</text>'
    yield f'<rect x="{BARS_LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>'
    yield f'<text x="{BARS_LEFT + width + 6:.1f}" y="{y + 13}">{error:.1%}</text>'


def _x(seconds: float) -> float:
    return round(LEFT + SIDE * math.log(seconds / 0.4) / math.log(200 / 0.4), 1)


def _y(seconds: float) -> float:
    return round(TOP + SIDE - SIDE * math.log(seconds / 0.4) / math.log(200 / 0.4), 1)


if __name__ == "__main__":
    FIGURE.write_text(figure(), encoding="utf-8")
    print("\n".join([*model_rows(), "", *run_rows()]))  # noqa: T201 - what it is run for
