"""A small evolutionary loop over programs: it changes numbers and the list of moves in the marked region, by dice."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

START, END = "# EVOLVE-BLOCK-START", "# EVOLVE-BLOCK-END"
MOVES = ("swap", "cycle", "exchange")
_MOVES_LINE = re.compile(r"moves = \[(?P<moves>[^\]]*)\]")
_NUMBER_LINE = re.compile(r"^(?P<head> +(?P<name>temperature|patience) = )(?P<value>[0-9.]+)$", re.MULTILINE)


@dataclass
class Evolution:
    """What came of a loop: the best program with its score, that of the first one, and what was spent."""

    program: str
    score: float
    first_score: float
    tried: int
    cpu_s: float


def evolve(program: str, score: Callable[[str], float], seed: int, cpu_s: float, enough: float) -> Evolution:
    """Change the best program again and again, until it is better by `enough`, or `cpu_s` CPU seconds are spent."""
    rng = np.random.default_rng(seed)
    begun = _spent_s()
    first = best = score(program)
    result = Evolution(program, best, first, 1, _spent_s() - begun)
    longest_s = result.cpu_s
    while result.score < first + enough and result.cpu_s + longest_s < cpu_s:
        changed = mutated(result.program, rng)
        before = _spent_s()
        value = score(changed)
        longest_s = max(longest_s, _spent_s() - before)
        result.tried += 1
        if value >= result.score:
            result.program, result.score = changed, value
        result.cpu_s = _spent_s() - begun
    return result


def mutated(program: str, rng: np.random.Generator) -> str:
    """The program with one thing changed between its marks: a number, or which moves there are."""
    head, rest = program.split(START)
    block, tail = rest.split(END)
    numbers = list(_NUMBER_LINE.finditer(block))
    choice = int(rng.integers(len(numbers) + 1))
    if choice == len(numbers):
        block = _MOVES_LINE.sub(lambda match: f"moves = {_other_moves(match['moves'], rng)}", block)
    else:
        line = numbers[choice]
        value = _other_number(line["name"], float(line["value"]), rng)
        block = block[: line.start()] + line["head"] + value + block[line.end() :]
    return f"{head}{START}{block}{END}{tail}"


def _other_moves(text: str, rng: np.random.Generator) -> str:
    kept = [move for move in MOVES if f'"{move}"' in text]
    move = MOVES[int(rng.integers(len(MOVES)))]
    changed = [other for other in kept if other != move] if move in kept else [*kept, move]
    return "[" + ", ".join(f'"{move}"' for move in changed or kept) + "]"


def _other_number(name: str, value: float, rng: np.random.Generator) -> str:
    factor = float(rng.choice([0.25, 0.5, 2.0, 4.0, 8.0]))
    if name == "patience":
        return str(max(1, round(value * factor)))
    return f"{value * factor if value else 0.01 * factor:.4g}"


def _spent_s() -> float:
    """CPU seconds of this process and of those of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
