"""Slurm: the host of each task in a host file, taken as it stands by `--distribution=arbitrary`."""

from __future__ import annotations

from tasklet_bench.problems.launch.launchers.shell import PORT, layers_note, rank_environment
from tasklet_bench.problems.launch.plan import Plan


def write(plan: Plan) -> tuple[dict[str, str], list[str]]:
    """`slurm.hosts`, a line a task, `rank_environment.sh`, and `slurm.sbatch`."""
    most = max(len(gpus) for gpus in plan.gpus.values())
    batch = f"""#!/usr/bin/env bash
#SBATCH --job-name=tasklets
#SBATCH --nodes={len(plan.hosts)}
#SBATCH --ntasks={len(plan.rows)}
#SBATCH --nodelist={",".join(plan.hosts)}
#SBATCH --gpus-per-node={most}
#SBATCH --exclusive
# Usage: sbatch slurm.sbatch python TRAIN.py [ARGUMENT…], in the folder of these files.
set -euo pipefail
folder=${{SLURM_SUBMIT_DIR:-$PWD}}
export SLURM_HOSTFILE="$folder/slurm.hosts"
export MASTER_ADDR="${{MASTER_ADDR:-{plan.rows[0].host}}}" MASTER_PORT="${{MASTER_PORT:-{PORT}}}"
exec srun --ntasks={len(plan.rows)} --distribution=arbitrary --gpu-bind=none --cpu-bind=none \\
    bash "$folder/rank_environment.sh" "$@"
"""
    files = {
        "slurm.hosts": "".join(f"{row.host}\n" for row in plan.rows),
        "rank_environment.sh": rank_environment(plan, "Started by srun on every host, once a task."),
        "slurm.sbatch": batch,
    }
    notes = [f"srun's own distribution fills hosts by name: {plan.sorted_by_name()}; the host file keeps the order"]
    return files, notes + layers_note(plan, "srun")
