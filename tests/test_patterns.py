"""Classification: the patterns of the ontology, what they give on the catalog, and what they refuse."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store
from rdflib import RDF, RDFS, Graph, URIRef

import destgraph
from destgraph.catalog.classification import classify, infer, patterns
from destgraph.vocabulary import PREFIXES

DG = PREFIXES["dg"]
HEADER = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())

DISAGREEING = {
    # documented, inferred
    "acxiom-real-id-audience-connection": (
        {"batch-profile-export"},
        {"batch-profile-export", "streaming-audience-export"},
    ),
    "audience-analysis": ({"streaming-audience-export"}, {"edge-personalization"}),
    "pega": ({"streaming-profile-export"}, {"streaming-profile-export", "streaming-audience-export"}),
    "pega-v2": ({"streaming-profile-export"}, {"streaming-profile-export", "streaming-audience-export"}),
    "salesforce-marketing-cloud-account-engagement-v2": ({"batch-profile-export"}, {"streaming-audience-export"}),
}
NOT_INFERABLE = {
    "liveramp-distribution": set(),
    "snowflake": {"streaming-audience-export"},
    "snowflake-batch": {"batch-profile-export"},
}


def local(node: object) -> str:
    """Return the last part of an IRI."""
    return str(getattr(node, "value", node)).replace("#", "/").rsplit("/", 1)[-1]


def small(text: str) -> Store:
    """Return a store with only this Turtle."""
    store = Store()
    store.load(HEADER + text, format=RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def documented(catalog_graph: Graph) -> dict[str, set[str]]:
    """The types that the files assert, by destination, as ids of type concepts."""
    concepts: dict[object, str] = {c: local(t) for t, c in catalog_graph.subject_objects(URIRef(DG + "describesClass"))}
    types = defaultdict(set)
    for class_ in catalog_graph.transitive_subjects(RDFS.subClassOf, URIRef(DG + "Destination")):
        for destination in catalog_graph.subjects(RDF.type, class_):
            types[local(destination)].add(concepts[class_])
    return {destination: found - {"destination", "connection"} for destination, found in types.items()}


@pytest.fixture(scope="module")
def from_features() -> dict[str, set[str]]:
    """The types that features alone give: the catalog with all asserted types taken away."""
    store = destgraph.load().store
    for quad in list(store.quads_for_pattern(None, NamedNode(str(RDF.type)), None)):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(PREFIXES["destination"]):
            store.remove(quad)
            store.add(Quad(quad.subject, quad.predicate, NamedNode(DG + "Destination")))
    types = defaultdict(set)
    for triple in infer(store):
        if triple.predicate.value == DG + "inferredType":
            types[local(triple.subject)].add(local(triple.object))
    return {destination: found - {"destination"} for destination, found in types.items()}


def test_features_give_the_documented_types_but_for_the_known_cards(
    documented: dict[str, set[str]], from_features: dict[str, set[str]]
) -> None:
    """Of all destinations 5 disagree and 3 cannot be inferred, each as listed; the others agree."""
    disagreeing = {d: (documented[d], t) for d, t in from_features.items() if t and t != documented[d]}
    agreeing = {d for d, t in from_features.items() if t and t == documented[d]}
    missing = {d: t for d, t in documented.items() if not from_features.get(d)}
    assert disagreeing == DISAGREEING
    assert missing == NOT_INFERABLE
    assert len(agreeing) + len(DISAGREEING) + len(NOT_INFERABLE) == len(documented)
    assert len(documented) > 150


def test_a_note_explains_each_difference_and_nothing_else(catalog_graph: Graph) -> None:
    """The cards with a classification note are exactly those whose features and pages differ."""
    noted = {local(s) for s in catalog_graph.subjects(URIRef(DG + "classificationNote"))}
    assert noted == DISAGREEING.keys() | NOT_INFERABLE.keys()


def test_load_says_how_documented_and_inferred_types_compare(kg: destgraph.KnowledgeGraph) -> None:
    """Each destination has one agreement and at least one inferred type."""
    agreement = {local(t.subject): local(t.object) for t in kg.inferred if t.predicate.value == DG + "typeAgreement"}
    inferred = {local(t.subject) for t in kg.inferred if t.predicate.value == DG + "inferredType"}
    assert {d for d, a in agreement.items() if a == "disagreeing"} == DISAGREEING.keys()
    assert {d for d, a in agreement.items() if a == "not-inferable"} == NOT_INFERABLE.keys()
    assert sorted(set(agreement.values())) == ["agreeing", "disagreeing", "not-inferable"]
    assert agreement.keys() == inferred
    assert len(agreement) == kg.info.destinations


def test_delivery_alone_settles_three_of_the_six_types(kg: destgraph.KnowledgeGraph) -> None:
    """What the README says of the patterns."""
    properties: dict[str, set[str]] = defaultdict(set)
    for pattern in patterns(kg.select):
        properties[local(pattern.type)] |= {local(c.property) for c in pattern.conditions}
    alone = {t for t, used in properties.items() if used == {"deliveredBy"}}
    assert alone == {"Extension", "EdgePersonalizationDestination", "StreamingProfileExportDestination"}
    assert len(properties) == 6


def test_documented_patterns(kg: destgraph.KnowledgeGraph, catalog_graph: Graph) -> None:
    """docs/model.md shows the conditions and the type of every pattern."""
    text = (Path(__file__).parents[1] / "docs" / "model.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `(\w+Pattern)` \| (\S+) \| (\S+) \| ([a-z ]+) \|$", text, re.MULTILINE)
    expected = []
    for pattern in patterns(kg.select):
        values = {local(c.property): local(c.value) for c in pattern.conditions}
        type_ = str(catalog_graph.value(URIRef(pattern.type.value), RDFS.label)).removesuffix(" destination")
        expected.append((local(pattern.name), *(values.get(p, "anything") for p in ("deliveredBy", "exports")), type_))
    assert sorted(shown) == sorted(expected)


def test_a_pattern_compiles_to_one_construct(kg: destgraph.KnowledgeGraph) -> None:
    """The rule is plain SPARQL that any engine runs."""
    (pattern,) = (p for p in patterns(kg.select) if local(p.name) == "AttributeFilePattern")
    assert pattern.construct() == (
        f"CONSTRUCT {{ ?x a <{DG}BatchProfileExportDestination> }} WHERE {{"
        f" ?x <{DG}deliveredBy> <{PREFIXES['delivery']}file> ."
        f" ?x <{DG}exports> <{PREFIXES['exported-data']}profile-attributes> . }}"
    )


MODEL = """
dg:Connection rdfs:subClassOf dg:Destination .
dg:Wide rdfs:subClassOf dg:Connection . dg:Narrow rdfs:subClassOf dg:Wide .
type:destination dg:describesClass dg:Destination . type:wide dg:describesClass dg:Wide .
type:narrow dg:describesClass dg:Narrow .
dg:WidePattern rdfs:subClassOf dg:Wide ;
    owl:equivalentClass [ owl:onProperty dg:exports ; owl:hasValue exported-data:identities ] .
