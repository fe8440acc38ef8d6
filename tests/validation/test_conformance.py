"""Nodes that are known to conform are left out of what pySHACL looks at: the results are those of pySHACL alone."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from destgraph import files
from destgraph.validation import pyshacl_adapter, reduction
from destgraph.validation.arguments import REFERENCE, STORE
from destgraph.validation.conformance import Conformance
from destgraph.validation.data_graph import DataGraph
from destgraph.validation.documents import Document, Triple
from destgraph.validation.pyshacl_adapter import ShapesError
from destgraph.validation.terms import Names
from destgraph.validation.triples import empty_graph
from destgraph.validation.turtle import parse

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

CASES = Path(__file__).parents[1] / "shapes"
PREFIXES = """\
@prefix : <urn:x:> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CLASSES = ":B rdfs:subClassOf :A . :C rdfs:subClassOf :B . "
NAMES = [":a", ":b", ":c", ":d", "_:e"]
PROPERTIES = [":p", ":q", ":r"]
LITERALS = [
    *('"a"', '"abc"', '"b\\n"', '"a"@en', '"a"@EN', '"b"@en-GB', '"c"@de', '""', "0", "1", "01", "2.0", "1e0", "true"),
    *('"x"^^xsd:integer', '"2024-02-30"^^xsd:date', '"2024-01-01"^^xsd:date', '"2025-01-01"^^xsd:date'),
    *('"3"^^xsd:int', '"a"^^:own', '"2024-01-01T00:00:00Z"^^xsd:dateTime'),
]
NUMBERS = ["0", "1", "2", "3"]

names, properties = st.sampled_from(NAMES), st.sampled_from(PROPERTIES)
values = st.one_of(names, st.sampled_from(LITERALS))
statements = st.one_of(
    st.builds("{} {} {} .".format, names, properties, values),
    st.builds("{} a {} .".format, names, st.sampled_from([":A", ":B", ":C"])),
)


def lists(items: st.SearchStrategy[str], least: int = 1) -> st.SearchStrategy[str]:
    """Return lists as Turtle writes them."""
    return st.lists(items, min_size=least, max_size=3).map(lambda several: f"( {' '.join(several)} )")


paths = st.recursive(
    properties,
    lambda inner: st.one_of(
        st.builds("[ sh:inversePath {} ]".format, properties),
        lists(inner, 2),
        st.builds("[ sh:alternativePath {} ]".format, lists(inner, 2)),
        st.builds("[ sh:{} {} ]".format, st.sampled_from(["zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"]), inner),
    ),
    max_leaves=3,
)
of_values = st.one_of(
    st.builds("sh:class {}".format, st.sampled_from([":A", ":B", ":C"])),
    st.builds(
        "sh:datatype {}".format,
        st.sampled_from(["xsd:string", "xsd:integer", "xsd:date", "rdf:langString", "rdfs:Literal", "xsd:int"]),
    ),
    st.builds(
        "sh:nodeKind sh:{}".format,
        st.sampled_from(["IRI", "Literal", "BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"]),
    ),
    st.builds(
        "sh:{} {}".format,
        st.sampled_from(["minExclusive", "minInclusive", "maxExclusive", "maxInclusive"]),
        st.sampled_from(LITERALS),
    ),
    st.builds("sh:{} {}".format, st.sampled_from(["minLength", "maxLength"]), st.sampled_from(NUMBERS)),
    st.builds("sh:pattern {}".format, st.sampled_from(['"^a"', '"b$"', '"^(?!a)"', '"A"', '"[a"', '"\\\\d"'])),
    st.builds(
        "sh:pattern {} ; sh:flags {}".format, st.sampled_from(['"A"', '"^b.$"']), st.sampled_from(['"i"', '"s"'])
    ),
    st.builds("sh:languageIn {}".format, lists(st.sampled_from(['"en"', '"de"', '"EN-gb"']))),
    st.builds("sh:in {}".format, lists(values.filter(lambda value: value != "_:e"))),
    st.builds("sh:hasValue {}".format, values.filter(lambda value: value != "_:e")),
    st.builds("sh:{} {}".format, st.sampled_from(["equals", "disjoint"]), properties),
)
of_properties = st.one_of(
    of_values,
    st.builds("sh:{} {}".format, st.sampled_from(["minCount", "maxCount"]), st.sampled_from(NUMBERS)),
    st.builds("sh:{} {}".format, st.sampled_from(["lessThan", "lessThanOrEquals"]), properties),
    st.builds("sh:uniqueLang {}".format, st.sampled_from(["true", "false"])),
)


