"""Open MPI: a rank file, and a script that gives each process its GPU."""

from __future__ import annotations

from tasklet_bench.problems.launch.launchers.shell import layers_note, rank_environment
from tasklet_bench.problems.launch.plan import Plan

_FREE = """if command -v taskset >/dev/null; then # the rank file has bound this process to a socket
    taskset -cp "0-$(($(nproc --all) - 1))" $$ >/dev/null || true
fi
"""


def write(plan: Plan) -> tuple[dict[str, str], list[str]]:
    """`rankfile`, a line a rank, `rank_environment.sh`, and `mpi.sh` that starts both."""
    lines = [f"rank {row.rank}={row.host} slot=0:*\n" for row in plan.rows]
    slots = ",".join(f"{host}:{len(plan.gpus[host])}" for host in plan.hosts)
    script = f"""#!/usr/bin/env bash
# Open MPI with the ranks of the rank file.
# Usage: bash mpi.sh python TRAIN.py [ARGUMENT…]; options of mpirun in the variable MPIRUN_OPTIONS.
set -euo pipefail
if [ $# -lt 1 ]; then sed -n '3s/^# //p' "$0" >&2; exit 2; fi
folder=$(cd "$(dirname "$0")" && pwd)
export MASTER_ADDR="${{MASTER_ADDR:-{plan.rows[0].host}}}" MASTER_PORT="${{MASTER_PORT:-29500}}"
case "$("${{MPIRUN:-mpirun}}" --version | head -n 1)" in
*" 5."*) rankfile=(--map-by "rankfile:file=$folder/rankfile") ;;
*) rankfile=(--rankfile "$folder/rankfile") ;;
esac
# shellcheck disable=SC2086 # options are words
exec "${{MPIRUN:-mpirun}}" -np {len(plan.rows)} --host {slots} "${{rankfile[@]}}" \\
    -x MASTER_ADDR -x MASTER_PORT ${{MPIRUN_OPTIONS:-}} bash "$folder/rank_environment.sh" "$@"
"""
    environment = rank_environment(plan, "Started by mpirun on every host, once a rank.", _FREE)
    notes = [
        "a rank file binds processes to the cores that it names (0:*, a socket): rank_environment.sh frees them",
        "the folder of these files must be at the same place on every host",
    ]
    files = {"rankfile": "".join(lines), "rank_environment.sh": environment, "mpi.sh": script}
    return files, notes + layers_note(plan, "mpirun")
