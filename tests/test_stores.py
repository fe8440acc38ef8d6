"""Real stores: the same answers embedded, with rdflib, on an Oxigraph server and on Virtuoso; publishing to them."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import cast

import pytest
import servers
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, RdfFormat, Store, Triple, parse
from rdflib import Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.query import ResultRow

import destgraph
from destgraph import files
from destgraph.catalog import description, names, questions, search
from destgraph.results import Solutions, Term, python
from destgraph.stores.http import PASSWORD, USERNAME
from destgraph.stores.publish import Publication, canonical_quads, publish
from destgraph.vocabulary import PREFIXES

QUESTIONS = [question.name for question in questions.every()]
STORES = ["oxigraph", pytest.param("virtuoso", marks=pytest.mark.slow)]
ENGINES = [pytest.param("rdflib", marks=pytest.mark.nightly), *STORES]
GRAPH = "https://example.org/published"


@pytest.fixture
def remote(request: pytest.FixtureRequest) -> destgraph.RemoteGraph:
    """The store that a test names."""
    found: destgraph.RemoteGraph = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def small() -> destgraph.KnowledgeGraph:
    """The ontology without the catalog: a graph that is published quickly."""
    store = Store()
    for path in (files.root() / "ontology").glob("*.ttl"):
        store.load(path=path, format=RdfFormat.TURTLE)
    return destgraph.KnowledgeGraph(store)


@pytest.fixture(scope="module")
def smaller() -> destgraph.KnowledgeGraph:
    """Another one."""
    store = Store()
    store.load(path=files.root() / "ontology" / "destgraph.ttl", format=RdfFormat.TURTLE)
    return destgraph.KnowledgeGraph(store)


def size(graph: destgraph.Queryable) -> int:
    """Return the number of triples."""
    answer = graph.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert isinstance(answer, Solutions)
    ((number,),) = answer
    assert isinstance(number, int)
    return number


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials with which Virtuoso is written to; Oxigraph asks for none."""
    monkeypatch.setenv(USERNAME, servers.VIRTUOSO_LOGIN)
    monkeypatch.setenv(PASSWORD, servers.VIRTUOSO_LOGIN)


def key(term: Term) -> object:
    """Return what makes two terms the same value, however a store writes it."""
    if isinstance(term, Literal):
        return python(term), (term.language or term.datatype.value).lower()
    return term


def keys(answer: object) -> list[tuple[object, ...]]:
    """Return the rows of an answer as values."""
    assert isinstance(answer, Solutions)
    return [tuple(map(key, terms)) for terms in answer.terms]


