"""Statements about a release as triples: what DCAT and VoID have in common."""

from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode, Triple

from destgraph.release.metadata import Release
from destgraph.vocabulary import iri

Statement = tuple[str, NamedNode | Literal]
"""A property, as a prefixed name, with its value."""

RDF_FORMATS: Mapping[str, str] = {
    "application/ld+json": "JSON-LD",
    "application/n-quads": "N-Quads",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/trig": "TriG",
    "text/turtle": "Turtle",
}
"""The media types of RDF, each with its name below http://www.w3.org/ns/formats/."""


def about(subject: NamedNode, *statements: Statement) -> list[Triple]:
    """Return statements about a subject as triples."""
    return [Triple(subject, iri(property_), value) for property_, value in statements]


def common(release: Release) -> list[Statement]:
    """Return what is said of the dataset in every description."""
    return [
        ("dcterms:title", english(release.title)),
        ("dcterms:description", english(release.description)),
        ("dcterms:license", NamedNode(release.license)),
        ("dcterms:creator", NamedNode(release.agent)),
        ("dcterms:publisher", NamedNode(release.agent)),
        ("dcterms:issued", day(release.issued)),
        ("dcterms:modified", day(release.modified)),
        ("dcterms:source", NamedNode(release.source)),
    ]


def part_iri(release: Release, part: str) -> NamedNode:
    """Return the IRI of something inside a release, such as a part of the graph or a file."""
    return NamedNode(f"{release.iri}#{part}")


def rdf_format(media_type: str) -> NamedNode:
    """Return the IRI that W3C has for a format of RDF."""
    return NamedNode(f"http://www.w3.org/ns/formats/{RDF_FORMATS[media_type]}")


def english(text: str) -> Literal:
    """Return a text in English."""
    return Literal(text, language="en")


def day(text: str) -> Literal:
    """Return a day, YYYY-MM-DD."""
    return Literal(text, datatype=iri("xsd:date"))
