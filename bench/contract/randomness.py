"""Clauses about chance: it comes from the generator that a search is given, and from nowhere else."""

from __future__ import annotations

from tasklet_bench.bench.contract.clause import Broken, Remark
from tasklet_bench.bench.contract.trial import Trial, Watch
from tasklet_bench.bench.contract.trials import Trials

_SEEDS = (0, 1, 2)
_WATCH = Watch(global_seed=1)
_OTHER_GLOBAL_SEED = Watch(global_seed=2)


def seed_obeyed(trials: Trials) -> str:
    """Equal seeds give equal searches; different seeds give different ones, unless it is declared deterministic."""
    first, again = (
        _searched(trials.make(trials.instances.plain, watch=_WATCH)),
        _searched(trials.make(trials.instances.plain, watch=_WATCH, again=1)),
    )
    if first.curve != again.curve:
        raise Broken("the same search from seed 0 twice", _difference(first, again))
    curves = [_searched(trials.make(trials.instances.plain, seed, watch=_WATCH)).curve for seed in _SEEDS]
    seeds = ", ".join(map(str, _SEEDS))
    if any(curve != curves[0] for curve in curves):
        if trials.of.deterministic:
            raise Broken("the same search from any seed, as `deterministic` is declared", f"others from seeds {seeds}")
        return f"seed 0 twice alike, seeds {seeds} not"
    if trials.of.deterministic:
        return "declared deterministic, and it is"
    if first.saw("drew"):
        return Remark(f"draws from `rng`, and yet one and the same search from seeds {seeds} on this instance")
    raise Broken(
        "searches that draw from `rng` (or `deterministic = True`, if nothing is to be drawn)",
        f"one and the same search from seeds {seeds}, without a draw",
    )


def global_random_unused(trials: Trials) -> str:
    """The state of the global random generators, `random` and `numpy.random`, makes no difference."""
    first, again = (
        _searched(trials.make(trials.instances.plain, watch=_WATCH)),
        _searched(trials.make(trials.instances.plain, watch=_WATCH, again=1)),
    )
    other = _searched(trials.make(trials.instances.plain, watch=_OTHER_GLOBAL_SEED))
    if first.curve != again.curve:
        return Remark("cannot be determined: runs differ from the same state, too (see seed-obeyed)")
    if first.curve != other.curve:
        raise Broken(
            "the same search from seed 0, whatever the global generators were seeded with (draw from `rng` alone)",
            f"with {_WATCH.global_seed} and with {_OTHER_GLOBAL_SEED.global_seed}: {_difference(first, other)}",
        )
    return "the same search with two global seeds"


def _searched(trial: Trial) -> Trial:
    if not trial.curve:
        raise Broken("runs that can be compared", f"nothing reported, status {trial.record.status}", trial.record.error)
    return trial


def _difference(one: Trial, other: Trial) -> str:
    """Where two curves part, in words."""
    for a, b in zip(one.curve, other.curve, strict=False):
        if a != b:
            return f"{a[1]!r} s after {a[0]} evaluations against {b[1]!r} s after {b[0]}"
    return f"{len(one.curve)} improvements against {len(other.curve)}"
