"""Explanations: the same patterns as the classification, each fact with its page, and why not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, RdfFormat, Store

import destgraph
from destgraph import files
from destgraph.catalog import names
from destgraph.catalog.classification import infer
from destgraph.catalog.explanation import Explanation, explain
from destgraph.results import plain
from destgraph.vocabulary import PREFIXES

DG = PREFIXES["dg"]
PAGE = "https://experienceleague.adobe.com/en/docs/experience-platform/destinations/catalog/"
FEATURES = [
    (name, value)
    for name, scheme, values in (
        ("deliveredBy", "delivery", "file partner-api customer-stream edge-network table-share tag"),
        ("exports", "exported-data", "profile-attributes segment-membership identities raw-events raw-datasets"),
    )
    for value in (PREFIXES[scheme] + value for value in values.split())
]


def states(told: Explanation) -> dict[str, dict[str, str]]:
    """Return type, condition and state of all readings of an explanation."""
    return {t.label: {f.label: f.state for r in t.readings for f in r.findings} for t in told.types}


def test_each_type_with_its_pattern_facts_and_pages(kg: destgraph.KnowledgeGraph) -> None:
    """Kinesis is an enterprise destination because of its delivery, and the page says so."""
    (reading,) = kg.explain("amazon-kinesis").types
    assert (reading.label, reading.documented, reading.inferred) == ("Streaming profile export destination", True, True)
    assert reading.above == ("Profile export destination", "Connection", "Destination")
    (pattern,) = reading.readings
    assert pattern.pattern.value == DG + "StreamingProfileExportPattern"
    (finding,) = pattern.findings
    assert (finding.label, finding.state) == ("delivered by: customer stream", "holds")
    assert finding.evidence.pages == (PAGE + "cloud-storage/amazon-kinesis",)
    assert "existing stream name" in finding.evidence.section
    assert len(reading.evidence.pages) == 2


def test_disputed_and_uninferable_types_are_told_apart(kg: destgraph.KnowledgeGraph) -> None:
    """A card whose sources disagree shows both readings and the note; one without pattern shows what is missing."""
    told = kg.explain("audience-analysis")
    assert {t.label: (t.documented, t.inferred) for t in told.types} == {
        "Edge personalization destination": (False, True),
        "Streaming segment export destination": (True, False),
    }
    assert told.note.startswith("Sources disagree")
    assert states(told)["Streaming segment export destination"]["delivered by: partner API"] == "contradicted"
    (reading,) = kg.explain("liveramp-distribution").types
    assert (reading.label, reading.documented, reading.inferred) == ("Connection", True, False)


@pytest.mark.parametrize(
    ("destination", "wanted", "expected"),
    [
        ("amazon-kinesis", "edge-personalization", {"delivered by: Edge Network": "contradicted"}),
        ("amazon-kinesis", "dataset-export", {"exports: raw datasets": "contradicted"}),
        ("liveramp-distribution", "dataset-export", {"exports: raw datasets": "not documented"}),
        (
            "snowflake",
            "batch-profile-export",
            {
                "delivered by: file": "contradicted",
                "exports: profile attributes": "holds",
                "exports: segment membership": "holds",
            },
        ),
        ("bing-ads-extension", "tag-extension", {"delivered by: tag": "holds"}),
    ],
)
def test_why_not(kg: destgraph.KnowledgeGraph, destination: str, wanted: str, expected: dict[str, str]) -> None:
    """A feature that the card documents with other values contradicts; silence does not."""
    ((_, found),) = states(kg.explain(destination, wanted)).items()
    assert found == expected


def test_disjoint_types_exclude(kg: destgraph.KnowledgeGraph) -> None:
    """An extension is no connection, whatever its features."""
    (reading,) = kg.explain("bing-ads-extension", "edge-personalization").types
    assert reading.disjoint == "Extension"
    assert kg.explain("amazon-kinesis", "edge-personalization").types[0].disjoint == ""


OWN = NamedNode("https://example.org/own")


@pytest.mark.parametrize(
    ("features", "wanted", "state", "reason"),
    [
        ([], "edge-personalization", "not documented", "nothing stated"),
        ([("deliveredBy", "delivery/file")], "edge-personalization", "not documented", "states only file"),
        (
            [("deliveredBy", "delivery/tag")],
            "edge-personalization",
            "contradicted",
            "states tag, which makes it another type: Extension",
        ),
        (
            [("notDocumented", "ontology#deliveredBy")],
            "edge-personalization",
            "not documented",
            "the page does not say",
        ),
    ],
)
def test_own_data_is_open(features: list[tuple[str, str]], wanted: str, state: str, reason: str) -> None:
    """In own data a value stated does not rule out others, unless it leads to a disjoint type."""
    store = destgraph.load().store
    store.add(Quad(OWN, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(DG + "Destination")))
    for name, value in features:
        store.add(Quad(OWN, NamedNode(DG + name), NamedNode("https://w3id.org/destgraph/" + value)))
    told = destgraph.KnowledgeGraph(store).explain(OWN.value, wanted)
    (finding,) = (finding for reading in told.types[0].readings for finding in reading.findings)
    assert (finding.state, finding.reason) == (state, reason)


def test_evidence_with_a_source_of_its_own_has_the_last_word() -> None:
    """The text on the card is for the values that no evidence names."""
    store = destgraph.load().store
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    card = """
        <https://example.org/own> a dg:Connection ; dg:deliveredBy delivery:file , delivery:tag ;
            dcterms:source source:bing ; dg:deliveryEvidence "The card."@en ; dg:evidence <https://example.org/e> .
        <https://example.org/e> dg:aboutProperty dg:deliveredBy ; dg:aboutValue delivery:file ;
            dg:section "Another page."@en ; dcterms:source source:linkedin ."""
    store.load(prefixes + card, format=RdfFormat.TURTLE)
    kg = destgraph.KnowledgeGraph(store)
    read = {
        finding.label: (finding.evidence.section, *(page.rpartition("/")[2] for page in finding.evidence.pages))
        for wanted in ("batch-profile-export", "tag-extension")
        for type_ in kg.explain(OWN.value, wanted).types
        for reading in type_.readings
        for finding in reading.findings
    }
    assert read["delivered by: file"] == ("Another page.", "linkedin")
    assert read["delivered by: tag"] == ("The card.", "bing")


def test_a_rejected_value_contradicts() -> None:
    """Properties that are disjoint contradict each other: what is rejected is not accepted."""
    store = destgraph.load().store
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    pattern = """
        dg:OriginPattern rdfs:subClassOf dg:EdgePersonalizationDestination ; owl:equivalentClass
            [ owl:onProperty dg:acceptsAudienceOrigin ; owl:hasValue audience-origin:other ] .
        <https://example.org/own> a dg:Destination ; dg:rejectsAudienceOrigin audience-origin:other ."""
    store.load(prefixes + pattern, format=RdfFormat.TURTLE)
    told = destgraph.KnowledgeGraph(store).explain(OWN.value, "edge-personalization")
    assert states(told) == {
        "Edge personalization destination": {
            "accepts audience origin: other audience origin": "contradicted",
            "delivered by: Edge Network": "not documented",
        }
    }


