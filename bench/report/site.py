"""A static site of results: the page, a page an instance, and the docs; any web server can hold it, or none."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import tasklet_bench
from tasklet_bench.bench.report import page
from tasklet_bench.bench.report.instance_page import document, instance_html, slugs
from tasklet_bench.bench.report.page_data import page_data
from tasklet_bench.bench.report.results import Results
from tasklet_bench.problems.bad_input import BadInput

DOCS_LIMIT_S = 600
"""Seconds after which building the docs is given up."""


def write_site(results: Results, folder: Path) -> Iterator[str]:
    """Write the site into a folder and say in a line each what was written."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"--site {folder}: there is a file of that name, expected a folder or nothing")
    data = page_data(results)
    names = slugs(data["instances"])
    instances = folder / "instances"
    instances.mkdir(parents=True, exist_ok=True)
    for instance in data["instances"]:
        text = instance_html(instance, data["samples"])
        (instances / f"{names[instance['name']]}.html").write_text(text, encoding="utf-8")
    (instances / "index.html").write_text(_index(data["instances"], names), encoding="utf-8")
    links = [("Instances", "instances/index.html")]
    missing = _docs(folder / "docs")
    if not missing:
        links.append(("Documentation", "docs/index.html"))
    (folder / "index.html").write_text(page.html(data, tuple(links)), encoding="utf-8")
    yield f"site: {folder / 'index.html'}"
    yield f"instances: {len(names)} pages in {instances}"
    yield f"docs: {missing or folder / 'docs' / 'index.html'}"


def _index(instances: list[dict[str, Any]], names: dict[str, str]) -> str:
    """The list of all instances."""
    rows = "".join(
        f'<tr><td><a href="{names[one["name"]]}.html">{escape(one["name"])}</a></td>'
        f'<td class="number">{one.get("n_devices", "–")}</td><td class="number">{one.get("n_sites", "–")}</td>'
        f"<td>{'proven optimum' if one['proven'] else escape(str(one['reference']))}</td></tr>"
        for one in instances
    )
    head = "<tr><th>instance</th><th>devices</th><th>sites</th><th>compared with</th></tr>"
    table = f'<div class="scroll" tabindex="0"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
    return document("Instances", table)


def _docs(folder: Path) -> str:
    """Build the docs where they and Sphinx are at hand; else why they are left out."""
    source = Path(tasklet_bench.__file__).resolve().parents[2] / "docs"
    if not (source / "conf.py").is_file():
        return "left out: an installed package holds none, only a checkout"
    if find_spec("sphinx") is None or find_spec("myst_parser") is None:
        return "left out: building them needs pip install 'tasklet-bench[docs]'"
    with tempfile.TemporaryDirectory() as doctrees:
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", doctrees, str(source), str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DOCS_LIMIT_S)  # noqa: S603
        except subprocess.TimeoutExpired:
            return f"left out: Sphinx was not done after {DOCS_LIMIT_S} s"
    return "" if done.returncode == 0 else f"left out: Sphinx failed ({done.stderr.strip()[-200:]})"
