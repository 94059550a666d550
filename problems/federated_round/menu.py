"""What the devices of a round may choose from: widths of sub-models, how these overlap, what travels, who may help."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from tasklet_bench.problems.bad_input import BadInput

Support = Literal["nested", "disjoint"]
Exchange = Literal["part", "full"]
Offloading = Literal["no", "site", "any"]


@dataclass(frozen=True)
class Menu:
    """The rules of one system of federated training.

    `widths`: shares of the parameters that a sub-model may have, falling. `support`: sub-models lie inside each other
    (`nested`), or are independent parts (`disjoint`). `exchange`: what travels between a device and its parent, the
    union of the sub-models below (`part`) or always the whole model (`full`). `least_utility`: the mean width over the
    samples (nested) or the sum of the widths (disjoint) that a round must reach. `offloading`: whose samples a device
    may work on beside its own. Raises `BadInput` for a value that makes no sense.
    """

    widths: tuple[float, ...] = (1.0,)
    support: Support = "nested"
    exchange: Exchange = "part"
    least_utility: float = 1.0
    offloading: Offloading = "no"

    def __post_init__(self) -> None:
        for field, choices in (("support", Support), ("exchange", Exchange), ("offloading", Offloading)):
            if getattr(self, field) not in get_args(choices):
                raise BadInput.unknown(field, str(getattr(self, field)), get_args(choices))
        rising = any(a <= b for a, b in zip(self.widths, self.widths[1:], strict=False))
        if not self.widths or rising or not all(0 < width <= 1 for width in self.widths):
            raise BadInput.at("menu", "widths", list(self.widths), "falling shares above 0 and at most 1, at least one")
        if not (math.isfinite(self.least_utility) and self.least_utility >= 0):
            raise BadInput.at("menu", "least_utility", self.least_utility, "a finite number of at least 0")
        if self.support == "nested" and self.least_utility > self.widths[0]:
            expected = f"at most the widest width {self.widths[0]:g}, which no mean exceeds"
            raise BadInput.at("menu", "least_utility", self.least_utility, expected)

    @property
    def nested(self) -> bool:
        """Whether sub-models lie inside each other."""
        return self.support == "nested"


_SUPERNET = (1.0, 0.5, 0.25, 0.125)

PRESETS: dict[str, Menu] = {
    "fedavg": Menu(),
    "fedsup": Menu(_SUPERNET, exchange="full", least_utility=0.5),
    "e-fedsup": Menu(_SUPERNET, least_utility=0.5),
    "masked-core": Menu((1.0, 0.3), least_utility=0.6),
    "ist": Menu((0.5, 0.25, 0.125, 0.0625, 0.03125), "disjoint", least_utility=2.0),
    "psl": Menu(offloading="site"),
}
"""Systems by name: federated averaging (McMahan et al., arXiv 1602.05629, plain and hierarchical); FedSup and E-FedSup
(arXiv 2206.01366: the whole supernet travels and a sampled part is trained, or sub-models are sent instead); partially
masked networks (arXiv 2106.08895: a core inside the full network); Independent Subnetwork Training (arXiv 2306.16484:
independent parts that must make up the model); Parallel Successive Learning (arXiv 2202.02947: clusters of devices that
pass data to each other, with heads that condense models). The widths, and IST's utility as how often each parameter is
covered, are this project's."""
