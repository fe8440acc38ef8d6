"""Worker processes as their user sees them: started, sent a job, listened to, and ended.

On systems with fork a helper process, the zygote, forks them. It has one thread, for a fork of a process with threads
is not safe; so it is itself forked while this process has only one, and else is a new Python that gets what to do as
text. Without fork each worker is a new Python.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import IO, Literal, cast

from destgraph.errors import MemoryLimitError, TimeLimitError
from destgraph.stores import zygote
from destgraph.stores.zygote import Work

_START = 60
"""Seconds that a new Python may take to start; they count towards no query's time."""
_LONGEST = 1e6
PIECE = 1 << 16
"""How much is received at once; for more the system would map memory each time."""


class Clock:
    """Time that runs out `seconds` after the clock was made."""

    def __init__(self, seconds: float) -> None:
        """Start to count."""
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, or as many as a system can wait; raises TimeLimitError without any."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.up()
        return min(left, _LONGEST)

    @contextmanager
    def alarm(self) -> Iterator[None]:
        """Raise TimeLimitError in the midst of the block when time is up.

        That takes the main thread, and a system with alarms; elsewhere the block takes as long as it takes.
        """
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            yield
            return

        def ring(*_: object) -> None:
            raise self.up()

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, self.left())
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def up(self) -> TimeLimitError:
        """Return the error that time is up."""
        return TimeLimitError(f"no answer within {self.seconds:g} seconds; narrow the query or raise the time limit")


# How a process ends whose stack, memory or processor time is used up. SIGKILL is the system's, as we know our own.
_TOO_DEEP = (-signal.SIGSEGV, 0xC00000FD)  # of Windows the second
_NO_MEMORY = (zygote.NO_MEMORY, -signal.SIGABRT, -getattr(signal, "SIGKILL", 0))
_NO_TIME = -getattr(signal, "SIGXCPU", 0)

Frame = tuple[bytes, bytes]
"""The letter of a frame and its content, see `destgraph.stores.zygote`."""


def used_up(status: int) -> Literal["depth", "memory", "time"] | None:
    """Return what a process has used up that ended with a status, as far as the status tells."""
    if status in _TOO_DEEP:
        return "depth"
    if status in _NO_MEMORY:
        return "memory"
    return "time" if status == _NO_TIME else None


class Worker:
    """A process that answers one job after the other; `locked` tells that it can open no file and no socket.

    `connection` is the socket to it, where it has one; `received` what came of it and was not yet asked for.
    """

    connection: socket.socket | None = None

    def __init__(self, locked: bool) -> None:
        """Remember what it can do."""
        self.locked = locked
        self.received = bytearray()
        self._stopping = threading.Lock()
        self._status: int | None = None

    def send(self, job: bytes, clock: Clock) -> None:
        """Send a job; raises TimeLimitError when time is up. That the process has ended shows in `frame`."""
        raise NotImplementedError

    def frame(self, clock: Clock) -> Frame | None:
        """Return the next frame, None when the process has ended; raises TimeLimitError when time is up."""
        while (found := self.come()) is None:
            piece = self._receive(clock)
            if not piece:
                return None
            self.received += piece
        return found

    def come(self) -> Frame | None:
        """Return the next frame, None when not all of it is in `received`, and take it out of that."""
        head = zygote.FRAME.size
        if len(self.received) < head:
            return None
        letter, size = zygote.FRAME.unpack_from(self.received)
        if len(self.received) < head + size:
            return None
        content = bytes(memoryview(self.received)[head : head + size])
        del self.received[: head + size]
        return letter, content

    def _receive(self, clock: Clock) -> bytes:
        """Return what has come, when something has; nothing when the process has ended."""
        raise NotImplementedError

    def is_idle(self) -> bool:
        """Tell whether the process is there, and says nothing unasked."""
        raise NotImplementedError

    def stop(self) -> int:
        """End the process, if it has not ended, and return its exit status, or minus the signal that ended it.

        Another thread that listens to it gets fewer bytes.
        """
        with self._stopping:
            if self._status is None:
                self._status = self._kill()
            return self._status

    def _kill(self) -> int:
        raise NotImplementedError

    def close(self) -> None:
        """Let go of it."""
        raise NotImplementedError


