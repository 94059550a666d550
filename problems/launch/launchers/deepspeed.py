"""DeepSpeed's own launcher, which hands ranks out host by host."""

from __future__ import annotations

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.launch.launchers.shell import host_script, layers_note
from tasklet_bench.problems.launch.plan import Plan


def write(plan: Plan) -> tuple[dict[str, str], list[str]]:
    """`hostfile`, a line a host, and `deepspeed.sh`, which says on every host which number it has.

    Raises `BadInput` where the ranks of a host are not consecutive or its GPUs not in order: it knows no other.
    """
    if not plan.contiguous or any(list(gpus) != sorted(gpus) for gpus in plan.gpus.values()):
        raise BadInput(
            "launch --for deepspeed: the ranks of a host are not consecutive, and DeepSpeed's launcher hands ranks out "
            "host by host: use --for torchrun or --for mpi, which start DeepSpeed scripts as well"
        )
    slots = {host.name: host.slots for site in plan.problem.sites for host in site.hosts or ()}
    hostfile = "".join(f"{host} slots={slots[host]}\n" for host in plan.hosts)
    include = "@".join(f"{host}:{','.join(map(str, plan.gpus[host]))}" for host in plan.hosts)
    what = "DeepSpeed's launcher on one host that receives its number, or on all hosts over ssh."
    starter = f"""its number; then what to run
    local number=$1
    shift
    deepspeed --hostfile "$folder/hostfile" --include '{include}' --no_ssh --node_rank "$number" \\
        --master_addr "$MASTER_ADDR" --master_port "$MASTER_PORT" "$@" &
    started+=($!)"""
    calls = {host: [str(number)] for number, host in enumerate(plan.hosts)}
    script = host_script("deepspeed.sh", what, plan, starter, calls)
    notes = ["the order of the lines of hostfile is the order of the ranks: keep it"]
    return {"hostfile": hostfile, "deepspeed.sh": script}, notes + layers_note(plan, "DeepSpeed's launcher")
