"""What runs in the processes of `destgraph.stores.pool`: the zygote, which forks workers, and the workers.

A worker reads jobs, each as JSON behind its size, and answers with frames of a letter, a size and so many bytes: HEAD
says of what kind the answer is, each DATA is a piece of it, END closes it; ERROR ends it wherever it is. A small answer
goes out in one piece, when it is closed.
"""

import faulthandler
import gc
import io
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
    serialize,
)

from destgraph import query_text
from destgraph.errors import ReachingError
from destgraph.stores import confinement
from destgraph.vocabulary import PREFIXES

HEAD, DATA, END, ERROR = b"H", b"D", b"E", b"X"
FRAME = struct.Struct(">cI")
SIZE = struct.Struct(">Q")

GROWN = b"grown"
"""What END carries when the worker holds more memory than it should."""

LOCKED, FREE, STOP = b"L", b"F", b"S"
"""What the zygote is told: to fork a worker that can open no file and no socket, or one that can, or to end one."""
ORDER = struct.Struct(">cI")
ANSWER = struct.Struct(">i")
"""What it answers: the process, or minus an errno; of one that it ended the exit status, or minus the signal."""

NO_MEMORY = 7
"""The exit status of a worker that has no memory left to say so."""

_PIECE = 1 << 16
_GROWN = 64 << 20
"""A worker that has once held so many bytes more than at its start should not be used again."""
_RESEEDING = 5_000


def main() -> None:
    """Run in a Python of its own: as the zygote when given the number of a socket, else as one worker.

    The graph comes on standard input, as N-Quads behind their size.
    """
    store = Store()
    (size,) = SIZE.unpack(sys.stdin.buffer.read(SIZE.size))
    store.extend(parse(sys.stdin.buffer.read(size), format=RdfFormat.N_QUADS))  # `load` would name blank nodes anew
    if sys.argv[1] == "zygote":
        control = socket.socket(fileno=int(sys.argv[2]))
        control.sendall(ANSWER.pack(0))
        zygote(control, store)
    else:
        answers = os.fdopen(os.dup(1), "wb")
        _lead_away(1, 2)
        work(sys.stdin.buffer, answers, store, sys.argv[2] == "locked")


def zygote(control: socket.socket, store: Store) -> None:
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
        _warm_up()
        gc.freeze()
        _obey(socket.socket(fileno=3), store)
    finally:
        os._exit(1)


def _obey(control: socket.socket, store: Store) -> None:
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
            work(os.fdopen(os.dup(files[0]), "rb"), os.fdopen(files[0], "wb"), store, what == LOCKED)
        os.close(files[0])
        if worker > 0:
            workers.add(worker)
        control.sendall(ANSWER.pack(worker))


def work(jobs: BinaryIO, answers: BinaryIO, store: Store, locked: bool) -> None:
    """Answer jobs until no more can come; does not return."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for the answer is interrupted too, and decides
        # A fork has the engine's state of random numbers, and so its UUIDs, until 64 kB of them are used up.
        for _ in range(_RESEEDING):
            BlankNode()
        confinement.refuse_core_dumps()
        size, memory = confinement.address_space(), confinement.peak_memory()
        if locked:
            confinement.refuse_new_files()
        while behind := jobs.read(SIZE.size):
            job = json.loads(jobs.read(*SIZE.unpack(behind)))
            confinement.limit_memory(None if size is None else size + (job["memory"] << 20))
            confinement.limit_processor_time(job["seconds"])
            _answer(job, store, answers, memory + _GROWN)
    except MemoryError:
        os._exit(NO_MEMORY)
    finally:
        os._exit(0)


def _answer(job: dict[str, Any], store: Store, answers: BinaryIO, most: int = 0) -> None:
    try:
        if not job["federate"]:
            query_text.refuse_remote(job["query"], elsewhere=job["elsewhere"], base_iri=job["base_iri"])
        if job["run"]:
            _run(job, store, answers)
        elif error := query_text.syntax_error(job["query"], job["base_iri"]):
            raise SyntaxError(error)
        else:
            _send(answers, HEAD, b"{}")
        _close(answers, END, GROWN if confinement.peak_memory() > most else b"")
    except ReachingError as error:
        _fail(answers, "reaching", error)
    except SyntaxError as error:
        _fail(answers, "syntax", error)
    except MemoryError as error:
        _fail(answers, "memory", error)
    except (ValueError, RuntimeError, OSError) as error:
        _fail(answers, "query", error)
    except BaseException as error:  # a panic of the engine is no Exception
        _fail(answers, type(error).__name__, error)


def _run(job: dict[str, Any], store: Store, answers: BinaryIO) -> None:
    default: Any
    named: Any
    default, named = (
        None if graphs is None else [NamedNode(graph) for graph in graphs]
        for graphs in (job["default_graphs"], job["named_graphs"])
    )
    result = store.query(
        job["query"], base_iri=job["base_iri"], prefixes=PREFIXES, default_graph=default, named_graphs=named
    )
    if isinstance(result, QueryBoolean):
        _send(answers, HEAD, json.dumps({"kind": "boolean", "truth": bool(result)}).encode())
        return
    kind = "rows" if isinstance(result, QuerySolutions) else "triples"
    _send(answers, HEAD, json.dumps({"kind": kind}).encode())
    with io.BufferedWriter(_Pieces(answers), _PIECE) as pieces:
        if isinstance(result, QuerySolutions):
            result.serialize(pieces, format=QueryResultsFormat.from_media_type(job["rows"]))
        else:
            serialize(result, pieces, format=RdfFormat.from_media_type(job["triples"]))


class _Pieces(io.RawIOBase):
    """Sends what is written as the pieces of an answer."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        _send(self._answers, DATA, bytes(piece))
        return len(piece)


def _fail(answers: BinaryIO, kind: str, error: BaseException) -> None:
    _close(answers, ERROR, json.dumps([kind, str(error)]).encode())


def _close(answers: BinaryIO, letter: bytes, content: bytes) -> None:
    _send(answers, letter, content)
    with _given_up():
        answers.flush()


def _send(answers: BinaryIO, letter: bytes, content: bytes) -> None:
    with _given_up():
        answers.write(FRAME.pack(letter, len(content)) + content)


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


def _warm_up() -> None:
    """Answer each kind of query once: what is imported for it cannot be when no file can be opened."""
    job = {"query": "", "seconds": 1, "memory": 1, "run": True, "federate": False, "elsewhere": True, "base_iri": None,
           "default_graphs": None, "named_graphs": None, "rows": "text/csv", "triples": "text/turtle"}  # fmt: skip
    for query in ("ASK {}", "SELECT * { ?service ?p ?o }", "CONSTRUCT {} {}", "no query", "ASK { SERVICE <a:b> {} }"):
        _answer(job | {"query": query}, Store(), io.BytesIO())
