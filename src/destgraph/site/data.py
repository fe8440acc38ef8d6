"""The data beside the pages: each thing in RDF formats."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pyoxigraph import NamedNode, RdfFormat, serialize

from destgraph.errors import InputError
from destgraph.export import jsonld, rdf
from destgraph.export.selection import group_by_subject
from destgraph.site.model import Model
from destgraph.vocabulary import PREFIXES
from destgraph.xml_text import NOT_XML


def _turtle(model: Model, thing: NamedNode) -> bytes:
    return rdf.turtle_text(model.about(thing)).encode()


def _ntriples(model: Model, thing: NamedNode) -> bytes:
    return "".join(sorted(f"{triple} .\n" for triple in {*model.about(thing)})).encode()


def _jsonld(model: Model, thing: NamedNode) -> bytes | None:
    """Return a thing as JSON-LD with the part of the context that it needs; None when JSON-LD cannot hold it."""
    try:
        blocks = group_by_subject(model.about(thing))
        return b"".join(jsonld.document(blocks, jsonld.terms(model.graph.root)))
    except InputError:
        return None


def _rdfxml(model: Model, thing: NamedNode) -> bytes | None:
    """Return a thing as RDF/XML; None when RDF/XML cannot hold it."""
    triples = sorted({*model.about(thing)}, key=str)
    if any(NOT_XML.search(str(triple)) for triple in triples):
        return None
    return serialize(triples, format=RdfFormat.RDF_XML, prefixes=PREFIXES)


WHOLE = {
    "destgraph.ttl": "Turtle",
    "destgraph.jsonld": "JSON-LD",
    "destgraph.nt": "N-Triples, sorted",
    "destgraph.rdf": "RDF/XML",
}
"""The files with the whole graph, each with its format."""
PARTS = {
    "ontology": "Ontology",
    "schemes": "Concept schemes",
    "catalog": "Catalog of destinations",
    "inferred": "Inferred types",
    "shapes": "SHACL shapes",
}
"""The parts of the graph, each with what it holds."""

FORMS: Mapping[str, Callable[[Model, NamedNode], bytes | None]] = MappingProxyType(
    {".jsonld": _jsonld, ".nt": _ntriples, ".rdf": _rdfxml, ".ttl": _turtle}
)
"""The formats of the data about one thing, by suffix."""
NAMES = {".ttl": "Turtle", ".jsonld": "JSON-LD", ".nt": "N-Triples", ".rdf": "RDF/XML"}
"""Their names."""
MEDIA_TYPES = {
    ".ttl": "text/turtle",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
    ".rdf": "application/rdf+xml",
}
"""Their media types."""


def documents(model: Model) -> list[dict[str, str]]:
    """Return what the search box finds: name, kind, place, and text to search besides the name."""
    found: list[dict[str, str]] = []
    for question in model.graph.questions.values():
        text = f"{question.name} {question.description} {' '.join(question.columns.values())}"
        found.append(
            {"name": question.summary, "kind": "question", "place": f"query/{question.name}.html", "text": text}
        )
    for stem, thing in model.things.items():
        found.append({"name": model.name(thing), "kind": stem.partition("/")[0], "place": f"{stem}.html", "text": ""})
    return found
