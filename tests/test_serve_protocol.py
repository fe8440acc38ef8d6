"""The SPARQL 1.1 Protocol of `destgraph serve`: the cases of the W3C, forms of answers, errors, and real clients."""

import csv
import io
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pandas
import pyoxigraph
import pytest
import rdflib
from asking import Reply, ask
from conftest import DATA1, DATA2, DATA3
from pyoxigraph import RdfFormat, Triple, parse
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from servers import Served
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, URLENCODED, XML, SPARQLWrapper

import destgraph
from destgraph.serve.negotiate import SELECT, TRIPLES, best

QUERY, FORM, UPDATE = "application/sparql-query", "application/x-www-form-urlencoded", "application/sparql-update"
SRJ, SRX, TEXT_CSV, TSV = SELECT
DATA0 = "http://kasei.us/2009/09/sparql/data/data0.rdf"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
THREE = "SELECT ?d { ?d a dg:EdgePersonalizationDestination } ORDER BY ?d"


def texts(kg: destgraph.KnowledgeGraph, query: str) -> list[str]:
    """Return the first column of the answer in Python."""
    answer = kg.query(query)
    assert isinstance(answer, destgraph.Solutions)
    return [str(row[0]) for row in answer]


def triples_of(kg: destgraph.KnowledgeGraph, query: str) -> set[Triple]:
    """Return the answer in Python."""
    answer = kg.query(query)
    assert isinstance(answer, destgraph.Triples)
    return {*answer.triples}


def sparql(served: Served, query: str, accept: str = "", **dataset: str) -> Reply:
    """Send a query by GET."""
    headers = {"Accept": accept} if accept else {}
    return ask(served.url, "/sparql", headers=headers, fields={"query": query, **dataset})


# The cases of the W3C's test suite of the protocol, by the names they have there


def url(*parameters: tuple[str, str]) -> str:
    """Return the path of the endpoint with parameters, which may come several times."""
    return (
        "/sparql" + "?" * bool(parameters) + "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters)
    )


def default(*graphs: str) -> list[tuple[str, str]]:
    """Return the parameters that name default graphs."""
    return [("default-graph-uri", graph) for graph in graphs]


def named(*graphs: str) -> list[tuple[str, str]]:
    """Return the parameters that name named graphs."""
    return [("named-graph-uri", graph) for graph in graphs]


TWO = f"ASK {{ <{DATA1}> a ?type . <{DATA2}> a ?type . }}"
TWO_NAMED = f"ASK {{ GRAPH ?g1 {{ <{DATA1}> a ?type }} GRAPH ?g2 {{ <{DATA2}> a ?type }} }}"
FULL = f"ASK {{ <{DATA3}> a ?type GRAPH ?g1 {{ <{DATA1}> a ?type }} GRAPH ?g2 {{ <{DATA2}> a ?type }} }}"

READ = {
    "query_post_form": ("POST", url(*default(DATA0)), FORM, "query=ASK%20%7B%7D", "true"),
    "query_dataset_default_graphs_get": ("GET", url(("query", TWO), *default(DATA1, DATA2)), "", None, "true"),
    "query_dataset_default_graphs_post": ("POST", url(*default(DATA1, DATA2)), QUERY, TWO, "true"),
    "query_dataset_named_graphs_post": ("POST", url(*named(DATA1, DATA2)), QUERY, TWO_NAMED, "true"),
    "query_dataset_named_graphs_get": ("GET", url(("query", TWO_NAMED), *named(DATA1, DATA2)), "", None, "true"),
    "query_dataset_full": ("POST", url(*default(DATA3), *named(DATA1, DATA2)), QUERY, FULL, "true"),
    "query_multiple_dataset": (
        "POST",
        url(*named(DATA1, DATA2)),
        QUERY,
        TWO_NAMED.replace("ASK", f"ASK FROM <{DATA3}>"),
        "true",
    ),
    "query_get": ("GET", url(("query", "ASK {}"), *default(DATA0)), "", None, "true"),
    "query_content_type_select": ("POST", url(*default(DATA0)), QUERY, "SELECT (1 AS ?value) {}", "tabular"),
    "query_content_type_ask": ("POST", url(*default(DATA0)), QUERY, "ASK {}", "true"),
    "query_content_type_describe": ("POST", url(*default(DATA0)), QUERY, "DESCRIBE <http://example.org/>", "RDF"),
    "query_content_type_construct": ("POST", url(*default(DATA0)), QUERY, "CONSTRUCT { <s> <p> 1 } WHERE {}", "RDF"),
    "query_post_direct": ("POST", url(), QUERY, "ASK {}", "true"),
}