dg:NarrowPattern rdfs:subClassOf dg:Narrow ; owl:equivalentClass [ owl:intersectionOf (
    [ owl:onProperty dg:exports ; owl:hasValue exported-data:identities ]
    [ owl:onProperty dg:namespaceId ; owl:hasValue 7 ] ) ] .
"""


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("a dg:Destination", {("inferredType", "destination"), ("typeAgreement", "not-inferable")}),
        (
            "a dg:Connection ; dg:exports exported-data:identities",
            {("inferredType", "wide"), ("typeAgreement", "undocumented"), ("type", "Wide")},
        ),
        (
            "a dg:Connection ; dg:exports exported-data:identities ; dg:namespaceId 7",
            {("inferredType", "narrow"), ("typeAgreement", "undocumented"), ("type", "Narrow")},
        ),
        (
            "a dg:Narrow ; dg:exports exported-data:identities",
            {("inferredType", "wide"), ("typeAgreement", "disagreeing")},
        ),
        ("a dg:Wide ; dg:exports exported-data:identities", {("inferredType", "wide"), ("typeAgreement", "agreeing")}),
        ("a dg:Wide", {("inferredType", "destination"), ("typeAgreement", "not-inferable")}),
    ],
)
def test_inference_on_a_small_model(features: str, expected: set[tuple[str, str]]) -> None:
    """The most specific type wins, a stated type is compared, a missing one is added."""
    store = small(f"{MODEL} <https://example.org/x> {features} .")
    before = set(store)
    assert {(local(t.predicate), local(t.object)) for t in infer(store)} == expected
    assert set(store) == before


def test_a_blank_node_is_classified_too() -> None:
    """Own data may leave a destination without an IRI."""
    found = infer(small(f"{MODEL} [] a dg:Connection ; dg:exports exported-data:identities ."))
    assert all(isinstance(t.subject, BlankNode) for t in found)
    assert {local(t.object) for t in found} == {"wide", "undocumented", "Wide"}


HAS_VALUE = "owl:equivalentClass [ owl:onProperty dg:exports ; owl:hasValue exported-data:identities ]"
FORM = "owl:equivalentClass takes owl:hasValue, or owl:intersectionOf several owl:hasValue; write one pattern for each"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("owl:equivalentClass [ owl:unionOf ( dg:A dg:B ) ] ; rdfs:subClassOf dg:Wide", f"{FORM} alternative"),
        ("owl:equivalentClass dg:Wide ; rdfs:subClassOf dg:Wide", f"{FORM} alternative"),
        ("owl:equivalentClass dg:BadPattern ; rdfs:subClassOf dg:Wide", f"{FORM} alternative"),
        ("owl:equivalentClass [ owl:intersectionOf () ] ; rdfs:subClassOf dg:Wide", f"{FORM} alternative"),
        (
            "owl:equivalentClass [ owl:onProperty dg:exports ; owl:someValuesFrom dg:Wide ] ; rdfs:subClassOf dg:Wide",
            f"{FORM} alternative",
        ),
        (
            "owl:equivalentClass [ owl:intersectionOf ( [ owl:onProperty dg:exports ; owl:hasValue 1 ] dg:Wide ) ] ;"
            " rdfs:subClassOf dg:Wide",
            f"{FORM} alternative",
        ),
        (HAS_VALUE, "state a class below dg:Destination after rdfs:subClassOf"),
        (f"{HAS_VALUE} ; rdfs:subClassOf dg:Wied", "state a class below dg:Destination after rdfs:subClassOf"),
        (
            f"{HAS_VALUE} ; rdfs:subClassOf dg:Other . dg:Other rdfs:subClassOf dg:Wide",
            "no concept has dg:describesClass dg:Other; add one",
        ),
    ],
)
def test_a_pattern_that_cannot_be_compiled_is_named_and_types_nothing(pattern: str, reason: str) -> None:
    """It says what is wrong, and the others go on."""
    store = small(f"{MODEL} dg:BadPattern {pattern} . <https://example.org/x> a dg:Wide ; dg:exports 1 .")
    found = classify(store)
    assert [(local(bad.name), bad.reason) for bad in found.unusable] == [("BadPattern", reason)]
    assert {local(pattern.name) for pattern in patterns(destgraph.KnowledgeGraph(store).select)} == {
        "WidePattern",
        "NarrowPattern",
    }
    assert {local(t.object) for t in found.triples} == {"destination", "not-inferable"}


@pytest.mark.parametrize(
    "ontology",
    [
        "<http://a/A> owl:equivalentClass <http://a/B> .",
        "<http://a/A> owl:equivalentClass [ owl:onProperty <http://a/p> ; owl:hasValue 1 ] .",
        "<http://a/A> owl:equivalentClass [ owl:unionOf ( <http://a/B> <http://a/C> ) ] ; rdfs:subClassOf <a:D> .",
        "[] owl:equivalentClass [ owl:onProperty dg:exports ; owl:hasValue 1 ] ; rdfs:subClassOf dg:Wide .",
        "<http://a/A> owl:equivalentClass <http://a/A> ; rdfs:subClassOf <http://a/A> .",
    ],
)
def test_equivalences_of_other_ontologies_are_no_patterns(ontology: str) -> None:
    """Only a class below dg:Destination is one."""
    assert classify(small(MODEL + ontology)) == classify(small(MODEL))


def test_each_definition_of_a_pattern_suffices() -> None:
    """Two equivalent expressions are two ways to be of the class; two types are both given."""
    second = "owl:equivalentClass [ owl:onProperty dg:namespaceId ; owl:hasValue 9 ] ; rdfs:subClassOf dg:Narrow"
    store = small(f"{MODEL} dg:WidePattern {second} . <https://example.org/x> a dg:Connection ; dg:namespaceId 9 .")
    assert {local(t.object) for t in infer(store)} == {"narrow", "undocumented", "Narrow"}


def test_patterns_type_destinations_only() -> None:
    """A concept with the features of a destination stays a concept."""
    store = small(f"{MODEL} type:wide dg:exports exported-data:identities . [] dg:exports exported-data:identities .")
    assert infer(store) == []


def test_literals_are_matched_as_values() -> None:
    """`07` and `7` are one integer in the store, as in the pattern."""
    (pattern,) = (
        p for p in patterns(destgraph.KnowledgeGraph(small(MODEL)).select) if local(p.name) == "NarrowPattern"
    )
    assert {c.value for c in pattern.conditions} == {
        NamedNode(PREFIXES["exported-data"] + "identities"),
        Literal("7", datatype=NamedNode(PREFIXES["xsd"] + "integer")),
    }
