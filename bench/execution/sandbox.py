"""Separation of untrusted runs by what Linux offers without privileges: namespaces, entered by the fork server once.

The fork server gets a user namespace, in which it may do the rest, and a view of the file system that is read-only and
lacks what runs must not see. Each run gets processes, mounts, network and System V memory of its own, a private `/tmp`,
and no capability to undo any of it. What the system refuses is said by name: nothing is run half separated.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_BIND, _REC, _PRIVATE, _RDONLY, _NOSUID, _NODEV = 0x1000, 0x4000, 0x40000, 1, 2, 4
_PR_CAPBSET_DROP, _PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS = 24, 28, 38
_NOROOT = 0x3
"""Securebits: user 0 gets no capabilities by being user 0, for good."""
_SYS_MOUNT_SETATTR = 442
_ATTR_RDONLY, _ATTR_NOSUID = 1, 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}
_CAPABILITIES_VERSION = 0x20080522
_LAST_CAPABILITY = 63
_DEVICES = ("null", "zero", "full", "random", "urandom")
_MOST_TMP_BYTES = 2**30
RUN_FOLDER = Path("/tmp")  # noqa: S108 - private to a run
KEPT_VARIABLES = ("PATH", "LANG", "LC_", "PYTHON", "NUMBA_", "TASKLET_BENCH_", "XDG_CACHE_HOME", "HOME", "TMPDIR")
"""Beginnings of the environment's names that an untrusted run may know."""

_libc = ctypes.CDLL(None, use_errno=True)
_holding = ctypes.PyDLL(None, use_errno=True)  # calls that keep the interpreter's lock, as a fork must


class Refused(Exception):
    """The system does not separate: which step it refused, and why."""


def environment() -> dict[str, str]:
    """The variables of this process that an untrusted run may know: no tokens, no addresses."""
    return {name: value for name, value in os.environ.items() if name.startswith(KEPT_VARIABLES)}


def enter_server(root: Path, hidden: Sequence[str]) -> None:
    """Give this single-threaded process the view that untrusted runs have; `root`, a folder, stays writable.

    Of the folders in `hidden` nothing is left to see. Raises `Refused`, with the process of no more use.
    """
    if not sys.platform.startswith("linux") or os.uname().machine not in _SYS_CLONE:
        raise Refused("namespaces are Linux's, on x86-64 or ARM")
    user, group = os.getuid(), os.getgid()
    _unshare(_NEWUSER | _NEWNS, "a user namespace")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            Path(f"/proc/self/{name}").write_text(text)
        except OSError as error:
            raise Refused(f"{name} of a user namespace: {error}") from None
    _mount(None, "/", None, _REC | _PRIVATE)
    _mount(str(root), str(root), None, _BIND)
    devices = root / "dev"
    devices.mkdir()
    _mount("tmpfs", str(devices), "tmpfs", _NOSUID, "size=64k,mode=755")
    for name in _DEVICES:
        (devices / name).touch()
        _mount(f"/dev/{name}", str(devices / name), None, _BIND)
    (devices / "fd").symlink_to("/proc/self/fd")
    (devices / "shm").mkdir()
    _set_attributes("/", _ATTR_RDONLY | _ATTR_NOSUID, 0, _AT_RECURSIVE)
    _set_attributes(str(root), 0, _ATTR_RDONLY, 0)
    _mount(str(devices), "/dev", None, _BIND | _REC)
    for folder in sorted({os.path.realpath(folder) for folder in hidden}):
        if Path(folder).is_dir():
            _mount("tmpfs", folder, "tmpfs", _RDONLY | _NOSUID, "size=4k,mode=555")


