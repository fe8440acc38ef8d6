"""Exports: read again by other libraries they give what was selected, in the same bytes each time."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld as pyld
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)
from rdflib import Graph
from rdflib.query import ResultRow

import destgraph
from destgraph import KnowledgeGraph, files
from destgraph.catalog import questions
from destgraph.export import jsonld, rdf
from destgraph.export.formats import FORMATS
from destgraph.export.selection import GRAPHS, PARTS, SKOS, Selection, select
from destgraph.vocabulary import PREFIXES, iri

ROOT = Path(__file__).parents[1]
DESTINATION = NamedNode(PREFIXES["dg"] + "Destination")
DESCRIBES = NamedNode(PREFIXES["dg"] + "describesClass")
RDF = ("turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld")
OXIGRAPH = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
RDFLIB = {
    "turtle": "turtle",
    "ntriples": "nt",
    "nquads": "nquads",
    "trig": "trig",
    "rdfxml": "xml",
    "jsonld": "json-ld",
}


@pytest.fixture(scope="module")
def whole() -> Selection:
    """All parts of the shipped graph."""
    return select()


@pytest.fixture(scope="module")
def written(whole: Selection) -> dict[str, bytes]:
    """The whole graph in each RDF format."""
    return {name: text(whole, name) for name in RDF}


@pytest.fixture(scope="module")
def edge() -> Selection:
    """The destinations of one type."""
    return select(questions=[("destinations-of-type", {"type": ["edge-personalization"]})])


@pytest.fixture(scope="module")
def everything(catalog_graph: Graph, inferred_graph: Graph, shapes_graph: Graph) -> Dataset:
    """The graph as rdflib reads it from the files, with the inferred triples."""
    return of_rdflib(catalog_graph + inferred_graph + shapes_graph)


@pytest.fixture(autouse=True)
def lexical_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rdflib keep the spelling of numbers; nobody fetches anything."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    pyld.set_document_loader(no_fetch)


def no_fetch(url: str, _options: object) -> None:
    """Take the place of what loads documents for pyld."""
    raise AssertionError(f"{url} would be fetched")


def text(selection: Selection, name: str) -> bytes:
    """Return a selection in a format of one file."""
    (writer,) = FORMATS[name].writers.values()
    file = BytesIO()
    writer(selection, file)
    return file.getvalue()


def canonical(quads: Iterable[Any]) -> Dataset:
    """Return the triples of quads, whatever their graph, with canonical blank nodes: equal means isomorphic."""
    labels: dict[Any, BlankNode] = {}

    def relabelled(term: Any) -> Any:
        return labels.setdefault(term, BlankNode()) if isinstance(term, BlankNode) else term

    dataset = Dataset(Quad(relabelled(quad.subject), quad.predicate, relabelled(quad.object)) for quad in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def of_rdflib(graph: Graph) -> Dataset:
    """Return a graph of rdflib as `canonical` does."""
    return canonical(parse(graph.serialize(format="nt"), format=RdfFormat.N_TRIPLES))


def by_oxigraph(name: str, data: bytes) -> Dataset:
    """Read with pyoxigraph."""
    return canonical(parse(data, format=OXIGRAPH[name]))


def by_rdflib(name: str, data: bytes) -> Dataset:
    """Read with rdflib."""
    return of_rdflib(rdflib_graph(name, data))


def rdflib_graph(name: str, data: bytes) -> Graph:
    """Read with rdflib into one graph."""
    graph = Graph()
    if name not in ("nquads", "trig"):
        return graph.parse(data=data, format=RDFLIB[name])
    for subject, property_, value, _ in rdflib.Dataset().parse(data=data, format=RDFLIB[name]).quads():
        graph.add((subject, property_, value))
    return graph


def by_pyld(document: Any) -> Dataset:
    """Expand JSON-LD with pyld, and read the triples."""
    return canonical(parse(pyld.to_rdf(document, {"format": "application/n-quads"}), format=RdfFormat.N_QUADS))


@pytest.mark.slow
@pytest.mark.parametrize("name", RDF)
def test_whole_graph_comes_back(written: dict[str, bytes], everything: Dataset, name: str) -> None:
    """Each RDF format holds the graph that rdflib reads from the files."""
    assert len(everything) > 14_000
    assert by_oxigraph(name, written[name]) == everything


@pytest.mark.slow
def test_plain_rdflib_reads_the_whole_graph(exported_graph: Graph, everything: Dataset) -> None:
    """So does rdflib from Turtle; tests/test_questions.py has each question answered there."""
    assert of_rdflib(exported_graph) == everything


@pytest.mark.slow
@pytest.mark.parametrize("name", RDF)
def test_rdflib_reads_each_format(edge: Selection, name: str) -> None:
    """Some destinations with what belongs to them are the same triples in each format."""
    assert by_rdflib(name, text(edge, name)) == canonical(edge.triples())


@pytest.mark.nightly
@pytest.mark.parametrize("name", [name for name in RDF if name != "jsonld"])
def test_jena_reads_each_format(written: dict[str, bytes], everything: Dataset, tmp_path: Path, name: str) -> None:
    """Without a warning, the same triples; JSON-LD is left to pyld."""
    riot = shutil.which("riot")
    if riot is None:
        pytest.skip("riot is missing; it comes with Apache Jena")
    path = tmp_path / f"destgraph{FORMATS[name].suffix}"
    path.write_bytes(written[name])
    result = subprocess.run([riot, "--output=nquads", path], capture_output=True, check=True)
    assert canonical(parse(result.stdout, format=RdfFormat.N_QUADS)) == everything
    assert not re.search(rb"\b(WARN|ERROR)\b", result.stderr)


@pytest.mark.slow
def test_json_ld_expands_to_the_whole_graph(written: dict[str, bytes], everything: Dataset) -> None:
    """With its own context, and with the published one in its place, the document means exactly the files."""
    document = json.loads(written["jsonld"])
    assert by_pyld(document) == everything
    published = json.loads(text(Selection(), "context"))
    assert jsonld.context_iri(ROOT) == f"https://w3id.org/destgraph/context/{destgraph.load().info.version}"

    def local(url: str, _options: object) -> dict[str, Any]:
        assert url == jsonld.context_iri(ROOT)
        return {"contextUrl": None, "documentUrl": url, "document": published, "contentType": "application/ld+json"}

    pyld.set_document_loader(local)
    assert by_pyld({"@context": jsonld.context_iri(ROOT), "@graph": document["@graph"]}) == everything


@pytest.mark.parametrize("name", ["nquads", "trig"])
def test_each_part_is_a_named_graph(written: dict[str, bytes], kg: KnowledgeGraph, name: str) -> None:
    """Ontology, schemes, catalog, inferred triples and shapes are told apart, and nothing is outside of them."""
    quads = list(parse(written[name], format=OXIGRAPH[name]))
    found = {
        part: canonical(q for q in quads if q.graph_name == graph) for part, graph in GRAPHS.items() if part != SKOS
    }
    assert {quad.graph_name for quad in quads} == {GRAPHS[part] for part in PARTS}
    for part in files.FOLDERS:
        assert found[part] == canonical(q for path in files.turtle(part) for q in parse(path=path)), part
    assert found["inferred"] == canonical(kg.inferred)
    assert tuple(GRAPHS) == (*PARTS, SKOS)


@pytest.mark.parametrize("name", ["ntriples", "nquads"])
def test_lines_are_sorted_and_each_is_there_once(written: dict[str, bytes], name: str) -> None:
    """As `LC_ALL=C sort --check --unique` wants it."""
    lines = written[name].splitlines()
    assert lines == sorted(set(lines))


def test_more_lines_than_fit_in_memory_are_sorted_too(
    written: dict[str, bytes], whole: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs in temporary files, merged, give the same bytes."""
    monkeypatch.setattr(rdf, "_LINES", 1000)
    assert text(whole, "ntriples") == written["ntriples"]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "",
        '"',
        "'''",
        '"""',
        "\\",
        "\r\n",
        "\n",
        "\t",
        "a\u2028b",
        "\x00",
        "\x7f",
        "\ufffe",
        "🏔️ e\u0301",
        "]]>",
        "<&>",
        " x ",
    ]
)
FORMS = ["01", "+1", "1", "1.50", "1.", ".5", "1E0", "true", "TRUE", "2026-13-45", "x", "", " 1", "-0", "9" * 30]
DATATYPES = ["integer", "decimal", "double", "boolean", "date", "dateTime", "anyURI", "string"]
LITERALS = st.one_of(
    st.builds(Literal, TEXTS),
    st.builds(lambda text, tag: Literal(text, language=tag), TEXTS, st.sampled_from(["en", "pt-BR", "de-ch-1996"])),
    st.builds(
        lambda form, name: Literal(form, datatype=NamedNode(PREFIXES["xsd"] + name)),
        st.sampled_from(FORMS) | TEXTS,
        st.sampled_from(DATATYPES),
    ),
    st.builds(lambda form: Literal(form, datatype=NamedNode("https://example.org/odd#type")), TEXTS),
)
NODES = st.sampled_from(
    [
        *(NamedNode(f"https://example.org/{x}") for x in ("a", "a#part-1", "a#part-2", "b%20c", "é", "type:x")),
        *map(BlankNode, "xyz"),
    ]
)
VALUES = st.sampled_from(
    [
        *(
            NamedNode(PREFIXES["dg"] + x)
            for x in ("limit", "availableWith", "label", "Destination", "notDocumented", "1", "")
        ),
        *(
            NamedNode(x)
            for x in (PREFIXES["rdf"] + "nil", PREFIXES["platform"] + "x", "urn:x", "http://example.org//x")
        ),
    ]
)
PROPERTIES = st.sampled_from(
    [
        *(
            NamedNode(PREFIXES["dg"] + x)
            for x in ("namespaceId", "limitValue", "notDocumented", "limit", "own", "commit")
        ),
        *(NamedNode(PREFIXES["rdf"] + x) for x in ("type", "first", "rest")),
        NamedNode(PREFIXES["rdfs"] + "label"),
        NamedNode("https://example.org/p"),
    ]
)
TRIPLES = st.lists(st.builds(Triple, NODES, PROPERTIES, LITERALS | NODES | VALUES), min_size=1, max_size=12)
MANY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

