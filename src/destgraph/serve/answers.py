"""Answers of queries as bodies of responses: whole before the first byte goes out, so that no status is ever wrong."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from destgraph.serve import negotiate
from destgraph.serve.protocol import Query, RequestError, refusal
from destgraph.stores.asynchronous import AsyncPool
from destgraph.vocabulary import BASE

_IN_MEMORY = 4 << 20
"""An answer of more bytes lies in a temporary file."""
_PIECE = 1 << 18
_PATIENCE = 60
"""Seconds in which a client has to take a piece of an answer."""
_GLANCE = 0.1
"""Seconds of work after which one looks whether the client is still there."""

_BOOLEAN = {
    negotiate.ASK[0]: '{{"head":{{}},"boolean":{}}}\n',
    negotiate.ASK[1]: '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/>'
    "<boolean>{}</boolean></sparql>\n",
}


@dataclass
class Queries:
    """Answers queries from the workers of a pool, each within `timeout` seconds and `memory` megabytes.

    An answer may have as many bytes as its query memory; all that lie in files, as many as the queries of all workers.
    """

    pool: AsyncPool
    timeout: float
    memory: int
    room: int = field(init=False)
    _ending: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Compute how much room there is for answers in files."""
        self.room = self.pool.workers * self.memory << 20

    def end(self) -> None:
        """End what is still being answered."""
        self._ending = True
        self.pool.close()

    async def answer(self, query: Query, media_type: str) -> "Body":
        """Return the whole answer, in a media type that a query of its form has; raises RequestError."""
        limit = f"larger than {self.memory} MB, the limit of this server; narrow the query, or ask for it in parts"
        return await self._answer(query, media_type, Body(self, self.memory << 20, limit))

    async def shown(self, query: Query, media_type: str) -> bytes:
        """Return the whole answer, when it is not too large to be shown on a page; raises RequestError."""
        limit = "too large for a page; narrow the query, or ask for CSV or Turtle"
        body = await self._answer(query, media_type, Body(self, _IN_MEMORY, limit))
        return b"".join(piece for piece, _ in body.pieces())

    async def _answer(self, query: Query, media_type: str, body: "Body") -> "Body":
        try:
            await self._fill(body, query, media_type)
        except BaseException as error:
            body.close()
            if self._ending and isinstance(error, TimeoutError):
                raise RequestError(503, "the server is ending; ask again", Retry_After="1") from None
            if isinstance(error, Exception) and not isinstance(error, RequestError):
                raise refusal(error, self.timeout, self.memory) from None
            raise
        return body

    async def _fill(self, body: "Body", query: Query, media_type: str) -> None:
        asked = await self.pool.answer(
            query.text,
            timeout=self.timeout,
            memory=self.memory,
            base_iri=BASE,
            default_graphs=query.default_graphs,
            named_graphs=query.named_graphs,
            rows=media_type if media_type in negotiate.SELECT else negotiate.SELECT[0],
            triples=media_type if media_type in negotiate.TRIPLES else negotiate.TURTLE,
        )
        async with asked as answer:
            while piece := await answer.read():
                body.add(piece)
        if answer.kind == "boolean":
            body.add(_BOOLEAN[media_type].format(str(answer.truth).lower()).encode())


class Body:
    """The bytes of an answer, in memory or, when they are many, in a temporary file."""

    def __init__(self, queries: Queries, most: int, limit: str) -> None:
        """Take what says how much room there is, how large the answer may be, and what to say when it is larger."""
        self.size = 0
        self._queries, self._most, self._limit = queries, most, limit
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._stored = 0

    def add(self, piece: bytes) -> None:
        """Add some bytes; raises RequestError when there is no room for them."""
        self.size += len(piece)
        self._pieces.append(piece)
        if self.size > self._most:
            raise RequestError(507, f"the answer is {self._limit}")
        if self.size > _IN_MEMORY:
            self._store()

    def _store(self) -> None:
        stored = self.size - self._stored
        self._stored, self._queries.room = self.size, self._queries.room - stored
        if self._queries.room < 0:
            raise RequestError(503, "the server holds many large answers that were not yet fetched", Retry_After="60")
        try:
            self._file = self._file or TemporaryFile()  # noqa: SIM115 - closed by `close`
            self._file.writelines(self._pieces)
        except OSError as error:
            raise RequestError(
                507, f"the server has no room for the answer: {error.strerror}; narrow the query"
            ) from None
        self._pieces.clear()

    def pieces(self) -> Iterator[tuple[bytes, bool]]:
        """Yield all bytes piece by piece, each with whether there are more."""
        if self._file is None:
            yield b"".join(self._pieces), False
            return
        self._file.seek(0)
        left = self.size
        while left > 0:
            piece = self._file.read(_PIECE)
            left -= len(piece)
            yield piece, left > 0

    def close(self) -> None:
        """Let go of the bytes; it may be called again."""
        self._queries.room += self._stored
        self._stored = 0
        if self._file is not None:
            self._file.close()


class Whole(Response):
    """A response with the whole of an answer."""

    def __init__(self, body: Body, media_type: str, headers: Mapping[str, str]) -> None:
        """Take an answer, which is let go of when it has gone out."""
        self._answer = body
        super().__init__(None, 200, headers, media_type)
        self.headers["Content-Length"] = str(body.size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it; a client that takes nothing for a while is not waited for."""
        sending = scope["method"] != "HEAD"
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            for piece, more in self._answer.pieces() if sending else ((b"", False),):
                async with asyncio.timeout(_PATIENCE):
                    await send({"type": "http.response.body", "body": piece, "more_body": more})
        finally:
            self._answer.close()


class GoneError(Exception):
    """The client has hung up."""


@asynccontextmanager
async def watched(request: Request) -> AsyncIterator[None]:
    """Run the block for as long as the client is there; raises GoneError when it has hung up.

    The body of the request has been read. Short work goes on without anyone looking.
    """
    working = asyncio.current_task()
    watching: asyncio.Task[None] | None = None
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone = True
        if working:
            working.cancel()

    def look() -> None:
        nonlocal watching
        watching = asyncio.create_task(watch())

    looking = asyncio.get_running_loop().call_later(_GLANCE, look)
    try:
        yield
    except asyncio.CancelledError:
        if gone and working:
            working.uncancel()
            raise GoneError from None
        raise
    finally:
        looking.cancel()
        if watching:
            watching.cancel()