BAD = {
    "bad_query_method": ("PUT", url(("query", "ASK {}"), *default(DATA0)), FORM, "", 405),
    "bad_multiple_queries": ("GET", url(("query", "ASK {}"), ("query", "SELECT * {}")), "", None, 400),
    "bad_query_wrong_media_type": ("POST", url(), "text/plain", "ASK {}", 415),
    "bad_query_missing_form_type": ("POST", url(), "", "query=ASK%20%7B%7D", 415),
    "bad_query_missing_direct_type": ("POST", url(), "", "ASK {}", 415),
    "bad_query_non_utf8": ("POST", url(), f"{QUERY}; charset=UTF-16", "ASK {}".encode("utf-16"), 415),
    "bad_query_syntax": ("GET", url(("query", "ASK {")), "", None, 400),
    "bad_update_get": ("GET", url(("update", "CLEAR ALL")), "", None, 403),
    "bad_multiple_updates": ("POST", url(), FORM, "update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", 403),
    "bad_update_wrong_media_type": ("POST", url(), "text/plain", "CLEAR NAMED", 415),
    "bad_update_missing_form_type": ("POST", url(), "", "update=CLEAR%20NAMED", 415),
    "bad_update_non_utf8": ("POST", url(), f"{UPDATE}; charset=UTF-16", "CLEAR NAMED".encode("utf-16"), 415),
    "bad_update_syntax": ("POST", url(), FORM, "update=CLEAR%20XYZ", 403),
    "bad_update_dataset_conflict": (
        "POST",
        url(("using-named-graph-uri", "http://example/people")),
        UPDATE,
        "WITH <http://example/addresses> DELETE { ?p ?q 'Bill' } INSERT { ?p ?q 'William' } WHERE { ?p ?q 'Bill' }",
        403,
    ),
}

INSERT = f"INSERT DATA {{ GRAPH <{DATA1}> {{ <{DATA1}> a <a:b> }} }}"
REFUSED = {
    "update_dataset_default_graph": (url(("using-graph-uri", DATA1)), UPDATE, INSERT),
    "update_dataset_default_graphs": (url(("using-graph-uri", DATA1), ("using-graph-uri", DATA2)), UPDATE, INSERT),
    "update_dataset_named_graphs": (url(("using-named-graph-uri", DATA1)), UPDATE, INSERT),
    "update_dataset_full": (url(("using-graph-uri", DATA1), ("using-named-graph-uri", DATA2)), UPDATE, INSERT),
    "update_post_form": (url(), FORM, "update=CLEAR+ALL"),
    "update_post_direct": (url(), UPDATE, "CLEAR ALL"),
    "update_base_uri": (url(), UPDATE, "INSERT DATA { GRAPH <a:g> { <a:s> <a:p> <test> } }"),
}


def test_the_cases_are_those_of_the_suite() -> None:
    """27 that need no update, 7 that do."""
    assert (len(READ) + len(BAD), len(REFUSED)) == (27, 7)


def typed(content_type: str) -> Mapping[str, str]:
    """Return the header for a media type, if there is one."""
    return {"Content-Type": content_type} if content_type else {}


@pytest.mark.parametrize("name", READ)
def test_queries_of_the_suite_are_answered(served: Served, name: str) -> None:
    """With the form and the truth that the suite expects."""
    method, path, content_type, body, expected = READ[name]
    reply = ask(served.url, path, method, body, typed(content_type))
    assert reply.status == 200
    if expected == "true":
        assert (reply.media_type, reply.json()) == (SRJ, {"head": {}, "boolean": True})
    elif expected == "tabular":
        (row,) = reply.json()["results"]["bindings"]
        assert (reply.media_type, row["value"]["value"]) == (SRJ, "1")
    else:
        assert reply.media_type == "text/turtle"
        triples = {str(quad.triple) for quad in parse(reply.body, format=RdfFormat.TURTLE)}
        base = "https://w3id.org/destgraph/"
        integer = "<http://www.w3.org/2001/XMLSchema#integer>"
        assert triples == ({f'<{base}s> <{base}p> "1"^^{integer}'} if "construct" in name else set())


