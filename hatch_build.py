"""Put the rooms below the package in what is built; an editable install finds them through the links in `src`."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("problems", "strategies", "bench")
TABLE = "best_known/best_known.jsonl"
CERTIFICATES = "results/certificates"


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the rooms, the table of best known costs, and what certifies some of them to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them unless the wheel is that of an editable install."""
        if version != "editable":
            build_data["force_include"].update({room: f"tasklet_bench/{room}" for room in ROOMS})
            build_data["force_include"][f"results/{TABLE}"] = f"tasklet_bench/bench/results/{TABLE}"
            build_data["force_include"][CERTIFICATES] = "tasklet_bench/problems/certificates/published"
