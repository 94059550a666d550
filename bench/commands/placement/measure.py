"""`measure`: a problem file out of what tools print, or out of measurements made now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tasklet_bench.bench.commands.options import JsonOption
from tasklet_bench.bench.commands.output import print_json
from tasklet_bench.problems.bad_input import BadInput


def measure(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE…",
            help="Output of ping, fping, iperf3 --json, nccl-tests or rccl-tests (sendrecv_perf); CSV tables of links "
            "or hosts, CSV matrices; GraphML, GML; problem files with gaps; or folders of these.",
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="HOSTS",
            help="Measure now with ping and iperf3: NAME,… over ssh, netns:NAME,… in network namespaces of this "
            "machine, or a table of hosts.",
        ),
    ] = None,
    seconds: Annotated[
        int, typer.Option("--seconds", min=1, max=60, metavar="T", help="With --run: how long each pair is sent over.")
    ] = 3,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="With --run: keep what the tools printed there.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the problem file there.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the problem.")] = None,
    grid: Annotated[
        str | None, typer.Option(metavar="DxK", help="Replicas times stages, such as 2x4; unless said, the squarest.")
    ] = None,
    workload: Annotated[str | None, typer.Option(metavar="PRESET", help="The model to train (gpt3-xl).")] = None,
    devices: Annotated[
        int, typer.Option(min=1, max=65536, metavar="N", help="Devices of each place that does not say how many.")
    ] = 1,
    streams: Annotated[
        int, typer.Option(min=1, metavar="N", help="TCP streams, for bandwidths that the window law fills.")
    ] = 1,
    nic_gbps: Annotated[
        float, typer.Option(min=0.001, metavar="X", help="Rate of a network card, which caps the window law.")
    ] = 10.0,
    inside_ms: Annotated[
        float, typer.Option(min=0.0, metavar="X", help="Round-trip time inside a site where none was measured.")
    ] = 0.5,
    inside_gbps: Annotated[
        float, typer.Option(min=0.001, metavar="X", help="Bandwidth inside a site where none was measured.")
    ] = 10.0,
    delay_unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Unit of the delays in tables and maps, whatever they say.")
    ] = None,
    bandwidth_unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Unit of the bandwidths in tables and maps, whatever they say.")
    ] = None,
    delays_are: Annotated[
        Literal["rtt", "one-way"], typer.Option(help="What delays are in tables and maps that do not say it.")
    ] = "rtt",
    contradictions: Annotated[
        Literal["refuse", "median"],
        typer.Option(help="What to do with figures of one link that contradict each other."),
    ] = "refuse",
    keep_units: Annotated[
        bool, typer.Option("--keep-units", help="The figures are right, even if they look like another unit.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a problem file out of what tools print, or measure the network now.

    Delays and bandwidths may come from different tools. What nobody measured is filled (from the opposite direction,
    the shortest path, TCP's window) and flagged in the file: `show` names it. Who pinged whom stands in the name of
    the file: `oslo-to-rome.ping.txt`.
    """
    from tasklet_bench.problems.files import problem_from_json
    from tasklet_bench.problems.files.measured import Rules, Units, Wishes, combine, problem_of, read_all
    from tasklet_bench.problems.files.measured.problem import dumps

    paths = list(files or ())
    if run is not None:
        paths += _run(run, seconds, keep, devices)
    if not paths:
        raise BadInput.at("measure", "its files", "none", "files of what tools printed, or --run HOSTS")
    rules = Rules(streams, nic_gbps, inside_ms, inside_gbps)
    wishes = Wishes(name, _name_of(out or paths[0]), _grid(grid), _workload(workload), rules)
    network = combine(read_all(paths, Units(delay_unit, bandwidth_unit, delays_are)), devices, contradictions)
    content, notes = problem_of(network, wishes)
    problem = problem_from_json(content, "measure")
    if not keep_units:
        _ask_for_units(content)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(dumps(content), encoding="utf-8")
    if as_json or out is None:
        print_json(content) if as_json else typer.echo(dumps(content), nl=False)
    else:
        for title, value in problem.facts().items():
            typer.echo(f"  {title:<25} {value}")
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    if out is not None:
        typer.echo(f"written: {out}; next: tasklet-bench solve {out}", err=True)


def _name_of(path: Path) -> str:
    return path.resolve().name.split(".")[0] or "measured"


def _grid(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    d, _, k = text.lower().replace("×", "x").partition("x")
    if not (d.isdigit() and k.isdigit() and int(d) > 0 and int(k) > 0):
        raise BadInput.at("option --grid", "its value", repr(text), "replicas times stages, such as 2x4")
    return int(d), int(k)


def _workload(preset: str | None) -> dict[str, Any] | None:
    from tasklet_bench.problems.workload import PRESETS

    if preset is not None and preset not in PRESETS:
        raise BadInput(f"option --workload: {BadInput.unknown('preset', preset, PRESETS)}")
    return None if preset is None else {"preset": preset}


def _ask_for_units(content: dict[str, Any]) -> None:
    """Raises `BadInput` with a question where figures look like another unit."""
    from tasklet_bench.problems.files import unit_questions

    places = [(site.get("latitude"), site.get("longitude")) for site in content["sites"]]
    known = [None if None in place else place for place in places]
    for question in unit_questions(content["delay_ms"], content["bandwidth_gbps"], known):
        option = "--delay-unit s" if question.startswith("delay") else "--bandwidth-unit Mbps"
        raise BadInput(f"measure: {question}: {option} does; if the figures are right, --keep-units")


def _run(hosts: str, seconds: int, keep: Path | None, devices: int) -> list[Path]:
    """Measure now; the folder of what the tools printed, and the table of hosts, which is written unless typed."""
    import tempfile

    from tasklet_bench.bench.studies.live_network import hosts_typed, measure_all, write_hosts

    folder = keep or Path(tempfile.mkdtemp(prefix="tasklet-bench-measured-"))
    folder.mkdir(parents=True, exist_ok=True)
    result = hosts_typed(hosts)
    for line in measure_all(result, folder, seconds):
        typer.echo(line, err=True)
    typer.echo(f"what the tools printed: {folder}", err=True)
    table = Path(hosts)
    if table.is_file():
        return [folder, table]
    write_hosts(result, devices, folder / "hosts.csv")
    return [folder]
