"""Queries in processes of their own, which can be stopped, have little memory, and can open no file and no socket."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, Self, cast

from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store, parse, parse_query_results

from destgraph import query_text
from destgraph.errors import BusyError, InputError, MemoryLimitError, ReachingError, TimeLimitError
from destgraph.results import Solutions, Term, Triples
from destgraph.stores import worker
from destgraph.stores.processes import Clock, Frame, Launcher, Worker, Workers, used_up
from destgraph.stores.queryable import MEMORY, TIMEOUT
from destgraph.stores.worker import Queries
from destgraph.stores.zygote import SIZE

# What an answer takes in memory: so many bytes for each that came, for a row, and for a cell of it.
_TERMS, _ROW, _CELL = 2, 56, 8

_ROWS = QueryResultsFormat.JSON
_TRIPLES = RdfFormat.N_TRIPLES
ROWS, TRIPLES = _ROWS.media_type, _TRIPLES.media_type
"""The media types of an answer where nothing else is said."""


class Pool(Workers):
    """Workers that answer queries on a graph; all methods may be called from several threads.

    Nothing is started before the first query. The workers have the graph as it is then, and end with the pool, with
    `close`, and with this process, in whatever way it ends. In a process forked of this one the pool starts anew.
    `workers` is how many queries run at once.
    """

    def __init__(self, store: Store, workers: int = 0) -> None:
        """Take the graph, and how many queries run at once: if not given one for each processor, at least two."""
        self._store = store
        self.workers = workers or max(os.cpu_count() or 1, 2)
        self._size = 0
        super().__init__()

    def _begin(self) -> None:
        super()._begin()
        self._places = threading.BoundedSemaphore(self.workers)

    def query(
        self, text: str, *, timeout: float = TIMEOUT, memory: int = MEMORY, federate: bool = False
    ) -> bool | Solutions | Triples:
        """Answer a query of any of the four forms: ASK gives a bool, SELECT Solutions, CONSTRUCT and DESCRIBE Triples.

        The prefixes of the table need not be declared. `timeout` is in seconds, waiting for a worker and reading the
        answer included; math.inf is no limit. `memory` is in megabytes, for the query and for its answer each. With
        `federate` the query may reach other stores. Raises InputError for a query that is not well-formed, with line
        and column, that calls a function which does not exist, or that is nested too deeply; ReachingError for SERVICE
        without `federate`; TimeLimitError and MemoryLimitError at the limits.
        """
        with self.answer(text, timeout=timeout, memory=memory, federate=federate) as answer:
            return answer.value()

    def answer(
        self,
        text: str,
        *,
        timeout: float = TIMEOUT,
        memory: int = MEMORY,
        federate: bool = False,
        base_iri: str | None = None,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        rows: str = ROWS,
        triples: str = TRIPLES,
    ) -> "Answer":
        """Return the answer to a query while it comes, to be read in a `with` block; leaving that early ends the query.

        `rows` and `triples` are the media types to write it in; `default_graphs` and `named_graphs` the dataset that a
        request of the SPARQL 1.1 Protocol names. The rest and the errors are those of `query`; some come as it is read.
        """
        job = running(federate, base_iri, default_graphs, named_graphs, rows, triples)
        return self._start(text, job, timeout, memory)

    def check(self, text: str, *, elsewhere: bool = True, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        """Parse a query and look whether it reaches for other data, without running it; raises what `query` does.

        `elsewhere` tells whether another engine is to answer it: see `destgraph.query_text.refuse_remote`.
        """
        job = {"federate": False, "elsewhere": elsewhere, "base_iri": None, "run": False}
        with self._start(text, job, timeout, memory) as answer:
            answer.read()

    def follow(self) -> None:
        """Renew when the number of triples is not that which the workers have."""
        if self._launcher is not None and len(self._store) != self._size:
            self.renew()

    def _start(self, text: str, job: dict[str, Any], timeout: float, memory: int) -> "Answer":
        query_text.refuse_deep(text)
        self._launch()  # which counts towards no query's time
        clock = Clock(timeout)
        if not self._places.acquire(timeout=clock.left()):
            raise self.busy(timeout)
        try:
            found, started = self.worker(not job["federate"])
        except BaseException:
            self._places.release()
            raise
        answer = Answer(text, clock, memory, found, started, self._places.release)
        answer.begin(job)
        return answer

    def idle_worker(self) -> tuple[Worker, Launcher] | None:
        """Return a locked worker that is there, without waiting for anything, and who takes it back."""
        started = self._launcher
        found = started.take(locked=True) if started else None
        return (found, started) if found and started else None

    def busy(self, timeout: float) -> BusyError:
        """Return the error that no worker was free in time."""
        return BusyError(f"no answer within {timeout:g} seconds; {self.workers} other queries were running")

    def _work(self) -> Queries:
        self._size = len(self._store)
        return Queries(self._store)


class Asked:
    """A query that a worker has been given; it waits for nothing.

    `kind` of the answer is "boolean", with `truth` to say which, "rows" or "triples".
    """

    def __init__(
        self, text: str, clock: Clock, memory: int, worker_: Worker, started: Launcher, release: Callable[[], None]
    ) -> None:
        """Take over a worker, and what gives back its place among those of the pool."""
        self.kind, self.truth = "", False
        self._text, self._clock, self._memory = text, clock, memory
        self._worker, self._launcher, self._release = worker_, started, release
        self._held, self._most = 0, sys.maxsize
        self._whole = self._reusable = self._stopped = self._closed = False

    def stop(self) -> None:
        """End the query, from another thread too; whoever reads its answer gets TimeLimitError."""
        self._stopped = True
        self._worker.stop()

    def close(self) -> None:
        """Give the worker back if it has answered, else end it."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._reusable and self._worker.locked:
                self._launcher.give(self._worker)
            else:
                self._worker.stop()
                self._worker.close()
        finally:
            self._release()

    def _order(self, job: dict[str, Any]) -> bytes:
        limits = {"query": self._text, "seconds": self._clock.seconds, "memory": self._memory}
        sent = json.dumps(job | limits).encode()
        return SIZE.pack(len(sent)) + sent

    def _content(self, frame: Frame) -> bytes:
        """Return a piece of the answer, empty at its end; raises the error that the worker tells."""
        letter, content = frame
        if letter == worker.ERROR:
            raise self._error(*json.loads(content))
        if letter == worker.END:
            self._whole, self._reusable = True, content != worker.GROWN
            return b""
        if letter == worker.HEAD:
            said = json.loads(content)
            self.kind, self.truth = said.get("kind", ""), said.get("truth", False)
            return b""
        self._hold(_TERMS * len(content))
        return content

    def _hold(self, size: int) -> bool:
        """Count bytes that the answer takes here; raises MemoryLimitError when there are too many."""
        self._held += size
        if self._held > self._most:
            raise MemoryLimitError(
                f"the answer takes more than {self._memory} MB of memory; narrow the query, raise the memory limit,"
                " or have the rows written to a file"
            )
        return True

    def _error(self, kind: str, message: str) -> Exception:
        self._reusable = kind in ("reaching", "syntax")
        match kind:
            case "reaching":
                return ReachingError(message)
            case "syntax":
                return InputError(query_text.explain_error(message, self._text))
            case "query":
                return InputError(f"query: {message}")
            case "memory":
                return self._no_memory()
        return RuntimeError(f"{message}, in the process of a query")

    def _death(self, status: int) -> Exception:
        """Return why the worker has ended in the midst of its answer, by its exit status."""
        if self._stopped or not self._launcher.close.alive:
            return TimeLimitError("the query was stopped before it had answered")
        self._clock.left()
        match used_up(status):
            case "depth":
                return InputError("query: it is nested too deeply, or too long, for the engine; write it flatter")
            case "memory":
                return self._no_memory()
            case "time":
                return self._clock.up()
        return RuntimeError(f"the process of a query ended with status {status}")

    def _no_memory(self) -> MemoryLimitError:
        return MemoryLimitError(
            f"the query needs more than {self._memory} MB of memory; narrow the query or raise the memory limit"
        )


