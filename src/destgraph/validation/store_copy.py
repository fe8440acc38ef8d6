"""The graphs that were read, copied into the embedded store, which answers queries faster."""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store
from rdflib import BNode, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.term import Node

from destgraph.results import Solutions
from destgraph.validation.documents import Triple
from destgraph.validation.terms import OxTerm, stored
from destgraph.vocabulary import PREFIXES, iri

# Literals of these keep their form in the store.
_AS_WRITTEN = {iri("xsd:string"), iri("rdf:langString")}


class StoreCopy:
    """A store with the triples of a graph of rdflib, which tells its terms and its own apart."""

    def __init__(self, triples: Iterable[Triple] = (), base: "StoreCopy | None" = None) -> None:
        """Take triples, beside those of another copy."""
        self.store = Store()
        self._to: dict[Node, OxTerm] = {}
        self._from: dict[OxTerm, Node] = {}
        if base is not None:
            self.store.bulk_extend(base.store)
            self._to |= base._to
            self._from |= base._from
        to, take = self._to.get, self.term
        self.store.bulk_extend(
            Quad(to(s) or take(s), to(p) or take(p), to(o) or take(o))  # type: ignore[arg-type]
            for s, p, o in triples
        )
        typed = [term for term in self._from if isinstance(term, Literal) and term.datatype not in _AS_WRITTEN]
        forms = _forms(typed)
        self.changes_forms = forms != typed
        """Whether the store writes some literal in another form than the graphs do."""
        self.merges_forms = len({*forms}) < len(forms)
        """Whether literals that the graphs tell apart are one in the store."""
        self._by_form = {form: self._from[term] for form, term in zip(forms[::-1], typed[::-1], strict=True)}

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query of the program's own; its prefixes need no declaration."""
        solutions = self.store.query(query, prefixes=PREFIXES)
        if not isinstance(solutions, QuerySolutions):
            raise TypeError("a SELECT query is wanted")
        return Solutions.of(solutions)

    def rows(self, query: str, columns: list[str]) -> Iterator[tuple[Node | None, ...]]:
        """Yield the rows of a query as terms of rdflib.

        Raises SyntaxError or ValueError when it cannot be answered, or is no SELECT query with these columns.
        """
        solutions = self.store.query(query)
        if not isinstance(solutions, QuerySolutions) or [v.value for v in solutions.variables] != columns:
            raise ValueError(f"a rule is a SELECT query with the columns {', '.join(columns)}")
        for row in solutions:
            yield tuple(self.back(term) for term in row)

    def back(self, term: OxTerm | None) -> Node | None:
        """Return the term of the graphs that a term of the store stands for."""
        if term is None or term in self._from:
            return self._from[term] if term else None
        if term in self._by_form:
            return self._by_form[term]
        if isinstance(term, NamedNode):
            return URIRef(term.value)
        if isinstance(term, BlankNode):
            return BNode(term.value)
        if term.language:
            return RdflibLiteral(term.value, lang=term.language)
        return RdflibLiteral(term.value, datatype=URIRef(term.datatype.value))

    def term(self, term: Node) -> OxTerm:
        """Return the term of the store for one of the graphs."""
        if term not in self._to:
            new = stored(term)
            self._to[term] = new
            self._from[new] = term
        return self._to[term]


def _forms(literals: Sequence[Literal]) -> list[OxTerm]:
    """Return literals as the store writes them."""
    store = Store()
    subjects = [NamedNode(f"urn:x:{number}") for number in range(len(literals))]
    store.bulk_extend(Quad(subject, subject, literal) for subject, literal in zip(subjects, literals, strict=True))
    written = {quad.subject: quad.object for quad in store}
    return [cast(OxTerm, written[subject]) for subject in subjects]