@pytest.mark.parametrize("name", BAD)
def test_bad_requests_of_the_suite_are_refused(served: Served, name: str) -> None:
    """With the status of their kind, and a reason."""
    method, path, content_type, body, status = BAD[name]
    reply = ask(served.url, path, method, body, typed(content_type))
    assert reply.status == status
    assert reply.media_type == "application/problem+json"
    assert reply.json()["status"] == status
    assert reply.json()["detail"]


@pytest.mark.parametrize("name", REFUSED)
def test_updates_of_the_suite_are_refused_and_change_nothing(served: Served, name: str) -> None:
    """403 with the reason."""
    path, content_type, body = REFUSED[name]
    reply = ask(served.url, path, "POST", body, typed(content_type))
    assert (reply.status, reply.json()["detail"]) == (403, "this graph is read-only: updates are refused")
    assert sparql(served, f"ASK {{ GRAPH <{DATA1}> {{ ?s a <a:b> }} }}").json()["boolean"] is False
    assert sparql(served, TWO_NAMED).json()["boolean"] is True


@pytest.mark.parametrize(
    ("clause", "pattern", "expected"),
    [
        (f"FROM <{DATA1}>", f"<{DATA1}> a ?type", True),
        (f"FROM <{DATA1}>", f"<{DATA2}> a ?type", False),
        (f"FROM <{DATA1}> FROM <{DATA2}>", f"<{DATA1}> a ?type . <{DATA2}> a ?type", True),
        (f"FROM NAMED <{DATA2}>", f"GRAPH <{DATA2}> {{ ?s a ?type }}", True),
        (f"FROM NAMED <{DATA2}>", f"GRAPH <{DATA1}> {{ ?s a ?type }}", False),
        (f"FROM <{DATA0}>", "?s ?p ?o", False),
        ("", "?s a dg:Extension", True),
    ],
)
def test_from_names_graphs_of_the_server(served: Served, clause: str, pattern: str, expected: bool) -> None:
    """Nothing is fetched; a graph that is not there is empty."""
    assert sparql(served, f"ASK {clause} {{ {pattern} }}").json()["boolean"] is expected


# Methods


@pytest.mark.parametrize(
    ("method", "path", "content_type", "body"),
    [
        ("QUERY", "/sparql", QUERY, THREE),
        ("QUERY", "/sparql", f"{QUERY};charset=utf-8", THREE),
        ("QUERY", "/sparql", FORM, f"query={quote(THREE)}"),
        ("POST", "/sparql", FORM, f"query={quote(THREE)}&format=x"),
        ("GET", url(("query", THREE)), "", None),
    ],
)
def test_every_way_to_ask_gives_the_same(
    served: Served, kg: destgraph.KnowledgeGraph, method: str, path: str, content_type: str, body: str | None
) -> None:
    """The answer of Python."""
    reply = ask(served.url, path, method, body, {**typed(content_type), "Accept": TSV})
    assert (reply.status, reply.body.decode()) == (200, kg.query(THREE).to_tsv())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "path", [url(("query", THREE)), "/sparql", "/data", "/", "/destination/bing", "/query/types.csv"]
)
def test_head_is_get_without_body(served: Served, path: str) -> None:
    """The length too; some clients ask for it first."""
    head, get = (ask(served.url, path, method) for method in ("HEAD", "GET"))
    assert head.body == b""
    assert head.status == get.status
    for reply in (head, get):
        reply.headers.pop("date")  # type: ignore[attr-defined]
    assert head.headers == get.headers
    assert int(head.headers["content-length"]) == len(get.body)


@pytest.mark.parametrize(
    ("path", "allowed"), [("/sparql", "GET, HEAD, POST, QUERY, OPTIONS"), ("/data", "GET, HEAD, OPTIONS")]
)
def test_options_tell_the_methods(served: Served, path: str, allowed: str) -> None:
    """And what a page of another site may send; never with its user's credentials."""
    reply = ask(
        served.url, path, "OPTIONS", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    )
    assert (reply.status, reply.body, reply.headers["allow"]) == (204, b"", allowed)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-allow-headers"] == "*"
    assert reply.headers["access-control-allow-methods"] == "GET, HEAD, POST, QUERY, OPTIONS"
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/sparql", "/data?default", "/", "/destination/bing"])
def test_other_methods_are_not_allowed(served: Served, method: str, path: str) -> None:
    """The answer tells which are."""
    reply = ask(served.url, path, method, "x")
    assert reply.status == 405
    allowed = {*reply.headers["allow"].split(", ")}
    assert allowed == ({"GET", "HEAD", "POST", "QUERY"} if path == "/sparql" else {"GET", "HEAD"})


