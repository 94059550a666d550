"""`tasklet-bench` for tests that call it many times: its modules are imported once, and each call is a fork of that.

A call has a process, a folder, standard streams and an exit of its own, as one from a shell has; what it saves is the
second in which an interpreter starts and imports. Tests of the start itself, of signals, closed streams and changed
environments start the installed script.

Executed, this file is the process that forks: it reads a call from each line of standard input and answers it with a
line that holds the exit status (null where the time was up).
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import IO, Any, NoReturn

SCRIPT = Path(sys.executable).parent / "tasklet-bench"
_IMPORTED = tuple(f"tasklet_bench.bench.{room}" for room in ("commands", "report", "results", "runs"))
_LIBRARIES = ("pandas", "pyarrow.parquet", "scipy.stats")
_LONGEST_PAUSE_S = 0.02


class WarmCommandLine:
    """Calls of `tasklet-bench`, each a fork of one process in which its modules are imported."""

    def __init__(self) -> None:
        self._environment = _settings()
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, words: Sequence[object], cwd: Path, timeout_s: float) -> subprocess.CompletedProcess[str]:
        """Run `tasklet-bench` with `words` in `cwd`; the installed script where the environment was changed meanwhile.

        Parameters
        ----------
        words
            Arguments after the name of the program.
        cwd
            Folder in which the call runs.
        timeout_s
            Seconds after which the call is killed and `subprocess.TimeoutExpired` is raised.

        Returns
        -------
        subprocess.CompletedProcess[str]
            Exit status, standard output and standard error.

        """
        arguments = [str(SCRIPT), *map(str, words)]
        if _settings() != self._environment:
            return subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False)
        with tempfile.NamedTemporaryFile() as output, tempfile.NamedTemporaryFile() as errors:
            streams = [output.name, errors.name]
            status = self._answer({"arguments": arguments, "cwd": str(cwd), "streams": streams, "timeout_s": timeout_s})
            printed, said = (Path(name).read_text(encoding="utf-8") for name in streams)
        if status is None:
            raise subprocess.TimeoutExpired(arguments, timeout_s, printed, said)
        return subprocess.CompletedProcess(arguments, status, printed, said)

    def close(self) -> None:
        """End the process that forks."""
        if self._process is not None:
            self._process.communicate()

    def _answer(self, call: dict[str, Any]) -> int | None:
        if self._process is None:
            command = [sys.executable, __file__]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        sent, received = self._process.stdin, self._process.stdout
        assert sent is not None
        assert received is not None
        sent.write(json.dumps(call) + "\n")
        sent.flush()
        answer = received.readline()
        assert answer, "the process that forks has ended; standard error says why"
        status: int | None = json.loads(answer)
        return status


def _settings() -> dict[str, str]:
    """The environment without the name of the test that pytest writes there."""
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


def _serve(calls: IO[str]) -> None:
    """Fork for each call; the fork leaves by the exit of the command line, as the script does."""
    import numpy as np

    from tasklet_bench.problems.instances import catalogue

    sys.path[0] = str(SCRIPT.parent)  # as the script has it
    for name in _LIBRARIES:
        import_module(name)
    for package in _IMPORTED:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(module.name)
    problem = catalogue.load("paper/regional")
    problem.cost(problem.random(np.random.default_rng(0)))  # loads compiled code
    gc.freeze()  # nothing of what is imported goes away in a fork
    while line := calls.readline():
        call = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(call)
            _leave_by_the_command_line()
        sys.stdout.write(json.dumps(_wait(pid, call["timeout_s"])) + "\n")
        sys.stdout.flush()


def _become(call: dict[str, Any]) -> None:
    """Take the folder, the arguments and the streams of a call, in a session of its own."""
    os.setsid()
    os.chdir(call["cwd"])
    sys.argv = call["arguments"]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, name in enumerate(call["streams"], start=1):
        os.dup2(os.open(name, os.O_WRONLY | os.O_APPEND), descriptor)


def _leave_by_the_command_line() -> NoReturn:
    """Run the command line and end with its status; what is imported is not taken down, which takes half a second."""
    from tasklet_bench.bench.cli import main

    status = 1
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _wait(pid: int, timeout_s: float) -> int | None:
    """Wait for the exit status; after `timeout_s` end the whole session and return None."""
    last, pause_s = time.monotonic() + timeout_s, 0.001
    while time.monotonic() < last:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


if __name__ == "__main__":
    _serve(sys.stdin)
