"""Queries in worker processes, as the workers see them.

A worker reads jobs, each as JSON behind its size, and answers with frames: HEAD says of what kind the answer is, each
DATA is a piece of it, END closes it; ERROR ends it wherever it is. A small answer goes out in one piece, when it is
closed.
"""

import io
import json
from collections.abc import Callable
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
)

from destgraph import query_text
from destgraph.errors import ReachingError
from destgraph.stores import confinement
from destgraph.stores.zygote import SIZE, close, send
from destgraph.vocabulary import PREFIXES

HEAD, DATA, END, ERROR = b"H", b"D", b"E", b"X"

GROWN = b"grown"
"""What END carries when the worker holds more memory than it should."""

_PIECE = 1 << 16
_GROWN = 64 << 20
"""A worker that has once held so many bytes more than at its start should not be used again."""
_RESEEDING = 5_000


class Queries:
    """The work of answering queries on a graph, see `destgraph.stores.zygote.Work`."""

    def __init__(self, store: Store) -> None:
        """Take the graph."""
        self._store = store

    def __reduce__(self) -> tuple[Callable[[bytes], "Queries"], tuple[bytes]]:
        """Tell how to make it anew: from the graph as N-Quads."""
        return _of_text, (self._store.dump(format=RdfFormat.N_QUADS) or b"",)

    def warm_up(self) -> None:
        """Answer each kind of query once."""
        job = {"query": "", "seconds": 1, "memory": 1, "run": True, "federate": False, "elsewhere": True,
               "base_iri": None, "default_graphs": None, "named_graphs": None, "rows": "text/csv",
               "triples": "text/turtle"}  # fmt: skip
        select, reaching = "SELECT * { ?service ?p ?o }", "ASK { SERVICE <a:b> {} }"
        for query in ("ASK {}", select, "CONSTRUCT {} {}", "no query", reaching):
            _answer(job | {"query": query}, Store(), io.BytesIO())

    def do(self, jobs: BinaryIO, answers: BinaryIO, space: int | None) -> None:
        """Answer queries."""
        # A fork has the engine's state of random numbers, and so its UUIDs, until 64 kB of them are used up.
        for _ in range(_RESEEDING):
            BlankNode()
        memory = confinement.peak_memory()
        while behind := jobs.read(SIZE.size):
            job = json.loads(jobs.read(*SIZE.unpack(behind)))
            confinement.limit_memory(None if space is None else space + (job["memory"] << 20))
            confinement.limit_processor_time(job["seconds"])
            _answer(job, self._store, answers, memory + _GROWN)


def _of_text(text: bytes) -> Queries:
    store = Store()
    store.extend(parse(text, format=RdfFormat.N_QUADS))  # `load` would name blank nodes anew
    return Queries(store)


def _answer(job: dict[str, Any], store: Store, answers: BinaryIO, most: int = 0) -> None:
    try:
        if not job["federate"]:
            query_text.refuse_remote(job["query"], elsewhere=job["elsewhere"], base_iri=job["base_iri"])
        if job["run"]:
            _run(job, store, answers)
        elif error := query_text.syntax_error(job["query"], job["base_iri"]):
            raise SyntaxError(error)
        else:
            send(answers, HEAD, b"{}")
        close(answers, END, GROWN if confinement.peak_memory() > most else b"")
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
    text = job["query"]
    # To read all prefixes takes the engine as long as a small query.
    used = PREFIXES if "\\" in text else {name: iri for name, iri in PREFIXES.items() if f"{name}:" in text}
    result = store.query(text, base_iri=job["base_iri"], prefixes=used, default_graph=default, named_graphs=named)
    if isinstance(result, QueryBoolean):
        send(answers, HEAD, json.dumps({"kind": "boolean", "truth": bool(result)}).encode())
        return
    kind = "rows" if isinstance(result, QuerySolutions) else "triples"
    send(answers, HEAD, json.dumps({"kind": kind}).encode())
    with io.BufferedWriter(_Pieces(answers), _PIECE) as pieces:
        if isinstance(result, QuerySolutions):
            result.serialize(pieces, format=QueryResultsFormat.from_media_type(job["rows"]))
        else:
            result.serialize(pieces, format=RdfFormat.from_media_type(job["triples"]))


class _Pieces(io.RawIOBase):
    """Sends what is written as the pieces of an answer."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        send(self._answers, DATA, bytes(piece))
        return len(piece)


def _fail(answers: BinaryIO, kind: str, error: BaseException) -> None:
    close(answers, ERROR, json.dumps([kind, str(error)]).encode())
