"""torchrun with the static rendezvous, an agent for each run of consecutive ranks on a host."""

from __future__ import annotations

from tasklet_bench.problems.launch.launchers.shell import host_script, layers_note
from tasklet_bench.problems.launch.plan import Plan


def write(plan: Plan) -> tuple[dict[str, str], list[str]]:
    """`torchrun.sh`, which starts the agents of a host, or of all hosts over ssh."""
    warning = f"torchrun's own rendezvous (c10d) ignores --node-rank: {plan.sorted_by_name()}"
    notes = [f"{warning}; the script takes the static one", *layers_note(plan, "torchrun")]
    return {"torchrun.sh": script(plan)}, notes


def script(plan: Plan) -> str:
    """The script: a branch for each host, a call for each of its agents."""
    what = "torchrun with static ranks: the agents of one host, or of all hosts over ssh."
    starter = f"""an agent: its number, its GPUs in the order of their ranks, how many; then what to run
    local number=$1 gpus=$2 count=$3
    shift 3
    CUDA_VISIBLE_DEVICES=$gpus "${{TORCHRUN:-torchrun}}" --rdzv-backend static --nnodes {len(plan.agents)} \\
        --node-rank "$number" --nproc-per-node "$count" --master-addr "$MASTER_ADDR" --master-port "$MASTER_PORT" "$@" &
    started+=($!)"""
    calls = {
        host: [
            f"{agent.number} {','.join(map(str, agent.gpus))} {len(agent.gpus)}"
            for agent in plan.agents
            if agent.host == host
        ]
        for host in plan.hosts
    }
    return host_script("torchrun.sh", what, plan, starter, calls)
