"""The server as a program: a port, an event loop, and an orderly end."""

import asyncio
import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from destgraph.errors import InputError
from destgraph.serve.answers import Queries
from destgraph.serve.app import application
from destgraph.serve.http import BoundedHttp
from destgraph.stores.asynchronous import AsyncPool
from destgraph.stores.memory import KnowledgeGraph

_GRACE = 2
"""Seconds that queries may go on when the server is told to end."""
_LAST = 10
"""Seconds after which it ends, whatever goes on."""
_IDLE = 60
"""Seconds that a connection without request is kept."""
_LOCAL = ("localhost", "127.0.0.1", "::1")
_OWN = ("SIGHUP",)


@dataclass(frozen=True)
class Settings:
    """Where a server listens and what it allows: port 0 is any free one.

    `names` are more names that the host goes by; what is `shared` can be read by pages of other sites.
    """

    host: str = "127.0.0.1"
    port: int = 0
    workers: int = 0
    timeout: float = 10
    memory: int = 512
    names: Sequence[str] = ()
    shared: bool = True

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach it."""
        return not (self.host == "localhost" or _is_loopback(self.host))

    @property
    def hosts(self) -> Sequence[str]:
        """The names that a request may have for the host; none for all, where it listens on every address."""
        if self.host in ("0.0.0.0", "::") and not self.names:  # noqa: S104 - it is compared
            return ()
        return (*_LOCAL, self.host, *self.names)


def run(graph: KnowledgeGraph, settings: Settings, started: Callable[[str], None]) -> None:
    """Answer requests until a signal tells to end; `started` gets the URL when the first can be answered.

    Raises InputError when it cannot listen there.
    """
    pool = AsyncPool(graph.store, settings.workers)
    pool.start()  # while there is one thread
    queries = Queries(pool, settings.timeout, settings.memory)
    try:
        with _listening(settings.host, settings.port) as listener:
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            url = f"http://{host}:{listener.getsockname()[1]}/"
            config = uvicorn.Config(
                application(graph, queries, settings.hosts, shared=settings.shared),
                http=BoundedHttp,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_LAST,
            )
            _Server(config, queries, lambda: started(url)).run([listener])
    finally:
        pool.close()


class _Server(uvicorn.Server):
    """Ends queries a short time after it is told to end."""

    def __init__(self, config: uvicorn.Config, queries: Queries, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._queries, self._ready = queries, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        ending = asyncio.get_running_loop().call_later(_GRACE, self._queries.end)
        try:
            await super().shutdown(sockets)
        finally:
            ending.cancel()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signal of a terminal that is closed too; the program's own handler comes after the end."""
        with super().capture_signals():
            own = [getattr(signal, name) for name in _OWN if hasattr(signal, name)]
            before = [(number, signal.signal(number, self.handle_exit)) for number in own]
            try:
                yield
            finally:
                for number, handler in before:
                    signal.signal(number, handler)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        advice = "choose another with --port, or --port 0 for any free one" if port else "choose another with --host"
        reason = str(error.strerror).partition(" (while")[0]  # and then Python says what we say
        raise InputError(f"cannot listen on {host} port {port}: {reason}; {advice}") from None
    with listener:
        yield listener


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