class Answer(Asked):
    """The answer to a query as it comes from a worker; `read` gives it as bytes."""

    _rest = memoryview(b"")

    def begin(self, job: dict[str, Any]) -> None:
        """Send the job and wait for the first word of the worker."""
        try:
            self._worker.send(self._order(job), self._clock)
            self._next()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the worker, see `close`."""
        self.close()

    def read(self, size: int = -1) -> bytes:
        """Return some bytes, so many at most if a size is given, or none at the end; raises the errors of a query."""
        while not self._rest and not self._whole:
            self._rest = memoryview(self._next())
        piece = self._rest[: size if size >= 0 else None]
        self._rest = self._rest[len(piece) :]
        return bytes(piece)

    def rows(self) -> tuple[tuple[str, ...], Iterator[tuple[Term, ...]]]:
        """Return the columns of an answer of rows, and the rows as they come."""
        solutions = cast(QuerySolutions, parse_query_results(self, format=_ROWS))  # type: ignore[arg-type]
        return tuple(variable.value for variable in solutions.variables), chain(map(tuple, solutions), self._rest_of())

    def value(self) -> bool | Solutions | Triples:
        """Return the whole answer; raises MemoryLimitError when it is larger than the memory of the query."""
        if self.kind == "boolean":
            self.read()
            return self.truth
        self._most = self._memory << 20
        if self.kind == "rows":
            columns, rows = self.rows()
            row = _ROW + _CELL * len(columns)
            return Solutions(columns, tuple(terms for terms in rows if self._hold(row)))
        quads = parse(self, format=_TRIPLES)  # type: ignore[arg-type]
        return Triples(tuple(quad.triple for quad in chain(quads, self._rest_of())))

    def _rest_of(self) -> Iterator[Any]:
        """Yield nothing, and read what comes behind the last row."""
        while self.read():
            pass
        yield from ()

    def _next(self) -> bytes:
        frame = self._worker.frame(self._clock)
        if frame is None:
            raise self._death(self._worker.stop())
        return self._content(frame)


def running(
    federate: bool,
    base_iri: str | None,
    default_graphs: Sequence[str] | None,
    named_graphs: Sequence[str] | None,
    rows: str,
    triples: str,
) -> dict[str, Any]:
    """Return the job to run a query; see `Pool.answer`."""
    return {
        "run": True,
        "federate": federate,
        "elsewhere": False,
        "base_iri": base_iri,
        "default_graphs": default_graphs,
        "named_graphs": named_graphs,
        "rows": rows,
        "triples": triples,
    }


def refuse_remote(text: str, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
    """Raise ReachingError for a query to another engine that may reach for other data: see `query_text.refuse_remote`.

    A query that holds none of the words costs nothing; others are parsed in a worker.
    """
    if query_text.names_other_data(text):
        _without_graph().check(text, timeout=timeout, memory=memory)


@cache
def _without_graph() -> Pool:
    return Pool(Store())
