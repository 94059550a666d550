"""What untrusted runs do not see: results, and the tables of best-known costs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tasklet_bench.bench.plugins.files import file_of
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.runs.spec import Entrant
from tasklet_bench.problems.bad_input import BadInput


def hidden_folders(results: Iterable[Path], entrants: Iterable[Entrant]) -> list[str]:
    """The folders of `results` and that of the best-known table.

    Raises `BadInput` where a plug-in lies among them: it would be hidden from its own runs.
    """
    table = best_known.default_path().parent
    hidden = [*(folder.resolve() for folder in results), table.parent if table.parent.name == "results" else table]
    for entrant in entrants:
        file = file_of(entrant.target)
        if file is not None and any(folder in file.resolve().parents for folder in hidden):
            expected = "a file elsewhere: untrusted runs do not see the folder of the results"
            raise BadInput.at("option --untrusted", "strategy", entrant.target, expected)
    return list(map(str, hidden))
