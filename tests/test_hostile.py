"""Stores that attack who asks them: each answer ends in rows or in one line, in time, and in little memory."""

import gzip
import itertools
import json
import re
import ssl
import subprocess
import sys
import sysconfig
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import trustme
from pyoxigraph import BaseDirection, Literal, NamedNode, Triple
from servers import Answer, Connection, Request, Scripted, drip, scripted

import destgraph
from destgraph.results import Solutions
from destgraph.stores.http import Client
from destgraph.stores.sparql_results import _VALUE

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
SELECT = "SELECT ?x { ?x ?y ?z }"
HEAD = b'{"head":{"vars":["x"]},"results":{"bindings":['
OK = HEAD + b'{"x":{"type":"literal","value":"v"}}]}}'
PROBE = b'{"head":{"vars":["version"]},"results":{"bindings":[]}}'
XML = '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head>'
IRI = {"type": "uri", "value": "https://example.org/"}

Serve = Callable[..., Scripted]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give a function that starts a server which answers queries as it is told."""
    running: list[AbstractContextManager[Scripted]] = []

    def start(answer: bytes | Answer, media_type: str = "application/sparql-results+json", **headers: Any) -> Scripted:
        def answering(server: Scripted, request: Request, connection: Connection) -> None:
            if b"versionInfo" in request.body:
                connection.reply(PROBE)
            elif isinstance(answer, bytes):
                connection.reply(answer, media_type, **headers)
            else:
                answer(server, request, connection)

        running.append(scripted(answering))
        return running[-1].__enter__()

    yield start
    for server in running:
        server.__exit__(None, None, None)


def table(*terms: object) -> bytes:
    """Return an answer with these terms in one column."""
    rows = [{"x": term} for term in terms]
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": rows}}).encode()


def xml(*terms: str) -> bytes:
    """Return the same in XML."""
    rows = "".join(f'<result><binding name="x">{term}</binding></result>' for term in terms)
    return f"{XML}<results>{rows}</results></sparql>".encode()


def refused(url: str, **options: Any) -> str:
    """Return what is said about an answer that cannot be used."""
    with pytest.raises(destgraph.EndpointError) as error:
        destgraph.connect(url, **options).query(SELECT)
    said = str(error.value)
    assert said.isprintable()
    return said


def terms(url: str, **options: Any) -> list[object]:
    """Return the terms of an answer with one column."""
    answer = destgraph.connect(url, **options).query(SELECT)
    assert isinstance(answer, Solutions)
    return [term for (term,) in answer.terms]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed program."""
    return subprocess.run([DESTGRAPH, *arguments], capture_output=True, text=True, check=False, encoding="utf-8")


