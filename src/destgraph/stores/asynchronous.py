"""The pool for programs with an event loop, which never stands still for a query."""

import asyncio
from asyncio import to_thread
from collections.abc import Sequence
from contextlib import suppress
from socket import socket
from typing import Any, Self

from pyoxigraph import Store

from destgraph import query_text
from destgraph.errors import BusyError, TimeLimitError
from destgraph.stores.pool import ROWS, TRIPLES, Asked, Pool, running
from destgraph.stores.processes import PIECE, Clock, Frame, Launcher, Worker
from destgraph.stores.queryable import MEMORY, TIMEOUT

_LONG = 1 << 14
"""A text with more characters is looked through in a thread."""

_WAITING = 500
"""How many queries may wait for a worker."""


class AsyncPool:
    """Workers that answer queries on a graph, see `destgraph.stores.pool.Pool`; used in one event loop.

    `workers` is how many queries run at once.
    """

    def __init__(self, store: Store, workers: int = 0) -> None:
        """Take the graph, and how many queries run at once: if not given one for each processor, at least two."""
        self._pool = Pool(store, workers)
        self.workers = self._pool.workers
        self._places = asyncio.Semaphore(self.workers)
        self._waiting = 0
        self._closed = False

    def start(self) -> None:
        """Start now what starts workers, see `Pool.start`."""
        self._pool.start()

    def close(self) -> None:
        """End all workers at once and for ever; whoever waits for an answer gets TimeLimitError."""
        self._closed = True
        self._pool.close()

    async def answer(
        self,
        text: str,
        *,
        timeout: float = TIMEOUT,
        memory: int = MEMORY,
        base_iri: str | None = None,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        rows: str = ROWS,
        triples: str = TRIPLES,
    ) -> "AsyncAnswer":
        """Return the answer to a query while it comes, to be read in an `async with` block; see `Pool.answer`.

        Raises BusyError when no worker was free in time, or too many queries wait for one.
        """
        if len(text) > _LONG:
            await to_thread(query_text.refuse_deep, text)
        else:
            query_text.refuse_deep(text)
        clock = Clock(timeout)
        await self._place(clock)
        try:
            if self._closed:
                raise TimeLimitError("the query was stopped before it had answered")
            found, launcher = self._pool.idle_worker() or await self._started()
        except BaseException:
            self._places.release()
            raise
        answer = AsyncAnswer(text, clock, memory, found, launcher, self._places.release)
        await answer.begin(running(False, base_iri, default_graphs, named_graphs, rows, triples))
        return answer

    async def _place(self, clock: Clock) -> None:
        """Wait until fewer queries run than may."""
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= _WAITING:
            raise BusyError(f"{self._waiting} other queries are waiting for their turn")
        self._waiting += 1
        try:
            async with asyncio.timeout(clock.left()):
                await self._places.acquire()
        except TimeoutError:
            raise self._pool.busy(clock.seconds) from None
        finally:
            self._waiting -= 1

    async def _started(self) -> tuple[Worker, Launcher]:
        starting = asyncio.get_running_loop().run_in_executor(None, self._pool.worker, True)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_give_back)
            raise


def _give_back(starting: "asyncio.Future[tuple[Worker, Launcher]]") -> None:
    if not starting.cancelled() and starting.exception() is None:
        found, launcher = starting.result()
        launcher.give(found)


class AsyncAnswer(Asked):
    """The answer to a query as it comes from a worker."""

    _expired = False

    async def begin(self, job: dict[str, Any]) -> None:
        """Send the job and wait for the first word of the worker."""
        self._loop = asyncio.get_running_loop()
        self._expiring = self._loop.call_later(self._clock.left(), self._expire)
        try:
            await self._send(self._order(job))
            self._content(await self._frame())
        except BaseException:
            self._end()
            raise

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of the worker: give it back if it has answered, else end it."""
        self._end()

    async def read(self) -> bytes:
        """Return a piece of the answer, or nothing at its end; raises the errors of a query."""
        piece = b""
        while not piece and not self._whole:
            piece = self._content(await self._frame())
        return piece

    async def _send(self, order: bytes) -> None:
        connection = self._worker.connection
        if connection is None:
            await to_thread(self._worker.send, order, self._clock)
            return
        connection.setblocking(False)
        with suppress(ConnectionError):  # that the worker has ended shows when its answer is waited for
            try:
                sent = connection.send(order)  # mostly all of it, as nothing else is on the way
            except BlockingIOError:
                sent = 0
            if sent < len(order):
                await self._loop.sock_sendall(connection, order[sent:])

    async def _frame(self) -> Frame:
        worker = self._worker
        if worker.connection is None:
            found = await to_thread(worker.frame, self._clock)
        else:
            while (found := worker.come()) is None and (piece := await self._received(worker.connection)):
                worker.received += piece
        if found is None:
            raise self._death(await to_thread(worker.stop))
        return found

    async def _received(self, connection: socket) -> bytes:
        try:
            return await self._loop.sock_recv(connection, PIECE)
        except ConnectionError:
            return b""

    def _death(self, status: int) -> Exception:
        return self._clock.up() if self._expired else super()._death(status)

    def _expire(self) -> None:
        self._expired = True
        self._loop.run_in_executor(None, self._worker.stop)

    def _end(self) -> None:
        self._expiring.cancel()
        if self._reusable:
            self.close()
            return
        # To end a process takes as long as the system takes to clear its memory away.
        ending = self._loop.run_in_executor(None, self._worker.stop)
        ending.add_done_callback(lambda _: self.close())