def fork() -> int:
    """`os.fork` into a process namespace of its own: the child is its first process, and all end with it."""
    before, in_child, in_parent = (
        getattr(ctypes.pythonapi, f"PyOS_{name}") for name in ("BeforeFork", "AfterFork_Child", "AfterFork_Parent")
    )
    before()
    pid = _holding.syscall(_SYS_CLONE[os.uname().machine], _NEWPID | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        in_child()
        return 0
    error = ctypes.get_errno()
    in_parent()
    if pid < 0:
        raise Refused(f"a process namespace: {os.strerror(error)}")
    return int(pid)


def enter_run(memory_bytes: int, compiled: Path | None = None, seen: Sequence[Path] = ()) -> Path:
    """Separate this process, the first of its process namespace, from all others; returns its only writable folder.

    What it writes to the folder of compiled code, `compiled`, is its own and gone with it. Folders in `seen` can be
    read, where they stand below the folder that is made private, too.
    """
    _unshare(_NEWNS | _NEWNET | _NEWIPC, "a network namespace")
    size = f"size={min(memory_bytes, _MOST_TMP_BYTES)},mode=700"
    seen = [folder for folder in seen if RUN_FOLDER in folder.parents]
    kept = [(folder, os.open(folder, os.O_PATH | os.O_DIRECTORY)) for folder in seen if folder.is_dir()]
    lower = None if compiled is None else os.open(compiled, os.O_PATH | os.O_DIRECTORY)
    _mount("proc", "/proc", "proc", _NOSUID | _NODEV)
    _mount("tmpfs", str(RUN_FOLDER), "tmpfs", _NOSUID | _NODEV, size)
    _mount("tmpfs", "/dev/shm", "tmpfs", _NOSUID | _NODEV, size)  # noqa: S108 - private as well
    for folder, descriptor in kept:
        folder.mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{descriptor}", str(folder), None, _BIND | _REC)
        os.close(descriptor)
    if compiled is not None and lower is not None:
        _lay_over(compiled, f"/proc/self/fd/{lower}", size)
        os.close(lower)
    _drop_capabilities()
    caches = str(RUN_FOLDER / "numba")
    os.environ |= {"HOME": str(RUN_FOLDER), "NUMBA_CACHE_DIR": caches}
    if (numba := sys.modules.get("numba")) is not None:
        numba.config.CACHE_DIR = caches
    return RUN_FOLDER


def refusal() -> str | None:
    """Why this system does not separate, found by trying in a process that ends at once; None where it does."""
    read, write = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        pid = os.fork()
        if pid == 0:
            try:
                enter_server(Path(folder), [])
                run = fork()
                if run == 0:
                    enter_run(1 << 20)
                else:
                    os.waitpid(run, 0)
            except (Refused, OSError) as fault:
                os.write(write, str(fault).encode()[:1000])
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            reason = pipe.read().decode(errors="replace")
        os.waitpid(pid, 0)
    return reason or None


def _lay_over(folder: Path, lower: str, size: str) -> None:
    """Let this process write over a folder in its own; where the system has no overlays, over an empty one."""
    folder.mkdir(parents=True, exist_ok=True)
    upper, work = RUN_FOLDER / ".compiled" / "upper", RUN_FOLDER / ".compiled" / "work"
    for made in (upper, work):
        made.mkdir(parents=True)
    try:
        _mount("overlay", str(folder), "overlay", 0, f"lowerdir={lower},upperdir={upper},workdir={work},userxattr")
    except Refused:
        _mount("tmpfs", str(folder), "tmpfs", _NOSUID | _NODEV, size)


def _unshare(flags: int, what: str) -> None:
    if _libc.unshare(flags) != 0:
        raise Refused(f"{what}: {os.strerror(ctypes.get_errno())}")


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind, options)]
    if _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]) != 0:
        raise Refused(f"mounting {target}: {os.strerror(ctypes.get_errno())}")


def _set_attributes(path: str, add: int, clear: int, flags: int) -> None:
    attributes = struct.pack("=QQQQ", add, clear, 0, 0)
    call = (_SYS_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(path), flags, attributes, ctypes.c_size_t(len(attributes)))
    if _libc.syscall(*call) != 0:
        raise Refused(f"making {path} read-only: {os.strerror(ctypes.get_errno())}")


def _drop_capabilities() -> None:
    """Give up for good what the user namespace allows: mounting, tracing, changing users."""
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(_PR_SET_SECUREBITS, _NOROOT, 0, 0, 0)
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header, nothing = struct.pack("=Ii", _CAPABILITIES_VERSION, 0), bytes(24)
    if _libc.capset(header, nothing) != 0:
        raise Refused(f"dropping capabilities: {os.strerror(ctypes.get_errno())}")
