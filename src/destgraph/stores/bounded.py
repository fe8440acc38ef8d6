"""Free SPARQL queries from outside: refused when they would reach the network, stopped when they take too long."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import Any

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Store, parse, parse_query_results
from pyoxigraph import serialize as write

from destgraph import query_text
from destgraph.errors import InputError, TimeLimitError
from destgraph.results import Solutions, Triples
from destgraph.vocabulary import PREFIXES


def query(store: Store, text: str, timeout: float | None = None, federate: bool = False) -> bool | Solutions | Triples:
    """Answer a query of any of the four forms: ASK gives a bool, SELECT Solutions, CONSTRUCT and DESCRIBE Triples.

    The prefixes of the table need not be declared. The query runs in a process of its own, so that `timeout`, in
    seconds, and an interrupt really stop it. Raises InputError for a query that is not well-formed, with line and
    column, or that holds SERVICE, FROM or LOAD while `federate` is false; TimeLimitError when time is up.
    """
    if not federate:
        query_text.refuse_remote(text)
    method = "fork" if "fork" in get_all_start_methods() else "spawn"
    context: Any = get_context(method)
    here, there = context.Pipe()
    graph = store if method == "fork" else store.dump(format=RdfFormat.N_QUADS)
    process = context.Process(target=_answer, args=(here, there, graph, text), daemon=True)
    try:
        with _interrupt_put_off():
            process.start()
        there.close()
        if not here.poll(timeout):
            raise TimeLimitError(f"no answer within {timeout:g} seconds; narrow the query or raise the time limit")
        form, answer = here.recv()
    except EOFError:
        raise TimeLimitError("the query was killed before it answered; narrow it") from None
    finally:
        here.close()
        if process.pid is not None:  # it has started
            process.kill()
            process.join()
    return _read(form, answer, text)


@contextmanager
def _interrupt_put_off() -> Iterator[None]:
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


def _answer(parents: Connection, pipe: Connection, graph: Store | bytes, text: str) -> None:
    """Answer in the child process, as bytes that the parent reads; end when the parent has closed its end or died."""
    parents.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent, interrupted too, decides
    threading.Thread(target=_end_with, args=(pipe,), daemon=True).start()
    if isinstance(graph, bytes):
        store = Store()
        store.load(graph, format=RdfFormat.N_QUADS)
    else:
        store = graph
    try:
        result = store.query(text, prefixes=PREFIXES)
        if isinstance(result, QueryBoolean):
            pipe.send(("ask", bool(result)))
        elif isinstance(result, QuerySolutions):
            pipe.send(("select", result.serialize(format=QueryResultsFormat.JSON)))
        else:
            pipe.send(("construct", write(result, format=RdfFormat.N_TRIPLES)))
    except (SyntaxError, ValueError, OSError) as error:
        pipe.send(("error", str(error)))


def _end_with(pipe: Connection) -> None:
    """End this process, in the middle of a query too, when nobody holds the other end of the pipe any more."""
    pipe.poll(None)
    os._exit(1)


def _read(form: str, answer: bool | bytes | str, text: str) -> bool | Solutions | Triples:
    if isinstance(answer, bool):
        return answer
    if isinstance(answer, str):
        raise InputError(query_text.explain_error(answer, text))
    if form == "select":
        solutions = parse_query_results(answer, format=QueryResultsFormat.JSON)
        return Solutions.of(solutions)  # type: ignore[arg-type]
    return Triples(tuple(quad.triple for quad in parse(answer, format=RdfFormat.N_TRIPLES)))