def rdflib_rows(graph: Graph, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query as values, from rdflib."""

    def term(node: object) -> Term:
        match node:
            case URIRef():
                return NamedNode(str(node))
            case RdflibLiteral(language=str(language)):
                return Literal(str(node), language=language)
            case RdflibLiteral(datatype=URIRef() as datatype):
                return Literal(str(node), datatype=NamedNode(str(datatype)))
            case RdflibLiteral():
                return Literal(str(node))
        assert node is None
        return None

    rows = (cast(ResultRow, row) for row in graph.query(query))
    return [tuple(key(term(node)) for node in row) for row in rows]


def test_there_are_questions() -> None:
    """The parametrised tests below look at something."""
    assert len(QUESTIONS) > 30


@pytest.fixture(scope="module")
def few(kg: destgraph.KnowledgeGraph) -> tuple[Store, Graph]:
    """The graph with a few destinations, embedded and in rdflib: some of each answer, as rdflib is slow on all."""
    every = {row[0] for row in kg.select("SELECT ?d { ?d a/rdfs:subClassOf* dg:Destination }").terms}
    chosen: set[Term] = set()
    for question in questions.every():
        found = next(filter(None, (every.intersection(row) for row in kg.select(question.query).terms)), set())
        examples = [names.term(kg.select, p.kind, p.example) for p in question.parameters if p.kind == "destination"]
        chosen |= {*examples, *(set() if found & chosen else found)}
    others = {str(destination)[1:-1] for destination in every - chosen}
    store = Store()
    store.extend(quad for quad in kg.store if quad.subject.value.partition("#")[0] not in others)
    return store, Graph().parse(data=store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()), format="nt")


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_same_rows_in_rdflib(few: tuple[Store, Graph], name: str) -> None:
    """On a few destinations; on all of them in the nightly run."""
    store, graph = few
    query = questions.question(name).query
    rows = keys(Solutions.of(cast(QuerySolutions, store.query(query))))
    assert rdflib_rows(graph, query) == rows
    assert rows


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", QUESTIONS)
def test_same_rows_everywhere(
    kg: destgraph.KnowledgeGraph, request: pytest.FixtureRequest, name: str, engine: str
) -> None:
    """Each question file, as it stands, gives the rows of the embedded store in the same order."""
    query = questions.question(name).query
    rows = keys(kg.select(query))
    assert rows
    if engine == "rdflib":
        assert rdflib_rows(request.getfixturevalue("everything"), query) == rows
    else:
        assert keys(request.getfixturevalue(engine).query(query)) == rows


@pytest.mark.parametrize("remote", STORES, indirect=True)
@pytest.mark.parametrize(
    "name",
    [q.name for q in questions.every() if any(not p.required for p in q.parameters) and not q.needs_parameter],
)
def test_same_rows_without_optional_parameters(
    kg: destgraph.KnowledgeGraph, remote: destgraph.RemoteGraph, name: str
) -> None:
    """Left out means the same everywhere."""
    given = {p.name.replace("-", "_"): p.example for p in questions.question(name).parameters if p.required}
    assert keys(remote.ask(name, **given)) == keys(kg.ask(name, **given))


ASKED: list[tuple[str, dict[str, str | list[str]]]] = [
    ("license", {"license": "Prime"}),
    ("license", {"only": "Ultimate"}),
    ("license", {"only": ["Prime", "Ultimate"]}),
    ("license", {"without": ["Prime", "Ultimate"]}),
    ("choose", {"exports": "raw-events", "frequency": "streaming"}),
    ("choose", {"exports": ["raw-events", "raw-datasets"], "owner": "customer", "format": "parquet"}),
    ("choose", {"identity": "hashed-email", "license": "Prime", "kind": "connection"}),
    ("choose", {"audience": ["account", "prospect"], "origin": "look-alike", "category": "advertising"}),
    ("choose", {"scope": "same-page", "identity": "any-identity", "kind": "dataset-export"}),
    ("accepts-identity", {"identity": "any-identity"}),
    ("accepts-identity", {"identity": ["phone-e164", "device-id"]}),
    ("accepts-audiences", {"origin": "custom-upload"}),
    ("accepts-audiences", {"data_type": ["account", "people"], "answer": ["no", "not documented"]}),
    ("accepts-audiences", {"origin": "look-alike", "data_type": "account", "answer": "yes"}),
    ("alternatives", {"destination": "amazon-kinesis"}),
    ("alternatives", {"destination": "pinterest-extension"}),
    ("compare", {"a": "amazon-s3", "b": "pega", "rows": "different"}),
    ("destinations-of-type", {"type": "connection"}),
    ("destinations-of-type", {"type": "destination", "edition": "current"}),
    ("destinations-in-category", {"category": "cloud-storage"}),
    ("type-of", {"destination": "amazon-s3", "edition": "current"}),
    ("types", {"edition": "current"}),
    ("disagreements", {"edition": "current"}),
    ("maintained-by", {"maintainer": "partner"}),
    ("permissions", {"permission": "view-identity-graph"}),
    ("with-status", {"status": "legacy"}),
    ("stale", {"older_than": "2025-01"}),
    ("sources", {"destination": ["zoominfo-account-audiences", "snowflake-delta-sharing"]}),
    ("gaps", {"destination": ["rokt", "invoca-extension"]}),
    ("limits", {"destination": ["branch-extension", "gainsight-px", "demandbase"]}),
    ("identities-of", {"destination": ["snowflake", "rokt"]}),
    ("with-status", {"status": ["alpha", "legacy"]}),
    ("choose", {"category": "advertising", "identity": "hashed-email", "status": "ga", "rows": "fitting"}),
    ("export-behaviour", {"type": ["connection", "dataset-export"], "edition": ["2023", "current"]}),
    ("maintained-by", {"destination": ["bing", "magnite-streaming"]}),
]
"""Other values than those of the examples, several of one parameter, and some parameters without others."""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("name", "parameters"), ASKED, ids=[f"{name}-{n}" for n, (name, _) in enumerate(ASKED)])
def test_same_rows_for_other_parameters(
    kg: destgraph.KnowledgeGraph,
    request: pytest.FixtureRequest,
    name: str,
    parameters: dict[str, str | list[str]],
    engine: str,
) -> None:
    """An engine that loses rows for some values is found out."""
    question = questions.question(name)
    terms = {}
    for parameter, value in parameters.items():
        found = question.parameter(parameter.replace("_", "-"))
        given = [value] if isinstance(value, str) else value
        terms[found.name] = [names.term(kg.select, found.kind, text, found.choices) for text in given]
    query = question.bind(terms)
    rows = keys(kg.select(query))
    assert rows
    if engine == "rdflib":
        assert rdflib_rows(request.getfixturevalue("everything"), query) == rows
    else:
        assert keys(request.getfixturevalue(engine).query(query)) == rows


@pytest.mark.parametrize("remote", STORES, indirect=True)
def test_names_are_looked_up_in_the_store(kg: destgraph.KnowledgeGraph, remote: destgraph.RemoteGraph) -> None:
    """Labels in other languages too; an unknown name is refused with what the store knows."""
    name = "エッジパーソナライゼーション宛先"
    assert keys(remote.ask("destinations-of-type", type=name)) == keys(kg.ask("destinations-of-type", type=name))
    with pytest.raises(destgraph.InputError, match=r"no type 'edgy'; did you mean edge-personalization \("):
        remote.ask("destinations-of-type", type="edgy")


@pytest.mark.parametrize("remote", STORES, indirect=True)
@pytest.mark.parametrize(
    ("destination", "wanted"), [("adobe-commerce", None), ("pega-v2", None), ("bing", "edge-personalization")]
)
def test_same_explanation_and_figures(
    kg: destgraph.KnowledgeGraph, remote: destgraph.RemoteGraph, destination: str, wanted: str | None
) -> None:
    """All that `explain` and `info` tell."""
    assert remote.explain(destination, wanted) == kg.explain(destination, wanted)
    assert (remote.info, remote.as_read) == (kg.info, kg.as_read)
    assert list(remote.questions) == QUESTIONS


@pytest.mark.parametrize("remote", STORES, indirect=True)
@pytest.mark.parametrize("name", ["destination:facebook", "platform:pinterest", "category:social"])
def test_same_description(kg: destgraph.KnowledgeGraph, remote: destgraph.RemoteGraph, name: str) -> None:
    """All that `show` tells, but for the order of values that no store promises."""

    def told(graph: destgraph.Queryable) -> object:
        described = description.describe(graph.select, names.resolve(graph.select, names.KINDS, name))
        facts = [(label, sorted(values)) for label, values in described.facts]
        return described.iri, described.name, facts, sorted(described.mentions)

    assert told(remote) == told(kg)


@pytest.mark.parametrize("remote", STORES, indirect=True)
def test_all_forms_of_free_queries(kg: destgraph.KnowledgeGraph, remote: destgraph.RemoteGraph) -> None:
    """Prefixes need no declaration; all but DESCRIBE give what the embedded store gives."""
    assert remote.query("ASK { destination:bing a/rdfs:subClassOf* dg:Connection }") is True
    assert remote.query("ASK { destination:bing a dg:Nope }") is False
    query = "CONSTRUCT { ?d dg:status ?s } WHERE { ?d dg:category ?c ; dg:status ?s } # SELECT dg:x"
    ours, theirs = kg.query(query), remote.query(query)
    assert isinstance(ours, destgraph.Triples)
    assert isinstance(theirs, destgraph.Triples)
    assert canonical_quads(theirs.triples) == canonical_quads(ours.triples) != set()
    described = remote.query("DESCRIBE status:beta")
    assert isinstance(described, destgraph.Triples)
    assert NamedNode("https://w3id.org/destgraph/status/beta") in {subject for subject, _, _ in described}
    query = "SELECT ?t (COUNT(?d) AS ?n) { ?d a ?t ; dg:category ?c } GROUP BY ?t ORDER BY ?t"
    assert keys(remote.query(query)) == keys(kg.query(query)) != []


@pytest.mark.parametrize("remote", STORES, indirect=True)
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * { ?s ?p }", "refuses the request: "),
        ("INSERT DATA { <a:a> <a:b> 1 }", "none of SELECT, ASK, CONSTRUCT and DESCRIBE"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> {} }", "SERVICE reaches other data than the graph's"),
    ],
)
def test_a_wrong_query_is_the_callers(remote: destgraph.RemoteGraph, query: str, message: str) -> None:
    """What the server says, or what is not sent at all."""
    with pytest.raises(destgraph.InputError, match=message):
        remote.query(query)


@pytest.mark.slow
def test_a_graph_without_destgraph_names_those_with_it(
    oxigraph: destgraph.RemoteGraph, virtuoso: destgraph.RemoteGraph
) -> None:
    """The caller learns what to write instead; a free query may still be asked of any graph."""
    elsewhere = destgraph.connect(virtuoso.endpoint, graph_name="https://example.org/other")
    with pytest.raises(
        destgraph.InputError,
        match=r"graph <https://example.org/other> does not hold destgraph; it is in <https://example.org/destgraph>",
    ):
        elsewhere.ask("types")
    assert elsewhere.query("ASK { ?s ?p ?o }") is False
    assert (elsewhere.as_read, elsewhere.has_ontology) == ("", False)
    with pytest.raises(destgraph.InputError, match="no graph of the store does; put it there with: destgraph publish"):
        destgraph.connect(oxigraph.endpoint, graph_name="https://example.org/other").explain("bing")


@pytest.mark.slow
@pytest.mark.parametrize("remote", STORES, indirect=True)
def test_what_is_searched_is_the_same(kg: destgraph.KnowledgeGraph, remote: destgraph.RemoteGraph) -> None:
    """The documents, and so what is found by words, are those of the graph in memory."""
    asked = [*kg.questions.values()]
    assert search.documents(remote.select, asked) == search.documents(kg.select, asked)


def test_virtuosos_default_graph_is_all_graphs(virtuoso: destgraph.RemoteGraph) -> None:
    """Without a graph the store decides what is asked."""
    assert len(destgraph.connect(virtuoso.endpoint).ask("types")) == 9


@pytest.mark.slow
def test_a_cap_on_rows_is_an_error(virtuoso: destgraph.RemoteGraph) -> None:
    """A table that Virtuoso cut is refused; fewer rows that were asked for are fine."""
    query = "SELECT ?a ?b { ?a a ?x . ?b a ?y }"
    with pytest.raises(destgraph.EndpointError, match=r"gives at most 20000 rows .* narrow the query"):
        virtuoso.query(query)
    assert len(keys(virtuoso.query(f"{query} LIMIT 10"))) == 10


@pytest.mark.slow
def test_a_server_that_stops_a_query_half_way() -> None:
    """Oxigraph then has said 200 already and ends the JSON with a sentence."""
    with servers.oxigraph("--timeout-s", "1") as url:
        put(f"{url}/query", "".join(f"<a:a> <a:b> {number} .\n" for number in range(500)), None)
        query = "SELECT ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (?c + ?f + ?i < 0) }"
        with pytest.raises(destgraph.EndpointError, match=r"the answer is not complete: .* nothing of it was kept"):
            destgraph.connect(f"{url}/query").query(query)


def test_saved_rows_are_those_of_the_answer(oxigraph: destgraph.RemoteGraph, tmp_path: Path) -> None:
    """In each format that is written row by row."""
    query = "SELECT ?d ?n ?none { ?d a/rdfs:subClassOf* dg:Destination ; rdfs:label ?n } ORDER BY ?d ?n"
    answer = oxigraph.query(query)
    assert isinstance(answer, Solutions)
    for format_, text in (("csv", answer.to_csv()), ("tsv", answer.to_tsv()), ("json", answer.to_json())):
        assert oxigraph.save(query, tmp_path / "rows", format_) == len(answer) > 153
        assert (tmp_path / "rows").read_bytes().decode() == text


# Publishing


def put(endpoint: str, turtle: str, graph: str | None = GRAPH) -> None:
    """Put other data into a graph of an Oxigraph server."""
    from urllib.request import Request, urlopen

    url = endpoint.removesuffix("/query") + (f"/store?graph={graph}" if graph else "/store?default")
    urlopen(Request(url, turtle.encode(), {"Content-Type": "text/turtle"}, method="PUT")).close()  # noqa: S310


@pytest.fixture
def endpoint(request: pytest.FixtureRequest) -> str:
    """The URL for queries of the store that a test names."""
    store: destgraph.RemoteGraph = request.getfixturevalue(request.param)
    return store.endpoint


@pytest.mark.parametrize("endpoint", STORES, indirect=True)
@pytest.mark.usefixtures("writer")
def test_publish_tells_before_and_after(small: destgraph.KnowledgeGraph, endpoint: str) -> None:
    """A dry run writes nothing; then the graph is there, and the second time it is replaced by the same."""
    planned = publish(small, endpoint, GRAPH, dry_run=True)
    assert (planned.triples, planned.replaces, planned.readers) == (len(small.store), "nothing", "")
    assert size(destgraph.connect(endpoint, GRAPH)) == 0
    assert publish(small, endpoint, GRAPH).replaces == "nothing"
    again = publish(small, endpoint, GRAPH)
    assert again.replaces == f"destgraph {small.info.version}"
    assert again.readers.startswith(f"the replacement is {'' if endpoint.endswith('/query') else 'not '}atomic")
    assert destgraph.connect(endpoint, GRAPH).info == small.info


@pytest.mark.parametrize("graph", [GRAPH, None])
def test_other_data_is_not_replaced_without_force(small: destgraph.KnowledgeGraph, graph: str | None) -> None:
    """In a graph that is not ours nothing is lost by mistake."""
    with servers.oxigraph() as url:
        endpoint = f"{url}/query"
        put(endpoint, "<https://example.org/a> <https://example.org/b> 1 .", graph)
        with pytest.raises(destgraph.InputError, match=r"holds data, but no ontology of destgraph; .* --force"):
            publish(small, endpoint, graph)
        assert size(destgraph.connect(endpoint, graph)) == 1
        assert publish(small, endpoint, graph, force=True).replaces == "other data"
        assert destgraph.connect(endpoint, graph).info == small.info


def test_publish_says_what_it_needs(small: destgraph.KnowledgeGraph, virtuoso: destgraph.RemoteGraph) -> None:
    """A URL for graphs, and credentials."""
    with pytest.raises(destgraph.InputError, match="name it with --store"):
        publish(small, "http://127.0.0.1:1/repositories/x", GRAPH)
    with pytest.raises(destgraph.EndpointError, match=f"set {USERNAME} and {PASSWORD}"):
        publish(small, virtuoso.endpoint, f"{GRAPH}/none")


@pytest.mark.usefixtures("writer")
def test_wrong_password(
    small: destgraph.KnowledgeGraph, virtuoso: destgraph.RemoteGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said, and the graph stays empty."""
    monkeypatch.setenv(PASSWORD, "wrong")
    with pytest.raises(destgraph.EndpointError, match=r"refuses access \(401\)|broke the connection"):
        publish(small, virtuoso.endpoint, f"{GRAPH}/wrong")
    assert size(destgraph.connect(virtuoso.endpoint, f"{GRAPH}/wrong")) == 0


KILLED = """
import http.client, os, sys
import destgraph
from destgraph.stores.publish import publish

send = http.client.HTTPConnection.send

def half(connection, data):
    if isinstance(data, bytes) and len(data) > 100_000:
        send(connection, data[: len(data) // 2])
        os._exit(9)
    send(connection, data)

http.client.HTTPConnection.send = half
publish(destgraph.load(), *sys.argv[1:])
"""


@pytest.mark.parametrize("endpoint", STORES, indirect=True)
@pytest.mark.usefixtures("writer")
def test_publish_killed_half_way_leaves_the_old_graph(small: destgraph.KnowledgeGraph, endpoint: str) -> None:
    """Half a request is none, and publishing again works."""
    graph = f"{GRAPH}/killed"
    publish(small, endpoint, graph)
    killed = subprocess.run([sys.executable, "-c", KILLED, endpoint, graph], capture_output=True, check=False)
    assert killed.returncode == 9, killed.stderr
    assert destgraph.connect(endpoint, graph).info == small.info
    assert publish(small, endpoint, graph).replaces == f"destgraph {small.info.version}"


@pytest.mark.parametrize("endpoint", STORES, indirect=True)
@pytest.mark.usefixtures("writer")
def test_publish_run_twice_at_once(
    small: destgraph.KnowledgeGraph, smaller: destgraph.KnowledgeGraph, endpoint: str
) -> None:
    """Each is told that what it sent is there, or that it is not; the next one puts it right.

    But in Virtuoso one may see half of what the other has sent, which is no graph of ours; and rows may be left that
    its indexes do not agree on, and that nothing removes. That is told too, and another graph takes what is sent.
    """
    graph = f"{GRAPH}/twice"
    outcomes = at_once([partial(publish, which, endpoint, graph) for which in (small, smaller)])
    errors = [outcome for outcome in outcomes if not isinstance(outcome, Publication)]
    for error in errors:
        assert isinstance(error, destgraph.EndpointError | destgraph.InputError), error
        assert re.search("does not hold what was sent|holds data, but no ontology of destgraph", str(error)), error
    (again,) = at_once([partial(publish, small, endpoint, graph)])
    if isinstance(again, destgraph.EndpointError):
        assert endpoint.endswith("/sparql"), again
        assert re.search(r"does not hold what was sent: .* or to a graph with another name", str(again))
        graph = f"{graph}/again"
        publish(small, endpoint, graph)
    assert destgraph.connect(endpoint, graph).info == small.info


def at_once(tasks: Iterable[Callable[[], object]]) -> list[object]:
    """Run tasks in threads and return their results or errors."""
    results: list[object] = []

    def run(task: Callable[[], object]) -> None:
        try:
            results.append(task())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_graph_that_is_not_as_sent_is_told(small: destgraph.KnowledgeGraph) -> None:
    """A store that keeps something else than it was sent is found out."""

    def answer(_server: servers.Scripted, request: servers.Request, connection: servers.Connection) -> None:
        if request.method == "GET":
            connection.reply(b"<a:a> <a:b> <a:c> .", "application/n-triples")
        else:
            connection.reply(b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}')

    with (
        servers.scripted(answer) as server,
        pytest.raises(destgraph.EndpointError, match="does not hold what was sent"),
    ):
        publish(small, server.url)


def test_readers_of_oxigraph_see_the_old_graph_or_the_new(
    small: destgraph.KnowledgeGraph, smaller: destgraph.KnowledgeGraph, oxigraph: destgraph.RemoteGraph
) -> None:
    """What `publish` says of it, observed while it publishes."""
    graph = f"{GRAPH}/readers"
    publish(small, oxigraph.endpoint, graph)
    remote = destgraph.connect(oxigraph.endpoint, graph)
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(size(remote))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for which in (smaller, small, smaller, small):
            publish(which, oxigraph.endpoint, graph)
    finally:
        done.set()
        reader.join()
    assert seen
    assert set(seen) <= {len(small.store), len(smaller.store)}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ('<a:a> <a:b> "01"^^xsd:integer', '<a:a> <a:b> "1"^^xsd:integer', True),
        ('<a:a> <a:b> "1.50"^^xsd:decimal', '<a:a> <a:b> "1.5"^^xsd:decimal', True),
        ('<a:a> <a:b> "x"@EN-us', '<a:a> <a:b> "x"@en-US', True),
        ("<a:a> <a:b> [ <a:c> 1 ]", "_:z <a:c> 1 . <a:a> <a:b> _:z", True),
        ("<a:a> <a:b> [ <a:c> 1 ]", "_:z <a:c> 2 . <a:a> <a:b> _:z", False),
        ('<a:a> <a:b> "1"', "<a:a> <a:b> 1", False),
        ('<a:a> <a:b> "x"@en', '<a:a> <a:b> "x"', False),
        ("<a:a> <a:b> 1 , 2", "<a:a> <a:b> 1", False),
    ],
)
def test_graphs_are_compared_as_values(one: str, other: str, equal: bool) -> None:
    """Spelling is no difference, anything else is one."""

    def read(turtle: str) -> list[Triple]:
        text = f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n{turtle} ."
        return [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]

    assert (canonical_quads(read(one)) == canonical_quads(read(other))) is equal


