"""The pool for programs with an event loop: the same limits and reasons, and nothing stands still meanwhile."""

import asyncio
import os
import select
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pyoxigraph import Store
from test_pool import ROWS, RUNAWAY, children

import destgraph
from destgraph.errors import BusyError
from destgraph.stores import asynchronous, processes
from destgraph.stores.asynchronous import AsyncAnswer, AsyncPool

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the limit is not there on other systems: docs/limits.md")


@contextmanager
def pool_of(store: Store, workers: int = 2) -> Iterator[AsyncPool]:
    """Run workers with a graph."""
    pool = AsyncPool(store, workers)
    try:
        yield pool
    finally:
        pool.close()


async def text(pool: AsyncPool, query: str, **limits: Any) -> str:
    """Return the whole answer of rows or triples."""
    async with await pool.answer(query, **({"rows": "text/csv"} | limits)) as answer:
        return await read(answer)


async def read(answer: AsyncAnswer) -> str:
    """Return what is left of an answer."""
    pieces = []
    while piece := await answer.read():
        pieces.append(piece)
    return b"".join(pieces).decode()


def workers_of(pool: AsyncPool) -> list[int]:
    """Return files that are ready to be read when a worker has ended, one for each that is idle."""
    return [os.pidfd_open(worker._number) for worker in pool._pool._launch()._idle]  # type: ignore[attr-defined]


def run(kg: destgraph.KnowledgeGraph, does: Callable[[AsyncPool], Coroutine[Any, Any, None]], workers: int = 2) -> None:
    """Run a coroutine with workers on the shipped graph."""
    with pool_of(kg.store, workers) as pool:
        asyncio.run(does(pool))


@pytest.mark.parametrize("start", [processes.Zygote, processes.Spawner])
def test_queries_are_answered_at_once(
    kg: destgraph.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch, start: type[processes.Launcher]
) -> None:
    """More of them than there are workers, of every form, large and small; each gets its own answer."""
    monkeypatch.setattr(processes, "launcher", start)
    number = len(kg.store)

    async def ask(pool: AsyncPool) -> None:
        many = await asyncio.gather(
            *(text(pool, f"SELECT ({n} AS ?x) {{}}", timeout=300) for n in range(20)),
            text(pool, "CONSTRUCT WHERE { ?s ?p ?o }", timeout=300, triples="application/n-triples"),
        )
        assert many[:20] == [f"x\r\n{n}\r\n" for n in range(20)]
        assert many[20].count("\n") == number
        async with await pool.answer("ASK {}") as answer:
            assert (answer.kind, answer.truth, await answer.read()) == ("boolean", True, b"")

    run(kg, ask)


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        (RUNAWAY, destgraph.TimeLimitError, "no answer within 0.5 seconds; narrow the query or raise the time limit"),
        (ROWS, destgraph.TimeLimitError, "no answer within 0.5 seconds; narrow the query or raise the time limit"),
        ("ASK {", destgraph.InputError, "query:1:6: expected"),
        ("ASK { SERVICE <http://127.0.0.1:9000/> {} }", destgraph.ReachingError, "SERVICE reaches other data"),
        (f"ASK {'{' * 200}", destgraph.InputError, "query:1:105: brackets are nested more than 100 deep"),
        (f"ASK {'{ ' * 10_000}", destgraph.InputError, "query:1:205: brackets are nested more than 100 deep"),
        (
            f"SELECT * {{ FILTER ({'!' * 50_000}true) }}",
            destgraph.InputError,
            "query: it is nested too deeply, or too long, for the engine; write it flatter",
        ),
        (
            f"{ROWS} ORDER BY ?c ?f",
            destgraph.MemoryLimitError,
            "the query needs more than 64 MB of memory; narrow the query or raise the memory limit",
        ),
    ],
    ids=["endless", "rows", "syntax", "service", "deep", "long", "negations", "sorting"],
)
def test_a_query_that_cannot_be_answered_says_why(
    kg: destgraph.KnowledgeGraph, query: str, error: type[Exception], message: str
) -> None:
    """As in a program without event loop; another query is answered meanwhile, and the next one too."""
    limit = 0.5 if error is destgraph.TimeLimitError else 300

    async def ask(pool: AsyncPool) -> None:
        async def other() -> str:
            return await text(pool, "SELECT (1 AS ?x) {}")

        found, *others = await asyncio.gather(
            text(pool, query, timeout=limit, memory=64 if "ORDER" in query else 512), other(), return_exceptions=True
        )
        assert type(found) is error
        assert str(found).startswith(message)
        assert others == ["x\r\n1\r\n"] == [await other()]

    run(kg, ask)


def test_waiting_for_a_worker_has_an_end(kg: destgraph.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """In time, and in how many may wait."""

    async def ask(pool: AsyncPool) -> None:
        async with await pool.answer(ROWS, timeout=300):
            with pytest.raises(BusyError, match=r"^no answer within 0\.2 seconds; 1 other queries were running$"):
                await pool.answer("ASK {}", timeout=0.2)
            monkeypatch.setattr(asynchronous, "_WAITING", 0)
            with pytest.raises(BusyError, match=r"^0 other queries are waiting"):
                await pool.answer("ASK {}", timeout=300)
        monkeypatch.undo()
        assert await text(pool, "SELECT (1 AS ?x) {}", timeout=300) == "x\r\n1\r\n"

    run(kg, ask, workers=1)


@LINUX
@pytest.mark.parametrize("query", [RUNAWAY, ROWS])
def test_a_task_that_is_cancelled_ends_its_worker(kg: destgraph.KnowledgeGraph, query: str) -> None:
    """As a server does when its client has gone; the place is free again."""

    async def ask(pool: AsyncPool) -> None:
        await text(pool, "ASK {}")
        (worker,) = workers_of(pool)
        task = asyncio.create_task(text(pool, query, timeout=300, memory=4096))
        while not pool._places.locked():
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.get_running_loop().run_in_executor(None, select.select, [worker], [], [], 300)
        assert await text(pool, "SELECT (1 AS ?x) {}", timeout=300) == "x\r\n1\r\n"

    run(kg, ask, workers=1)


def test_closing_ends_what_runs(kg: destgraph.KnowledgeGraph) -> None:
    """And is not told as a want of memory."""

    async def ask(pool: AsyncPool) -> None:
        answer = await pool.answer(ROWS, timeout=300)
        pool.close()
        with pytest.raises(destgraph.TimeLimitError, match=r"^the query was stopped before it had answered$"):
            await read(answer)

    run(kg, ask)


@LINUX
def test_nothing_is_left_of_a_pool(kg: destgraph.KnowledgeGraph) -> None:
    """No process, when it is closed."""
    before = children(os.getpid())

    async def ask(pool: AsyncPool) -> None:
        await asyncio.gather(*(text(pool, f"SELECT ({n} AS ?x) {{}}") for n in range(4)))

    run(kg, ask)
    assert set(children(os.getpid())) <= set(before)
