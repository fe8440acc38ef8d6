"""The queries of shapes, answered by the embedded store where its answer is that of SHACL's pre-bound variables.

The store replaces variables, rdflib starts from a solution that binds them; SHACL (section 5.3.1) asks for the former
with exceptions. Left to rdflib is whatever could tell the two apart, or a literal of the files from its form in the
store.
"""

import re
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, cast

from pyoxigraph import QueryBoolean, QuerySolutions, Variable
from rdflib import Graph, Literal
from rdflib import Variable as RdflibVariable
from rdflib.query import Result
from rdflib.term import Identifier, Node

from destgraph.validation.store_copy import StoreCopy

# A query inside another, what asks whether a variable is bound, groups, and patterns, which XPath reads in its way.
_LEFT_TO_RDFLIB = re.compile(r"\b(?:SELECT\b.*\bSELECT|BOUND|COALESCE|GROUP\s+BY|HAVING|REGEX|REPLACE)\b", re.I | re.S)
# A variable bound beforehand in the expression of BIND is none to the store where nothing else binds it.
_BINDS = r"\bBIND\s*\((?:(?!\bAS\b).)*[?$](?:{names})\b"
# What sees how a literal is written, and not its value alone: functions, and casts, which are called by name.
_SEES_FORMS = re.compile(r"\b(?:STR|DATATYPE|SAMETERM)\s*\(|(?:>|:[\w.-]*)\s*\(", re.I)


class ConstraintQueries:
    """Answers queries over a graph that stays as it is."""

    def __init__(self, graph: Graph) -> None:
        """Take the graph; it is copied when the first query needs it."""
        self._graph = graph
        self._judged: dict[str, bool] = {}

    def answer(self, query: str, bound: Mapping[str, Node]) -> Result | None:
        """Return the answer to a query with variables bound beforehand, None when it is left to rdflib."""
        if query not in self._judged:
            self._judged[query] = self._is_same(query, bound)
        if not self._judged[query] or any(isinstance(value, Literal) for value in bound.values()):
            return None
        substitutions: dict[Variable, Any] = {Variable(name): self._copy.term(value) for name, value in bound.items()}
        try:
            answer = self._copy.store.query(query, substitutions=substitutions)
        except (SyntaxError, ValueError, RuntimeError):  # a function it does not know, a variable not projected
            self._judged[query] = False
            return None
        if isinstance(answer, QueryBoolean):
            result = Result("ASK")
            result.askAnswer = bool(answer)
        elif isinstance(answer, QuerySolutions):
            result = Result("SELECT")
            columns = [RdflibVariable(variable.value) for variable in answer.variables]
            rows = (zip(columns, map(self._copy.back, row), strict=True) for row in answer)
            result.vars = columns
            result.bindings = [
                {column: cast(Identifier, term) for column, term in row if term is not None} for row in rows
            ]
        else:
            return None
        return result

    def _is_same(self, query: str, bound: Collection[str]) -> bool:
        if re.search(_BINDS.format(names="|".join(bound)), query, re.I | re.S):
            return False
        if _LEFT_TO_RDFLIB.search(query) or self._copy.merges_forms:
            return False
        return not (self._copy.changes_forms and _SEES_FORMS.search(query))

    @cached_property
    def _copy(self) -> StoreCopy:
        return StoreCopy(self._graph)
