"""The graphs that were read, copied into the embedded store, which answers queries faster."""

from collections.abc import Iterator

from pyoxigraph import BlankNode, NamedNode, Quad, QuerySolutions, Store
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.term import Node

from destgraph.results import Solutions
from destgraph.validation.terms import OxTerm, stored
from destgraph.vocabulary import PREFIXES


class StoreCopy:
    """A store with the triples of rdflib graphs, which tells their terms and its own apart."""

    def __init__(self, *graphs: Graph) -> None:
        """Take the triples."""
        self.store = Store()
        self._to: dict[Node, OxTerm] = {}
        self._from: dict[OxTerm, Node] = {}
        self.store.bulk_extend(
            Quad(self._term(s), self._term(p), self._term(o))  # type: ignore[arg-type]
            for graph in graphs
            for s, p, o in graph
        )

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
        if isinstance(term, NamedNode):
            return URIRef(term.value)
        if isinstance(term, BlankNode):
            return BNode(term.value)
        if term.language:
            return RdflibLiteral(term.value, lang=term.language)
        return RdflibLiteral(term.value, datatype=URIRef(term.datatype.value))

    def _term(self, term: Node) -> OxTerm:
        if term not in self._to:
            new = stored(term)
            self._to[term] = new
            self._from[new] = term
        return self._to[term]