def joined(constraints: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return one constraint or two, not of one kind."""
    return st.lists(constraints, min_size=1, max_size=2, unique_by=lambda c: c.split()[0]).map(" ; ".join)


def nested(shapes: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return shapes that ask for others."""
    in_nodes = st.one_of(
        st.builds("sh:not {}".format, shapes),
        st.builds("sh:{} {}".format, st.sampled_from(["and", "or", "xone"]), lists(shapes)),
        st.builds("sh:{} {}".format, st.sampled_from(["property", "node"]), shapes),
    )
    qualified = st.builds(
        "sh:qualifiedValueShape {} ; sh:{} {}".format,
        shapes,
        st.sampled_from(["qualifiedMinCount", "qualifiedMaxCount"]),
        st.sampled_from(NUMBERS),
    )
    return st.one_of(
        st.builds("[ {} ]".format, joined(st.one_of(of_values, of_properties, in_nodes, qualified))),
        st.builds("[ sh:path {} ; {} ]".format, paths, joined(st.one_of(of_properties, in_nodes, qualified))),
    )


shapes = st.recursive(
    st.one_of(
        st.builds("[ {} ]".format, joined(of_values)),
        st.builds("[ sh:path {} ; {} ]".format, paths, joined(of_properties)),
    ),
    nested,
    max_leaves=3,
)
targets = st.one_of(
    st.builds("sh:targetSubjectsOf {}".format, properties),
    st.builds("sh:targetObjectsOf {}".format, properties),
    st.builds("sh:targetClass {}".format, st.sampled_from([":A", ":B"])),
)


def read(text: str, graph: Graph) -> None:
    """Read Turtle as files are read: literals keep their form."""
    parse(Document("x.ttl", PREFIXES + text), graph)


def found(data: DataGraph, shapes_graph: Graph, engine: str) -> Any:
    """Return what shapes find, in order; None where they cannot be applied, for which there may be several reasons."""

    def all_of(_: Node, nodes: Collection[Node]) -> Collection[Node]:
        return nodes

    try:
        answer = pyshacl_adapter.results(data, shapes_graph, Names(), lambda _: None, engine, all_of)
    except ShapesError:
        return None
    return sorted(map(repr, answer.results)), sorted(map(repr, answer.recursive))


@given(st.lists(statements, min_size=1, max_size=12), targets, shapes)
@settings(max_examples=1000, deadline=None)
def test_the_results_are_those_of_pyshacl_alone(said: list[str], target: str, shape: str) -> None:
    """Of any shape, over any data; what pySHACL refuses may not be met with by the nodes that are left."""
    data, shapes_graph = DataGraph(), empty_graph()
    read(CLASSES + "\n".join(said), data)
    read(f":S {target} ; {shape[2:-2]} .", shapes_graph)
    expected = found(data, shapes_graph, REFERENCE)
    assert found(data, shapes_graph, STORE) == expected


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ("sh:path :p ; sh:minCount 1", True),
        ("sh:path :p ; sh:maxCount 0", True),
        ("sh:path ( :p [ sh:inversePath :q ] ) ; sh:class :A", True),
        ("sh:path :p ; sh:minCount -1", False),
        ("sh:path :p ; sh:minCount 1.0", False),
        ('sh:path :p ; sh:minCount "one"', False),
        ("sh:minCount 1", False),
        ("sh:uniqueLang true", False),
        ("sh:lessThan :q", False),
        ("sh:property [ sh:path :p ; sh:node [ sh:lessThanOrEquals :q ] ]", False),
        ("sh:path :p ; sh:lessThan :q , :r", True),
        (f"sh:path :p ; sh:minCount {'0' * 4100}", False),
        (f"sh:path :p ; sh:maxCount {'9' * 5000}", False),
        ("sh:path :p ; sh:minCount 1 , 2", False),
        ("sh:path :p , :q ; sh:minCount 1", False),
        ("sh:path ( :p ) ; sh:minCount 1", False),
        ("sh:path [ sh:alternativePath ( :p ) ] ; sh:minCount 1", False),
        ("sh:path [ sh:inversePath [ sh:inversePath :p ] ] ; sh:minCount 1", False),
        ("sh:path [ sh:inversePath :p ; sh:zeroOrMorePath :p ] ; sh:minCount 1", False),
        ('sh:flags "i"', False),
        ('sh:pattern "(" ', False),
        ('sh:pattern "a" ; sh:flags "g"', False),
        ("sh:path :p ; sh:qualifiedMinCount 1", False),
        ("sh:path :p ; sh:qualifiedValueShape [ sh:class :A ]", False),
        ("sh:qualifiedValueShape [ sh:class :A ] ; sh:qualifiedMinCount 1", False),
        ("sh:node [ sh:path :p ; sh:minCount 1 ]", False),
        ("sh:property [ sh:minCount 1 ]", False),
        ("sh:node :S", False),
        ("sh:node :Nowhere", False),
        ("sh:or ()", False),
        ("sh:or :a", False),
        ("sh:in :a", False),
        ("sh:in [ rdf:first :a ]", False),
        ("sh:in _:l . _:l rdf:first :a ; rdf:rest _:l", False),
        ("sh:languageIn ( 1 )", False),
        ("sh:nodeKind :iri", False),
        ("sh:datatype 1", False),
        ("sh:closed true", False),
        ("sh:deactivated true ; sh:class :A", False),
        ("sh:sparql [ sh:select 'SELECT $this { ?x :p $this }' ]", False),
        ("sh:not [ sh:js [] ]", False),
        ("sh:not 1", False),
        ("sh:new 1", False),
        (":own 1 ; sh:minLength 0", True),
        (":own 1 ; sh:minLength 0 . :C a sh:ConstraintComponent", False),
        (":own 1 ; sh:minLength 0 . :C sh:parameter [ sh:path :own ]", False),
        (" ; ".join("sh:not [" for _ in range(6)).replace(" ; ", " ") + " sh:class :A" + " ]" * 6, True),
        (" ; ".join("sh:not [" for _ in range(9)).replace(" ; ", " ") + " sh:class :A" + " ]" * 9, False),
    ],
)
def test_what_is_told(shape: str, told: bool) -> None:
    """Of what is not well-formed or not known nothing is told: pySHACL judges, or refuses it."""
    data, shapes_graph = DataGraph(), empty_graph()
    read(":x :p :a . :a a :A ; :q :x . :y :p :z .", data)
    read(f":S {shape} .", shapes_graph)
    nodes = [URIRef("urn:x:a"), URIRef("urn:x:x"), URIRef("urn:x:y"), URIRef("urn:x:z")]
    assert (len(Conformance(data, shapes_graph).not_met(URIRef("urn:x:S"), nodes)) < len(nodes)) == told


