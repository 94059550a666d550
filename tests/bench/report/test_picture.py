"""A problem drawn: the heat map in a terminal, and the SVG with the world map."""

from __future__ import annotations

import base64
import io
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from rich.console import Console

from tasklet_bench.bench.report import map_picture
from tasklet_bench.bench.report.heat_picture import png
from tasklet_bench.bench.report.heat_text import HeatText, most_rows
from tasklet_bench.bench.report.picture import svg
from tasklet_bench.bench.report.shades import LEVELS, Shades, colour
from tasklet_bench.bench.report.topology import between_sites, heat_map, topology_data
from tasklet_bench.problems.instances import catalogue

SVG = "{http://www.w3.org/2000/svg}"


def test_shades_go_from_the_fastest_to_the_slowest_link() -> None:
    """The smallest figure is 0, the largest 1, the geometric mean half way; what is no link is NaN."""
    shades = Shades.of(np.array([[np.nan, 1.0], [10.0, 100.0]]))
    np.testing.assert_allclose(shades.share, [[np.nan, 0.0], [0.5, 1.0]], atol=1e-12)
    assert (shades.low_s, shades.high_s) == (1.0, 100.0)
    assert colour(0.0) != colour(0.5) != colour(1.0)


def test_equal_links_have_one_shade() -> None:
    """A matrix whose links are all alike has shades, too."""
    assert set(Shades.of(np.full((3, 3), 2.0)).share.ravel()) == {0.0}


def test_blocks_are_means_of_the_links_that_are_there() -> None:
    """In half as many rows, a cell is the mean of four; the diagonal of devices counts nowhere."""
    problem = catalogue.load("generated/uniform?n=8&dp=2&seed=1")
    heat = heat_map(problem, 4)
    costs = problem.pp_pair_s
    assert heat.per_cell == 2
    assert heat.seconds[0, 1] == pytest.approx(costs[:2, 2:4].mean(), rel=1e-12)
    assert heat.seconds[3, 3] == pytest.approx(costs[6, 7], rel=1e-12)
    assert heat.first.tolist() == [0, 2, 4, 6]


def test_sites_are_compared_by_the_mean_of_their_pairs() -> None:
    """A cell between two sites is the mean over their pairs of devices; a device is no peer of its own."""
    problem = catalogue.load("measured/aws10-uneven-64")
    site_of, costs = problem.topology.site_of, problem.pp_pair_s
    result = between_sites(problem)
    for a, b in ((0, 1), (3, 9), (2, 2)):
        pairs = costs[np.ix_(site_of == a, site_of == b)]
        own = ~np.eye(len(pairs), dtype=bool) if a == b else np.ones(pairs.shape, dtype=bool)
        assert result[a, b] == pytest.approx(pairs[own].mean(), rel=1e-12)