Own = Callable[[list[Triple]], Selection]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Own:
    """Give a function that makes a graph of so many triples, with nothing shipped beside them but the least."""
    shipped = jsonld.terms(files.root())
    monkeypatch.setattr(jsonld, "terms", lambda _root: shipped)
    for folder in files.FOLDERS.values():
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    least = serialize([Triple(NamedNode(PREFIXES["type"] + "x"), DESCRIBES, DESTINATION)], format=RdfFormat.TURTLE)
    (tmp_path / "ontology" / "least.ttl").write_bytes(least or b"")
    monkeypatch.setattr(files, "root", lambda: tmp_path)

    def chosen(triples: list[Triple]) -> Selection:
        serialize(triples, tmp_path / "own.ttl", format=RdfFormat.N_TRIPLES)
        return select(["catalog"], [tmp_path / "own.ttl"])

    return chosen


@pytest.mark.parametrize("name", [name for name in RDF if name != "rdfxml"])
@given(triples=TRIPLES)
@MANY
def test_any_literal_comes_back(own: Own, name: str, triples: list[Triple]) -> None:
    """Every spelling, language, quote, line break and ill-typed form is kept, and so are lists and loops."""
    data = text(own(triples), name)
    assert by_oxigraph(name, data) == canonical(triples)
    doubles = [
        t for t in triples if isinstance(t.object, Literal) and t.object.datatype.value == f"{PREFIXES['xsd']}double"
    ]
    if name == "jsonld" and not doubles:  # pyld rewrites these to their canonical form, even when given as text
        assert by_pyld(json.loads(data)) == canonical(triples)


