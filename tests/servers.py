"""Stores on this machine: real ones, and a small one that misbehaves as told; each on a port that is free."""

import http.server
import shutil
import socket
import ssl
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

VIRTUOSO_LOGIN = "dba"
"""User and password of a fresh Virtuoso database."""

_INI = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = {rows}
"""


def free_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def oxigraph(*options: str) -> Iterator[str]:
    """Run an Oxigraph server in memory; gives its URL without a path."""
    program = shutil.which("oxigraph", path=sysconfig.get_path("scripts"))
    if program is None:
        pytest.skip("the oxigraph server is missing: pip install '.[test]'")
    port = free_port()
    command: list[str | Path] = [program, "serve", "--bind", f"127.0.0.1:{port}", *options]
    with _running(command, b"Listening", Path.cwd()):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def virtuoso(folder: Path, rows: int) -> Iterator[str]:
    """Run a Virtuoso server with an empty database that answers with so many rows at most; gives its URL."""
    port = free_port()
    (folder / "virtuoso.ini").write_text(_INI.format(sql=free_port(), http=port, rows=rows))
    with _running(["virtuoso-t", "-f", "-c", "virtuoso.ini"], b"Server online", folder):
        yield f"http://127.0.0.1:{port}"


_NAMED_GRAPHS = """
import sys
from pyoxigraph import NamedNode, Quad
import destgraph
from destgraph.serve import server
from destgraph.vocabulary import PREFIXES, TYPE

graph = destgraph.load()
for name in sys.argv[1:]:
    graph.store.add(Quad(NamedNode(name), TYPE, NamedNode(PREFIXES["foaf"] + "Document"), NamedNode(name)))
server.run(graph, server.Settings(workers=2, timeout=60), lambda url: print(url, flush=True))
"""


@dataclass
class Served:
    """A running `destgraph serve`: its URL, its process, and the file that gets its log."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rstrip("/").rpartition(":")[2])


@contextmanager
def destgraph(log: Path, *options: str | Path) -> Iterator[Served]:
    """Run `destgraph serve` with some options on a free port."""
    program = Path(sysconfig.get_path("scripts")) / "destgraph"
    with _served([program, "serve", "--port", "0", *options], log) as served:
        yield served


@contextmanager
def destgraph_with_graphs(log: Path, *names: str) -> Iterator[Served]:
    """Run a server of the shipped graph that has some named graphs besides, each with a triple about its own IRI."""
    with _served([sys.executable, "-c", _NAMED_GRAPHS, *names], log) as served:
        yield served


@contextmanager
def _served(command: Sequence[str | Path], log: Path) -> Iterator[Served]:
    with log.open("wb") as file, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().decode().strip()
            if not url:
                pytest.fail(f"{command[0]} did not start: {log.read_text()}")
            yield Served(url, process, log)
        finally:
            process.kill()


@contextmanager
def _running(command: Sequence[str | Path], ready: bytes, folder: Path) -> Iterator[None]:
    """Run a program from the moment when it says that it is ready."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        try:
            said = b""
            for line in process.stdout:
                said += line
                if ready in line:
                    break
            else:
                pytest.fail(f"{command[0]} did not start: {said.decode(errors='replace')}")
            # What it goes on to say is read, so that it never waits for a reader.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield
        finally:
            process.kill()


@dataclass
class Request:
    """One request as a server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Scripted:
    """A server on loopback; `answer` is called with itself, a request and its connection, for each request."""

    url: str
    requests: list[Request] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)


class Connection(http.server.BaseHTTPRequestHandler):
    """What an answer is written with."""

    protocol_version = "HTTP/1.1"

    def reply(
        self,
        body: bytes,
        media_type: str | None = "application/sparql-results+json",
        status: int = 200,
        length: int | None = -1,
        **headers: str,
    ) -> None:
        """Send a whole answer; `length` is the Content-Length if it is not the true one, None for none at all."""
        self.send_response(status)
        if media_type:
            self.send_header("Content-Type", media_type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length is None or length > len(body):
            self.send_header("Connection", "close")
            self.close_connection = True
        if length is not None:
            self.send_header("Content-Length", str(len(body) if length < 0 else length))
        self.end_headers()
        self.wfile.write(body)


Answer = Callable[[Scripted, Request, Connection], None]


@contextmanager
def scripted(answer: Answer, secure: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """Run a server on loopback, over TLS if `secure`, that answers as the function says and remembers its requests."""

    class Handler(Connection):
        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):  # the client has gone, as it should
                self.close_connection = True

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            server.requests.append(request)
            answer(server, request, self)

        do_GET = do_POST = do_PUT = _any  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    class Quiet(http.server.ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what these tests are about."""

    listening = Quiet(("127.0.0.1", 0), Handler)
    if secure:
        listening.socket = secure.wrap_socket(listening.socket, server_side=True)
    server = Scripted(f"{'https' if secure else 'http'}://127.0.0.1:{listening.server_port}/sparql")
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closed.set()
        listening.shutdown()
        listening.server_close()


def drip(connection: Connection, pieces: Iterator[bytes], pause: float) -> None:
    """Send pieces with pauses, until the client hangs up."""
    for piece in pieces:
        connection.wfile.write(piece)
        time.sleep(pause)