class Launcher:
    """Starts workers and keeps the idle ones; without any reference to it all of them end."""

    def __init__(self, idle: list[Worker], close: Callable[[], None]) -> None:
        """Take what ends everything."""
        self._idle = idle
        self.close = weakref.finalize(self, close)

    def take(self, locked: bool) -> Worker | None:
        """Return an idle worker, or None when none is there that can be used."""
        with suppress(IndexError):
            while locked:
                found = self._idle.pop()
                if found.is_idle():
                    return found
                found.stop()
                found.close()
        return None

    def give(self, idle: Worker) -> None:
        """Take back a worker that has answered."""
        self._idle.append(idle)

    def start(self, locked: bool) -> Worker:
        """Start a worker; raises ConnectionError when none can be started any more."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Let go, in a process that was forked of this one, of what belongs to this one."""
        self.close.detach()
        for one in self._idle:
            one.close()


def launcher(work: Work) -> Launcher:
    """Return what starts workers on this system, for a work as it is now."""
    return Spawner(work) if sys.platform == "win32" else Zygote(work)


class Zygote(Launcher):
    """Starts workers by a process that forks them."""

    def __init__(self, work: Work) -> None:
        """Start that process; raises RuntimeError when it does not start."""
        ours, theirs = socket.socketpair()
        number = (_fork if _has_one_thread() else _spawn)(work, ours, theirs)
        theirs.close()
        self._control = _Control(ours)
        idle: list[Worker] = []

        def close() -> None:
            ours.close()  # which ends it, and it ends the workers
            with suppress(ChildProcessError):  # somebody waits for all children of this process
                os.waitpid(number, 0)
            for one in idle:
                one.close()

        super().__init__(idle, close)

    def start(self, locked: bool) -> Worker:
        """Fork a worker; raises ConnectionError when the process that does so is gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                number = self._control.order(zygote.LOCKED if locked else zygote.FREE, 0, theirs.fileno())
            except ConnectionError:
                ours.close()
                raise
        if number < 0:
            ours.close()
            raise MemoryLimitError(f"no process could be started: {os.strerror(-number)}")
        return _Forked(ours, number, self._control, locked)

    def abandon(self) -> None:
        """Let go of it, so that it still ends with the process that it belongs to."""
        super().abandon()
        self._control.connection.close()


class Workers:
    """The workers of a work, started when the first is needed, and anew in a process that is forked of this one.

    They end with it, with `close`, and with this process, in whatever way it ends.
    """

    def __init__(self) -> None:
        """Start nothing."""
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._launcher: Launcher | None = None

    def _work(self) -> Work:
        """Return the work as it is now."""
        raise NotImplementedError

    def start(self) -> None:
        """Start now what starts workers: in a program that has no other thread yet that is quicker than later."""
        self._launch()

    def worker(self, locked: bool) -> tuple[Worker, Launcher]:
        """Return a worker, started if none is idle, and who takes it back."""
        started = self._launch()
        try:
            return started.take(locked) or started.start(locked), started
        except ConnectionError:  # the system has ended the process that starts them
            self.renew()
            started = self._launch()
            return started.start(locked), started

    def renew(self) -> None:
        """Let the next worker have the work as it is then; those that are busy go on."""
        with self._lock:
            self._launcher = None

    def close(self) -> None:
        """End all workers at once, the busy ones too."""
        with self._lock:
            if self._launcher is not None:
                self._launcher.close()
            self._launcher = None

    def abandon(self) -> None:
        """Start anew in a process that was forked of this one."""
        if self._launcher is not None:
            self._launcher.abandon()
        self._begin()

    def _launch(self) -> Launcher:
        with self._lock:
            if self._launcher is None:
                self._launcher = launcher(self._work())
            return self._launcher


_all: "weakref.WeakSet[Workers]" = weakref.WeakSet()


def _forked() -> None:
    for workers in _all:
        workers.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class _Control:
    """What the zygote is told, order by order."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._lock = threading.Lock()

    def order(self, what: bytes, number: int, *files: int) -> int:
        """Return the answer to an order; raises ConnectionError when the zygote is gone."""
        with self._lock, interrupt_put_off():
            socket.send_fds(self.connection, [zygote.ORDER.pack(what, number)], files)
            answer = self.connection.recv(zygote.ANSWER.size)
        if not answer:
            raise ConnectionError("the process that forks workers is gone")
        (result,) = zygote.ANSWER.unpack(answer)
        return int(result)


