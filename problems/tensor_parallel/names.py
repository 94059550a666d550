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


def _read_modes(text: str) -> str:
    """Modes in their fixed order; raises `BadInput` for an unknown one, `ValueError` for one that comes twice."""
    modes = text.split(",")
    for mode in modes:
        if mode not in MODES:
            raise BadInput.unknown("mode", mode, MODES)
    if len(set(modes)) < len(modes):
        raise ValueError(text)
    return ",".join(mode for mode in MODES if mode in modes)


def _read_sizes(text: str) -> str:
    """Sizes as they stand; raises `ValueError` unless they are rising whole numbers of at least 1."""
    sizes = [int(size) for size in text.split(",")]
    if sizes != sorted(set(sizes)) or sizes[0] < 1:
        raise ValueError(text)
    return ",".join(map(str, sizes))


KEYS: tuple[Key, ...] = (
    Key("modes", _read_modes, "modes, each once, joined by commas", "tensor modes to choose from", ",".join(MODES)),
    Key(
        "micro_batch_sizes",
        _read_sizes,
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
    sizes = tuple(int(size) for size in str(values["micro_batch_sizes"]).split(","))
    modes = tuple(mode for mode in MODES if mode in str(values["modes"]).split(","))
    return TensorParallelOptions(modes, sizes, int(values["most_tensor"]), float(values["least_used"]))