# Forms


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", SRJ),
        ("*/*", SRJ),
        ("application/json", SRJ),
        ("text/csv", TEXT_CSV),
        ("text/csv;q=0.5, application/sparql-results+xml", SRX),
        ("text/csv; q=0.5, application/sparql-results+xml; q=0.4", TEXT_CSV),
        ("TEXT/TAB-SEPARATED-VALUES", TSV),
        ("text/*, application/sparql-results+json;q=0.9", TEXT_CSV),
        ("application/sparql-results+json;q=0, */*;q=0.1", SRX),
        ("application/sparql-results+xml, application/xml;q=0.5, */*;q=0.1", SRX),
        ("text/turtle, text/csv;q=0.001", TEXT_CSV),
        ('text/csv;header="a,b;q=1";q=0.2, text/tab-separated-values;q=0.3', TSV),
        ("text/csv;q=nonsense", TEXT_CSV),
        ("nonsense", SRJ),
        ("text/turtle", None),
        ("text/csv;q=0", None),
        ("image/png, text/html", None),
    ],
)
def test_the_best_form_is_chosen(accept: str, expected: str | None) -> None:
    """By quality, then by the order of what is on offer."""
    assert best(accept, SELECT) == expected


@pytest.mark.parametrize("media_type", SELECT)
def test_rows_in_every_form(served: Served, kg: destgraph.KnowledgeGraph, media_type: str) -> None:
    """The same rows in each."""
    reply = sparql(served, THREE, media_type)
    assert (reply.status, reply.media_type, reply.headers["vary"]) == (200, media_type, "Accept")
    expected = texts(kg, THREE)
    if media_type == SRJ:
        assert [row["d"]["value"] for row in reply.json()["results"]["bindings"]] == expected
    elif media_type == SRX:
        namespace = "{http://www.w3.org/2005/sparql-results#}"
        assert [uri.text for uri in ElementTree.fromstring(reply.body).iter(f"{namespace}uri")] == expected  # noqa: S314
    elif media_type == TEXT_CSV:
        assert [*csv.reader(io.StringIO(reply.body.decode()))] == [["d"], *([iri] for iri in expected)]
    else:
        assert reply.body.decode() == "".join(["?d\n", *(f"<{iri}>\n" for iri in expected)])


@pytest.mark.parametrize("media_type", TRIPLES)
@pytest.mark.parametrize("query", ["DESCRIBE destination:bing", "CONSTRUCT WHERE { destination:bing ?p ?o }"])
def test_triples_in_every_form(served: Served, kg: destgraph.KnowledgeGraph, media_type: str, query: str) -> None:
    """The same triples in each."""
    reply = sparql(served, query, media_type)
    assert (reply.status, reply.media_type) == (200, media_type)
    found = {quad.triple for quad in parse(reply.body, format=RdfFormat.from_media_type(media_type))}
    assert found == triples_of(kg, query)


@pytest.mark.parametrize("truth", [True, False])
def test_a_boolean_in_both_forms(served: Served, truth: bool) -> None:
    """As a standard parser reads it."""
    query = "ASK {}" if truth else "ASK { FILTER(false) }"
    for media_type in (SRJ, SRX):
        reply = sparql(served, query, media_type)
        assert reply.media_type == media_type
        assert (
            bool(
                pyoxigraph.parse_query_results(
                    reply.body, format=pyoxigraph.QueryResultsFormat.from_media_type(media_type)
                )
            )
            is truth
        )


@pytest.mark.parametrize(
    ("query", "accept", "forms"),
    [
        (THREE, "text/turtle", SELECT),
        ("CONSTRUCT WHERE { ?s a dg:Extension }", "text/csv", TRIPLES),
        ("DESCRIBE destination:bing", "application/sparql-results+json", TRIPLES),
        ("ASK {}", "text/csv", SELECT[:2]),
        ("ASK {}", "text/turtle", SELECT[:2]),
        (THREE, "image/png", SELECT),
        ("PREFIX ask: <a:b> # CONSTRUCT\nselect * {}", "text/turtle", SELECT),
    ],
)
def test_what_a_form_of_query_does_not_have_is_not_acceptable(
    served: Served, query: str, accept: str, forms: tuple[str, ...]
) -> None:
    """The answer lists what is to be had; it is judged by the form of the query."""
    reply = sparql(served, query, accept)
    assert (reply.status, reply.json()["detail"]) == (
        406,
        f"there is no such form; to be had are {', '.join((*forms, 'text/html'))}",
    )


