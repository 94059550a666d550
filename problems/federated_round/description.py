"""What pages and tables tell of an instance, and the picture of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.drawing import Drawing, Link
from tasklet_bench.problems.federated_round.setting import Setting

if TYPE_CHECKING:
    from tasklet_bench.problems.federated_round.problem import FederatedRoundProblem

_SIZES = (16, 32, 64, 128, 256)


def facts(problem: FederatedRoundProblem) -> Mapping[str, str | int | float]:
    """Figures of an instance, by heading."""
    setting, menu = problem.setting, problem.setting.menu
    return {
        "devices": setting.n_devices,
        "sites": len(problem.sites),
        "parameters (millions)": round(setting.n_params / 1e6, 3),
        "model (GB)": setting.model_bytes / 1e9,
        "samples": float(setting.samples.sum()),
        "widths": ", ".join(f"{width:g}" for width in menu.widths),
        "sub-models": menu.support,
        "what travels": "the sub-models below" if menu.exchange == "part" else "the whole model",
        "least utility": menu.least_utility,
        "offloading": {"no": "none", "site": "within a site", "any": "to anybody"}[menu.offloading],
    }


def kinds(problem: FederatedRoundProblem) -> Mapping[str, str]:
    """Kinds of an instance, by dimension."""
    n, menu = problem.setting.n_devices, problem.setting.menu
    least, most = next(((a + 1, b) for a, b in zip((0, *_SIZES), _SIZES, strict=False) if n <= b), (_SIZES[-1] + 1, 0))
    several = len(problem.sites) < n
    return {
        "devices": f"{least}–{most}" if most else f"{least} or more",
        "sites": "sites" if several else "no sites",
        "sub-models": menu.support if len(menu.widths) > 1 else "whole models",
        "offloading": menu.offloading,
    }


def draw_tree(
    setting: Setting, parent: NDArray[np.int64], level: NDArray[np.int64], host: NDArray[np.int64]
) -> Drawing:
    """The tree of those who take part: a line from each to its parent, its seconds those of its model on the way up.

    Groups are the widths; lines of another kind lead from whoever gives samples away to who works on them.
    """
    from tasklet_bench.problems.federated_round.judge import play

    played = play(setting, parent.tolist(), level.tolist(), host.tolist())
    whole = setting.menu.exchange == "full"
    groups: dict[str, list[int]] = {}
    for device, width in played.width.items():
        name = f"width {width:g}" if width else "passes models on"
        groups.setdefault(name, []).append(device)
    up = tuple(
        Link(
            device,
            above,
            float(setting.delay_s[device, above])
            + setting.model_bytes
            * (1.0 if whole else played.union[device])
            / float(setting.bandwidth_bytes_s[device, above]),
            "model",
            directed=True,
        )
        for device in played.width
        if (above := int(parent[device])) != device
    )
    given = tuple(
        Link(owner, int(worker), None, "samples", directed=True)
        for owner, worker in enumerate(host)
        if worker != owner and setting.samples[owner] > 0
    )
    left_out = setting.n_devices - len(played.width)
    caption = f"models travel to the root, device {played.root}, and back" + (
        f"; {left_out} devices left out" if left_out else ""
    )
    ordered = sorted(groups.items(), key=lambda group: -played.width[group[1][0]])
    return Drawing(caption, {name: tuple(devices) for name, devices in ordered}, up + given)
