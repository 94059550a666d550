"""A process of a job that was launched: is it where the allocation says? Run by the launcher, not by pytest.

`train.py RANKS.csv ALLOCATION.json DONE`: checks rank, host, GPU, stage and replica of this process, sums over its
stage and its pipeline with gloo, and leaves a file `DONE/RANK`.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path

import torch
import torch.distributed as dist


def main(ranks: str, allocation: str, done: str) -> None:
    """Check this process; an assertion ends it, and the job."""
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    d, k = int(os.environ["DATA_PARALLEL"]), int(os.environ["PIPELINE_PARALLEL"])
    with Path(ranks).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    row = rows[rank]
    grid = json.loads(Path(allocation).read_text(encoding="utf-8"))["grid"]
    stage, replica = (rank // d, rank % d) if os.environ["RANK_ORDER"] == "dp-pp" else (rank % k, rank // k)
    assert (int(row["stage"]), int(row["replica"])) == (stage, replica)
    assert grid[replica][stage] == int(row["device"])
    assert os.environ["LAUNCH_HOST"] == row["host"]
    gpus = os.environ["CUDA_VISIBLE_DEVICES"].split(",")
    assert gpus[int(os.environ["LOCAL_RANK"])] == row["gpu"]

    dist.init_process_group("gloo")
    assert (dist.get_rank(), dist.get_world_size()) == (rank, world)
    stages = [dist.new_group([r for r in range(world) if int(rows[r]["stage"]) == s]) for s in range(k)]
    pipelines = [dist.new_group([r for r in range(world) if int(rows[r]["replica"]) == p]) for p in range(d)]
    for group, devices in ((stages[stage], [line[stage] for line in grid]), (pipelines[replica], grid[replica])):
        total = torch.tensor([int(row["device"])])
        dist.all_reduce(total, group=group)
        assert int(total) == sum(devices)
    dist.destroy_process_group()
    (Path(done) / str(rank)).write_text(row["host"], encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
