"""Corrections that need no judgement: another name for a term, a text without superfluous blanks."""

import re
from collections.abc import Collection
from difflib import SequenceMatcher, get_close_matches

from rdflib import URIRef

from destgraph.query_text import Span
from destgraph.validation.documents import Document, Statement
from destgraph.validation.findings import Fix
from destgraph.validation.terms import iri_text
from destgraph.vocabulary import BASE, PREFIXES

# How much more alike the nearest of several near names must be.
_CLEARLY = 0.1


def own_term_like(term: URIRef, described: Collection[str]) -> URIRef | None:
    """Return the described term of the same namespace whose name is so close, and clearly closest, that it is meant."""
    namespace = max((own for own in PREFIXES.values() if term.startswith(own)), key=len, default=None)
    if not namespace or not namespace.startswith(BASE):
        return None
    names = sorted(name.removeprefix(namespace) for name in described if name.startswith(namespace))
    name = term.removeprefix(namespace)
    close = get_close_matches(name, names, 2, 0.8)
    likeness = [SequenceMatcher(None, other, name).ratio() for other in close]
    is_clear = len(close) == 1 or (len(close) > 1 and likeness[0] - likeness[1] > _CLEARLY)
    return URIRef(namespace + close[0]) if is_clear else None


def renamed(document: Document, span: Span, term: URIRef, meant: URIRef) -> Fix | None:
    """Return the replacement of a name by another of the same namespace."""
    if not document.positioned:
        return None
    written = document.text[slice(*span)]
    local = len(written) - 1 if written.startswith("<") else len(written)
    common = 0
    while common < min(len(term), len(meant)) and term[common] == meant[common]:
        common += 1
    tail = term[common:]
    if not written[:local].endswith(tail):
        return None
    text = written[: local - len(tail)] + meant[common:] + written[local:]
    return Fix(document.place(*span), text, f"Write {iri_text(meant)}.", iri_text(meant))


def without_blanks(statement: Statement) -> Fix | None:
    """Return the text of a literal on one line without blanks at its ends and double blanks inside."""
    start, end = statement.object
    literal = re.fullmatch(r"""(["'])([^"'\\\n]*)\1(.*)""", statement.document.text[start:end])
    if not literal or not statement.document.positioned:
        return None
    text = literal[1] + re.sub(r"\s+", " ", literal[2].strip()) + literal[1] + literal[3]
    return Fix(statement.place, text, "Remove the superfluous blanks.")