@pytest.mark.parametrize("name", RDF)
def test_a_part_that_is_a_type_keeps_what_is_said_of_it(own: Own, name: str) -> None:
    """JSON-LD names a type and has no object for it, so the part stands for itself, or where else it is a value."""
    whole, part = NamedNode("https://example.org/a"), NamedNode("https://example.org/a#part-1")
    typed = [Triple(whole, iri("rdf:type"), part), Triple(part, iri("dg:namespaceId"), whole)]
    for triples in (typed, [*typed, Triple(whole, iri("dg:limit"), part)]):
        assert by_oxigraph(name, text(own(triples), name)) == canonical(triples)


@pytest.mark.parametrize("name", RDF)
def test_deep_nesting_and_long_lists_come_back(own: Own, name: str) -> None:
    """Three hundred blank nodes inside each other, then a list of three hundred members."""
    below, first, rest, nil = (NamedNode(PREFIXES["rdf"] + local) for local in ("value", "first", "rest", "nil"))
    start = NamedNode("https://example.org/a")
    triples = [Triple(start, below, BlankNode("x0")), Triple(BlankNode("x300"), below, BlankNode("c0"))]
    triples += [Triple(BlankNode(f"x{n}"), below, BlankNode(f"x{n + 1}")) for n in range(300)]
    triples += [Triple(BlankNode(f"c{n}"), rest, BlankNode(f"c{n + 1}") if n < 299 else nil) for n in range(300)]
    triples += [Triple(BlankNode(f"c{n}"), first, Literal(str(n))) for n in range(300)]
    quads = list(parse(text(own(triples), name), format=OXIGRAPH[name]))
    found: dict[Any, Any] = {(quad.subject, quad.predicate): quad.object for quad in quads}
    assert len(quads) == len(found) == len(triples)
    node: Any = start
    for _ in range(302):
        node = found[node, below]
    for number in range(300):
        assert found[node, first] == Literal(str(number))
        node = found[node, rest]
    assert node == nil


