"""Write docs/findings.md: the text of docs/findings/page.txt with every figure computed from the published results.

python docs/published_figures.py [FOLDER]

The text names figures as `{{finding: figure}}`; `--list` prints all of them with their values.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from findings import families, limits, placing, searching
from findings.published import REFERENCE, Figures, Published

from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.results.merge import results_at

HERE = Path(__file__).parent
TEXT, PAGE = HERE / "findings" / "page.txt", HERE / "findings.md"
FINDINGS: Mapping[str, Callable[[Published], Figures]] = {
    "seconds": placing.seconds,
    "unlike devices": placing.unlike_devices,
    "megatron": placing.megatron,
    "waiting": placing.waiting,
    "leaders": searching.leaders,
    "proofs": searching.proofs,
    "starts": searching.starts,
    "third parties": searching.third_parties,
    "paper": searching.papers_algorithm,
    "samplers": searching.samplers,
    "scale": searching.scale,
    "families": families.families,
    "model": limits.model,
    "separation": limits.separation,
    "bounds": limits.bounds,
    "runs": limits.conduct,
}
_NAMED = re.compile(r"\{\{([^:{}]+): ([^{}]+)\}\}")


def figures(results: Results, findings: Mapping[str, Callable[[Published], Figures]] = FINDINGS) -> dict[str, str]:
    """Text of every figure by `finding: figure`."""
    published = Published(results)
    return {f"{finding}: {name}": value for finding, made in findings.items() for name, value in made(published)}


def page(text: str, known: Mapping[str, str]) -> str:
    """The text with its figures in bold; raises `KeyError` with the nearest name for one that nothing computes."""

    def figure(match: re.Match[str]) -> str:
        name = " ".join(f"{match[1]}: {match[2]}".split())
        if name not in known:
            raise KeyError(f"{name!r}; nearest: {difflib.get_close_matches(name, known, n=3)}")
        return f"**{known[name]}**"

    return _NAMED.sub(figure, text)


def written(results: Results) -> str:
    """The page of findings as these results say it."""
    return page(TEXT.read_text(encoding="utf-8"), figures(results))


def main(arguments: list[str]) -> None:
    """Print all figures, or write the page."""
    folders = [Path(argument) for argument in arguments if argument != "--list"]
    with results_at(folders[0] if folders else REFERENCE) as store:
        results = results_of(store)
    if "--list" in arguments:
        sys.stdout.write("".join(f"{name}: {value}\n" for name, value in figures(results).items()))
    else:
        PAGE.write_text(written(results), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
