"""The queries of shapes, answered by the embedded store where its answer is that of SHACL's pre-bound variables.

The store replaces variables, rdflib starts from a solution that binds them; SHACL (section 5.3.1) asks for the former
with exceptions. Left to rdflib is whatever could tell the two apart, or a literal of the files from its form in the
store.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from pyoxigraph import QueryBoolean, QuerySolutions, Variable
from rdflib import BNode, Literal, URIRef
from rdflib import Variable as RdflibVariable
from rdflib.query import Result
from rdflib.term import Identifier, Node

from destgraph import query_text
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

# The head of a query whose rows are those of its pattern.
_SELECT = re.compile(r"\bSELECT\s+(?:DISTINCT\s+|REDUCED\s+)?((?:[?$]\w+\s+)+)(?:WHERE\s*)?\{", re.I)
# Words, and not the end of a name, a variable or a language tag.
_WORD = r"(?<![\w?$:@.%-])"
_BRACE = re.compile(rf"(?:{_WORD}(EXISTS|OPTIONAL)\s*)?\{{|\}}", re.I)
_CONDITION = re.compile(rf"{_WORD}(?:FILTER|BIND)\b\s*[\w:.-]*\s*", re.I)
# Solutions taken away, other data, the braces of VALUES, and escapes, in which anything may stand.
_UNCLEAR = re.compile(rf"{_WORD}(?:MINUS|LIMIT|OFFSET|VALUES|SERVICE)\b|\\", re.I)
_THIS = re.compile(r"[?$]this\b")

# A path whose steps may all be left out, and a constant at one of its ends.
_CONSTANT = r"""(?:<[^<>\s]*>|[\w-]*:[\w.-]*\w|["'][^\n]*?["']\S*|[+-]?\d[\d.]*|true|false)"""
_NO_STEP = r"(?:\^?(?:<[^<>\s]*>|[\w-]*:[\w.-]*\w|a|\([^()]*\))[*?])"
_FROM = re.compile(rf"({_CONSTANT})\s+(?:{_NO_STEP}/)*{_NO_STEP}(?=\s)")
_TO = re.compile(rf"\s(?:{_NO_STEP}/)*{_NO_STEP}\s+({_CONSTANT})")
_MAY_HAVE_NO_STEP = re.compile(r"[*?](?!\w)")


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
        if _MAY_HAVE_NO_STEP.search(query) and not all(map(self._has, bound.values())):
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
        groups = _groups(query)
        if not groups:
            return nodes
        told: dict[Node, OxTerm] = {
            node: self._graph.stored.term(node) for node in nodes if isinstance(node, URIRef) and self._has(node)
        }
        values = f" VALUES ?this {{ {' '.join(map(str, told.values()))} }} "
        parts = (query[start:end] for start, end in pairwise([0, *groups, len(query)]))
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
        return all(map(self._has, _ends(query)))


def _ends(query: str) -> Iterator[Node]:
    """Yield the constants from which or to which a path of no length may lead."""
    prefixes = {prefix.name: prefix.namespace for prefix in query_text.declared_prefixes(query)}
    for constant in (*_FROM.findall(query), *_TO.findall(query)):
        prefix, colon, name = constant.partition(":")
        if constant.startswith("<"):
            yield URIRef(constant[1:-1])
        elif colon and prefix in prefixes:
            yield URIRef(prefixes[prefix] + name)
        else:
            yield BNode()  # a literal, which may be written otherwise in the graph


@dataclass
class _Group:
    """A group of a query: the word before it, where it begins, its own text without that of groups in it, and these."""

    word: str
    start: int
    own: str = ""
    inner: list["_Group"] = field(default_factory=list)

    @cached_property
    def binds(self) -> bool:
        """Whether its own triples hold the variable."""
        return bool(_THIS.search(_parted(self.own)[0]))

    @property
    def is_bound(self) -> bool:
        """Whether the variable is bound in each solution."""
        joined = [group for group in self.inner if not group.word]
        return self.binds or (bool(joined) and all(group.is_bound for group in joined))

    @property
    def asks(self) -> bool:
        """Whether a condition holds the variable."""
        return bool(_THIS.search(_parted(self.own)[1])) or any(g.mentions for g in self.inner if g.word == "EXISTS")

    @property
    def mentions(self) -> bool:
        """Whether the variable stands anywhere in it."""
        return bool(_THIS.search(self.own)) or any(group.mentions for group in self.inner)

    def to_bind(self, outer: "_Group | None" = None) -> list[int] | None:
        """Return where the variable is to be bound, None where that may not be enough.

        A condition sees what its own group binds; that of OPTIONAL what is bound around it too.
        """
        if self.word == "EXISTS":
            return [] if all(group.word == "EXISTS" and group.to_bind() == [] for group in self.inner) else None
        is_seen = self.is_bound or (self.word == "OPTIONAL" and outer is not None and outer.binds)
        if self.asks and not is_seen:
            return None
        found = [self.start] if self.binds else []
        for group in self.inner:
            inside = group.to_bind(self)
            if inside is None:
                return None
            found += inside
        return found


def _groups(query: str) -> list[int]:
    """Return where groups begin in which a variable is to be bound to have the rows of one that is bound beforehand.

    There is no such place where that may not be enough, or where `query` is no SELECT query with `this` in its rows.
    """
    code = query_text.without_text(query)
    head = _SELECT.search(code)
    if not head or "this" not in re.split(r"[\s?$]+", head[1]) or _UNCLEAR.search(code, head.end()):
        return []
    outermost = _Group("", head.end())
    under_way = [outermost]
    at = head.end()
    for brace in _BRACE.finditer(code, at):
        under_way[-1].own += code[at : brace.start()] + " "
        at = brace.end()
        if brace[0] == "}":
            under_way.pop()
            if not under_way:
                break
        else:
            group = _Group((brace[1] or "").upper(), at)
            under_way[-1].inner.append(group)
            under_way.append(group)
    return (outermost.to_bind() or []) if outermost.is_bound else []


def _parted(text: str) -> tuple[str, str]:
    """Return the triples of a group, and its conditions."""
    triples, conditions, at = "", "", 0
    for found in _CONDITION.finditer(text):
        if found.start() < at:
            continue
        end, depth = found.end(), 0
        while text[end : end + 1] == "(" or depth:
            depth += {"(": 1, ")": -1}.get(text[end : end + 1], 0)
            end += 1
            if end > len(text):
                break
            if not depth:
                break
        triples += text[at : found.start()]
        conditions += text[found.start() : end]
        at = end
    return triples + text[at:], conditions
