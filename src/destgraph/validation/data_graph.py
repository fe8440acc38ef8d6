"""The graph of the data that shapes look at: rdflib's, as pySHACL needs it, with a copy in the embedded store."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import MethodType
from typing import Any

from rdflib import Graph, Literal
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.operators import string
from rdflib.plugins.sparql.parserutils import Expr
from rdflib.plugins.sparql.sparql import SPARQLError
from rdflib.query import Result
from rdflib.term import Node

from destgraph.validation.constraint_queries import ConstraintQueries
from destgraph.validation.documents import Triple
from destgraph.validation.store_copy import StoreCopy
from destgraph.validation.triples import Triples
from destgraph.validation.xpath_patterns import matching, replaced


class DataGraph(Graph):
    """A graph with a copy in the embedded store, which answers queries of shapes that it answers alike.

    Other queries are prepared once: shapes ask the same ones for every focus node.
    """

    def __init__(self) -> None:
        """Start empty, with no prefixes."""
        super().__init__(store=Triples(), bind_namespaces="none")
        self._prepared: dict[str, Any] = {}
        self._queries: ConstraintQueries | None = None

    @cached_property
    def read(self) -> StoreCopy:
        """What was read, in the embedded store; what follows from it is added by `extend`."""
        return StoreCopy(self)

    @cached_property
    def stored(self) -> StoreCopy:
        """All triples, in the embedded store."""
        return self.read

    def extend(self, triples: Collection[Triple]) -> None:
        """Add what follows from what was read."""
        self.stored = StoreCopy(triples, self.read)
        for triple in triples:
            self.add(triple)

    @contextmanager
    def answered_by_store(self) -> Iterator[None]:
        """Let the embedded store answer the queries that it answers alike; meanwhile the graph stays as it is."""
        self._queries = ConstraintQueries(self)
        try:
            yield
        finally:
            self._queries = None

    def query(
        self,
        query_object: Any,
        processor: Any = "sparql",
        result: Any = "sparql",
        initNs: Any = None,  # noqa: N803
        initBindings: Any = None,  # noqa: N803
        *args: Any,
        **kwargs: Any,
    ) -> Result:
        """Answer a query as Graph.query does."""
        if isinstance(query_object, str):
            if self._queries and (answer := self._queries.answer(query_object, initBindings or {})) is not None:
                return answer
            if query_object not in self._prepared:
                prepared = prepareQuery(query_object, initNs=dict(self.namespaces()))
                traverse(prepared.algebra, visitPre=_with_xpath_patterns)
                self._prepared[query_object] = prepared
            query_object = self._prepared[query_object]
        return super().query(query_object, processor, result, initNs, initBindings, *args, **kwargs)

    def may_match(self, query: str, bound: Collection[str], nodes: Collection[Node]) -> Collection[Node]:
        """Return the nodes without those for which a query is known to have no row; `bound` are its bound variables."""
        return self._queries.may_match(query, bound, nodes) if self._queries else nodes

    def copied(self) -> "DataGraph":
        """Return a copy."""
        copy = DataGraph()
        for triple in self:
            copy.add(triple)
        return copy


def _with_xpath_patterns(node: Any) -> None:
    """Let REGEX and REPLACE of a query be read as XPath has them, and not as Python has, in EXISTS too."""
    if isinstance(node, Expr):
        if function := _XPATH.get(node.name):
            node._evalfn = MethodType(function, node)
        elif node.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            traverse(node.graph, visitPre=_with_xpath_patterns)


def _regex(call: Any, _: Any) -> Literal:
    text = str(string(call.text))
    return Literal(text in matching(str(string(call.pattern)), str(call.flags or ""), [text]))


def _replace(call: Any, _: Any) -> Literal:
    text = string(call.arg)
    pattern, replacement = (str(string(part)) for part in (call.pattern, call.replacement))
    new = replaced(str(text), pattern, replacement, str(call.flags or ""))
    if new is None:
        raise SPARQLError("REPLACE cannot be answered")
    return Literal(new, datatype=text.datatype, lang=text.language)


_XPATH = {"Builtin_REGEX": _regex, "Builtin_REPLACE": _replace}
