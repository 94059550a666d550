"""Draw how the cost of an evaluation grows, from what the benchmark measured.

pytest tests/performance/test_kernels.py -k growth --benchmark-json growth.json
python docs/kernel_cost_picture.py growth.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import altair as alt
import pandas as pd

HERE = Path(__file__).parent
KINDS = {"full_s": "full evaluation, best wiring and order", "proposal_s": "proposal in the ordered state"}


def measured(path: Path) -> pd.DataFrame:
    """Devices, kind of evaluation and microseconds of each, from pytest-benchmark's JSON."""
    result = [entry["extra_info"] for entry in json.loads(path.read_text(encoding="utf-8"))["benchmarks"]]
    rows = [(e["devices"], KINDS[kind], e[kind] * 1e6) for e in result if "devices" in e for kind in KINDS]
    return pd.DataFrame(rows, columns=["devices", "kind", "microseconds"])


def picture(costs: pd.DataFrame) -> alt.Chart:
    """Both kinds over the devices, on logarithmic scales."""
    chart: alt.Chart = (
        alt.Chart(costs, width=480, height=300)
        .mark_line(point=True)
        .encode(
            alt.X("devices:Q", title="devices N, in a grid √N × √N")
            .scale(type="log", base=2)
            .axis(values=[16, 64, 256, 1024]),
            alt.Y("microseconds:Q", title="CPU time of one evaluation (µs)").scale(type="log"),
            alt.Color("kind:N", title=None).legend(orient="top", labelLimit=400),
        )
    )
    return chart


if __name__ == "__main__":
    picture(measured(Path(sys.argv[1]))).save(HERE / "kernel-cost.svg")
