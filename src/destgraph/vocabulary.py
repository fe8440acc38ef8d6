"""The words of the graph: base IRI, the one table of prefixes, and the names it gives to IRIs."""

import re
from functools import cache, lru_cache

from pyoxigraph import BlankNode, NamedNode

BASE = "https://w3id.org/destgraph/"
"""The start of every IRI of the graph's own."""

SCHEMES = (
    "activation-workflow",
    "agreement",
    "aspect",
    "audience-data-type",
    "audience-origin",
    "authentication",
    "availability",
    "category",
    "delivery",
    "edition",
    "endpoint-owner",
    "export-type",
    "exported-data",
    "file-format",
    "frequency",
    "handling",
    "identity",
    "identity-type",
    "license",
    "maintainer",
    "need",
    "permission",
    "personalization-scope",
    "sensitivity",
    "status",
    "type",
)
"""Names of the concept schemes, each also the prefix of its concepts."""

PREFIXES = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "destination": BASE + "destination/",
    "dg": BASE + "ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pd": "https://w3id.org/dpv/pd#",
    "platform": BASE + "platform/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "release-note": BASE + "release-note/",
    "schema": "https://schema.org/",
    "scheme": BASE + "scheme/",
    "sh": "http://www.w3.org/ns/shacl#",
    "shapes": BASE + "shapes#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "source": BASE + "source/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "vendor": BASE + "vendor/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
} | {name: f"{BASE}{name}/" for name in SCHEMES}
"""Prefix to namespace, for all files, queries and output."""

_LOCAL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


@cache
def iri(name: str) -> NamedNode:
    """Return the IRI that a prefixed name of the table stands for, such as "dg:exports".

    Raises KeyError for a prefix that the table does not have.
    """
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def expand(text: str) -> str:
    """Return the IRI of a prefixed name, or `text` itself when it has no known prefix."""
    prefix, colon, local = text.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else text.strip("<>")


def shorten(node: NamedNode | BlankNode) -> str:
    """Return the prefixed name of an IRI, or the IRI when it has none that Turtle and SPARQL read without escapes."""
    return _prefixed(node.value) if isinstance(node, NamedNode) else str(node)


@lru_cache(1 << 16)
def _prefixed(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def local_name(iri: str) -> str:
    """Return the last part of an IRI, after its last slash or number sign."""
    return re.split(r"[/#]", iri)[-1]


def words(iri: str) -> str:
    """Return the words in the last part of an IRI, "is replaced by" for dcterms:isReplacedBy."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", local_name(iri)).lower().strip()


TYPE = iri("rdf:type")