OWN = """@prefix : <https://example.org/own#> .
:Stream rdfs:subClassOf dg:StreamingProfileExportDestination .
:nameless a :Stream ; dg:exports exported-data:profile-attributes ; dg:deliveredBy delivery:customer-stream ;
    dg:category category:streaming ; dg:exportFrequency frequency:batch ; dg:status status:beta ;
    dg:acceptsAudienceOrigin audience-origin:custom-upload ; dg:identityUse :use ;
    dg:availableWith license:real-time-cdp-prime .
:use dg:identity identity:email-sha256 .
destination:mine a :Stream ; dg:exports exported-data:profile-attributes ; dg:status status:beta .
:german a dg:Extension ; rdfs:label "Ziel"@de , "Cible"@fr ; dg:exports exported-data:profile-attributes ;
    dg:status status:beta ; dg:category category:streaming .
:two a dg:BatchProfileExportDestination , dg:Connection ; rdfs:label "Two"@en , "Deux"@fr ; skos:prefLabel "Plain" ;
    dg:exports exported-data:profile-attributes ; dg:deliveredBy delivery:file ; dg:status status:beta ;
    dg:maintainedBy :me ; dg:exportFrequency frequency:batch .
"""
OWN_ASKED: list[tuple[str, dict[str, str], int]] = [
    ("receives", {"data": "profile-attributes"}, 4),
    ("exports-at", {"frequency": "batch"}, 2),
    ("with-status", {"status": "beta"}, 4),
    ("delivered-by", {"delivery": "file"}, 1),
    ("license", {}, 4),
    ("license", {"only": "Ultimate"}, 1),
    ("maintained-by", {}, 4),
    ("permissions", {}, 4),
    ("destinations-of-type", {"type": "destination"}, 4),
    ("destinations-in-category", {"category": "streaming"}, 2),
    ("types", {}, 0),
    ("types-by-category", {}, 0),
    ("categories", {}, 0),
    ("disagreements", {}, 2),
    ("choose", {"exports": "profile-attributes", "license": "Ultimate"}, 4),
    ("choose", {"identity": "email", "kind": "connection"}, 4),
    ("accepts-identity", {"identity": "email"}, 1),
    ("accepts-audiences", {"origin": "custom-upload"}, 3),
    ("alternatives", {"destination": "https://example.org/own#nameless"}, 1),
    ("compare", {"a": "https://example.org/own#nameless", "b": "destination:mine"}, 0),
    ("type-of", {"destination": "https://example.org/own#two"}, 0),
]
"""Questions, and in how many rows own destinations stand."""