@pytest.fixture(scope="module")
def shapes_graph() -> Graph:
    """The shapes of the graph."""
    graph = empty_graph()
    for path in files.turtle("shapes"):
        parse(Document(path.name, path.read_text(encoding="utf-8")), graph)
    return graph


@pytest.fixture(scope="module")
def catalog() -> DataGraph:
    """The graph, without what is inferred."""
    graph = DataGraph()
    for path in files.turtle():
        parse(Document(path.name, path.read_text(encoding="utf-8")), graph)
    return graph


@pytest.fixture(scope="module")
def ontology() -> list[Triple]:
    """What the cases of shapes are validated with."""
    document = Document("destgraph.ttl", (files.root() / "ontology" / "destgraph.ttl").read_text(encoding="utf-8"))
    parse(document, empty_graph())
    return [statement.triple for statement in document.statements]


@pytest.mark.parametrize("folder", sorted(path.name for path in CASES.iterdir() if path.is_dir()))
def test_the_cases_of_shapes(shapes_graph: Graph, ontology: list[Triple], folder: str) -> None:
    """Each shape of the graph has the results in its cases that it has with pySHACL alone."""
    shape = next(shape for shape in shapes_graph.subjects(RDF.type) if str(shape).endswith(f"#{folder}"))
    alone = reduction.reduced(shapes_graph, shape)
    for path in sorted((CASES / folder).glob("*.ttl")):
        data = DataGraph()
        for triple in ontology:
            data.add(triple)
        parse(Document(path.name, path.read_text(encoding="utf-8").partition("\n# expected\n")[0]), data)
        results, recursive = found(data, alone, REFERENCE)
        assert bool(results) == path.name.startswith("invalid")
        assert found(data, alone, STORE) == (results, recursive)


@pytest.mark.slow
@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_a_damaged_graph(catalog: DataGraph, shapes_graph: Graph, left_out: int) -> None:
    """All shapes at once, over the graph without each seventh statement."""
    damaged = DataGraph()
    for number, triple in enumerate(sorted(catalog)):
        if number % 7 != left_out:
            damaged.add(triple)
    expected = found(damaged, shapes_graph, REFERENCE)
    assert len(expected[0]) > 1000
    assert found(damaged, shapes_graph, STORE) == expected


def test_shapes_of_the_graph_are_told_of(catalog: DataGraph, shapes_graph: Graph) -> None:
    """All that hold no query."""
    conformance = Conformance(catalog, shapes_graph)
    focus = pyshacl_adapter.focus_nodes(catalog, shapes_graph, lambda _: None)
    without_query = {shape: nodes for shape, nodes in focus.items() if (shape, SH.sparql, None) not in shapes_graph}
    assert len(without_query) > 80
    untold = {
        shape
        for shape, nodes in without_query.items()
        if nodes and len(conformance.not_met(shape, nodes)) == len(nodes)
    }
    assert untold == set()
