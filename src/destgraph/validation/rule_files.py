"""Rules that are SPARQL queries: `queries/checks/*.rq`, and how much each weighs."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.term import Node

from destgraph.catalog import questions
from destgraph.validation.findings import SEVERITIES, Severity

COLUMNS = ["entity", "property", "value"]


@dataclass(frozen=True)
class Check:
    """A rule file: `query` finds what is wrong, `looks_at` what it looks at; `idle` says why that may be nothing."""

    id: str
    severity: Severity
    summary: str
    problem: str
    solution: str
    source: str
    query: str
    looks_at: str
    idle: str


def read(path: Path, profile: dict[str, str]) -> Check:
    """Read a rule file; raises ValueError that says what its header or the profile lacks."""
    text = path.read_text(encoding="utf-8")
    header = questions.header(text)
    if missing := [name for name in ("summary", "problem", "solution", "source", "looks-at") if not header.get(name)]:
        raise ValueError(f"the header lacks {', '.join(missing)}; add a line '#+ {missing[0]}: ...'")
    severity = profile.get(path.stem, "error")
    if severity not in SEVERITIES:
        raise ValueError(f"profile.toml gives {path.stem} the severity {severity}; use {', '.join(SEVERITIES)}")
    pattern = header["looks-at"]
    if pattern.startswith('"'):
        pattern = json.loads(pattern)
    prologue = " ".join(line for line in text.splitlines() if line.startswith("PREFIX "))
    return Check(
        path.stem,
        cast(Severity, severity),
        header["summary"],
        header["problem"],
        header["solution"],
        header["source"],
        text,
        f"{prologue} SELECT (COUNT(DISTINCT ?entity) AS ?nodes) WHERE {{ {pattern} }}",
        header.get("may-look-at-nothing", ""),
    )


def severities(folder: Path) -> dict[str, str]:
    """Return the severity of each rule in `profile.toml`; raises tomllib.TOMLDecodeError."""
    path = folder / "profile.toml"
    profile = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return dict(profile.get("severity", {}))


class Copy:
    """The same triples in the embedded store, which answers queries faster."""

    def __init__(self, *graphs: Graph) -> None:
        """Take the triples of rdflib graphs."""
        self.store = Store()
        self._to: dict[Node, NamedNode | BlankNode | Literal] = {}
        self._from: dict[NamedNode | BlankNode | Literal, Node] = {}
        self.store.bulk_extend(
            Quad(self._term(s), self._term(p), self._term(o))  # type: ignore[arg-type]
            for graph in graphs
            for s, p, o in graph
        )

    def rows(self, query: str) -> Iterator[tuple[Node | None, ...]]:
        """Yield the rows of a SELECT query; raises SyntaxError or ValueError when it cannot be answered."""
        solutions = self.store.query(query)
        if not isinstance(solutions, QuerySolutions) or [v.value for v in solutions.variables] != COLUMNS:
            raise ValueError(f"a rule is a SELECT query with the columns {', '.join(COLUMNS)}")
        for row in solutions:
            yield tuple(self.back(term) for term in row)

    def looks_at(self, check: Check) -> int:
        """Return how many nodes a rule looks at."""
        ((nodes,),) = cast(QuerySolutions, self.store.query(check.looks_at))
        return int(nodes.value)

    def back(self, term: NamedNode | BlankNode | Literal | None) -> Node | None:
        """Return the term of the graphs that a term of the store stands for."""
        if term is None or term in self._from:
            return self._from[term] if term else None
        if isinstance(term, NamedNode):
            return URIRef(term.value)
        if isinstance(term, BlankNode):
            return BNode(term.value)
        return (
            RdflibLiteral(term.value, lang=term.language)
            if term.language
            else RdflibLiteral(term.value, datatype=URIRef(term.datatype.value))
        )

    def _term(self, term: Node) -> NamedNode | BlankNode | Literal:
        if term not in self._to:
            new: NamedNode | BlankNode | Literal
            if isinstance(term, URIRef):
                new = NamedNode(term)
            elif isinstance(term, BNode):
                new = BlankNode(term)
            elif isinstance(term, RdflibLiteral) and term.language:
                new = Literal(term, language=term.language)
            else:
                datatype = getattr(term, "datatype", None)
                new = Literal(str(term), datatype=NamedNode(datatype)) if datatype else Literal(str(term))
            self._to[term] = new
            self._from[new] = term
        return self._to[term]