# Errors


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("", 400, "query:1:1: the query is empty"),
        ("SELECT ?x {\n  ?x a }", 400, "query:2:9: expected"),
        ("SELECT (<a:f>(1) AS ?x) {}", 400, "query: The custom function <a:f> is not supported"),
        (
            f"ASK {'{' * 101}{'}' * 101}",
            400,
            "query:1:105: brackets are nested more than 100 deep; write the query flatter",
        ),
        (
            "ASK { SERVICE <http://127.0.0.1:9/> {} }",
            403,
            "SERVICE reaches other data than the graph's; this server answers from its own graph alone",
        ),
        ("INSERT DATA { <a:b> <a:c> 1 }", 403, "this graph is read-only: updates are refused"),
        ("PREFIX a: <a:> LOAD <http://127.0.0.1:9/>", 403, "this graph is read-only: updates are refused"),
    ],
    ids=["empty", "syntax", "function", "deep", "service", "insert", "load"],
)
def test_queries_that_are_not_answered_say_why(served: Served, query: str, status: int, reason: str) -> None:
    """In JSON, with line and column where there are any."""
    reply = sparql(served, query)
    assert (reply.status, reply.media_type) == (status, "application/problem+json")
    assert reply.json()["detail"].startswith(reason)


def test_an_error_is_a_page_for_people(served: Served) -> None:
    """In which what was sent stays text."""
    reply = ask(
        served.url, "/sparql", headers={"Accept": BROWSER}, fields={"query": "ASK { <script>alert(1)</script> }"}
    )
    assert (reply.status, reply.media_type) == (400, "text/html")
    assert b"query:1:20" in reply.body
    assert b"<script>alert" not in reply.body
    assert b"&lt;script&gt;alert" in reply.body


@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_has_a_size(served: Served, chunked: bool) -> None:
    """One megabyte, whether it is announced or not; and one that is as large is answered."""
    most = 1 << 20
    padded = "ASK {} #"
    assert ask(served.url, "/sparql", "POST", padded.ljust(most, "x"), typed(QUERY)).status == 200
    headers = {
        **typed(QUERY),
        "Content-Length" if not chunked else "Transfer-Encoding": str(most + 1) if not chunked else "chunked",
    }
    body = padded.ljust(most + 1, "x").encode()
    sent = b"".join([f"{len(body):x}\r\n".encode(), body, b"\r\n0\r\n\r\n"]) if chunked else body
    reply = ask(served.url, "/sparql", "POST", sent, headers)
    assert (reply.status, reply.json()["detail"]) == (413, "a request has at most 1048576 bytes; send a shorter query")


