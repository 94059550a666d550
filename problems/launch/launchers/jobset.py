"""A Kubernetes JobSet: a job with one pod for each host, on that node, with its place in the order of ranks."""

from __future__ import annotations

import json
import re

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.launch.launchers import torchrun
from tasklet_bench.problems.launch.launchers.shell import PORT, layers_note
from tasklet_bench.problems.launch.plan import Plan

_NAME = "tasklets"
_LONGEST = 63


def write(plan: Plan) -> tuple[dict[str, str], list[str]]:
    """`jobset.yaml`; raises `BadInput` for a host whose name is no node's in Kubernetes."""
    names = {host: _job_name(host, number) for number, host in enumerate(plan.hosts)}
    master = f"{_NAME}-{names[plan.rows[0].host]}-0-0.{_NAME}"
    script = json.dumps(torchrun.script(plan))
    jobs = "".join(_job(host, name, len(plan.gpus[host])) for host, name in names.items())
    text = f"""# Ranks stand in torchrun.sh, which runs on every node; the order in which pods come up does not count.
apiVersion: v1
kind: ConfigMap
metadata:
  name: {_NAME}-launch
data:
  torchrun.sh: {script}
---
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
metadata:
  name: {_NAME}
spec:
  network:
    enableDNSHostnames: true
    subdomain: {_NAME}
  replicatedJobs:
{jobs}"""
    text = text.replace("@MASTER@", master)
    notes = [
        f"pods come up in any order: {plan.sorted_by_name()}; node ranks in the JobSet keep the order",
        "put your image and your command where jobset.yaml says IMAGE and TRAIN.py",
    ]
    return {"jobset.yaml": text}, notes + layers_note(plan, "a JobSet")


def _job_name(host: str, number: int) -> str:
    """A name that Kubernetes allows, and that no other host gets."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", host):
        raise BadInput.at("launch --for jobset", "a host", repr(host), "a node's name: lower case, digits, dots")
    return f"h{number}-{re.sub('[^a-z0-9-]', '-', host)}"[: _LONGEST - len(_NAME) - len("--0-0")].rstrip("-")


def _job(host: str, name: str, gpus: int) -> str:
    return f"""  - name: {name}
    replicas: 1
    template:
      spec:
        completionMode: Indexed
        parallelism: 1
        completions: 1
        backoffLimit: 0
        template:
          spec:
            restartPolicy: Never
            nodeSelector:
              kubernetes.io/hostname: {json.dumps(host)}
            volumes:
            - name: launch
              configMap:
                name: {_NAME}-launch
            containers:
            - name: train
              image: IMAGE
              command: ["bash", "/launch/torchrun.sh", {json.dumps(host)}, "TRAIN.py"]
              env:
              - name: MASTER_ADDR
                value: "@MASTER@"
              - name: MASTER_PORT
                value: "{PORT}"
              ports:
              - containerPort: {PORT}
              resources:
                limits:
                  nvidia.com/gpu: {gpus}
              volumeMounts:
              - name: launch
                mountPath: /launch
"""
