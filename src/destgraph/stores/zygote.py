"""What runs in the processes of `destgraph.stores.processes`: the zygote, which forks workers, and their beginning.

What the workers do is given to the zygote as `Work`. A worker answers with frames of a letter, a size and so many
bytes.
"""

import faulthandler
import gc
import os
import pickle
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, Protocol

from destgraph.stores import confinement

FRAME = struct.Struct(">cI")
SIZE = struct.Struct(">Q")

LOCKED, FREE, STOP = b"L", b"F", b"S"
"""What the zygote is told: to fork a worker that can open no file and no socket, or one that can, or to end one."""
ORDER = struct.Struct(">cI")
ANSWER = struct.Struct(">i")
"""What it answers: the process, or minus an errno; of one that it ended the exit status, or minus the signal."""

_AT_ONCE = 1 << 16
"""A small answer goes out at once: each part that comes by itself would wake who waits for it."""

NO_MEMORY = 7
"""The exit status of a worker that has no memory left to say so."""


class Work(Protocol):
    """What workers do; it can be pickled, for systems without forks."""

    def warm_up(self) -> None:
        """Do each kind of thing once: what is imported for it cannot be when no file can be opened."""

    def do(self, jobs: BinaryIO, answers: BinaryIO, space: int | None) -> None:
        """Answer jobs until no more can come; raises MemoryError when there is no memory left to say so.

        `space` is the memory in bytes that the worker has reserved at its start, or None where nobody knows.
        """


def main() -> None:
    """Run in a Python of its own: as the zygote when given the number of a socket, else as one worker.

    The work comes on standard input, pickled, behind its size.
    """
    (size,) = SIZE.unpack(sys.stdin.buffer.read(SIZE.size))
    work: Work = pickle.loads(sys.stdin.buffer.read(size))  # noqa: S301 - of the process that started this one
    if sys.argv[1] == "zygote":
        control = socket.socket(fileno=int(sys.argv[2]))
        control.sendall(ANSWER.pack(0))
        zygote(control, work)
    else:
        answers = os.fdopen(os.dup(1), "wb", _AT_ONCE)
        _lead_away(1, 2)
        _begin(work, sys.stdin.buffer, answers, sys.argv[2] == "locked")


def sent(work: Work) -> bytes:
    """Return work as `main` reads it."""
    text = pickle.dumps(work)
    return SIZE.pack(len(text)) + text


def zygote(control: socket.socket, work: Work) -> None:
    """Fork workers and end them as told, until nobody holds the other end of `control`; does not return.

    What this process has of the one that it was forked of is let go: files, handlers of signals, the terminal.
    """
    try:
        gc.disable()  # else old objects could close numbers of files that now mean others
        faulthandler.disable()
        with suppress(PermissionError):  # it leads a session already
            os.setsid()
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.chdir("/")
        os.dup2(control.detach(), 3)
        _lead_away(0, 1, 2)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        work.warm_up()
        gc.freeze()
        _obey(socket.socket(fileno=3), work)
    finally:
        os._exit(1)


def _obey(control: socket.socket, work: Work) -> None:
    workers: set[int] = set()
    while True:
        order, files, _, _ = socket.recv_fds(control, ORDER.size, 1)
        if not order:
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            return
        what, number = ORDER.unpack(order)
        if what == STOP:
            os.kill(number, signal.SIGKILL)
            workers.discard(number)
            control.sendall(ANSWER.pack(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])))
            continue
        try:
            worker = os.fork()
        except OSError as error:
            worker = -(error.errno or 1)
        if worker == 0:
            control.close()
            _begin(work, os.fdopen(os.dup(files[0]), "rb"), os.fdopen(files[0], "wb", _AT_ONCE), what == LOCKED)
        os.close(files[0])
        if worker > 0:
            workers.add(worker)
        control.sendall(ANSWER.pack(worker))


def _begin(work: Work, jobs: BinaryIO, answers: BinaryIO, locked: bool) -> None:
    """Be a worker; does not return."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for the answer is interrupted too, and decides
        confinement.refuse_core_dumps()
        space = confinement.address_space()
        if locked:
            confinement.refuse_new_files()
        work.do(jobs, answers, space)
    except MemoryError:
        os._exit(NO_MEMORY)
    finally:
        os._exit(0)


def send(answers: BinaryIO, letter: bytes, content: bytes) -> None:
    """Send a frame, when there are enough or the answer is closed."""
    with _given_up():
        answers.write(FRAME.pack(letter, len(content)) + content)


def close(answers: BinaryIO, letter: bytes, content: bytes) -> None:
    """Send a frame, and all before it, at once."""
    send(answers, letter, content)
    with _given_up():
        answers.flush()


@contextmanager
def _given_up() -> Iterator[None]:
    """End this process when nobody waits for its answer any more."""
    try:
        yield
    except OSError:
        os._exit(0)


def _lead_away(*numbers: int) -> None:
    """Let what is written to these files, such as an engine's last words, go nowhere, and nothing be read."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in numbers:
        os.dup2(nowhere, number)
    os.close(nowhere)