@pytest.mark.parametrize(
    "head", ["GET /sparql?query={} HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n"]
)
def test_the_head_of_a_request_has_a_size(served: Served, head: str) -> None:
    """64 kB: who sends more is hung up on."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection, pytest.raises(ConnectionError):
        connection.sendall(head.format("x" * (64 << 20)).encode())
    assert sparql(served, "ASK {}").status == 200


@pytest.mark.parametrize(
    ("path", "method", "content_type", "body", "reason"),
    [
        ("/sparql", "POST", FORM, "", "the request has no query; send it as the field query, or as the body"),
        ("/sparql?query=ASK%7B%7D", "POST", QUERY, "ASK {}", "the request has 2 queries; send one"),
        ("/sparql?query=ASK%7B%7D", "POST", FORM, "query=ASK%7B%7D", "the request has 2 queries; send one"),
        ("/sparql?query=%FF", "GET", "", None, "the fields of the request are not in UTF-8"),
        ("/sparql", "POST", QUERY, b"ASK { \xff }", "the body is not in UTF-8, from byte 7 on"),
        ("/sparql?query=ASK%7B%7D&default-graph-uri=no%20iri", "GET", "", None, "query: "),
        (
            "/sparql?" + "a=b&" * 1001 + "query=ASK%7B%7D",
            "GET",
            "",
            None,
            "the fields of the request are more than 1000",
        ),
    ],
)
def test_requests_that_make_no_sense_say_why(
    served: Served, path: str, method: str, content_type: str, body: str | bytes | None, reason: str
) -> None:
    """400, with the reason."""
    reply = ask(served.url, path, method, body, typed(content_type))
    assert reply.status == 400
    assert reply.json()["detail"].startswith(reason)


# The description of the service, and the graphs


def test_the_service_describes_itself(served: Served, kg: destgraph.KnowledgeGraph) -> None:
    """In each form, always the same, and true."""
    expected = None
    for media_type in TRIPLES:
        replies = [ask(served.url, "/sparql", headers={"Accept": media_type}) for _ in range(2)]
        assert replies[0].body == replies[1].body
        assert replies[0].headers["accept-query"] == f"{QUERY}, {FORM}"
        found = {str(quad.triple) for quad in parse(replies[0].body, format=RdfFormat.from_media_type(media_type))}
        assert found == (expected := expected or found)
    assert expected is not None
    sd = "http://www.w3.org/ns/sparql-service-description#"
    graph = rdflib.Graph().parse(data=ask(served.url, "/sparql").body, format="turtle")
    endpoint = rdflib.URIRef(f"{served.url}sparql")
    assert [*graph.objects(endpoint, rdflib.URIRef(sd + "endpoint"))] == [endpoint]
    (dataset,) = graph.objects(endpoint, rdflib.URIRef(sd + "defaultDataset"))
    (triples,) = graph.objects(None, rdflib.VOID.triples)
    assert triples.toPython() == len(kg.store)  # type: ignore[attr-defined]
    names = {str(name) for name in graph.objects(None, rdflib.URIRef(sd + "name"))}
    assert names == {DATA1, DATA2, DATA3}
    assert {*graph.objects(dataset, rdflib.URIRef(sd + "namedGraph"))} == {*graph.subjects(rdflib.URIRef(sd + "name"))}
    assert not [node for node in graph.all_nodes() if isinstance(node, rdflib.BNode)]


def test_people_are_led_from_the_endpoint_to_the_editor(served: Served) -> None:
    """A browser asks for a page."""
    reply = ask(served.url, "/sparql", headers={"Accept": BROWSER})
    assert (reply.status, reply.headers["location"]) == (303, "sparql.html")


@pytest.mark.parametrize("path", ["/data", "/data?default"])
@pytest.mark.parametrize("media_type", TRIPLES)
def test_the_whole_graph_can_be_read(served: Served, kg: destgraph.KnowledgeGraph, path: str, media_type: str) -> None:
    """In every form."""
    reply = ask(served.url, path, headers={"Accept": media_type})
    assert (reply.status, reply.media_type) == (200, media_type)
    quads = [*parse(reply.body, format=RdfFormat.from_media_type(media_type))]
    assert len(quads) == len(kg.store)


def test_a_named_graph_can_be_read(served: Served) -> None:
    """By its IRI."""
    reply = ask(served.url, "/data", headers={"Accept": "application/n-triples"}, fields={"graph": DATA2})
    rdf, foaf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "http://xmlns.com/foaf/0.1/Document"
    assert reply.body.decode() == f"<{DATA2}> <{rdf}> <{foaf}> .\n"


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/data?graph=https://example.org/none", "", 404),
        ("/data?graph=no%20iri", "", 404),
        ("/data?default", "image/png", 406),
        (f"/data?graph={DATA1}&graph={DATA2}", "", 400),
        (f"/data?graph={DATA1}&default", "", 400),
    ],
)
def test_a_graph_that_cannot_be_read_is_told(served: Served, path: str, accept: str, status: int) -> None:
    """With the status of its kind."""
    reply = ask(served.url, path, headers={"Accept": accept} if accept else {})
    assert (reply.status, reply.json()["status"]) == (status, status)


# What has not changed is not sent again


@pytest.mark.parametrize(
    "path", [url(("query", THREE)), "/data?default", "/", "/destination/bing.ttl", "/query/types.csv"]
)
@pytest.mark.parametrize("known", ["{}", '"other", {}', "*"])
def test_what_a_client_knows_is_not_sent_again(served: Served, path: str, known: str) -> None:
    """304 for the tag that it was sent with, and only for that."""
    first = ask(served.url, path)
    tag = first.headers["etag"]
    again = ask(served.url, path, headers={"If-None-Match": known.format(tag)})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert ask(served.url, path, headers={"If-None-Match": '"other"'}).body == first.body


def test_the_tag_depends_on_what_is_asked(served: Served) -> None:
    """Query, dataset and form; what is another thing each time has none."""
    asked = [
        sparql(served, THREE),
        sparql(served, THREE, TEXT_CSV),
        sparql(served, THREE + " "),
        sparql(served, THREE, **{"default-graph-uri": DATA1}),
        sparql(served, THREE, **{"named-graph-uri": DATA1}),
    ]
    assert len({reply.headers["etag"] for reply in asked}) == 5
    for fleeting in ("NOW()", "RAND()", "STRUUID()", "\\u004eOW()"):
        assert "etag" not in sparql(served, f"SELECT ({fleeting} AS ?x) {{}}").headers


# Clients


@pytest.mark.parametrize(("method", "posted"), [("GET", URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)])
def test_sparqlwrapper(served: Served, kg: destgraph.KnowledgeGraph, method: str, posted: str) -> None:
    """By GET, by POST as a form and directly; rows in three formats."""

    def answer(format_: str) -> Any:
        wrapper = SPARQLWrapper(f"{served.url}sparql")
        wrapper.setMethod(method)
        wrapper.setRequestMethod(posted)
        wrapper.setQuery(f"PREFIX dg: <https://w3id.org/destgraph/ontology#> {THREE}")
        wrapper.setReturnFormat(format_)
        return wrapper.query().convert()

    expected = texts(kg, THREE)
    assert [row["d"]["value"] for row in answer(JSON)["results"]["bindings"]] == expected
    assert answer(CSV).decode().split() == ["d", *expected]
    assert [node.firstChild.data for node in answer(XML).getElementsByTagName("uri")] == expected


def test_sparqlwrapper_constructs(served: Served, kg: destgraph.KnowledgeGraph) -> None:
    """Triples as Turtle."""
    wrapper = SPARQLWrapper(f"{served.url}sparql")
    wrapper.setQuery("PREFIX d: <https://w3id.org/destgraph/destination/> CONSTRUCT WHERE { d:bing ?p ?o }")
    wrapper.setReturnFormat(TURTLE)
    answer: Any = wrapper.query().convert()
    triples = {quad.triple for quad in parse(answer, format=RdfFormat.TURTLE)}
    assert triples == triples_of(kg, "CONSTRUCT WHERE { destination:bing ?p ?o }")


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_the_store_of_rdflib(served: Served, kg: destgraph.KnowledgeGraph, method: str) -> None:
    """All of its ways to ask."""
    graph = rdflib.Graph(SPARQLStore(f"{served.url}sparql", method=method))
    expected = texts(kg, THREE)
    rows = graph.query(THREE, initNs={"dg": rdflib.Namespace("https://w3id.org/destgraph/ontology#")})
    assert [str(row.d) for row in rows] == expected  # type: ignore[union-attr]
    assert len(graph) == len(kg.store)


def test_service_of_rdflib_and_pyoxigraph(served: Served, kg: destgraph.KnowledgeGraph) -> None:
    """Both read this endpoint from within a query of their own."""
    query = f"""PREFIX dg: <https://w3id.org/destgraph/ontology#>
        SELECT ?d {{ SERVICE <{served.url}sparql> {{ ?d a dg:EdgePersonalizationDestination }} }}"""
    expected = {*texts(kg, THREE)}
    assert {str(row.d) for row in rdflib.Graph().query(query)} == expected  # type: ignore[union-attr]
    rows = pyoxigraph.Store().query(query)
    assert isinstance(rows, pyoxigraph.QuerySolutions)
    assert {row["d"].value for row in rows} == expected


def test_pandas(served: Served, kg: destgraph.KnowledgeGraph) -> None:
    """From the URL of a query, and from that of a question."""
    frame = pandas.read_csv(f"{served.url}sparql?query={quote(THREE)}", storage_options={"Accept": "text/csv"})
    assert [*frame["d"]] == texts(kg, THREE)
    frame = pandas.read_csv(f"{served.url}query/destinations-of-type.csv?type=edge-personalization")
    expected = kg.ask("destinations-of-type", type="edge-personalization")
    assert [*frame["destination"]] == [row.destination for row in expected]


def test_the_package_itself(served: Served, kg: destgraph.KnowledgeGraph) -> None:
    """As a store: the same questions, the same answers."""
    remote = destgraph.connect(f"{served.url}sparql")
    assert remote.ask("types").terms == kg.ask("types").terms
    assert remote.info == kg.info
