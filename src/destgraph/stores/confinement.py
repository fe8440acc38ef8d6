"""What a process may use: memory, processor time, files, the network. Each limit is that of the calling process.

Which of them a system lacks is in docs/limits.md: there the function does nothing.
"""

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import resource

_CPU_GRACE = 5
"""Seconds of processor time beyond the time limit; whoever waits for the process stops it long before."""


def address_space() -> int | None:
    """Return the bytes of memory that this process has reserved, or None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return None
    return pages * resource.getpagesize()


def peak_memory() -> int:
    """Return the most bytes that this process has held in memory at once, or 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak << 10


def limit_memory(size: int | None) -> None:
    """Let this process reserve `size` bytes and no more; None sets no limit, as where `address_space` knows none."""
    if size is not None:
        _limit(resource.RLIMIT_AS, size)


def limit_processor_time(seconds: float) -> None:
    """Let the system end this process when it has computed for so many seconds more, though nobody waits for it."""
    if sys.platform != "win32" and math.isfinite(seconds):
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + seconds) + _CPU_GRACE)


def refuse_core_dumps() -> None:
    """Let no file with this process's memory be written when it crashes."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refuse_new_files() -> None:
    """Let this process open no file and no socket ever again; what is open goes on to work.

    No module can be imported after it. `select.poll` and `select.epoll` fail; `select.select` works.
    """
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def refuse_network(tell: Callable[[str], None]) -> None:
    """Let no Python code of this process use a socket: `tell` gets what was tried, and PermissionError is raised.

    That holds until the process ends. Only Python's own sockets are seen, not those of libraries such as pyoxigraph.
    """

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket.") or event == "urllib.Request":
            tried = f"{event} {arguments}"
            tell(tried)
            raise PermissionError(f"the network is not to be used: {tried}")

    sys.addaudithook(refuse)


def _limit(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
