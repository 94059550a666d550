"""One instance as a page of its own, without any script: its drawings, its best candidate, and everybody's results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tasklet_bench.bench.report.svg import site_class
from tasklet_bench.bench.report.wording import percent
from tasklet_bench.bench.report.world import land_path

ASSETS = Path(__file__).parent / "assets"


def slugs(instances: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The file name of each instance without its ending, by name; with the digest's start where two would be one."""
    plain = {one["name"]: anchor(one["name"]) for one in instances}
    taken = [name.lower() for name in plain.values()]
    taken.append("index")
    again = {name for name, slug in plain.items() if taken.count(slug.lower()) > 1}
    return {
        one["name"]: plain[one["name"]] + (f"-{one['digest'][:8]}" if one["name"] in again else "") for one in instances
    }


def anchor(name: str) -> str:
    """What the page calls a place after a name: letters and digits, joined by hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name)


def instance_html(instance: dict[str, Any], samples: Sequence[dict[str, Any]]) -> str:
    """The page of an instance, from the same data as the page of all results."""
    parts = [_facts(instance), *_drawings(instance), *_best(instance), *_results(instance, samples)]
    return document(instance["name"], "\n".join(parts))


def document(title: str, body: str) -> str:
    """An HTML document of the site, in the page's own style, which asks for nothing."""
    css = (ASSETS / "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)} – Tasklet Bench</title>\n<style>\n{css}\n</style>\n</head>\n<body>\n"
        '<header class="head"><div class="brand"><a href="../index.html">Tasklet Bench</a>'
        '<a href="index.html">Instances</a></div>'
        f'<h1>{escape(title)}</h1></header>\n<svg class="hidden" width="0" height="0" aria-hidden="true"><defs>'
        f'<path id="land" d="{land_path()}"/></defs></svg>\n<main class="plain">\n{body}\n</main>\n</body>\n</html>\n'
    )


def _facts(instance: dict[str, Any]) -> str:
    compared = "proven optimum" if instance["proven"] else instance["reference"]
    pairs: dict[str, Any] = {**instance.get("facts", {}), **instance.get("kinds", {})}
    if instance.get("n_devices"):
        pairs = {"number of devices": instance["n_devices"], **pairs}
    if instance["reference_s"] is not None:
        pairs[compared] = f"{instance['reference_s']:.6g} s"
    return f"<dl>{''.join(f'<dt>{escape(key)}</dt><dd>{escape(str(pairs[key]))}</dd>' for key in pairs)}</dl>"


def _drawings(instance: dict[str, Any]) -> Iterator[str]:
    drawn = instance.get("drawings", {})
    if drawn.get("map"):
        yield _figure("Sites", drawn["map"], "Each site is joined with its three fastest others.")
    if drawn.get("heat"):
        yield _figure(
            "Pair costs", drawn["heat"], "Seconds to send the activations, both ways, on a logarithmic scale."
        )
    if instance.get("iteration"):
        words = f"{instance['iteration']['iteration_s']:.4g} s: GPipe, 8 micro-batches, independent links."
        drawing = f'<div class="scroll" tabindex="0">{instance["iteration"]["drawing"]}</div>'
        yield _figure("One iteration of the best allocation, simulated", drawing, words)


def _figure(title: str, drawing: str, words: str) -> str:
    return f'<h2>{title}</h2><figure><div class="drawn">{drawing}</div><figcaption>{words}</figcaption></figure>'


def _best(instance: dict[str, Any]) -> Iterator[str]:
    """The best candidate: its grid with a site's colour a device, or in the lines that a terminal shows."""
    if decision := instance.get("decision"):
        lines = escape("\n".join(decision["lines"]))
        yield f'<h2>Best decision: {decision["cost_s"]:.6g} s</h2><pre tabindex="0">{lines}</pre>'
    best = instance.get("best")
    if best is None:
        return
    sites = instance["topology"].get("sites")
    head = "".join(f"<th>stage {stage}</th>" for stage in range(len(best["grid"][0])))
    rows = "".join(
        f"<tr><th>#{row}</th>{''.join(_device(device, best, sites) for device in devices)}</tr>"
        for row, devices in enumerate(best["grid"])
    )
    yield (
        f"<h2>Best allocation: {best['cost_s']:.6g} s, by {escape(best['strategy'])}</h2>"
        f'<div class="scroll" tabindex="0"><table><thead><tr><th>pipeline</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _device(device: int, best: dict[str, Any], sites: list[list[Any]] | None) -> str:
    if not sites:
        return f"<td>{device}</td>"
    site = best["site_of"][device]
    box = f'<rect class="{site_class(site)}" width="10" height="10"/>'
    mark = f'<svg class="mark" width="10" height="10" aria-hidden="true">{box}</svg>'
    return f'<td class="device">{mark} {escape(str(sites[site][0]))} <small>#{device}</small></td>'


def _results(instance: dict[str, Any], samples: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A table for each view that the instance is in, with a link to the same on the page."""
    for sample in samples:
        table = sample["tables"]["instances"]
        rows = [dict(zip(table["columns"], values, strict=True)) for values in zip(*table["values"], strict=True)]
        own = sorted((row for row in rows if row["problem"] == instance["name"]), key=lambda row: row["score_s"])
        if not own or sample["view"]:
            continue
        cells = "".join(
            f'<tr><td>{escape(row["strategy"])}</td><td class="number">{row["score_s"]:.6g} s</td>'
            f'<td class="number">{percent(row["excess"])}</td>'
            f'<td class="number">{row["failed"]} of {row["runs"]}</td></tr>'
            for row in own
        )
        at = urlencode(
            {"suite": sample["suite"], "budget": sample["budget"], "at": f"instance-{anchor(instance['name'])}"}
        )
        head = "<tr><th>strategy</th><th>median cost</th><th>excess</th><th>failed</th></tr>"
        yield (
            f"<h2>{escape(sample['suite'])}, after {escape(sample['budget_words'])}</h2>"
            f'<div class="scroll" tabindex="0"><table><thead>{head}</thead><tbody>{cells}</tbody></table></div>'
            f'<p class="how"><a href="../index.html#{escape(at)}">The same on the page, with its curves</a></p>'
        )
