"""How many layers of the model each stage holds, where it holds them in chunks as well."""

from __future__ import annotations

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.profile import even_layers


def layers_of_chunks(
    n_layers: int, n_stages: int, chunks: int, layers: tuple[int, ...] | None, source: str
) -> tuple[int, ...]:
    """Layers of the K·V stages of the model in their order; chunk `c` of stage `j` is number `c·K + j`.

    Given are `layers` of the K stages, or None: as even as can be. Raises `BadInput` for layers that are not all those
    of the model, or for fewer layers than there are chunks.
    """
    if layers is None:
        cut = even_layers(n_layers, n_stages * chunks)
        if min(cut) < 1:
            raise BadInput.at(source, "layers", n_layers, f"at least one for each of {n_stages * chunks} stages")
        return cut
    if sum(layers) != n_layers:
        raise BadInput.at(source, "layers", f"{sum(layers)} in all", f"the {n_layers} of the model")
    by_chunk = [even_layers(held, chunks) for held in layers]
    if min(map(min, by_chunk)) < 1:
        raise BadInput.at(source, "layers", list(layers), f"at least {chunks} in each stage, one for each chunk")
    return tuple(by_chunk[stage][chunk] for chunk in range(chunks) for stage in range(n_stages))
