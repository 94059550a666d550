"""The charts of the docs: figures stand where they belong, and axes say what they are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tasklet_bench.bench.report.chart import Axis, Chart, Names, percents

SVG = "{http://www.w3.org/2000/svg}"


def test_an_axis_is_linear_or_logarithmic() -> None:
    """Half way is the mean or the geometric mean; what is beyond an end stands at it."""
    assert Axis("x", 0, 10).share(5) == 0.5
    assert Axis("x", 1, 100, log=True).share(10) == pytest.approx(0.5)
    assert [Axis("x", 1, 100, log=True).share(value) for value in (0.0, 1000.0)] == [0.0, 1.0]
    assert Axis("cost", 1, 100, log=True).heading() == "cost (log)"
    assert Axis("cost", 1, 100).heading() == "cost"


def test_axes_are_marked_at_round_figures() -> None:
    """Powers of ten, even steps, or the figures that were given, those outside left out."""
    assert [words for _, words in Axis("x", 3, 2000, log=True).marks()] == ["10", "100", "1,000"]
    assert [words for _, words in Axis("x", 0, 3).marks()] == ["0", "0.5", "1", "1.5", "2", "2.5", "3"]
    marks = Axis("x", 0.002, 1, log=True, ticks=(0.001, 0.01, 0.1), words=percents).marks()
    assert [words for _, words in marks] == ["1 %", "10 %"]


def test_dots_stand_at_their_figures() -> None:
    """Numbers grow upwards, names go downwards, and a line joins its points."""
    chart = Chart(Axis("x", 0, 10), Axis("y", 0, 4), 200, 100)
    chart.dot((5, 1), 2, name="here & there")
    chart.line([(0, 0), (10, 4)], 0)
    root = ET.fromstring(chart.file("a chart", ["a", "b"]))  # noqa: S314 - our own text
    (plot,) = root.findall(f"{SVG}g")
    (dot,) = plot.findall(f"{SVG}circle")
    assert (dot.get("cx"), dot.get("cy"), dot.get("style")) == ("100", "75", "fill:var(--s2)")
    assert dot.findtext(f"{SVG}title") == "here & there"
    (line,) = plot.findall(f"{SVG}path")
    assert line.get("d") == "M0.0 100.0L200.0 0.0"
    rows = Chart(Axis("x", 0, 10), Names(["first", "second"]), 200, 100)
    rows.dot((0, 1), 0)
    assert 'cy="75"' in rows.file("rows")


def test_a_chart_names_its_series_and_asks_for_nothing() -> None:
    """Each colour has its name, the file has a title, and no other address stands in it."""
    text = Chart(Axis("x", 0, 1), Axis("y", 0, 1), 200, 100).file("what <it> shows", ["one", "two"])
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.findtext(f"{SVG}title") == "what <it> shows"
    assert {"one", "two", "x", "y"} <= {one.text for one in root.iter(f"{SVG}text")}
    assert set(re.findall(r"https?://[^\s\"<]+", text)) == {"http://www.w3.org/2000/svg"}


def test_a_heading_and_a_note_have_room_of_their_own() -> None:
    """The line above and the line beneath make the file higher, and move nothing within the plot."""
    chart = Chart(Axis("x", 0, 1), Axis("y", 0, 1), 200, 100)
    plain = ET.fromstring(chart.file("a chart"))  # noqa: S314 - our own text
    root = ET.fromstring(chart.file("a chart", heading="what is seen", note="what else"))  # noqa: S314
    assert {"what is seen", "what else"} <= {text.text for text in root.iter(f"{SVG}text")}
    assert float(root.get("height", 0)) > float(plain.get("height", 0))
    plots = [file.find(f"{SVG}g") for file in (plain, root)]
    assert [len(plot) for plot in plots if plot is not None] == [len(plots[0])] * 2