@given(triples=TRIPLES)
@MANY
def test_rdf_xml_keeps_any_literal_or_refuses_it(own: Own, triples: list[Triple]) -> None:
    """XML has no control characters: these are an error, never lost; carriage returns stay."""
    selection = own(triples)
    allowed = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
    if all(allowed.fullmatch(triple.object.value) for triple in triples if isinstance(triple.object, Literal)):
        data = text(selection, "rdfxml")
        assert by_oxigraph("rdfxml", data) == by_rdflib("rdfxml", data) == canonical(triples)
    else:
        with pytest.raises(destgraph.InputError, match="RDF/XML cannot hold control characters"):
            text(selection, "rdfxml")


def names_of(selection: Selection) -> set[str]:
    """Return the destinations of a selection by the ends of their IRIs."""
    return {d.value.rpartition("/")[2] for d in selection.destinations or ()}


def test_a_subset_is_chosen_by_questions(edge: Selection) -> None:
    """By one, or by several that all have to be answered with the destination; several values mean any."""
    assert names_of(edge) == {"adobe-commerce", "adobe-target-connection", "custom-personalization"}
    of_type, in_category = (
        ("destinations-of-type", {"type": ["connection"]}),
        ("destinations-in-category", {"category": ["advertising"]}),
    )
    connections = names_of(select(questions=[of_type]))
    advertising = names_of(select(questions=[in_category]))
    assert names_of(select(questions=[of_type, in_category])) == advertising & connections
    assert connections < connections | advertising
    none = [("destinations-of-type", {"type": ["extension"]}), ("personalizes", {"scope": ["next-page"]})]
    with pytest.raises(destgraph.InputError, match="no destination answers destinations-of-type and personalizes; "):
        select(questions=none)
    with pytest.raises(destgraph.InputError, match="no part nonsense; the parts are ontology, schemes, catalog"):
        select(["catalog", "nonsense"])


def test_a_subset_is_complete_and_has_no_other_destination(edge: Selection, exported_graph: Graph) -> None:
    """Parts, sources, platforms, vendors, concepts and terms are described as in the whole graph."""
    graph = rdflib_graph("turtle", text(edge, "turtle"))
    subjects = set(graph.subjects())
    destinations = {rdflib.URIRef(d.value) for d in edge.every_destination}
    assert subjects & destinations == {rdflib.URIRef(d.value) for d in edge.destinations or ()}
    for subject in subjects:
        assert set(graph.predicate_objects(subject)) == set(exported_graph.predicate_objects(subject)), subject
    referred = {node for node in graph.all_nodes() | set(graph.predicates()) if isinstance(node, rdflib.URIRef)}
    described = {node for node in referred if (node, None, None) in exported_graph} - destinations
    assert described <= subjects
    assert {str(node).split("/")[4] for node in subjects if str(node).startswith("https://w3id.org/destgraph/")} >= {
        *("destination", "source", "platform", "vendor", "type", "category", "delivery", "scheme"),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        questions.question("destinations-of-type").query,
        questions.question("personalizes").query,
        questions.question("gaps").bind({}),
    ],
)
def test_a_subset_answers_for_its_destinations(edge: Selection, exported_graph: Graph, query: str) -> None:
    """A question has the rows of the chosen destinations, in plain rdflib."""
    chosen = {rdflib.URIRef(d.value) for d in edge.destinations or ()}
    rows = [row for row in exported_graph.query(query) if chosen & {*cast("ResultRow", row)}]
    assert rows
    assert [*rdflib_graph("turtle", text(edge, "turtle")).query(query)] == rows
