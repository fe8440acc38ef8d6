"""The concept schemes in SKOS and DCTERMS alone, as Skosify and plain SKOS readers take them."""

import logging
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, Triple, parse
from rdflib import DCTERMS, RDF, SKOS, Graph, URIRef
from skosify import skosify

from destgraph import files
from destgraph.export.rdf import turtle_text
from destgraph.export.skos import skos
from destgraph.vocabulary import PREFIXES, SCHEMES

SKOSIFY = Path(sysconfig.get_path("scripts")) / "skosify"


@pytest.fixture(scope="module")
def triples() -> list[Triple]:
    """Ontology, schemes and catalog."""
    return [quad.triple for path in files.turtle() for quad in parse(path=path, format=RdfFormat.TURTLE)]


def known(term: object, *vocabularies: Any) -> bool:
    """Whether a term exists in one of the vocabularies."""
    return any(term in vocabulary for vocabulary in vocabularies)


def written(triples: list[Triple], path: Path) -> Path:
    """Write triples as Turtle."""
    path.write_text(turtle_text(triples), encoding="utf-8")
    return path


def test_skosify_accepts_a_scheme_without_a_word(triples: list[Triple], tmp_path: Path) -> None:
    """On the command line: no warning, not even a remark on a property that it does not know."""
    source, target = written(skos(triples, ["type"]), tmp_path / "scheme.ttl"), tmp_path / "skosified.ttl"
    command: list[str | Path] = [SKOSIFY, "-c", os.devnull, "-o", target, source]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert target.stat().st_size > 10_000


@pytest.mark.parametrize("scheme", SCHEMES)
def test_skosify_changes_nothing_in_any_scheme(
    triples: list[Triple], tmp_path: Path, caplog: pytest.LogCaptureFixture, scheme: str
) -> None:
    """It has nothing to tell and nothing to put right."""
    source = written(skos(triples, [scheme]), tmp_path / "scheme.ttl")
    with caplog.at_level(logging.INFO):
        after = skosify(str(source))
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert [message for message in caplog.messages if "Don't know" in message] == []
    before = Graph().parse(source)
    for property_ in (SKOS.prefLabel, SKOS.altLabel, SKOS.definition, SKOS.broader, SKOS.inScheme, SKOS.topConceptOf):
        assert set(before.subject_objects(property_)) == set(after.subject_objects(property_))


def test_skosify_finds_what_is_wrong(triples: list[Triple], tmp_path: Path) -> None:
    """The test above can fail: a cycle is reported."""
    source = written(skos(triples, ["type"]), tmp_path / "cycle.ttl")
    top, below = (f"<{PREFIXES['type']}{name}>" for name in ("destination", "connection"))
    with source.open("a") as file:
        file.write(f"{top} <{SKOS.broader}> {below} .\n")
    command: list[str | Path] = [SKOSIFY, "-c", os.devnull, "-o", tmp_path / "out.ttl", source]
    assert "cycle" in subprocess.run(command, capture_output=True, text=True, check=False).stderr


def test_every_scheme_with_all_its_labels(triples: list[Triple], catalog_graph: Graph, tmp_path: Path) -> None:
    """Nothing that SKOS can say is lost, and nothing is said in other terms; terms exist in SKOS and DCTERMS."""
    graph = Graph().parse(written(skos(triples), tmp_path / "all.ttl"))
    inverse = (SKOS.narrower, SKOS.hasTopConcept)
    own = {s for kind in (SKOS.Concept, SKOS.ConceptScheme) for s in catalog_graph.subjects(RDF.type, kind)}
    expected = {(s, p, o) for s, p, o in catalog_graph if s in own and known(p, SKOS)}
    assert {(s, p, o) for s, p, o in graph if known(p, SKOS) and p not in inverse} == expected
    assert {str(s).removeprefix(PREFIXES["scheme"]) for s in graph.subjects(RDF.type, SKOS.ConceptScheme)} == set(
        SCHEMES
    )
    assert all(p == RDF.type or known(p, SKOS, DCTERMS) for p in graph.predicates())
    assert set(graph.subjects()) == own


def test_both_directions_of_the_hierarchy(triples: list[Triple], tmp_path: Path) -> None:
    """Each skos:broader has its skos:narrower, each top concept is named by its scheme; types follow the classes."""
    graph = Graph().parse(written(skos(triples, ["type"]), tmp_path / "type.ttl"))
    type_ = PREFIXES["type"]
    arrows = {(str(a).removeprefix(type_), str(b).removeprefix(type_)) for a, b in graph.subject_objects(SKOS.narrower)}
    assert arrows == {
        ("connection", "edge-personalization"),
        ("connection", "profile-export"),
        ("connection", "streaming-audience-export"),
        ("destination", "connection"),
        ("destination", "dataset-export"),
        ("destination", "tag-extension"),
        ("profile-export", "batch-profile-export"),
        ("profile-export", "streaming-profile-export"),
    }
    assert {(b, a) for a, b in graph.subject_objects(SKOS.narrower)} == set(graph.subject_objects(SKOS.broader))
    (scheme,) = graph.subjects(RDF.type, SKOS.ConceptScheme)
    assert list(graph.objects(scheme, SKOS.hasTopConcept)) == [URIRef(type_ + "destination")]


def test_scheme_metadata(triples: list[Triple], catalog_graph: Graph, tmp_path: Path) -> None:
    """License, dates and people are the ontology's; sources are the pages themselves."""
    graph = Graph().parse(written(skos(triples, ["category"]), tmp_path / "category.ttl"))
    (scheme,) = graph.subjects(RDF.type, SKOS.ConceptScheme)
    ontology = URIRef("https://w3id.org/destgraph/ontology")
    for name in ("license", "creator", "publisher", "created", "issued", "modified"):
        assert list(graph.objects(scheme, DCTERMS[name])) == list(catalog_graph.objects(ontology, DCTERMS[name]))
    url = URIRef(PREFIXES["schema"] + "url")
    pages = {u for s in catalog_graph.objects(scheme, DCTERMS.source) for u in catalog_graph.objects(s, url)}
    assert set(graph.objects(scheme, DCTERMS.source)) == pages
    assert len(pages) > 10