def nested(depth: int) -> bytes:
    """Return an answer with a triple term in a triple term, and so on."""
    inner = b'{"type":"uri","value":"a:a"}'
    for _ in range(depth):
        inner = (
            b'{"type":"triple","value":{"subject":'
            + json.dumps(IRI).encode()
            + (b',"predicate":' + json.dumps(IRI).encode() + b',"object":' + inner + b"}}")
        )
    return HEAD + b'{"x":' + inner + b"}]}}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (OK.replace(b'"v"', b"9" * 5000), "a number of 5,000 digits"),
        (b'{"n":' + b"9" * 10_000 + b"," + OK[1:], "digits"),
        (OK.replace(b'"v"', b"9"), "row 1, column x: .* has not the form of a term"),
        (OK.replace(b'"v"', b"-0.5e3"), "has not the form of a term"),
        (OK.replace(b'"v"', b"NaN"), "NaN is no JSON"),
        (HEAD + b'{"x":' + b"[" * 1_000_000, "nested too deeply"),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"," + OK[1:], "nested too deeply"),
        (HEAD + b'{"x":' + b'{"type":"triple","value":{"subject":' * 20_000 + b"1", "nested too deeply"),
        (nested(3000), "nested too deeply"),
        (nested(150), "nested too deeply"),
        (b'{"head":{"vars":["x"]},"head":{"vars":["y"]},' + OK.partition(b",")[2], "it has 'head' twice"),
        (OK[:-1] + b',"results":{"bindings":[{"x":{"type":"literal","value":"v3"}}]}}', "it has 'results' twice"),
        (OK[:-2] + b',"bindings":[]}}', "it has 'bindings' twice"),
        (b'{"head":{"vars":["x"]},"results":{"bindings":{"item":{"x":{"type":"literal","value":"v"}}}}}', "where \\["),
        (b'{"head":{"vars":["x"]},"results":[]}', "where {"),
        (b'{"head":{"vars":["x"]},"results":null}', "where {"),
        (b'{"head":{"vars":"xyz"},"results":{"bindings":[]}}', "names no columns"),
        (b'{"head":{"vars":[1,null,{"a":2}]},"results":{"bindings":[]}}', "names no columns"),
        (b'{"head":["x"],"results":{"bindings":[]}}', "names no columns"),
        (b'{"results":{"bindings":[]}}', "names no columns"),
        (HEAD + b'null,1,"a"]}}', "row 1 is no row of its columns: null"),
        (HEAD + b'{"x":"v"}]}}', "has not the form of a term"),
        (HEAD + b'{"x":{"type":"triple","value":"v"}}]}}', "has not the form of a term"),
        (HEAD + b'{"x":{"type":["uri"],"value":"a:a"}}]}}', "has not the form of a term"),
        (OK + b"garbage", "something follows its end"),
        (OK[:-1], "it breaks off"),
        (xml("<literal>a</literal>").replace(b"?>", b'?><!DOCTYPE s [<!ENTITY a "aaaa">]>', 1), "it has a DOCTYPE"),
        (xml("<b>a</b>"), "the element 'b' does not belong there"),
        (xml("<literal>a</literal>")[:-3], "not complete"),
        (f"{XML}<boolean>true</boolean></sparql>".encode(), "row 1 is no row of its columns: true"),
    ],
    ids=lambda value: value[:60] if isinstance(value, bytes) else value,
)
def test_what_is_no_answer(serve: Serve, body: bytes, message: str) -> None:
    """Malformed, too deep or with what no parser should convert: one line, exit code 4, no row."""
    assert re.search(message, refused(serve(body).url))
    result = run("sparql", SELECT, "--endpoint", serve(body).url, "--format", "csv")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (4, "", 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"n":1e999999999,' + OK[1:], [Literal("v")]),
        (b'{"results":{"bindings":[{"x":{"type":"literal","value":"v"}}]},"head":{"vars":["x"]}}', [Literal("v")]),
        (table(IRI, None, IRI), [NamedNode(IRI["value"]), None, NamedNode(IRI["value"])]),
        (
            table({"type": "literal", "value": "m", "xml:lang": "ar", "its:dir": "rtl"}),
            [Literal("m", language="ar", direction=BaseDirection.RTL)],
        ),
        (
            xml(
                '<literal xml:lang="ar" its:dir="ltr" xmlns:its="http://www.w3.org/2005/11/its" its:version="2.0">m'
                "</literal>"
            ),
            [Literal("m", language="ar", direction=BaseDirection.LTR)],
        ),
        (
            xml(
                "<triple><subject><uri>a:s</uri></subject><predicate><uri>a:p</uri></predicate><object>"
                "<literal> o&amp; </literal></object></triple>"
            ),
            [Triple(NamedNode("a:s"), NamedNode("a:p"), Literal(" o& "))],
        ),
        (xml("<literal/>", "<bnode>nodeID://b1</bnode>")[:-1] + b" >\n", None),
    ],
    ids=str,
)
def test_what_is_an_answer(serve: Serve, body: bytes, expected: list[object] | None) -> None:
    """Unusual, and right; the same rows whether the body comes at once or byte by byte."""

    def dripped(_server: Scripted, _request: Request, connection: Connection) -> None:
        connection.send_response(200)
        connection.send_header("Content-Length", str(len(body)))
        connection.end_headers()
        for at in range(len(body)):
            connection.wfile.write(body[at : at + 1])

    whole = terms(serve(body).url)
    assert expected in (None, whole)
    assert len(terms(serve(dripped).url)) == len(whole)
    if expected is not None:
        assert terms(serve(dripped).url) == whole


