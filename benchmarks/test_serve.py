"""Requests a second of `destgraph serve` beside `oxigraph serve` in memory: the same triples, queries and client.

Four connections that are kept, in turns of a second, so that a busy moment of the machine meets both. Oxigraph answers
in threads of one program, so it can use all processors; here one process speaks HTTP and others answer.
"""

import selectors
import socket
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import cast
from urllib.parse import quote, urlsplit

import pytest
import servers

import destgraph
from benchmarks.common import bound, table
from destgraph.query_text import with_prefixes
from destgraph.stores.publish import publish

CONNECTIONS, TURNS, SECONDS = 4, 5, 1.0
JSON, NTRIPLES = "application/sparql-results+json", "application/n-triples"
QUESTIONS = ("type-of", "destinations-of-type", "identifies-people")
LOOKUP = "SELECT ?p ?o { destination:bing ?p ?o }"
WHOLE = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def test_requests_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table shows the ratio to Oxigraph; what a client knows already is counted apart."""
    kg = destgraph.load()
    queries = {"lookup": LOOKUP} | {name: bound(kg, kg.questions[name]) for name in QUESTIONS} | {"whole graph": WHOLE}
    with servers.oxigraph() as theirs, servers.destgraph(tmp_path / "log", "--timeout", "60") as ours:
        publish(kg, f"{theirs}/query")
        rows = []
        for name, text in queries.items():
            accept = NTRIPLES if text == WHOLE else JSON
            target = f"?query={quote(with_prefixes(text))}"
            ways = {
                "destgraph": Client(f"{ours.url}sparql{target}", {"Accept": accept}),
                "oxigraph": Client(f"{theirs}/query{target}", {"Accept": accept}),
            }
            first = ways["destgraph"].once()
            tag = next(line[6:] for line in first.decode("latin-1").split("\r\n") if line.lower().startswith("etag: "))
            ways["unchanged"] = Client(f"{ours.url}sparql{target}", {"Accept": accept, "If-None-Match": tag})
            rates = {way: [client.rate() for _ in range(1)][1:] for way, client in ways.items()}
            for _ in range(TURNS):
                for way, client in ways.items():
                    rates[way].append(client.rate())
            found = {way: median(values) for way, values in rates.items()}
            rows.append(
                (
                    name,
                    found["destgraph"],
                    found["oxigraph"],
                    found["destgraph"] / found["oxigraph"],
                    found["unchanged"],
                )
            )
            for client in ways.values():
                client.close()
    with capsys.disabled():
        columns = ("query", "requests a second", "Oxigraph", "ratio", "304 for a known tag")
        print(table(f"{CONNECTIONS} connections, median of {TURNS} turns", columns, rows))


class Client:
    """Sends one request again and again, on several connections at once, as fast as the answers come."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """Connect."""
        at = urlsplit(url)
        lines = [f"GET {at.path}?{at.query} HTTP/1.1", f"Host: {at.netloc}", *(f"{n}: {v}" for n, v in headers.items())]
        self._request = "\r\n".join([*lines, "", ""]).encode()
        self._sockets = [socket.create_connection((at.hostname, at.port)) for _ in range(CONNECTIONS)]

    def once(self) -> bytes:
        """Return one whole answer."""
        return self._read(self._sockets[0])

    def _read(self, connection: socket.socket) -> bytes:
        connection.sendall(self._request)
        received = bytearray()
        while not _is_whole(received):
            received += connection.recv(1 << 20)
        return bytes(received)

    def rate(self) -> float:
        """Return the requests a second, over some time."""
        selector = selectors.DefaultSelector()
        for connection in self._sockets:
            selector.register(connection, selectors.EVENT_READ, bytearray())
            connection.sendall(self._request)
        start, done, waiting = perf_counter(), 0, len(self._sockets)
        while waiting:
            for key, _ in selector.select():
                answered, received = cast("socket.socket", key.fileobj), cast("bytearray", key.data)
                received += answered.recv(1 << 20)
                if _is_whole(received):
                    done += 1
                    received.clear()
                    if perf_counter() - start < SECONDS:
                        answered.sendall(self._request)
                    else:
                        waiting -= 1
        return done / (perf_counter() - start)

    def close(self) -> None:
        """Hang up."""
        for connection in self._sockets:
            connection.close()


def _is_whole(received: bytearray) -> bool:
    """Tell whether all of an answer has come."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(received[:end]).lower()
    assert head.startswith((b"http/1.1 200", b"http/1.1 304")), head
    if b"\r\ntransfer-encoding: chunked" in head:
        return received.endswith(b"0\r\n\r\n")
    found = head.find(b"\r\ncontent-length: ")
    length = int(head[found + 18 :].split(b"\r\n", 1)[0]) if found >= 0 else 0
    return len(received) >= end + 4 + length
