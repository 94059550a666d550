"""The static site: the page, a page an instance, and the docs, each linked with the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, unquote

import pytest

import tasklet_bench
from tasklet_bench.bench.report import site
from tasklet_bench.bench.report.instance_page import slugs
from tasklet_bench.bench.report.results import Results
from tasklet_bench.problems.bad_input import BadInput


class Links(HTMLParser):
    """Where the links of a page lead, and the names of its places."""

    def __init__(self) -> None:
        super().__init__()
        self.to: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect one element's."""
        for name, value in attrs:
            if tag == "a" and name == "href" and value:
                self.to.append(value)
            if name == "id" and value:
                self.ids.add(value)


@pytest.fixture(scope="module")
def folder(make_results: Callable[..., Results], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of six instances under two budgets, its docs left out."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "_docs", lambda _: "left out for the test")
        written = list(site.write_site(make_results(budgets=("1000-evaluations", "2-cpu-seconds")), folder))
    assert written[-1] == "docs: left out for the test"
    return folder


def test_there_is_a_page_for_each_instance(folder: Path, make_results: Callable[..., Results]) -> None:
    """Each has its drawings, its best allocation and everybody's results under both budgets, without any script."""
    names = sorted(make_results().runs["problem"].unique())
    pages = sorted((folder / "instances").glob("*.html"))
    assert len(pages) == len(names) + 1
    text = (folder / "instances" / "paper-worldwide.html").read_text(encoding="utf-8")
    for part in ('class="map"', 'class="heat"', 'class="gantt"', "Best allocation", "after 2 CPU seconds", "megatron"):
        assert part in text, part
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert set(re.findall(r"https?://[^\s\"'<)]+", text)) == set()


def test_links_hold(folder: Path) -> None:
    """Every link of the pages of instances leads to a file of the site, those to the page name a view that it has."""
    for page in (folder / "instances").glob("*.html"):
        links = Links()
        links.feed(page.read_text(encoding="utf-8"))
        assert links.to
        for link in links.to:
            file, _, place = link.partition("#")
            assert (page.parent / unquote(file)).is_file(), (page, link)
            if place:
                assert parse_qs(place)["suite"] == ["made-for-tests"]
                assert parse_qs(place)["at"] == [f"instance-{page.stem}"]
    assert 'href="instances/index.html"' in (folder / "index.html").read_text(encoding="utf-8")


def test_instances_of_one_slug_get_a_page_each() -> None:
    """Names that differ in signs alone, or are called like the list, differ by their digests."""
    named = [{"name": name, "digest": f"{i}" * 64} for i, name in enumerate(["a?b", "a-b", "c", "index", "A/B"])]
    assert list(slugs(named).values()) == ["a-b-00000000", "a-b-11111111", "c", "index-33333333", "A-B-44444444"]


def test_a_file_in_the_way_is_refused(make_results: Callable[..., Results], tmp_path: Path) -> None:
    """Where a file has the folder's name, nothing is written and the message says what was expected."""
    (tmp_path / "site").write_text("mine")
    with pytest.raises(BadInput, match="expected a folder"):
        list(site.write_site(make_results(instances=1, entrants=2), tmp_path / "site"))
    assert (tmp_path / "site").read_text() == "mine"


def test_docs_are_left_out_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Sphinx, or without a docs folder, the site says why it has none."""
    monkeypatch.setattr(site, "find_spec", lambda _: None)
    assert "pip install" in site._docs(tmp_path / "docs")
    monkeypatch.setattr(tasklet_bench, "__file__", str(tmp_path / "lib" / "python" / "__init__.py"))
    assert "only a checkout" in site._docs(tmp_path / "docs")


@pytest.mark.slow
def test_docs_are_built_where_they_can_be(tmp_path: Path) -> None:
    """In a checkout with Sphinx the docs are pages of the site."""
    pytest.importorskip("myst_parser")
    assert site._docs(tmp_path / "docs") == ""
    assert (tmp_path / "docs" / "index.html").is_file()
    assert (tmp_path / "docs" / "trust.html").is_file()