@pytest.mark.slow
@pytest.mark.parametrize(
    ("term", "odd", "text"),
    [
        ({"type": "uri", "value": "http://a.example/b c"}, "<uri>http://a.example/b c</uri>", "http://a.example/b c"),
        ({"type": "uri", "value": "#Wine"}, "<uri>#Wine</uri>", "#Wine"),
        ({"type": "uri", "value": ""}, "<uri/>", ""),
        ({"type": "bnode", "value": ""}, "<bnode/>", ""),
        (
            {"type": "literal", "value": "m", "xml:lang": "en_US"},
            '<literal xml:lang="en_US">m</literal>',
            "m",
        ),
        (
            {"type": "literal", "value": "m", "datatype": "no iri"},
            '<literal datatype="no iri">m</literal>',
            "m",
        ),
        (
            {"type": "literal", "value": "m", "xml:lang": "ar", "its:dir": "up"},
            '<literal xml:lang="ar" its:dir="up" xmlns:its="http://www.w3.org/2005/11/its">m</literal>',
            "m",
        ),
        ({"type": "literal", "value": "\ud800"}, None, "\ufffd"),
    ],
    ids=str,
)
def test_one_odd_term(serve: Serve, tmp_path: Path, term: object, odd: str | None, text: str) -> None:
    """It is named with row, column and value; leniently it is kept as text, which is told, and the others come too."""
    good = f"<uri>{IRI['value']}</uri>"
    for body in (table(IRI, term, IRI), *([xml(good, odd, good)] if odd else [])):
        server = serve(body)
        said = refused(server.url)
        assert said.startswith(f"{server.url}: row 2, column x: {{")
        assert "--lenient" in said
        with pytest.warns(UserWarning, match="1 odd term kept as text; the first is in row 2, column x: ") as told:
            answer = terms(server.url, lenient=True)
        assert len(told) == 1
        assert answer == [NamedNode(IRI["value"]), Literal(text), NamedNode(IRI["value"])]
        target = tmp_path / "rows.csv"
        for extra in ([], ["-o", str(target)]):
            result = run("sparql", SELECT, "--endpoint", server.url, "--format", "csv", "--lenient", *extra)
            assert (result.returncode, result.stderr.count("\n")) == (0, 1)
            assert "destgraph: " in result.stderr
            assert "row 2, column x" in result.stderr
        assert target.read_text().count("\n") == 4
        target.unlink()


def test_lenient_is_for_stores() -> None:
    """The graph in memory has no odd terms."""
    result = run("ask", "types", "--lenient")
    assert (result.returncode, result.stdout) == (2, "")
    assert "name the store with --endpoint" in result.stderr


