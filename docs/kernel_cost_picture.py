"""Draw how the cost of an evaluation grows, from what the benchmark measured.

pytest tests/performance/test_kernels.py -k growth --benchmark-json growth.json
python docs/kernel_cost_picture.py growth.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tasklet_bench.bench.report.chart import Axis, Chart

HERE = Path(__file__).parent
KINDS = {"full_s": "full evaluation, best wiring and order", "proposal_s": "proposal in the ordered state"}
DEVICES = (16, 64, 256, 1024)
Curves = dict[str, list[tuple[float, float]]]


def measured(path: Path) -> Curves:
    """Devices and microseconds of an evaluation, by kind, from pytest-benchmark's JSON."""
    result = [entry["extra_info"] for entry in json.loads(path.read_text(encoding="utf-8"))["benchmarks"]]
    return {
        words: sorted((e["devices"], e[kind] * 1e6) for e in result if "devices" in e) for kind, words in KINDS.items()
    }


def picture(curves: Curves) -> str:
    """Both kinds over the devices, on logarithmic scales."""
    microseconds = [value for points in curves.values() for _, value in points]
    devices = [value for points in curves.values() for value, _ in points]
    across = Axis("devices N, in a grid √N × √N", min(devices) / 1.2, max(devices) * 1.2, log=True, ticks=DEVICES)
    up = Axis("CPU time of one evaluation, µs", min(microseconds) / 1.5, max(microseconds) * 1.5, log=True)
    chart = Chart(across, up, 480, 300)
    for colour, points in enumerate(curves.values()):
        chart.line(points, colour, dots=True)
    return chart.file("CPU time of one evaluation over the number of devices", list(curves))


if __name__ == "__main__":
    (HERE / "kernel-cost.svg").write_text(picture(measured(Path(sys.argv[1]))), encoding="utf-8")
