"""Stores that misbehave, as seen in the wild: small servers on loopback that do it again, and what is made of it."""

import email.utils
import itertools
import json
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from servers import Answer, Connection, Request, Scripted, drip, scripted

import destgraph
from destgraph.results import Solutions
from destgraph.stores.http import PASSWORD, TOKEN, USERNAME, Client, error_text

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
SELECT = "SELECT ?a ?b { ?a dg:x ?b }"
TABLE = {
    "head": {"vars": ["a", "b"]},
    "results": {
        "bindings": [
            {"a": {"type": "uri", "value": "https://example.org/1"}, "b": {"type": "literal", "value": "ü"}},
            {"a": {"type": "bnode", "value": "x"}},
        ]
    },
}
BODY = json.dumps(TABLE, ensure_ascii=False).encode()
ROWS = ((NamedNode("https://example.org/1"), Literal("ü")), (BlankNode("x"), None))
XML = b"""<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="a"/>
<variable name="b"/></head><results><result><binding name="a"><uri>https://example.org/1</uri></binding>
<binding name="b"><literal>\xc3\xbc</literal></binding></result><result><binding name="a"><bnode>x</bnode></binding>
</result></results></sparql>"""

Serve = Callable[[Answer], Scripted]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give a function that starts a server which answers as it is told."""
    running: list[AbstractContextManager[Scripted]] = []

    def start(answer: Answer) -> Scripted:
        running.append(scripted(answer))
        return running[-1].__enter__()

    yield start
    for server in running:
        server.__exit__(None, None, None)


def always(body: bytes, media_type: str | None = "application/sparql-results+json", **options: Any) -> Answer:
    """Return an answer that is the same for every request."""

    def answer(_server: Scripted, _request: Request, connection: Connection) -> None:
        connection.reply(body, media_type, **options)

    return answer


def query_of(request: Request) -> str:
    """Return the query that a request carries, in its URL or as a form."""
    return parse_qs(request.body.decode() or urlsplit(request.path).query)["query"][0]


def refused(url: str, query: str = SELECT, timeout: float = 60) -> str:
    """Return what is said about an answer that is not whole."""
    with pytest.raises(destgraph.EndpointError) as error:
        destgraph.connect(url, timeout=timeout).query(query)
    assert "\n" not in str(error.value)
    return str(error.value)


def rows(url: str) -> tuple[tuple[object, ...], ...]:
    """Return the rows of an answer."""
    answer = destgraph.connect(url).query(SELECT)
    assert isinstance(answer, Solutions)
    assert answer.columns == ("a", "b")
    return answer.terms


def test_a_good_answer_is_read(serve: Serve) -> None:
    """The pattern for the tests below; what is sent is a form with the query, its prefixes and the graph."""
    server = serve(always(BODY))
    assert rows(server.url) == ROWS
    graph = destgraph.connect(server.url, graph_name="https://example.org/g?x=1&y")
    assert graph.query(SELECT) == Solutions(("a", "b"), ROWS)
    request = server.requests[-1]
    assert (request.method, request.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
    assert parse_qs(request.body.decode()) == {
        "query": [f"PREFIX dg: <https://w3id.org/destgraph/ontology#> {SELECT}"],
        "default-graph-uri": ["https://example.org/g?x=1&y"],
    }
    assert request.headers["accept"].startswith("application/sparql-results+json")
    assert "application/json" not in request.headers["accept"]


@pytest.mark.parametrize("length", [None, len(BODY)], ids=["unknown length", "known length"])
def test_a_body_cut_anywhere_is_no_answer(serve: Serve, length: int | None) -> None:
    """With 200, and whether the server said how long it would be or not."""
    cuts = itertools.count()

    def answer(_server: Scripted, request: Request, connection: Connection) -> None:
        probe = "versionInfo" in query_of(request)
        connection.reply(BODY if probe else BODY[: next(cuts)], length=-1 if probe else length)

    graph = destgraph.connect(serve(answer).url)
    for _ in range(len(BODY)):
        with pytest.raises(destgraph.EndpointError, match=r"the answer is not complete: .*; nothing of it was kept"):
            graph.query(SELECT)
    assert graph.query(SELECT) == Solutions(("a", "b"), ROWS)


def test_chunks_without_the_last_one(serve: Serve) -> None:
    """Although what came is whole JSON: the server had more to say."""

    def answer(_server: Scripted, _request: Request, connection: Connection) -> None:
        connection.send_response(200)
        connection.send_header("Content-Type", "application/sparql-results+json")
        connection.send_header("Transfer-Encoding", "chunked")
        connection.end_headers()
        connection.wfile.write(b"%x\r\n%s\r\n" % (len(BODY), BODY))
        connection.close_connection = True

    assert "nothing" in refused(serve(answer).url)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (BODY[:-3] + b"The SPARQL operation has been cancelled", "not complete"),
        (BODY + b"\nConnection refused", "not complete"),
        (BODY + BODY, "not complete"),
        (b"", "it is empty"),
        (b" \n ", "it is empty"),
        (b"{}", "names no columns"),
        (b'{"error": "too slow"}', "too slow"),
        (b'{"head": {"vars": ["a"]}}', "holds no rows"),
        (b'{"head": {"vars": ["a"]}, "results": {}}', "holds no rows"),
        (b'{"head": {"vars": ["a"]}, "boolean": true}', "holds no rows"),
        (
            b'{"head": {"vars": ["a"]}, "results": {"bindings": [{"b": {"type": "uri", "value": "a:a"}}]}}',
            "not complete",
        ),
        (b'{"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "uri"}}]}}', "not complete"),
        (
            b'{"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "x", "value": "y"}}]}}',
            "has not the form of a term",
        ),
        (b'{"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "uri", "value": "no iri"}}]}}', "IRI"),
        (b'{"head": {"vars": ["a"]}, "results": {"bindings": [1]}}', "not complete"),
        (b'[{"a": "bare list"}]', "is this a SPARQL endpoint"),
        (b"a,b\r\nx,y\r\n", "is this a SPARQL endpoint"),
        (XML[:-30], "not complete"),
        (BODY.replace(b"\xc3\xbc", b"\xfc"), "not complete"),
        (
            b'{"head": {"vars": ["a"]}, "results": {"bindings": []}, "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            "complete",
        ),
        (b"\xff\xfe{", "is this a SPARQL endpoint"),
    ],
    ids=str,
)
def test_broken_bodies(serve: Serve, body: bytes, message: str) -> None:
    """Each with status 200 and the right media type."""
    assert message in refused(serve(always(body)).url)


def test_virtuosos_partial_result(serve: Serve) -> None:
    """Only the headers tell that rows are missing."""
    headers = {"X-SQL-State": "S1TAT", "X-SQL-Message": "RC...: Returning incomplete results, query interrupted"}
    url = serve(always(BODY, **headers)).url
    for query in (SELECT, "ASK {}", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"):
        assert "S1TAT RC...: Returning incomplete results" in refused(url, query)


def test_virtuosos_cap_on_rows(serve: Serve) -> None:
    """As many rows as the server gives at most may not be all."""
    assert "at most 2 rows" in refused(serve(always(BODY, X_SPARQL_MaxRows="2")).url)
    assert rows(serve(always(BODY, X_SPARQL_MaxRows="3")).url) == ROWS


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/sparql-results+xml; charset=utf-8", XML),
        ("text/xml", XML),
        ("application/json", BODY),
        ("text/plain", BODY),
        (None, BODY),
        ("application/sparql-results+json", b"\xef\xbb\xbf\n" + BODY),
    ],
)
def test_another_media_type_than_asked(serve: Serve, media_type: str | None, body: bytes) -> None:
    """What is a whole table is read, whatever it is called."""
    assert rows(serve(always(body, media_type)).url) == ROWS


@pytest.mark.parametrize("length", [None, -1])
def test_old_and_extended_json(serve: Serve, length: int | None) -> None:
    """`typed-literal`, `link`, `distinct`, and keys of others before and after are no hindrance."""
    old = b"""{ "x": {"head": 1}, "head": { "link": [], "vars": ["a", "b"] },
      "results": { "distinct": false, "ordered": true, "bindings": [
        { "a": { "type": "typed-literal", "datatype": "http://www.w3.org/2001/XMLSchema#integer", "value": "1" },
          "b": { "type": "bnode", "value": "nodeID://b10001" } },
        { "a": { "type": "literal", "xml:lang": "pt-BR", "value": "x" },
          "b": { "type": "triple", "value": { "subject": { "type": "uri", "value": "a:s" },
            "predicate": { "type": "uri", "value": "a:p" }, "object": { "type": "literal", "value": "o" } } } } ],
        "more": [{}] }, "metadata": {"httpRequests": 1, "bindings": [1]} }"""
    one = Literal("1", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    (a, b), (c, d) = rows(serve(always(old, length=length)).url)
    assert (a, c) == (one, Literal("x", language="pt-BR"))
    assert isinstance(b, BlankNode)
    assert d == Triple(NamedNode("a:s"), NamedNode("a:p"), Literal("o"))


def test_no_rows_is_an_answer(serve: Serve) -> None:
    """An empty table that is whole is just empty."""
    assert rows(serve(always(b'{"head": {"vars": ["a", "b"]}, "results": {"bindings": []}}')).url) == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"head": {}, "boolean": true}', True),
        (b'{"boolean": false, "head": {}, "x": 1}', False),
        (XML[:98].partition(b"<head>")[0] + b"<head/><boolean>true</boolean></sparql>", True),
        (b'{"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": []}}', False),
    ],
)
def test_answers_to_ask(serve: Serve, body: bytes, expected: bool) -> None:
    """Both formats, and Virtuoso's table."""

    def answer(_server: Scripted, request: Request, connection: Connection) -> None:
        connection.reply(BODY if "versionInfo" in query_of(request) else body)

    assert destgraph.connect(serve(answer).url).query("ASK { ?s ?p ?o }") is expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"head": {}, "boolean": "true"}', "it is neither true nor false"),
        (b"true", "not with results: true"),
        (b'{"head": {}}', "it is neither true nor false"),
        (XML, "it is neither true nor false"),
        (b'{"head": {}, "b', "Unterminated string"),
    ],
)
def test_what_is_no_answer_to_ask(serve: Serve, body: bytes, message: str) -> None:
    """Neither true nor false is not false."""

    def answer(_server: Scripted, request: Request, connection: Connection) -> None:
        connection.reply(BODY if "versionInfo" in query_of(request) else body)

    assert message in refused(serve(answer).url, "ASK { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("media_type", "body", "length", "message"),
    [
        ("text/turtle", b"<a:a> <a:b> <a:c> .\n<a:a> <a:", None, "neither its length nor its end"),
        ("application/n-triples", b"<a:a> <a:b> <a:c> .\n", None, "neither its length nor its end"),
        ("application/n-triples", b"<a:a> <a:b> <a:c> .\n", 40, "20 bytes are missing"),
        ("application/n-triples", b"<a:a> <a:b> <a:c> .\nThe SPARQL operation has been cancelled", -1, "not complete"),
        ("text/html", b"<html><body>Log in</body></html>", -1, "text/html and not with results: Log in"),
        (None, b"<a:a> <a:b> <a:c> .\n", -1, "without a media type"),
    ],
)
def test_triples_that_are_not_whole(
    serve: Serve, media_type: str | None, body: bytes, length: int | None, message: str
) -> None:
    """Lines of triples look whole wherever they are cut, so the end must have been announced."""

    def answer(_server: Scripted, request: Request, connection: Connection) -> None:
        if "versionInfo" in query_of(request):
            connection.reply(BODY)
        else:
            connection.reply(body, media_type, length=length)

    assert message in refused(serve(answer).url, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")


@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples;charset=utf-8", "text/n3"])
def test_triples_in_another_format(serve: Serve, media_type: str) -> None:
    """Any format of RDF is read as what the server calls it."""

    def answer(_server: Scripted, request: Request, connection: Connection) -> None:
        probe = "versionInfo" in query_of(request)
        connection.reply(BODY if probe else b"<a:a> <a:b> <a:c> .", "application/json" if probe else media_type)

    found = destgraph.connect(serve(answer).url).query("DESCRIBE <a:a>")
    assert isinstance(found, destgraph.Triples)
    assert list(found) == [(NamedNode("a:a"), NamedNode("a:b"), NamedNode("a:c"))]


PAGE = b"""<!DOCTYPE html><html><head><title>Oops</title><style>p { color: red }</style></head>
<body><h1>Bad&nbsp;Gateway</h1><script>alert('x')</script><p>Come \x1b[31mback</p></body></html>"""


@pytest.mark.parametrize("status", [200, 404, 500])
def test_html_pages_are_told_as_one_line_of_text(serve: Serve, status: int) -> None:
    """Without markup, scripts and control characters."""
    message = refused(serve(always(PAGE, "text/html", status=status)).url)
    assert "Bad Gateway Come [31mback" in message
    assert not {"<", "alert", "color", "\x1b"} & set(itertools.chain(message, ["alert"] if "alert" in message else []))
    assert len(error_text(b"x" * 10_000)) < 400


def test_a_refused_query_is_the_callers(serve: Serve) -> None:
    """400 means the query."""
    with pytest.raises(destgraph.InputError, match="refuses the request: Unknown function ex:f"):
        destgraph.connect(serve(always(b"Unknown function ex:f", "text/plain", status=400)).url).query(SELECT)


# Methods, time, and busy servers


@pytest.mark.slow
def test_post_that_never_answers(serve: Serve) -> None:
    """GET is used from then on; a query that is posted directly, which Virtuoso never answers, is never sent."""

    def answer(server: Scripted, request: Request, connection: Connection) -> None:
        if request.method == "POST":
            server.closed.wait(300)
        else:
            connection.reply(BODY)

    server = serve(answer)
    graph = destgraph.connect(server.url, timeout=4)
    assert graph.query(SELECT) == graph.query(SELECT) == Solutions(("a", "b"), ROWS)
    assert [request.method for request in server.requests] == ["POST", "GET", "GET", "GET"]
    assert query_of(server.requests[-1]).endswith(SELECT)
    assert "application/sparql-query" not in {r.headers.get("content-type") for r in server.requests}


@pytest.mark.parametrize("status", [403, 404, 405, 415, 501])
def test_post_that_is_refused(serve: Serve, status: int) -> None:
    """GET is used."""

    def answer(_server: Scripted, request: Request, connection: Connection) -> None:
        if request.method == "POST":
            connection.reply(b"no", "text/plain", status=status)
        else:
            connection.reply(BODY)

    assert rows(serve(answer).url) == ROWS


@pytest.mark.parametrize("dripping", [False, True])
def test_a_server_that_is_too_slow(serve: Serve, dripping: bool) -> None:
    """Time is up whether nothing comes or a byte now and then."""

    def answer(server: Scripted, request: Request, connection: Connection) -> None:
        if "versionInfo" in query_of(request):
            connection.reply(BODY)
        elif dripping:
            connection.send_response(200)
            connection.send_header("Content-Length", "100000")
            connection.end_headers()
            drip(connection, itertools.repeat(b" "), 0.05)
        else:
            server.closed.wait(300)

    graph = destgraph.connect(serve(answer).url)
    with pytest.raises(destgraph.TimeLimitError, match=r"no answer within 0\.3 seconds; narrow the query"):
        graph.query(SELECT, timeout=0.3)


def busy(times: int, status: int, **headers: Any) -> Answer:
    """Return an answer that says so many times that the server is busy."""
    left = itertools.count(times, -1)

    def answer(_server: Scripted, _request: Request, connection: Connection) -> None:
        if next(left) > 0:
            connection.reply(b"busy", "text/plain", status=status, **headers)
        else:
            connection.reply(BODY)

    return answer


def patient(url: str) -> tuple[destgraph.RemoteGraph, list[float]]:
    """Return a graph, and the seconds that it would have slept."""
    slept: list[float] = []
    return destgraph.RemoteGraph(url, None, Client(url, sleep=slept.append)), slept


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(serve: Serve, status: int) -> None:
    """After longer and longer waits."""
    graph, slept = patient(serve(busy(3, status)).url)
    assert graph.query(SELECT) == Solutions(("a", "b"), ROWS)
    assert slept == [0.5, 1, 2]


def test_a_busy_server_says_how_long_to_wait(serve: Serve) -> None:
    """In seconds or as a date; a date that has passed means now."""
    graph, slept = patient(serve(busy(2, 429, Retry_After="7")).url)
    assert graph.query(SELECT) == Solutions(("a", "b"), ROWS)
    assert slept == [7, 7]
    graph, slept = patient(serve(busy(1, 503, Retry_After=email.utils.formatdate(time.time() + 20))).url)
    graph.query(SELECT)
    assert len(slept) == 1
    assert 15 < slept[0] <= 20
    graph, slept = patient(serve(busy(1, 503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")).url)
    graph.query(SELECT)
    assert slept == [0]


def test_a_busy_server_is_not_asked_for_ever(serve: Serve) -> None:
    """Not more often than planned, and not when the wait is longer than the time limit."""
    server = serve(busy(100, 503))
    graph, slept = patient(server.url)
    with pytest.raises(destgraph.EndpointError, match=r"is too busy \(503\): busy; try again later"):
        graph.query(SELECT)
    assert (slept, len(server.requests)) == ([0.5, 1, 2, 4], 5)
    graph, slept = patient(serve(busy(100, 503, Retry_After="3600")).url)
    with pytest.raises(destgraph.EndpointError, match="too busy"):
        graph.query(SELECT)
    assert slept == []


def test_other_errors_are_not_tried_again(serve: Serve) -> None:
    """A server that fails would fail again."""
    server = serve(always(b"broken", "text/plain", status=500))
    graph, slept = patient(server.url)
    with pytest.raises(destgraph.EndpointError, match="answers 500 Internal Server Error: broken"):
        graph.query(SELECT)
    assert (slept, len(server.requests)) == ([], 1)


# Credentials


def login(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """Set credentials in the environment."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({USERNAME: "ann", PASSWORD: "s3cret"}, "Basic YW5uOnMzY3JldA=="),
        ({USERNAME: "ann", PASSWORD: ""}, "Basic YW5uOg=="),
        ({TOKEN: "abc.def"}, "Bearer abc.def"),
        ({PASSWORD: "alone"}, None),
        ({}, None),
    ],
)
def test_credentials_of_the_environment(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], header: str | None
) -> None:
    """Basic with a user, Bearer with a token, else none."""
    login(monkeypatch, **variables)
    server = serve(always(BODY))
    assert rows(server.url) == ROWS
    assert {request.headers.get("authorization") for request in server.requests} == {header}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_goes_along_a_redirect(serve: Serve, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """Neither to another server nor to the same; the caller is told where it leads."""
    login(monkeypatch, **{TOKEN: "abc"})
    elsewhere = serve(always(BODY))
    server = serve(always(b"", None, status=status, Location=f"{elsewhere.url}?key=x"))
    assert f"sends on to {elsewhere.url}; nothing is sent there" in refused(server.url)
    assert elsewhere.requests == []
    assert {request.path.partition("?")[0] for request in server.requests} == {"/sparql"}


def test_nothing_goes_through_a_proxy_on_loopback(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment does not see what is meant for this machine."""
    proxy = serve(always(b"{}"))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    assert rows(serve(always(BODY)).url) == ROWS
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("endpoint", "variables", "message"),
    [
        (
            "http://example.org/sparql",
            {USERNAME: "a", PASSWORD: "b"},
            "not sent over plain http to example.org; use https",
        ),
        ("http://example.org/sparql", {TOKEN: "a"}, "not sent over plain http"),
        ("http://127.0.0.1.example.org/sparql", {TOKEN: "a"}, "not sent over plain http"),
        ("http://localhost.example.org/sparql", {TOKEN: "a"}, "not sent over plain http"),
        ("http://user:pass@127.0.0.1/sparql", {}, f"set {USERNAME} and {PASSWORD}, or {TOKEN}"),
        ("http://127.0.0.1/sparql", {USERNAME: "a", TOKEN: "b"}, "both .* are set"),
        ("http://127.0.0.1/sparql", {TOKEN: "a\r\nX: y"}, "cannot be sent"),
        ("http://127.0.0.1/sparql", {TOKEN: "ä"}, "cannot be sent"),
        ("ftp://example.org/x", {}, "is no http or https URL"),
        ("http:///sparql", {}, "is no http or https URL"),
        ("http://127.0.0.1:x/sparql", {}, "is no http or https URL"),
        ("http://127.0.0.1/a b", {}, "is no http or https URL"),
        ("http://127.0.0.1/sparql?x=y", {}, "write it without"),
        ("http://[::1/sparql", {}, "is no http or https URL"),
        ("http://127.0.0.1:1/é", {}, "beyond ASCII as %XX"),
        ("http://é.example/", {}, "in a host as xn--"),
        ("", {}, "is no http or https URL"),
    ],
)
def test_endpoints_that_are_refused(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, variables: dict[str, str], message: str
) -> None:
    """Before anything is sent."""
    login(monkeypatch, **variables)
    with pytest.raises(destgraph.InputError, match=message):
        destgraph.connect(endpoint)


@pytest.mark.parametrize(
    "endpoint", ["http://localhost/", "http://127.0.0.2:8/", "http://[::1]/", "https://example.org/"]
)
def test_where_credentials_may_go(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """To this machine, and to others encrypted."""
    login(monkeypatch, **{TOKEN: "a"})
    assert destgraph.connect(endpoint).endpoint == endpoint


def test_a_graph_that_is_no_iri() -> None:
    """It is refused before anything is sent."""
    with pytest.raises(destgraph.InputError, match="graph 'my graph' is no IRI"):
        destgraph.connect("http://127.0.0.1/", graph_name="my graph")


# Files, and the command line


@pytest.mark.parametrize("format_", ["csv", "tsv", "json"])
def test_a_file_is_whole_or_as_it_was(serve: Serve, tmp_path: Path, format_: str) -> None:
    """After an answer that breaks off late, nothing is new in the folder."""
    target = tmp_path / "rows"
    target.write_text("old")
    row = json.dumps(TABLE["results"]["bindings"][0])  # type: ignore[index]
    many = b'{"head": {"vars": ["a", "b"]}, "results": {"bindings": [' + ",".join([row] * 5000).encode()

    def answer(_server: Scripted, request: Request, connection: Connection) -> None:
        connection.reply(BODY if "versionInfo" in query_of(request) else many, length=None)

    graph = destgraph.connect(serve(answer).url)
    with pytest.raises(destgraph.EndpointError, match="not complete"):
        graph.save(SELECT, target, format_)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("rows", "old")]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed program."""
    return subprocess.run([DESTGRAPH, *arguments], capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (always(BODY[:-2]), "the answer is not complete"),
        (always(BODY, **{"X-SQL-State": "S1TAT"}), "the answer is not complete: S1TAT"),
        (always(BODY, X_SPARQL_MaxRows="2"), "at most 2 rows"),
        (always(PAGE, "text/html"), "Bad Gateway"),
        (always(b"", None, status=301, Location="http://127.0.0.1:1/"), "sends on to http://127.0.0.1:1/"),
    ],
)
def test_an_incomplete_answer_is_exit_code_4(serve: Serve, tmp_path: Path, answer: Answer, message: str) -> None:
    """For every command, on standard output and into a file; never a short table."""
    server = serve(answer)
    target = tmp_path / "rows.csv"
    for command in (
        ["sparql", SELECT, "--format", "csv"],
        ["sparql", SELECT, "--format", "csv", "--output", target],
        ["ask", "types"],
    ):
        result = run(*command, "--endpoint", server.url)
        assert (result.returncode, result.stdout) == (4, ""), result.stderr
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ask", "types", "--endpoint", "http://127.0.0.1:1/"], 4, "cannot be reached"),
        (["ask", "types", "--graph", "a:b"], 2, "name the store with --endpoint"),
        (["ask", "types", "--endpoint", "nowhere"], 2, "is no http or https URL"),
        (["show", "bing", "--endpoint", "http://127.0.0.1:1/", "--data", "x.ttl"], 2, "leave out one of the two"),
        (["explain", "bing", "--endpoint", "http://127.0.0.1:1/", "--graph", "no iri"], 2, "is no IRI"),
        (["publish", "--endpoint", "http://127.0.0.1:1/x"], 2, "--store"),
        (["publish", "--endpoint", "http://127.0.0.1:1/query"], 4, "cannot be reached"),
        (["publish"], 2, "--endpoint"),
    ],
)
def test_wrong_use_of_the_options(arguments: list[str], code: int, message: str) -> None:
    """One line and the right exit code."""
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [["ask", "types"], ["sparql", SELECT], ["show", "bing"], ["explain", "bing"]])
def test_every_command_has_a_time_limit(serve: Serve, command: list[str]) -> None:
    """For the store; exit code 4 says that it was too slow."""

    def answer(server: Scripted, _request: Request, _connection: Connection) -> None:
        server.closed.wait(300)

    server = serve(answer)
    result = run(*command, "--endpoint", server.url, "--timeout", "0.2")
    assert (result.returncode, result.stdout) == (4, "")
    assert "no answer within" in result.stderr


@pytest.mark.slow
def test_commands_ask_the_store(kg: destgraph.KnowledgeGraph, oxigraph: destgraph.RemoteGraph, tmp_path: Path) -> None:
    """With --endpoint each command prints what it prints of the graph in memory."""
    for command in (
        ["ask", "destinations-of-type", "type=edge-personalization"],
        ["sparql", "SELECT ?n { destination:bing rdfs:label ?n }"],
        ["show", "destination:facebook", "--format", "json"],
        ["explain", "adobe-commerce"],
    ):
        ours, theirs = run(*command), run(*command, "--endpoint", oxigraph.endpoint)
        assert (theirs.returncode, theirs.stdout, theirs.stderr) == (0, ours.stdout, "")
    target = tmp_path / "none.csv"
    result = run("sparql", SELECT, "--endpoint", oxigraph.endpoint, "--format", "csv", "-o", target)
    assert (result.returncode, result.stderr) == (0, "no rows: dg:x is no term of the graph\n")
    assert target.read_text() == "a,b\n"
    result = run("publish", "--endpoint", oxigraph.endpoint, "--dry-run")
    assert result.stdout == (
        f"{len(kg.store):,} triples would go in the default graph of"
        f" {oxigraph.endpoint.removesuffix('query')}store, which held destgraph {kg.info.version}\n"
    )


def test_connect_imports_no_client() -> None:
    """What reaches the network is imported when it is reached."""
    code = "import destgraph, sys; print({'SPARQLWrapper', 'urllib.request', 'xml.parsers.expat'} & sys.modules.keys())"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"


def test_many_threads_may_ask_at_once(serve: Serve) -> None:
    """A graph keeps nothing of one answer for the next."""
    graph = destgraph.connect(serve(always(BODY)).url)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(graph.query(SELECT))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Solutions(("a", "b"), ROWS)] * 8