def test_nothing_is_told_of_terms_that_are_not_odd(serve: Serve) -> None:
    """Leniency alone says nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert terms(serve(OK).url, lenient=True) == [Literal("v")]


# Compression that nobody asked for


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(OK, mtime=0)),
        ("x-gzip", gzip.compress(OK[:30], mtime=0) + gzip.compress(OK[30:], mtime=0)),
        (" GZIP", gzip.compress(OK, mtime=0)),
        ("deflate", zlib.compress(OK)),
        ("identity", OK),
        ("", OK),
    ],
)
def test_a_compressed_answer_is_read(serve: Serve, coding: str, body: bytes) -> None:
    """What the header says is taken back."""
    assert terms(serve(body, Content_Encoding=coding).url) == [Literal("v")]


@pytest.mark.parametrize(
    ("coding", "body", "message"),
    [
        ("gzip", gzip.compress(OK, mtime=0)[:-3], "it is no gzip"),
        ("gzip", OK, "it is no gzip"),
        ("gzip", gzip.compress(OK, mtime=0) + b"x", "it is no gzip"),
        ("br", OK, "it is encoded as br, which was not asked for"),
        ("gzip, gzip", OK, "which was not asked for"),
    ],
)
def test_a_compressed_answer_that_is_not(serve: Serve, coding: str, body: bytes, message: str) -> None:
    """It is no answer."""
    assert message in refused(serve(body, Content_Encoding=coding).url)


def bomb(text: bytes, times: int, *, end: bytes = b"") -> Iterator[bytes]:
    """Yield the gzip of a text that is repeated."""
    pack = zlib.compressobj(9, wbits=31)
    yield pack.compress(HEAD)
    for _ in range(times):
        yield pack.compress(text)
    yield pack.compress(end) + pack.flush()


# Size and time


def sending(pieces: Callable[[], Iterator[bytes]], **headers: str) -> Answer:
    """Return an answer that goes on until the client hangs up."""

    def answer(_server: Scripted, _request: Request, connection: Connection) -> None:
        connection.send_response(200)
        connection.send_header("Content-Type", "application/sparql-results+json")
        for name, value in headers.items():
            connection.send_header(name.replace("_", "-"), value)
        connection.send_header("Connection", "close")
        connection.end_headers()
        connection.close_connection = True
        for piece in pieces():
            connection.wfile.write(piece)

    return answer


ROW = b'{"x":{"type":"literal","value":"' + b"a" * 1000 + b'"}},'
ENDLESS: dict[str, tuple[Callable[[], Iterator[bytes]], dict[str, str], str]] = {
    "rows": (lambda: itertools.chain([HEAD], itertools.repeat(ROW * 60)), {}, "larger than 32 MiB"),
    "small rows": (lambda: itertools.chain([HEAD], itertools.repeat(b"{}," * 20_000)), {}, "larger than 32 MiB"),
    "blanks": (lambda: itertools.repeat(b" " * 65_536), {}, "larger than 32 MiB"),
    "a text": (
        lambda: itertools.chain([HEAD[:-1], b'[{"x":{"value":"'], itertools.repeat(b"a" * 65_536)),
        {},
        "a value",
    ),
    "a head": (lambda: itertools.chain([b'{"head":{"vars":["'], itertools.repeat(b"a" * 65_536)), {}, "a value"),
    "lists": (lambda: itertools.chain([b'{"x":['], itertools.repeat(b"[]," * 20_000)), {}, "a value of more than"),
    "XML text": (
        lambda: itertools.chain(
            [XML.encode(), b'<results><result><binding name="x"><literal>'], itertools.repeat(b"a" * 65_536)
        ),
        {},
        "a row of more than",
    ),
    "XML elements": (
        lambda: itertools.chain([XML.encode(), b"<results>"], itertools.repeat(b"<result/>" * 8000)),
        {},
        "larger than 32 MiB",
    ),
    "gzip": (lambda: bomb(b" " * 65_536, 8000), {"Content_Encoding": "gzip"}, "larger than 32 MiB"),
}


@pytest.mark.slow
@pytest.mark.linux("/proc, where the memory of a process stands")
@pytest.mark.parametrize("case", ENDLESS)
def test_an_endless_answer_fills_nothing(serve: Serve, case: str) -> None:
    """Neither time nor memory grow with it."""
    pieces, headers, message = ENDLESS[case]
    server = serve(sending(pieces, **headers))
    code = f"""if True:
        import re, destgraph
        try:
            destgraph.connect({server.url!r}, timeout=120, largest=1 << 25).query("SELECT ?x {{}}")
        except destgraph.EndpointError as error:
            print(error)
        print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert message in told[0]
    assert int(told[1]) < 600_000, told


def test_the_size_that_is_kept_can_be_chosen(serve: Serve, tmp_path: Path) -> None:
    """For what is kept in memory; rows that go to a file are not counted, their values are."""
    rows = HEAD + (ROW * 100)[:-1] + b"]}}"
    url = serve(rows).url
    assert "the answer is larger than 0 MiB" in refused(url, largest=50_000)
    assert len(terms(url, largest=200_000)) == 100
    target = tmp_path / "rows.csv"
    assert destgraph.connect(url, largest=50_000).save(SELECT, target, "csv") == 100
    long = serve(table({"type": "literal", "value": "a" * (_VALUE + 100_000)})).url
    with pytest.raises(destgraph.EndpointError, match="a value of more than 16,777,216 characters"):
        destgraph.connect(long).save(SELECT, target, "csv")
    assert len(target.read_text().splitlines()) == 101


