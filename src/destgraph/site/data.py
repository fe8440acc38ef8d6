"""The data beside the pages: each thing in RDF formats."""

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from types import MappingProxyType
from typing import IO

from pyoxigraph import NamedNode

from destgraph.errors import InputError
from destgraph.export import jsonld, rdf
from destgraph.export.formats import named_format
from destgraph.export.selection import PARTS, Selection, group_by_subject
from destgraph.site.model import Model


def _turtle(model: Model, thing: NamedNode) -> bytes:
    return rdf.turtle_text(model.about(thing)).encode()


def _ntriples(model: Model, thing: NamedNode) -> bytes:
    return "".join(sorted(f"{triple} .\n" for triple in {*model.about(thing)})).encode()


def _jsonld(model: Model, thing: NamedNode) -> bytes | None:
    """Return a thing as JSON-LD; None when JSON-LD cannot hold it."""
    try:
        return jsonld.excerpt(group_by_subject(model.about(thing)), jsonld.terms(model.graph.root))
    except InputError:
        return None


def _rdfxml(model: Model, thing: NamedNode) -> bytes | None:
    """Return a thing as RDF/XML; None when RDF/XML cannot hold it."""
    try:
        return rdf.rdfxml_text(model.about(thing))
    except InputError:
        return None


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


def whole(model: Model, writer: Callable[[Selection, IO[bytes]], None]) -> bytes | None:
    """Return what a writer makes of the whole graph; None when its format cannot hold it."""
    file = BytesIO()
    try:
        writer(model.selection, file)
    except InputError:
        return None
    return file.getvalue()


def _part(model: Model, part: str) -> bytes:
    return rdf.turtle_text(model.selection.triples(part)).encode()


WHOLE: Mapping[str, Callable[[Model], bytes | None]] = MappingProxyType(
    {
        f"destgraph{format_.suffix}": partial(whole, writer=format_.writers["destgraph"])
        for format_ in map(named_format, ("turtle", "jsonld", "ntriples", "rdfxml"))
    }
    | {f"parts/{part}.ttl": partial(_part, part=part) for part in PARTS}
    | {f"tables/{name}.csv": partial(whole, writer=writer) for name, writer in named_format("csv").writers.items()}
)
"""The files about the graph as a whole: in each format, its parts, its tables."""
