"""A search in another language: a program that writes labels, a line each, and reads what they cost."""

import subprocess
from pathlib import Path

import numpy as np

from tasklet_bench.strategies import Strategy

PROGRAM = ("perl", str(Path(__file__).with_name("hill_climb.pl")))


class HillClimbPerl(Strategy):
    """Swaps that do not make it worse, in Perl."""

    name = "hill-climb-perl"
    families = ("*",)

    def search(self, problem, run, rng):
        """Tell the program the seed and the sizes of the groups; then score what it writes until the budget is spent.

        What the program uses is on this run's account, and it is ended with it.
        """
        with subprocess.Popen(PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            try:
                _say(program, int(rng.integers(2**31)), *problem.decision.group_sizes)
                while not run.exhausted:
                    line = program.stdout.readline()
                    if not line:
                        raise RuntimeError(f"{PROGRAM[0]} has ended")
                    _say(program, repr(run.evaluate(np.array(line.split(), dtype=np.int64))))
            finally:
                program.kill()


def _say(program, *values):
    print(*values, file=program.stdin, flush=True)
