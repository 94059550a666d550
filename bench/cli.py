"""`tasklet-bench`: the command line, and how it ends whatever happens. The commands are in `commands.app`.

Exit status: 0 done; 1 a check failed, something differs, nothing was found; 2 what was typed, read or written cannot be
used, said in a sentence; 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False  # importing it from `typing` takes longer than all else here, and Ctrl-C may come meanwhile
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, NoReturn

BAD_INPUT_STATUS = 2
INTERRUPTED_STATUS = 130


def main() -> NoReturn:
    """Run the command line; what a user, a file, a disk or a terminal did wrong ends with status 2 and a sentence."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    from tasklet_bench.bench.commands import streams

    streams.secure()
    status = _status()
    if signal.getsignal(signal.SIGINT) is _interrupt:
        signal.signal(signal.SIGINT, _leave)
    lost = streams.finish()
    if lost is not None:
        status = status or BAD_INPUT_STATUS
        _say(f"standard output: cannot be written: {lost.strerror}; all else is done")
        streams.finish()
    sys.exit(status)


def _status() -> int:
    """Run the command and return its exit status; only what is the project's own fault is raised."""
    from tasklet_bench.bench.commands.app import app

    try:
        _print_questions_plainly()
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED_STATUS
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        _say(sentence)
        return BAD_INPUT_STATUS
    return 0


def _sentence(error: Exception) -> str | None:
    """What to say about an error that is somebody's or something's outside the project; None for any other."""
    from tasklet_bench.problems.bad_input import BadInput, OutsideFault
    from tasklet_bench.problems.text import shorten

    if isinstance(error, BadInput | OutsideFault):
        return str(error)
    if isinstance(error, OSError):
        names = [name for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
        named = [shorten(os.fsdecode(name), 300) for name in names]
        return ": ".join([*named, f"cannot be used: {error.strerror or error}"])
    if isinstance(error, MemoryError):
        return "what was asked for does not fit into memory"
    if type(error).__module__ == "sqlite3":
        return f"the store cannot be read or written: {error}"
    return None


def _print_questions_plainly() -> None:
    """Warnings of the project's own look like its other messages."""
    import warnings

    before = warnings.showwarning

    def show(message: Any, category: type[Warning], *place: Any) -> None:
        if category.__module__.startswith("tasklet_bench."):
            _say(str(message))
        else:
            before(message, category, *place)

    warnings.showwarning = show  # type: ignore[assignment]  # it hands on what else there is


def _say(sentence: str) -> None:
    sys.stderr.write(f"tasklet-bench: {sentence}\n")


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C: leave at once while modules are being imported, as there is nothing to lose and much to print."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            _leave(number, frame)
        frame = frame.f_back
    raise KeyboardInterrupt


def _leave(_: int, __: FrameType | None) -> NoReturn:
    os._exit(INTERRUPTED_STATUS)
