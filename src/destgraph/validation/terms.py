"""How findings write terms: with the prefixes of the table, on one line."""

from pyoxigraph import Literal as OxLiteral
from pyoxigraph import NamedNode
from rdflib import XSD, Literal, URIRef

from destgraph.vocabulary import shorten


def iri_text(term: URIRef) -> str:
    """Return the prefixed name of an IRI, or the IRI in angle brackets."""
    try:
        short = shorten(NamedNode(term))
    except ValueError:  # relative, or with characters that no IRI has
        return f"<{term}>"
    return f"<{term}>" if short == str(term) else short


def literal_text(term: Literal) -> str:
    """Return a literal; plain numbers and booleans stand as they are."""
    quoted = str(OxLiteral(str(term)))
    if term.language:
        return f"{quoted}@{term.language}"
    if term.datatype in (None, XSD.string):
        return quoted
    if term.datatype in (XSD.integer, XSD.boolean) and not term.ill_typed:
        return str(term)
    return f"{quoted}^^{iri_text(URIRef(term.datatype))}"
