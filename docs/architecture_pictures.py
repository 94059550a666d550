"""Draw the two pictures of docs/architecture.md.

python docs/architecture_pictures.py
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1b1b1b}.note{font-size:12px;fill:#555}"
    ".box{fill:#f4f6f8;stroke:#5b6b7b;stroke-width:1.2}.main{fill:#dfeaf5}.arrow{stroke:#5b6b7b;stroke-width:1.4;fill:none}"
)


@dataclass(frozen=True)
class Box:
    """A rectangle with a title and notes below it; its place is that of its upper left corner, in pixels."""

    x: float
    y: float
    width: float
    title: str
    notes: tuple[str, ...] = ()
    main: bool = False

    @property
    def height(self) -> float:
        """Pixels from its upper to its lower edge."""
        return 34 + 17 * len(self.notes)

    def draw(self) -> str:
        """Its SVG elements."""
        kind = "box main" if self.main else "box"
        lines = [
            f'<rect class="{kind}" x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" rx="6"/>',
            f'<text x="{self.x + 12}" y="{self.y + 22}" font-weight="600">{escape(self.title)}</text>',
        ]
        for row, note in enumerate(self.notes):
            lines.append(f'<text class="note" x="{self.x + 12}" y="{self.y + 41 + 17 * row}">{escape(note)}</text>')
        return "".join(lines)


def arrow(points: list[tuple[float, float]], label: str = "", at: tuple[float, float] | None = None) -> str:
    """A line through `points` with a head at its end, and a label beside it."""
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    text = "" if at is None else f'<text class="note" x="{at[0]}" y="{at[1]}">{escape(label)}</text>'
    return f'<path class="arrow" marker-end="url(#head)" d="{path}"/>{text}'


def svg(width: float, height: float, title: str, parts: list[str]) -> str:
    """A picture on white ground, whose title is read to those who do not see it."""
    head = (
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#5b6b7b"/></marker></defs>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>{escape(title)}</title><style>{STYLE}</style>{head}'
        f'<rect width="{width}" height="{height}" fill="white"/>{"".join(parts)}</svg>\n'
    )


def rooms() -> str:
    """The rooms from the entry point down; every import goes to a lower one."""
    levels: list[list[tuple[str, str]]] = [
        [("bench/cli.py", "entry point")],
        [("commands", "what a user types")],
        [("scaffold", "new files")],
        [("report", "page and tables"), ("campaigns", "which runs"), ("contract", "what check says")],
        [("results", "what is stored"), ("engines", "many runs"), ("studies", "comparisons")],
        [("execution", "one run, isolated and metered")],
        [("plugins", "from a name to code")],
        [("runs", "what a run is"), ("stats", "tables in, tables out")],
        [("strategies", "how it is searched")],
        [("problems", "what is solved")],
    ]
    width, step, parts = 720.0, 78.0, []
    for row, level in enumerate(levels):
        gap = 18.0
        each = (width - 40 - gap * (len(level) - 1)) / len(level)
        for column, (title, note) in enumerate(level):
            main = row >= len(levels) - 2 or row == 0
            parts.append(Box(20 + column * (each + gap), 16 + row * step, each, title, (note,), main).draw())
        if row + 1 < len(levels):
            y = 16 + row * step + 51
            parts.append(arrow([(width / 2, y + 3), (width / 2, y + 24)]))
    return svg(width, 16 + step * len(levels), "Rooms of the project; imports go downwards", parts)


def processes() -> str:
    """The processes of a campaign and what goes between them."""
    parts = [
        Box(
            20, 20, 300, "Coordinator", ("the command, or a Dask worker", "checks, rescores and stores"), main=True
        ).draw(),
        Box(500, 20, 300, "Fork server", ("one process, one thread", "everything imported and compiled")).draw(),
        Box(
            500, 180, 300, "Supervisor", ("one per run that may go on at a time", "deadlines, CPU clock, orphans")
        ).draw(),
        Box(500, 340, 300, "Worker", ("loads the strategy, searches", "holds the meter; limits by the system")).draw(),
        Box(20, 340, 300, "Store", ("SQLite, one writer", "every attempt is a row")).draw(),
        arrow([(320, 40), (500, 40)], "starts, asks for supervisors", (330, 32)),
        arrow([(650, 88), (650, 180)], "forks", (660, 138)),
        arrow([(650, 248), (650, 340)], "forks, watches, ends", (660, 298)),
        arrow([(250, 88), (250, 214), (500, 214)], "job", (262, 208)),
        arrow([(500, 236), (200, 236), (200, 88)], "exit report", (262, 253)),
        arrow([(500, 374), (410, 374), (410, 62), (320, 62)], "improvements, JSON lines", (252, 318)),
        arrow([(100, 88), (100, 340)], "records", (110, 220)),
    ]
    return svg(820, 440, "Processes of a campaign and the messages between them", parts)


if __name__ == "__main__":
    (HERE / "architecture-rooms.svg").write_text(rooms(), encoding="utf-8")
    (HERE / "architecture-processes.svg").write_text(processes(), encoding="utf-8")
