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


FORMS: Mapping[str, Callable[[Model, NamedNode], bytes | None]] = MappingProxyType(
    {".jsonld": _jsonld, ".nt": _ntriples, ".rdf": _rdfxml, ".ttl": _turtle}
)
"""The formats of the data about one thing, by suffix."""