@pytest.mark.parametrize("name", ["measured/aws10-uneven-64", "measured/sky-3cloud60-120", "measured/planetlab-128"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_heat_map_fits_any_terminal(name: str, width: int) -> None:
    """Every line fits into the width, each row has a cell for each column, and a pipe gets digits alone."""
    heat, names, lines = _rendered(name, width, coloured=False)
    assert max(map(len, lines)) <= width
    rows = lines[: len(heat.seconds)]
    cells = [line[-2 * len(rows) :].split() for line in rows]
    assert {len(row) for row in cells} == {len(rows)}
    assert set("".join(map("".join, cells))) <= set("0123456789·")
    assert names[0][:5] in rows[0] or rows[0].strip().startswith("#0")


def test_a_digit_says_how_slow() -> None:
    """Fast pairs are 0 and the slowest are 9, in the order of the seconds."""
    heat, _, lines = _rendered("measured/aws10-uneven-64", 80, coloured=False)
    digits = np.array([[int(cell) for cell in line[-20:].split()] for line in lines[:10]])
    assert digits.flat[heat.seconds.argmin()] == 0
    assert digits.flat[heat.seconds.argmax()] == 9
    order = np.argsort(heat.seconds, axis=None)
    assert (np.diff(digits.ravel()[order]) >= 0).all()


def test_a_terminal_gets_colours() -> None:
    """With colours, cells are filled and hold no digits."""
    _, _, lines = _rendered("measured/aws10-uneven-64", 80, coloured=True)
    fast = ";".join(map(str, colour(0.0)))
    assert f"48;2;{fast}" in lines[0]
    plain = re.sub("\x1b\\[[0-9;]*m", "", lines[0])
    assert plain.rstrip().endswith("Oregon")


def test_the_picture_holds_every_site_inside_its_map() -> None:
    """The SVG is well-formed, each site is a circle within the map, and names do not overlap."""
    problem = catalogue.load("paper/worldwide")
    root = ET.fromstring(svg(problem, "<world> & all", [("a", "b")]))  # noqa: S314 - our own text
    frame = root.find(f"{SVG}svg[@class='map']")
    assert frame is not None
    left, top, width, height = map(float, str(frame.get("viewBox")).split())
    circles = frame.findall(f"{SVG}circle")
    assert len(circles) == len(problem.sites)
    for circle in circles:
        assert left < float(circle.get("cx", "nan")) < left + width
        assert top < float(circle.get("cy", "nan")) < top + height
    assert {text.text for text in frame.findall(f"{SVG}text")} <= {site.name for site in problem.sites}
    assert "<world> & all" in {text.text for text in root.iter(f"{SVG}text")}


def test_the_picture_holds_every_pair() -> None:
    """The heat map is a picture of a pixel for each pair of sites, whose levels are those of the page's table."""
    problem = catalogue.load("measured/aws10-uneven-64")
    (data,) = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", svg(problem, "", []))
    levels = levels_of(base64.b64decode(data))
    np.testing.assert_array_equal(levels, Shades.of(heat_map(problem, 96).seconds).levels())
    table = np.frombuffer(base64.b64decode(topology_data(problem, None)["heat"]["shades"]), dtype=np.uint8)
    np.testing.assert_array_equal(levels.ravel(), table)


def levels_of(png: bytes) -> np.ndarray:
    """The palette's indices of a PNG that `heat_picture.png` wrote, after checking each of its chunks."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + content) == struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0]
        chunks[kind], at = content, at + 12 + length
    columns, rows, *depth = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert depth == [8, 3, 0, 0, 0]
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), dtype=np.uint8).reshape(rows, columns + 1)
    assert not lines[:, 0].any()
    return lines[:, 1:]


def test_no_link_is_faint_and_shades_are_the_palette() -> None:
    """Level 0 is half transparent, and the ends of the palette are the colours of the fastest and the slowest link."""
    picture = png(np.array([[0, 1], [LEVELS, 128]], dtype=np.uint8))
    palette = picture[picture.index(b"PLTE") + 4 :]
    assert tuple(palette[3:6]) == colour(0.0)
    assert tuple(palette[3 * LEVELS : 3 * LEVELS + 3]) == colour(1.0)
    assert picture[picture.index(b"tRNS") + 4] < 128


def test_without_coordinates_there_is_no_map() -> None:
    """A problem whose sites have no coordinates is drawn without a map."""
    assert 'class="land"' not in svg(catalogue.load("generated/clustered?n=64&dp=8&seed=1"), "", [])


def test_a_link_over_the_pacific_leaves_the_map() -> None:
    """Two places on both sides of the date line are joined by two paths that leave the map, others by one."""
    fiji, samoa = (4700, 500), (-4700, 400)
    drawn = map_picture.world_map("ab", [1, 1], [fiji, samoa], [[0, 1]], 600, (0, 0))
    assert drawn.count('class="link"') == 2
    drawn = map_picture.world_map("ab", [1, 1], [(0, 0), (900, 0)], [[0, 1]], 600, (0, 0))
    assert drawn.count('class="link"') == 1


def _rendered(name: str, width: int, *, coloured: bool) -> tuple:
    problem = catalogue.load(name)
    names = [site.name for site in problem.sites]
    heat = heat_map(problem, most_rows(width))
    text = io.StringIO()
    console = Console(
        file=text, width=width, force_terminal=coloured, color_system="truecolor" if coloured else None, highlight=False
    )
    console.print(HeatText(heat, names))
    return heat, names, text.getvalue().splitlines()
