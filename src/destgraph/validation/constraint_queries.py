"""The queries of shapes, answered by the embedded store where its answer is that of SHACL's pre-bound variables.

The store replaces variables, rdflib starts from a solution that binds them; SHACL (section 5.3.1) asks for the former
with exceptions. Left to rdflib is whatever could tell the two apart, or a literal of the files from its form in the
store.
"""

import re
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from pyoxigraph import QueryBoolean, QuerySolutions, Variable
from rdflib import Literal, URIRef
from rdflib import Variable as RdflibVariable
from rdflib.query import Result
from rdflib.term import Identifier, Node

from destgraph.validation import query_groups
from destgraph.validation.terms import OxTerm

if TYPE_CHECKING:
    from destgraph.validation.data_graph import DataGraph

# A query inside another, what asks whether a variable is bound, groups, patterns, which XPath reads in its way, and
# graphs, of which there is one.
_LEFT_TO_RDFLIB = re.compile(
    r"\b(?:SELECT\b.*\bSELECT|BOUND|COALESCE|GROUP\s+BY|HAVING|REGEX|REPLACE|GRAPH)\b", re.I | re.S
)
# A variable bound beforehand in the expression of BIND is none to the store where nothing else binds it.
_BINDS = r"\bBIND\s*\((?:(?!\bAS\b).)*[?$](?:{names})\b"
# What sees how a literal is written, and not its value alone: functions, and casts, which are called by name.
_SEES_FORMS = re.compile(r"\b(?:STR|DATATYPE|SAMETERM)\s*\(|(?:>|:[\w.-]*)\s*\(", re.I)


class ConstraintQueries:
    """Answers queries over a graph that stays as it is."""

    def __init__(self, graph: "DataGraph") -> None:
        """Take the graph; it is copied into the store when the first query needs it."""
        self._graph = graph
        self._judged: dict[str, bool] = {}

    def answer(self, query: str, bound: Mapping[str, Node]) -> Result | None:
        """Return the answer to a query with variables bound beforehand, None when it is left to rdflib."""
        if not self._is_answered(query, bound) or any(isinstance(value, Literal) for value in bound.values()):
            return None
        if query_groups.may_have_no_step(query) and not all(map(self._has, bound.values())):
            return None  # the store takes no path of no length to be there for what is not in the graph
        stored = self._graph.stored
        substitutions: dict[Variable, Any] = {Variable(name): stored.term(value) for name, value in bound.items()}
        try:
            answer = stored.store.query(query, substitutions=substitutions)
        except (SyntaxError, ValueError, RuntimeError):  # a function it does not know, a variable not projected
            self._judged[query] = False
            return None
        if isinstance(answer, QueryBoolean):
            result = Result("ASK")
            result.askAnswer = bool(answer)
        elif isinstance(answer, QuerySolutions):
            result = Result("SELECT")
            columns = [RdflibVariable(variable.value) for variable in answer.variables]
            rows = (zip(columns, map(stored.back, row), strict=True) for row in answer)
            result.vars = columns
            result.bindings = [
                {column: cast(Identifier, term) for column, term in row if term is not None} for row in rows
            ]
        else:
            return None
        return result

    def may_match(self, query: str, bound: Collection[str], nodes: Collection[Node]) -> Collection[Node]:
        """Return the nodes without those for which the query has no row, if one query can tell for all.

        Nodes that are not in the graph are kept: of them rdflib knows paths of no length.
        """
        if [*bound] != ["this"] or not self._is_answered(query, bound):
            return nodes
        starts = query_groups.groups_to_bind(query)
        if not starts:
            return nodes
        told: dict[Node, OxTerm] = {
            node: self._graph.stored.term(node) for node in nodes if isinstance(node, URIRef) and self._has(node)
        }
        values = f" VALUES ?this {{ {' '.join(map(str, told.values()))} }} "
        parts = (query[start:end] for start, end in pairwise([0, *starts, len(query)]))
        try:
            answer = self._graph.stored.store.query(values.join(parts))
        except (SyntaxError, ValueError, RuntimeError):  # asking for a node tells
            return nodes
        if not isinstance(answer, QuerySolutions):
            return nodes
        found = {row["this"] for row in answer}
        return [node for node in nodes if node not in told or told[node] in found]

    def _has(self, node: Node) -> bool:
        return (node, None, None) in self._graph or (None, None, node) in self._graph

    def _is_answered(self, query: str, bound: Collection[str]) -> bool:
        if query not in self._judged:
            self._judged[query] = self._is_same(query, bound)
        return self._judged[query]

    def _is_same(self, query: str, bound: Collection[str]) -> bool:
        if re.search(_BINDS.format(names="|".join(bound)), query, re.I | re.S):
            return False
        if _LEFT_TO_RDFLIB.search(query) or self._graph.stored.merges_forms:
            return False
        if self._graph.stored.changes_forms and _SEES_FORMS.search(query):
            return False
        return all(map(self._has, query_groups.path_ends(query)))
