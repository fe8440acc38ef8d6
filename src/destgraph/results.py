"""Rows that answer a SELECT query."""

import csv
import io
import json
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Triple

from destgraph.files import PREFIXES

_XSD = PREFIXES["xsd"]
_PYTHON: dict[str, Callable[[str], object]] = {
    _XSD + "boolean": lambda text: text in ("true", "1"),
    _XSD + "integer": int,
    _XSD + "decimal": Decimal,
    _XSD + "double": float,
}


@dataclass(frozen=True)
class Solutions:
    """A table of RDF terms: `columns` names its columns, `terms` holds its rows, None where nothing is bound.

    Iterating gives named rows of Python values: text for IRIs and strings, int, Decimal, float or bool for
    literals of these types, None for unbound. A column that is no Python name is reached by its position.
    """

    columns: tuple[str, ...]
    terms: tuple[tuple[NamedNode | BlankNode | Literal | Triple | None, ...], ...]

    @classmethod
    def of(cls, solutions: QuerySolutions) -> Self:
        """Read all rows of an engine's answer."""
        columns = tuple(variable.value for variable in solutions.variables)
        return cls(columns, tuple(tuple(solution[name] for name in columns) for solution in solutions))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.terms)

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows as named tuples of Python values."""
        row: Any = namedtuple("Row", self.columns, rename=True)  # type: ignore[misc]  # known at run time only
        return (row(*map(_python, terms)) for terms in self.terms)

    def to_csv(self) -> str:
        """Return the rows as SPARQL 1.1 Query Results CSV: plain values, unbound as empty, lines end in CRLF."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(self.columns)
        writer.writerows([_text(term) for term in terms] for terms in self.terms)
        return text.getvalue()

    def to_json(self) -> str:
        """Return the rows as SPARQL 1.1 Query Results JSON, whose bindings keep types and languages."""
        bindings = [
            {name: _json(term) for name, term in zip(self.columns, terms, strict=True) if term is not None}
            for terms in self.terms
        ]
        document = {"head": {"vars": self.columns}, "results": {"bindings": bindings}}
        return json.dumps(document, ensure_ascii=False, indent=1)


def _text(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def _python(term: NamedNode | BlankNode | Literal | Triple | None) -> object:
    if term is None:
        return None
    if isinstance(term, Literal) and (convert := _PYTHON.get(term.datatype.value)):
        try:
            return convert(term.value)
        except (ValueError, ArithmeticError):
            return term.value
    return _text(term)


def _json(term: NamedNode | BlankNode | Literal | Triple) -> dict[str, Any]:
    match term:
        case NamedNode():
            return {"type": "uri", "value": term.value}
        case BlankNode():
            return {"type": "bnode", "value": term.value}
        case Literal(language=str(language)):
            return {"type": "literal", "value": term.value, "xml:lang": language}
        case Literal() if term.datatype.value != _XSD + "string":
            return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
        case Literal():
            return {"type": "literal", "value": term.value}
    return {
        "type": "triple",
        "value": {
            "subject": _json(term.subject),
            "predicate": _json(term.predicate),
            "object": _json(term.object),
        },
    }