class _Forked(Worker):
    connection: socket.socket

    def __init__(self, connection: socket.socket, number: int, control: _Control, locked: bool) -> None:
        super().__init__(locked)
        self.connection, self._number, self._control = connection, number, control

    def send(self, job: bytes, clock: Clock) -> None:
        self.connection.settimeout(clock.left())
        try:
            self.connection.sendall(job)
        except TimeoutError:
            raise clock.up() from None
        except ConnectionError:
            pass

    def _receive(self, clock: Clock) -> bytes:
        while True:
            self.connection.settimeout(clock.left())
            try:
                return self.connection.recv(PIECE)
            except TimeoutError:
                continue
            except ConnectionError:
                return b""

    def is_idle(self) -> bool:
        if self.received:
            return False
        self.connection.settimeout(0)
        try:
            self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _kill(self) -> int:
        try:
            return self._control.order(zygote.STOP, self._number)
        except OSError:  # the zygote was killed; the worker ends when nobody listens to it, or by its processor time
            return -signal.SIGKILL

    def close(self) -> None:
        self.connection.close()


class Spawner(Launcher):
    """Starts each worker as a new Python."""

    def __init__(self, work: Work) -> None:
        """Take the work."""
        self._work = zygote.sent(work)
        idle: list[Worker] = []

        def close() -> None:
            for one in idle:
                one.stop()
                one.close()

        super().__init__(idle, close)

    def start(self, locked: bool) -> Worker:
        """Start a worker, and tell it the work."""
        return _Spawned(self._work, locked)


class _Spawned(Worker):
    def __init__(self, work: bytes, locked: bool) -> None:
        super().__init__(locked)
        self._process = _python("worker", "locked" if locked else "free", stdout=subprocess.PIPE)
        self._jobs = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("BufferedReader", self._process.stdout)
        self._write(work, _START)

    def send(self, job: bytes, clock: Clock) -> None:
        self._write(job, clock.left())
        clock.left()

    def _write(self, text: bytes, seconds: float) -> None:
        with suppress(OSError), self._killed_after(seconds):
            self._jobs.write(text)
            self._jobs.flush()

    def _receive(self, clock: Clock) -> bytes:
        with self._killed_after(clock.left()):
            piece = self._answers.read1(PIECE)
        if not piece:
            clock.left()
        return piece

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        """End the process in the midst of the block when that takes longer: a pipe cannot be waited for everywhere."""
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def is_idle(self) -> bool:
        return self._process.poll() is None

    def _kill(self) -> int:
        self._process.kill()
        return self._process.wait()

    def close(self) -> None:
        with suppress(OSError):  # what could not be written any more
            self._jobs.close()
        self._answers.close()


@contextmanager
def interrupt_put_off() -> Iterator[None]:
    """Let an interrupt come when the block is done: in the midst of a fork it would be lost, or hit the child too."""
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():  # nothing is raised here
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def _has_one_thread() -> bool:
    """Tell whether this process has one thread, those of libraries counted; false where that cannot be known."""
    try:
        return len([*Path("/proc/self/task").iterdir()]) == 1
    except OSError:
        return False


def _fork(work: Work, _ours: socket.socket, theirs: socket.socket) -> int:
    """Start the zygote as a fork of this process, and return its number."""
    with interrupt_put_off():
        number = os.fork()
        if number == 0:
            zygote.zygote(theirs, work)
    return number


def _spawn(work: Work, ours: socket.socket, theirs: socket.socket) -> int:
    """Start the zygote as a new Python, and return its number; raises RuntimeError when it does not start."""
    process = _python("zygote", str(theirs.fileno()), files=[theirs.fileno()], stderr=subprocess.PIPE)
    theirs.close()
    told, said = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stderr)
    try:
        with told, said:
            with suppress(BrokenPipeError):
                told.write(zygote.sent(work))
                told.flush()
            ours.settimeout(_START)
            if not ours.recv(zygote.ANSWER.size):
                lines = said.read().decode(errors="replace").splitlines()
                raise RuntimeError(f"no process could be started: {' '.join(lines[-1:])}")
            ours.settimeout(None)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = 0  # it is waited for by its number, as one that was forked
    return process.pid


def _python(
    *arguments: str, files: Sequence[int] = (), stdout: int = subprocess.DEVNULL, stderr: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start `zygote.main` in a new Python that finds the modules that this one finds.

    It is not the way of multiprocessing, which would run the main module of the user's program again.
    """
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-c", "from destgraph.stores.zygote import main; main()", *arguments],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        pass_fds=files,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,
    )
