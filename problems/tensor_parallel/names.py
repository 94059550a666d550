"""Names of the family: `tensor-parallel/` before a name of the catalogue, and the options among its keys.

`tensor-parallel/measured/gcp-zones-hetero-40?workload=llama-7b&modes=1d,2d` lets these two modes take part. Replicas
and stages are decided here, so that `dp` and `pp` are no keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances.name import Key, number, whole
from tasklet_bench.problems.pipeline_model.names import Instance, understand
from tasklet_bench.problems.tensor_parallel.options import MODES, TensorParallelOptions

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel.problem import TensorParallelProblem

FAMILY = "tensor-parallel"

_DEFAULT = TensorParallelOptions()

KEYS: tuple[Key, ...] = (
    Key("modes", str, "modes, joined by commas", "tensor modes to choose from", ",".join(MODES)),
    Key(
        "micro_batch_sizes",
        str,
        "rising whole numbers, joined by commas",
        "sequences of a micro-batch",
        ",".join(map(str, _DEFAULT.micro_batch_sizes)),
    ),
    whole("most_tensor", "devices of the largest tensor group", least=1, default=_DEFAULT.most_tensor),
    number("least_used", "share of the devices that a shape must use", 1e-6, 1.0, default=_DEFAULT.least_used),
)

_NO_KEYS = {
    "dp": "no such key: the number of replicas is what this family decides",
    "pp": "no such key: the number of stages is what this family decides",
    "tp": "no such key: the size of tensor groups is what this family decides; most_tensor bounds it",
    "micro_batches": "no such key: micro_batch_sizes says how many sequences a micro-batch may have",
    "network_card": "no such key: network cards play no part in this family",
}


def load(name: str) -> TensorParallelProblem:
    """Build an instance of the family by its name; raises `BadInput` for what catalogue and options do not know."""
    from tasklet_bench.problems.tensor_parallel.problem import TensorParallelProblem

    instance = read_name(name)
    return TensorParallelProblem(instance.name, instance.devices(), instance.model, _options(instance))


def read_name(name: str) -> Instance:
    """Understand a name without building anything."""
    return understand(name, FAMILY, KEYS, _NO_KEYS)


def _options(instance: Instance) -> TensorParallelOptions:
    values = instance.values
    text = str(values["micro_batch_sizes"])
    try:
        sizes = tuple(int(size) for size in text.split(","))
    except ValueError:
        raise BadInput.at(instance.name, "micro_batch_sizes", repr(text), KEYS[1].expected) from None
    modes = str(values["modes"]).split(",")
    for mode in modes:
        if mode not in MODES:
            raise BadInput(f"{instance.name}: {BadInput.unknown('mode', mode, MODES)}")
    chosen = tuple(mode for mode in MODES if mode in modes)
    try:
        return TensorParallelOptions(chosen, sizes, int(values["most_tensor"]), float(values["least_used"]))
    except BadInput as error:
        raise BadInput(f"{instance.name}: {error}") from None
