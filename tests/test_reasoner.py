"""The compiled patterns against reasoners that implement OWL 2 RL themselves.

IRIs are written without `BASE`: `destination/pega`, `ontology#Extension`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import chain, combinations
from pathlib import Path

import owlrl
import pytest
import reasonable
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from destgraph import files
from destgraph.catalog import classification

BASE = "https://w3id.org/destgraph/"
HEADER = f"""
@base <{BASE}> .
@prefix owl: <{OWL}> .
@prefix rdfs: <{RDFS}> .
"""

ADDED = {
    "destination/acxiom-real-id-audience-connection": {"ontology#StreamingSegmentExportDestination"},
    "destination/audience-analysis": {"ontology#EdgePersonalizationDestination"},
    "destination/pega": {"ontology#StreamingSegmentExportDestination"},
    "destination/pega-v2": {"ontology#StreamingSegmentExportDestination"},
    "destination/salesforce-marketing-cloud-account-engagement-v2": {"ontology#StreamingSegmentExportDestination"},
}
"""What a store that applies OWL RL to the files adds to the documented types and the classes above them."""

Types = dict[str, set[str]]
Feature = tuple[str, str]


def short(term: object) -> str:
    """Return an IRI without `BASE`."""
    return str(getattr(term, "value", term)).removeprefix(BASE)


def above(ontology: Graph) -> dict[str, set[str]]:
    """Map each class of destinations, the patterns left out, to itself and all classes above it."""
    below = set(ontology.transitive_subjects(RDFS.subClassOf, URIRef(f"{BASE}ontology#Destination")))
    below -= set(ontology.subjects(OWL.equivalentClass))
    return {short(c): set(map(short, ontology.transitive_objects(c, RDFS.subClassOf))) for c in below}


def features(scheme: str) -> list[str]:
    """Return the concepts of a scheme."""
    graph = Graph().parse(files.root() / "ontology" / "schemes" / f"{scheme}.ttl")
    return sorted(map(short, graph.subjects(RDF.type, SKOS.Concept)))


ONTOLOGY = Graph().parse(files.root() / "ontology" / "destgraph.ttl")
ABOVE = above(ONTOLOGY)
CLASSES = sorted(ABOVE)
FEATURES = [("ontology#deliveredBy", value) for value in features("delivery")]
FEATURES += [("ontology#exports", value) for value in features("exported-data")]


def closed(types: set[str]) -> set[str]:
    """Return the classes of destinations among `types`, and all classes above them."""
    return set().union(*(ABOVE[type_] for type_ in types & ABOVE.keys()))


def most_specific(types: set[str]) -> set[str]:
    """Return the classes of destinations among `types` that have none of the others below them."""
    known = types & ABOVE.keys()
    return {type_ for type_ in known if not any(type_ in ABOVE[other] for other in known - {type_})}


def by_patterns(path: Path) -> Types:
    """Return the most specific types of each destination that `destgraph` infers from a Turtle file."""
    store = Store()
    store.load(path=path, format=RdfFormat.TURTLE)
    classes = {
        short(quad.subject): short(quad.object) for quad in store if short(quad.predicate) == "ontology#describesClass"
    }
    types: Types = defaultdict(set)
    for triple in classification.infer(store):
        if short(triple.predicate) == "ontology#inferredType":
            types[short(triple.subject)].add(classes[short(triple.object)])
    return types


def by_reasonable(path: Path) -> Types:
    """Return all types of each destination that `reasonable` infers from a Turtle file."""
    reasoner = reasonable.PyReasoner()
    reasoner.load_file(str(path))
    return _destinations(reasoner.reason())


def by_owlrl(path: Path) -> Types:
    """Return all types of each destination that owlrl infers from a Turtle file; annotations are left out."""
    graph = Graph().parse(path, format="turtle")
    for annotation in [RDFS.label, RDFS.isDefinedBy, *graph.subjects(RDF.type, OWL.AnnotationProperty)]:
        graph.remove((None, annotation, None))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return _destinations(graph)


@pytest.fixture(scope="module")
def asserted(catalog_graph: Graph) -> Types:
    """The types of each destination as the files state them."""
    types: Types = defaultdict(set)
    for destination, class_ in catalog_graph.subject_objects(RDF.type):
        if short(class_) in ABOVE:
            types[short(destination)].add(short(class_))
    return types


@pytest.fixture(scope="module")
def as_is(catalog_graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the graph in one."""
    path = tmp_path_factory.mktemp("graph") / "as-is.ttl"
    catalog_graph.serialize(path, format="nt", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def untyped(catalog_graph: Graph, asserted: Types, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the graph in one, with every destination no more than a dg:Destination."""
    graph = Graph()
    for subject, predicate, object_ in catalog_graph:
        stated = predicate == RDF.type and short(subject) in asserted
        graph.add((subject, predicate, URIRef(f"{BASE}ontology#Destination") if stated else object_))
    path = tmp_path_factory.mktemp("graph") / "untyped.ttl"
    graph.serialize(path, format="nt", encoding="utf-8")
    return path


@pytest.mark.parametrize("oracle", [by_reasonable, pytest.param(by_owlrl, marks=pytest.mark.nightly)])
def test_catalog_without_its_types(untyped: Path, asserted: Types, oracle: Callable[[Path], Types]) -> None:
    """Features alone give each destination the types that OWL RL gives it."""
    expected = {destination: most_specific(types) for destination, types in oracle(untyped).items()}
    typed = sum(types != {"ontology#Destination"} for types in expected.values())
    print(f"{len(expected)} destinations, {typed} of them with a type that follows from features")
    assert expected.keys() == asserted.keys()
    assert by_patterns(untyped) == expected


def test_catalog_as_it_is(as_is: Path, untyped: Path, asserted: Types) -> None:
    """OWL RL gives each destination its documented and its inferred types and those above them, and no other."""
    inferred = by_patterns(as_is)
    assert inferred == by_patterns(untyped)
    assert {destination: types & ABOVE.keys() for destination, types in by_reasonable(as_is).items()} == {
        destination: closed(types | inferred[destination]) for destination, types in asserted.items()
    }


def test_what_a_store_with_owl_rl_adds(as_is: Path, asserted: Types) -> None:
    """Under OWL inference only the cards whose sources disagree gain a type."""
    inferred = by_reasonable(as_is)
    added = {
        destination: (inferred[destination] & ABOVE.keys()) - closed(types) for destination, types in asserted.items()
    }
    assert {destination: types for destination, types in added.items() if types} == ADDED


def test_documented_list_of_what_a_store_adds(catalog_graph: Graph, asserted: Types) -> None:
    """docs/model.md names the cards, their documented type and the added one."""
    text = (Path(__file__).parents[1] / "docs" / "model.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| ([a-z ]+) \| ([a-z ]+) \|$", text, re.MULTILINE)
    labels = {short(class_): str(label) for class_, label in catalog_graph.subject_objects(RDFS.label)}
    assert {f"destination/{card}": [f"{name} destination" for name in types] for card, *types in rows} == {
        card: [labels[type_] for type_ in (*asserted[card], *added)] for card, added in ADDED.items()
    }


def test_every_combination_of_features(tmp_path: Path) -> None:
    """Each set of deliveries and exported data gives the types that OWL RL gives it."""
    every = chain.from_iterable(combinations(FEATURES, size) for size in range(len(FEATURES) + 1))
    path = _write(tmp_path / "all.ttl", (_destination(number, chosen) for number, chosen in enumerate(every)))
    inferred = by_patterns(path)
    print(f"{len(inferred)} combinations, {len({frozenset(types) for types in inferred.values()})} different results")
    assert len(inferred) == 2 ** len(FEATURES)
    assert inferred == {destination: most_specific(types) for destination, types in by_reasonable(path).items()}
    assert set().union(*inferred.values()) == most_specific(set(CLASSES)) | {"ontology#Destination"}


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(
    rules=st.lists(st.tuples(st.sampled_from(CLASSES), st.sets(st.sampled_from(FEATURES), min_size=1)), max_size=5),
    cards=st.lists(st.sets(st.sampled_from(FEATURES)), min_size=1, max_size=5),
)
def test_any_patterns_and_features(
    tmp_path_factory: pytest.TempPathFactory, rules: list[tuple[str, set[Feature]]], cards: list[set[Feature]]
) -> None:
    """Patterns added to the ontology are compiled to what they mean, whatever their classes and conditions."""
    blocks = [_pattern(number, type_, conditions) for number, (type_, conditions) in enumerate(rules)]
    blocks += [_destination(number, chosen) for number, chosen in enumerate(cards)]
    path = _write(tmp_path_factory.getbasetemp() / "random.ttl", blocks)
    expected = {destination: most_specific(types) for destination, types in by_reasonable(path).items()}
    assert by_patterns(path) == expected


def _destination(number: int, chosen: Iterable[Feature]) -> str:
    values = "".join(f" ; <{property_}> <{value}>" for property_, value in chosen)
    return f"<destination/test-{number}> a <ontology#Destination>{values} .\n"


def _pattern(number: int, type_: str, conditions: Iterable[Feature]) -> str:
    parts = [f"[ a owl:Restriction ; owl:onProperty <{p}> ; owl:hasValue <{value}> ]" for p, value in conditions]
    joined = parts[0] if len(parts) == 1 else f"[ a owl:Class ; owl:intersectionOf ( {' '.join(parts)} ) ]"
    return f"<ontology#Test{number}> a owl:Class ; rdfs:subClassOf <{type_}> ; owl:equivalentClass {joined} .\n"


def _write(path: Path, blocks: Iterable[str]) -> Path:
    """Write the ontology, with a bare concept for each class of destinations, and blocks of Turtle into a file."""
    concepts = (f"<type/{number}> <ontology#describesClass> <{class_}> .\n" for number, class_ in enumerate(CLASSES))
    path.write_text("".join([ONTOLOGY.serialize(format="nt"), HEADER, *concepts, *blocks]), "utf-8")
    return path


def _destinations(triples: Iterable[tuple[object, ...]]) -> Types:
    types: Types = defaultdict(set)
    for subject, predicate, object_ in triples:
        if predicate == RDF.type:
            types[short(subject)].add(short(object_))
    return {subject: found for subject, found in types.items() if "ontology#Destination" in found}
