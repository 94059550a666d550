"""Parts of the shell scripts that launchers have in common."""

from __future__ import annotations

from collections.abc import Mapping

from tasklet_bench.problems.launch.plan import Plan

PORT = 29500


def head(what: str, usage: str, plan: Plan) -> str:
    """The first lines of a script: what it does, and what every process finds in its environment."""
    d, k = plan.allocation.grid.shape
    return f"""#!/usr/bin/env bash
# {what}
# Usage: {usage}
set -euo pipefail
if [ $# -lt 2 ]; then sed -n '3s/^# //p' "$0" >&2; exit 2; fi
export MASTER_ADDR="${{MASTER_ADDR:-{plan.rows[0].host}}}" MASTER_PORT="${{MASTER_PORT:-{PORT}}}"
export DATA_PARALLEL={d} PIPELINE_PARALLEL={k} RANK_ORDER={plan.order}{_layers(plan)}
"""


def _layers(plan: Plan) -> str:
    layers = plan.allocation.layers
    return "" if layers is None else f" STAGE_LAYERS={','.join(map(str, layers))}"


def host_script(name: str, what: str, plan: Plan, starter: str, calls: Mapping[str, list[str]]) -> str:
    """A script that starts what belongs to one host, or itself on all hosts over ssh, in the same folder there.

    `starter` is the body of the function `start`; `calls` are its arguments, by host, before what the user runs.
    """
    usage = f"bash {name} HOST|all TRAIN.py [ARGUMENT…]"
    branches = []
    for host in plan.hosts:
        lines = [f'    start {arguments} "$@"' for arguments in calls[host]]
        branches.append("\n".join([f"{host})", *lines, "    ;;"]))
    hosts = " ".join(plan.hosts)
    return f"""{head(what, usage, plan)}
start() {{ # {starter}
}}

folder=$(cd "$(dirname "$0")" && pwd)
host=$1
shift
export LAUNCH_HOST=$host
started=()
case "$host" in
{chr(10).join(branches)}
all)
    for each in {hosts}; do
        ssh -n "$each" "cd $(printf %q "$PWD") && MASTER_ADDR=$MASTER_ADDR MASTER_PORT=$MASTER_PORT \\
            bash $(printf %q "$folder/{name}") $each$(printf ' %q' "$@")" &
        started+=($!)
    done
    ;;
*)
    echo "$0: unknown host '$host', expected all or one of {hosts}" >&2
    exit 2
    ;;
esac
status=0
for process in "${{started[@]}}"; do wait "$process" || status=$?; done
exit "$status"
"""


def rank_environment(plan: Plan, what: str, prelude: str = "") -> str:
    """A script that tells each process its rank, its GPU and its place, by the rank that the launcher gave it."""
    d, k = plan.allocation.grid.shape
    cases = []
    for row in plan.rows:
        gpus = plan.gpus[row.host]
        local = gpus.index(row.gpu or 0)
        cases.append(f"{row.rank}) place='{row.host} {local} {len(gpus)} {','.join(map(str, gpus))}' ;;")
    return f"""#!/usr/bin/env bash
# {what}
# Each process finds RANK, LOCAL_RANK, CUDA_VISIBLE_DEVICES and the like as after torchrun.
set -euo pipefail
{prelude}RANK=${{OMPI_COMM_WORLD_RANK:-${{PMIX_RANK:-${{SLURM_PROCID:-${{PMI_RANK:?no launcher gave a rank}}}}}}}}
case "$RANK" in
{chr(10).join(cases)}
*) echo "$0: rank $RANK of {d * k}" >&2; exit 2 ;;
esac
read -r LAUNCH_HOST LOCAL_RANK LOCAL_WORLD_SIZE CUDA_VISIBLE_DEVICES <<<"$place"
export RANK LAUNCH_HOST LOCAL_RANK LOCAL_WORLD_SIZE CUDA_VISIBLE_DEVICES WORLD_SIZE={d * k}
export MASTER_ADDR="${{MASTER_ADDR:-{plan.rows[0].host}}}" MASTER_PORT="${{MASTER_PORT:-{PORT}}}"
export DATA_PARALLEL={d} PIPELINE_PARALLEL={k} RANK_ORDER={plan.order}{_layers(plan)}
exec "$@"
"""


def layers_note(plan: Plan, launcher: str) -> list[str]:
    """What to do about unequal layers where the launcher itself has no way to give them to stages."""
    if plan.allocation.layers is None:
        return []
    layers = ",".join(map(str, plan.allocation.layers))
    return [f"layers {layers}: {launcher} hands no layers to stages; processes find them in STAGE_LAYERS"]
