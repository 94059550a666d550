"""Results are data: what they name is loaded only if it is no file, or one that the user typed and that is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.plugins import entrant, load_problem, load_stored, problem_ref, resolve, stored_target
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.problems.bad_input import BadInput

READERS = (
    ("verify", "DIR"),
    ("report", "DIR"),
    ("report", "DIR", "--format", "md"),
    ("merge", "DIR", "into"),
    ("export", "DIR", "--out", "again"),
    ("best-known", "--update", "DIR"),
    ("reproduce", "random-partition", "DIR"),
    ("compare", "random-partition", "swaps", "--results", "DIR"),
)


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
@pytest.mark.parametrize("with_hash", [False, True])
def test_no_command_runs_a_file_that_an_export_names(
    words: tuple[str, ...], with_hash: bool, copied: Callable[[str], Path], tried: Callable[..., Any], evil: Path
) -> None:
    """Whatever instance or strategy stands in the tables, the file beside them is not imported."""
    folder = copied("export")
    origin = {"plugin": str(evil) + ":load"}
    if with_hash:
        origin["sha256"] = hashlib.sha256(evil.read_bytes()).hexdigest()
    instances = pd.read_parquet(folder / "instances.parquet")
    instances["content"] = json.dumps(origin)
    instances.to_parquet(folder / "instances.parquet")
    runs = pd.read_parquet(folder / "runs.parquet")
    runs["target"] = str(evil) + ":Mine"
    runs.to_parquet(folder / "runs.parquet")
    tried(*(str(folder) if word == "DIR" else word for word in words))
    assert not evil.with_name("it-has-run").exists()


@pytest.mark.parametrize("name", ["evil.py:load", "./evil.py:load", "EVIL"])
def test_a_file_in_the_name_of_an_instance_or_a_row_is_not_run(
    name: str, tried: Callable[..., Any], evil: Path
) -> None:
    """Neither as the name of a stored instance, nor in the column of a table."""
    name = name.replace("EVIL", f"{evil}:load")
    with pytest.raises(BadInput, match="not loaded"):
        load_stored(ProblemRef(name, "0" * 64))
    evil.with_name("r.csv").write_text(f"strategy,problem,seed,evaluations,cost\nx,{name},0,10,5\n")
    status, said = tried("import", "r.csv", "s", "--budget", "100-evaluations")
    assert (status, "--trust" in said) == (2, True)
    assert not evil.with_name("it-has-run").exists()


def test_a_file_that_was_typed_is_loaded_if_it_is_the_same(
    made: Path, copied: Callable[[str], Path], tried: Callable[..., Any], tmp_path: Path
) -> None:
    """Wherever it stands now; one with another content is refused by its hash, and not imported."""
    store = copied("store")
    status, said = tried("verify", store)
    assert (status, said.count("--trust FILE")) == (1, 4)
    elsewhere = tmp_path / "elsewhere" / "renamed.py"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes((made / "mine.py").read_bytes())
    assert tried("verify", store, "--trust", elsewhere) == (
        0,
        "8 allocations scored again, 0 mismatches; 0 runs have none\n",
    )
    elsewhere.write_text(elsewhere.read_text() + "open('it-has-run', 'w').close()\n")
    status, said = tried("verify", store, "--trust", elsewhere)
    assert (status, "none of" in said) == (1, True)
    assert not Path("it-has-run").exists()


def test_a_strategy_in_a_file_is_loaded_only_if_it_was_typed(
    made: Path, copied: Callable[[str], Path], tried: Callable[..., Any], evil: Path
) -> None:
    """`reproduce` refuses it by name, and a file of other code by its hash; one with the recorded code is found."""
    status, said = tried("reproduce", "swaps", copied("store"))
    assert (status, "--trust FILE" in said) == (2, True)
    recorded = entrant(f"{made}/mine.py:Swaps")
    with pytest.raises(BadInput, match="none of"):
        stored_target("/home/somebody/mine.py:Swaps", recorded.code_hash, [evil])
    assert not evil.with_name("it-has-run").exists()
    result = stored_target("/home/somebody/mine.py:Swaps", recorded.code_hash, [evil, made / "mine.py"])
    assert result == f"{made}/mine.py:Swaps"


@pytest.mark.slow
def test_a_run_of_a_strategy_in_a_file_comes_out_again(tmp_path: Path, tried: Callable[..., Any], made: Path) -> None:
    """With both files typed, every digit of a real run comes back."""
    mine = made / "mine.py"
    assert (
        tried("run", "-s", f"{mine}:Swaps", "-p", f"{mine}:Ringed", "--evaluations", 50, "--out", tmp_path / "s")[0]
        == 0
    )
    status, said = tried("reproduce", "swaps", tmp_path / "s", "--trust", mine, "--json")
    assert (status, json.loads(said[said.index("{") :])["same"]) == (0, 3)


def test_a_planned_problem_whose_file_has_changed_is_not_imported(evil: Path) -> None:
    """A run is refused before the import where the file is not the one that it was planned with."""
    ref = ProblemRef("p", "0" * 64, json.dumps({"plugin": f"{evil}:load", "sha256": "0" * 64}))
    with pytest.raises(BadInput, match="has changed since"):
        load_problem(ref)
    assert not evil.with_name("it-has-run").exists()


@pytest.mark.parametrize(
    "name", ["paper/regional", "measured/residential-20", "iteration-time/paper/regional?schedule=1f1b"]
)
def test_what_needs_no_file_resolves_as_ever(name: str) -> None:
    """Instances of the catalogue and of installed families, and inline problems."""
    resolved = resolve(name)
    assert load_stored(resolved.ref).digest == resolved.problem.digest
    content = {"name": "two", "sites": [{"name": "a", "devices": 2}, {"name": "b", "devices": 2}],
               "delay_ms": [[1, 5], [5, 1]], "bandwidth_gbps": [[10, 1], [1, 10]],
               "grid": {"data_parallel": 2, "pipeline_parallel": 2},
               "workload": {"gradient_bytes": 1e9, "activation_bytes": 1e7}}  # fmt: skip
    from tasklet_bench.problems import families

    problem = families.from_json(content, "two")
    assert load_stored(problem_ref(problem, json.dumps(content))).digest == problem.digest


def test_readers_of_results_load_what_is_stored_by_one_way() -> None:
    """No module that reads stores, exports or tables asks for the loader that trusts its reference."""
    bench = Path(__file__).parents[3] / "bench"
    readers = [*bench.glob("results/*.py"), *bench.glob("report/*.py"), bench / "commands/boards/results.py"]
    assert len(readers) > 20
    for file in readers:
        text = file.read_text(encoding="utf-8")
        for name in ("load_problem", "problem_named", "plugins import entrant"):
            assert name not in text, f"{file.name}: {name}"
