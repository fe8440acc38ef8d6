"""How findings write terms: with the prefixes of the table and of the files, on one line."""

import re
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, NamedNode
from pyoxigraph import Literal as OxLiteral
from rdflib import XSD, BNode, Literal, URIRef
from rdflib.term import Node

from destgraph.query_text import Prefix
from destgraph.validation.findings import RELATIVE
from destgraph.vocabulary import PREFIXES, shorten

OxTerm = NamedNode | BlankNode | OxLiteral
"""A term of the embedded store."""

_LOCAL = re.compile(r"[^\W\d-][\w-]*")


class Names:
    """Writes terms; what the table of prefixes does not shorten, the prefixes of the files may.

    `declared` are the prefixes of the files that are not in the table.
    """

    def __init__(self, prefixes: Iterable[Prefix] = ()) -> None:
        """Take the prefixes of the files in their order: of two with one name the first counts."""
        namespaces = {*PREFIXES.values()}
        declared: dict[str, str] = {}
        for prefix in prefixes:
            is_new = prefix.namespace not in namespaces and not prefix.namespace.startswith(RELATIVE)
            if is_new and prefix.name not in PREFIXES and ":" in prefix.namespace:
                declared.setdefault(prefix.name, prefix.namespace)
        self.declared: Mapping[str, str] = declared
        self._longest_first = sorted(declared.items(), key=lambda item: (-len(item[1]), item[0]))

    def iri(self, term: URIRef) -> str:
        """Return the prefixed name of an IRI, or the IRI in angle brackets; a relative one as it stands in the file."""
        if term.startswith(RELATIVE):
            return f"<{term.removeprefix(RELATIVE)}>"
        short = iri_text(term)
        if not short.startswith("<"):
            return short
        for name, namespace in self._longest_first:
            if term.startswith(namespace) and _LOCAL.fullmatch(str(term)[len(namespace) :]):
                return f"{name}:{str(term)[len(namespace) :]}"
        return short

    def literal(self, term: Literal) -> str:
        """Return a literal; plain numbers and booleans stand as they are."""
        quoted = str(OxLiteral(str(term)))
        if term.language:
            return f"{quoted}@{term.language}"
        if term.datatype in (None, XSD.string):
            return quoted
        if term.datatype in (XSD.integer, XSD.boolean) and term.value is not None and _is_plain(term):
            return str(term)
        return f"{quoted}^^{self.iri(URIRef(term.datatype))}"

    def term(self, term: Node) -> str:
        """Return an IRI, a literal, or the brackets of a blank node."""
        if isinstance(term, URIRef):
            return self.iri(term)
        return self.literal(term) if isinstance(term, Literal) else "[]"


def stored(term: Node) -> OxTerm:
    """Return a term of rdflib as the embedded store has it; raises ValueError for what is none in RDF."""
    if isinstance(term, URIRef):
        return NamedNode(term)
    if isinstance(term, BNode):
        return BlankNode(term)
    if isinstance(term, Literal) and term.language:
        return OxLiteral(term, language=term.language)
    datatype = getattr(term, "datatype", None)
    return OxLiteral(str(term), datatype=NamedNode(datatype)) if datatype else OxLiteral(str(term))


def iri_text(term: URIRef) -> str:
    """Return the prefixed name of an IRI by the table, or the IRI in angle brackets."""
    try:
        short = shorten(NamedNode(term))
    except ValueError:  # relative, or with characters that no IRI has
        return f"<{term}>"
    return f"<{term}>" if short == str(term) else short


def _is_plain(term: Literal) -> bool:
    """Tell whether Turtle has a literal of this text without quotation marks."""
    return term.datatype == XSD.integer or str(term) in ("true", "false")