@pytest.fixture(scope="module")
def with_own(tmp_path_factory: pytest.TempPathFactory) -> destgraph.KnowledgeGraph:
    """The graph with destinations without label, in other languages, and of a class of one's own."""
    path = tmp_path_factory.mktemp("own") / "own.ttl"
    path.write_text("".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + OWN, encoding="utf-8")
    return destgraph.load([path])


@pytest.fixture(scope="module")
def stores_with_own(
    with_own: destgraph.KnowledgeGraph, oxigraph: destgraph.RemoteGraph, virtuoso: destgraph.RemoteGraph
) -> dict[str, destgraph.RemoteGraph]:
    """The stores with that graph under another name."""
    graph = f"{GRAPH}/own"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(USERNAME, servers.VIRTUOSO_LOGIN)
        environment.setenv(PASSWORD, servers.VIRTUOSO_LOGIN)
        for store in (oxigraph, virtuoso):
            publish(with_own, store.endpoint, graph)
    return {
        name: destgraph.connect(store.endpoint, graph)
        for name, store in (("oxigraph", oxigraph), ("virtuoso", virtuoso))
    }


@pytest.mark.slow
@pytest.mark.parametrize("engine", STORES)
@pytest.mark.parametrize(
    ("name", "parameters", "rows"), OWN_ASKED, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(OWN_ASKED)]
)
def test_own_destinations_are_in_every_store(
    with_own: destgraph.KnowledgeGraph,
    stores_with_own: Mapping[str, destgraph.RemoteGraph],
    name: str,
    parameters: dict[str, str],
    rows: int,
    engine: str,
) -> None:
    """Whatever they are called; see test_own_destinations.py."""
    here = with_own.ask(name, **parameters)
    mine = ("https://example.org/own#", f"{PREFIXES['destination']}mine")
    assert sum(str(key(terms[0])).lstrip("<").startswith(mine) for terms in here.terms) == rows
    assert keys(stores_with_own[engine].ask(name, **parameters)) == keys(here)


@pytest.mark.slow
@pytest.mark.usefixtures("virtuoso")  # skipped where there is no such program
def test_answers_of_several_graphs_that_nobody_asked_before(
    kg: destgraph.KnowledgeGraph, with_own: destgraph.KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Virtuoso plans a query by what it has seen, and with two graphs other plans come out than with one."""
    monkeypatch.setenv(USERNAME, servers.VIRTUOSO_LOGIN)
    monkeypatch.setenv(PASSWORD, servers.VIRTUOSO_LOGIN)
    with servers.virtuoso(tmp_path, rows=20_000) as url:
        graphs = {f"{GRAPH}/one": kg, f"{GRAPH}/two": with_own}
        for name, graph in graphs.items():
            publish(graph, f"{url}/sparql", name)
        wrong = []
        for name, graph in graphs.items():
            store = destgraph.connect(f"{url}/sparql", name)
            for question in graph.questions.values():
                parameters = {p.name.replace("-", "_"): p.example for p in question.parameters}
                if keys(store.ask(question.name, **parameters)) != keys(graph.ask(question.name, **parameters)):
                    wrong.append((name, question.name))
        assert wrong == []
