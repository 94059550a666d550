"""Which of the two is compiled: what is written in LLVM, or its plain twin."""

from __future__ import annotations

import os

PLAIN = os.environ.get("TASKLET_BENCH_PLAIN_KERNELS") == "1"
"""Whether this process uses the plain twins, which are slower and need nothing of llvmlite; set before the import."""