def test_triples_that_grow(serve: Serve) -> None:
    """Entities of RDF/XML, and more triples than are kept."""
    lol = (
        b'<!DOCTYPE rdf:RDF [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><rdf:RDF'
        b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description><rdf:value>&b;</rdf:value>'
        b"</rdf:Description></rdf:RDF>"
    )
    construct = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    with pytest.raises(destgraph.EndpointError, match="entities"):
        destgraph.connect(serve(lol, "application/rdf+xml").url).query(construct)
    many = serve(b"<a:a> <a:a> <a:a> .\n" * 1000, "application/n-triples").url
    with pytest.raises(destgraph.EndpointError, match="larger than"):
        destgraph.connect(many, largest=50_000).query(construct)


@pytest.mark.parametrize("limit", ["9" * 5000, "9" * 19, "x", "-1", "1.5", ""])
def test_a_cap_on_rows_that_is_none(serve: Serve, limit: str) -> None:
    """As Virtuoso's header has it, or not at all."""
    assert terms(serve(OK, X_SPARQL_MaxRows=limit).url) == [Literal("v")]


def dripping(start: bytes, piece: bytes) -> Answer:
    """Return an answer that goes on very slowly from some place."""

    def answer(_server: Scripted, _request: Request, connection: Connection) -> None:
        connection.wfile.write(start)
        drip(connection, itertools.repeat(piece), 0.02)

    return answer


DRIPPING = {
    "status": dripping(b"", b"H"),
    "reason": dripping(b"HTTP/1.1 200 ", b"O"),
    "header": dripping(b"HTTP/1.1 200 OK\r\n", b"X"),
    "continue": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "error page": dripping(b"HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n", b"x"),
    "body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "chunk size": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
}


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("case", DRIPPING)
def test_a_dripping_server_is_left_in_time(
    case: str, secure: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever it is that comes a byte at a time; the limit is that of the whole exchange."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with scripted(DRIPPING[case], context if secure else None) as server:
        before = time.monotonic()
        with pytest.raises((destgraph.TimeLimitError, destgraph.EndpointError)):
            destgraph.connect(server.url, timeout=0.3).query(SELECT)
        assert time.monotonic() - before < 5


def test_a_dripped_handshake() -> None:
    """TLS that never comes to an end is in the limit too."""

    def answer(server: Scripted, _request: Request, _connection: Connection) -> None:
        server.closed.wait(300)

    with scripted(answer) as server:  # it waits for a line of HTTP that TLS does not send
        url = server.url.replace("http:", "https:")
        before = time.monotonic()
        with pytest.raises((destgraph.TimeLimitError, destgraph.EndpointError)):
            destgraph.connect(url, timeout=0.3).query(SELECT)
        assert time.monotonic() - before < 5


@pytest.mark.parametrize(
    "answer",
    [
        lambda _s, _r, c: c.wfile.write(b"HTTP/1.1 500 \x1b]0;X\x07\xe2\x80\xaeevil\r\nContent-Length: 0\r\n\r\n"),
        lambda _s, _r, c: c.wfile.write(b"HTTP/1.1 999999 \x1b[31m\r\n\r\n"),
        lambda _s, _r, c: c.reply(b"\x1b[31mboom\xe2\x80\xae", status=500),
        lambda _s, _r, c: c.reply(b"", status=302, Location="http://\x1b]0;X\x07/"),
        lambda _s, _r, c: c.reply(b"x", "\x1b[31m/\x07"),
        lambda _s, _r, c: c.reply(OK, Content_Encoding="\x1b[31m"),
        lambda _s, _r, c: c.reply(OK, X_SQL_State="\x1b[31m"),
    ],
)
def test_what_a_server_says_steers_no_terminal(serve: Serve, answer: Answer) -> None:
    """Reasons, status lines, pages, addresses and types in one line that can be seen."""
    assert "\x1b" not in refused(serve(answer).url)


def test_the_command_line_ends_with_one_line(serve: Serve) -> None:
    """Also for who pipes the rows."""
    server = serve(sending(*ENDLESS["a text"][:1]))
    command: list[str | Path] = [DESTGRAPH, "sparql", SELECT, "--endpoint", server.url]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (4, "", 1)
    assert Client(server.url).largest == 1 << 28