@given(st.sets(st.sampled_from(FEATURES)), st.sampled_from(["Destination", "Connection"]))
@settings(max_examples=60, deadline=None)
def test_explanation_and_classification_always_agree(
    model: Store, features: set[tuple[str, str]], asserted: str
) -> None:
    """Whatever features a destination has, the types explained are the types inferred, and no other pattern holds."""
    quads = [Quad(OWN, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(DG + asserted))]
    quads += [Quad(OWN, NamedNode(DG + name), NamedNode(value)) for name, value in features]
    model.extend(quads)
    try:
        inferred = {t.object for t in infer(model) if t.subject == OWN and t.predicate.value == DG + "inferredType"}
        graph = destgraph.KnowledgeGraph(model)
        told = graph.explain(OWN.value)
        concepts = {thing.query_term: thing.iri for thing in names.named(graph.select, "type")}
        explained = {concepts[t.type] for t in told.types if t.inferred}
        assert explained == inferred - {NamedNode(PREFIXES["type"] + "destination")}
        (every,) = graph.explain(OWN.value, "destination").types
        for finding in (finding for reading in every.readings for finding in reading.findings):
            condition = finding.condition
            stated = (condition.property.value.removeprefix(DG), condition.value.value) in features
            assert (finding.state == "holds") == stated
    finally:
        for quad in quads:
            model.remove(quad)


@pytest.fixture(scope="module")
def model() -> Store:
    """The ontology and the type concepts, without the catalog."""
    store = Store()
    for name in ("destgraph", "schemes/type", "schemes/delivery", "schemes/exported-data"):
        store.load(path=files.root() / "ontology" / f"{name}.ttl", format=RdfFormat.TURTLE)
    store.update("PREFIX dg: <https://w3id.org/destgraph/ontology#> DELETE WHERE { ?x dg:exampleDestination ?y }")
    return store


@pytest.mark.slow
def test_all_explanations_agree_with_the_load(kg: destgraph.KnowledgeGraph) -> None:
    """On the whole catalog each explanation names exactly the inferred and the documented types."""
    inferred: dict[str, set[str]] = {}
    for triple in kg.inferred:
        if triple.predicate.value == DG + "inferredType":
            inferred.setdefault(plain(triple.subject), set()).add(plain(triple.object))
    concepts = {thing.query_term: thing.iri.value for thing in names.named(kg.select, "type")}
    for destination in names.named(kg.select, "destination"):
        told = explain(kg.select, destination)
        found = {concepts[t.type] for t in told.types if t.inferred} or {PREFIXES["type"] + "destination"}
        assert found == inferred[destination.iri.value]
        for type_ in told.types:
            assert type_.inferred == any(reading.holds for reading in type_.readings)
            assert all(finding.evidence.pages for reading in type_.readings for finding in reading.findings)
    assert len(inferred) == kg.info.destinations


def test_picture_has_features_patterns_and_types(kg: destgraph.KnowledgeGraph) -> None:
    """What the text says, as edges; the types above stand in the box of the type."""
    above = "\nand so: Profile export destination, Connection, Destination"
    picture = kg.explain("amazon-kinesis").picture()
    names = {node: picture.labels.get(node, node) for node in picture.nodes}
    assert {(names[start], names[end]): label for (start, end), label in picture.edges.items()} == {
        ("Amazon Kinesis connection", "delivered by: customer stream"): "holds",
        ("delivered by: customer stream", "streaming profile export pattern"): "",
        ("streaming profile export pattern", f"Streaming profile export destination{above}"): "",
        ("Amazon Kinesis connection", f"Streaming profile export destination{above}"): "documented",
    }
