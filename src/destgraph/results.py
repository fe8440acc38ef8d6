"""Answers: rows of a SELECT query, triples of a CONSTRUCT or DESCRIBE query."""

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Self, TextIO

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, RdfFormat, Triple, serialize

from destgraph.errors import InputError
from destgraph.shown import shown
from destgraph.vocabulary import PREFIXES, shorten

if TYPE_CHECKING:
    import pandas
    import pyarrow

Term = NamedNode | BlankNode | Literal | Triple | None

_XSD = PREFIXES["xsd"]
_VALUED = (NamedNode, Literal)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four of full width
_TEXT_IRI_OR_NAME = r'("(?:[^"\\]|\\.)*")|<[^>]*>|([\w-]+):(\S*\\\S*)'


@shown
@dataclass(frozen=True)
class Solutions:
    """A table of RDF terms: `columns` names its columns, `terms` holds its rows, None where nothing is bound.

    Iterating gives named rows of Python values: text for IRIs and strings; int, Decimal, float, bool, date or
    datetime for literals of these types; None for unbound. A column that is no Python name is reached by its
    position, a literal that does not fit its type stays text. `as_read` is the day on which the newest source of the
    catalog was read, as YYYY-MM-DD, and `texts` says of which months its sources are, if that is known; `own` says in
    words what own files bring to the graph, and `notes` what should not go unseen about the answer. `titles` has what
    stands above a column in a table for people, where that is not its name.
    """

    columns: tuple[str, ...]
    terms: tuple[tuple[Term, ...], ...]
    as_read: str = field(default="", compare=False, kw_only=True)
    texts: str = field(default="", compare=False, kw_only=True)
    own: str = field(default="", compare=False, kw_only=True)
    notes: tuple[str, ...] = field(default=(), compare=False, kw_only=True)
    titles: Mapping[str, str] = field(default_factory=dict, compare=False, kw_only=True)

    @classmethod
    def of(cls, solutions: QuerySolutions) -> Self:
        """Read all rows of an engine's answer."""
        columns = tuple(variable.value for variable in solutions.variables)
        return cls(columns, tuple(tuple(solution) for solution in solutions))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.terms)

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows as named tuples of Python values."""
        row = self._row
        return (row(*map(python, terms)) for terms in self.terms)

    def __getitem__(self, index: Any) -> Any:
        """Return the row at a position, as iterating gives it, or the rows of a slice as Solutions."""
        if isinstance(index, slice):
            return replace(self, terms=self.terms[index])
        return self._row(*map(python, self.terms[index]))

    def with_columns(self, names: Sequence[str]) -> Self:
        """Return the rows with some of their columns; raises ValueError for a name that is none."""
        places = [self.columns.index(name) for name in names]
        rows = tuple(tuple(terms[place] for place in places) for terms in self.terms)
        return replace(self, columns=tuple(names), terms=rows)

    @property
    def _row(self) -> Any:
        return namedtuple("Row", self.columns, rename=True)  # their names are known at run time only

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries of Python values, every column in each."""
        return [dict(zip(self.columns, map(python, terms), strict=True)) for terms in self.terms]

    def to_dataframe(self, *, short: bool = False) -> "pandas.DataFrame":
        """Return the rows as a pandas DataFrame with the same columns, unbound as NA or NaT; NaN is a number.

        A column of booleans is boolean, of whole numbers Int64, of any other numbers Float64, of texts string, of dates
        datetime64, of moments datetime64 in UTC or without time zone; an empty one is string, any mixture object. With
        `short`, IRIs are written with the prefixes of the table where one fits. Raises InputError when pandas is not
        installed.
        """
        try:
            import numpy
            import pandas
        except ImportError:
            raise InputError("to_dataframe needs pandas; install it with: pip install pandas") from None
        columns: dict[str, Any] = {}
        for name, values in self._values(short):
            dtype = _dtype([value for value in values if value is not None])
            if dtype == "Float64":  # made from a list, NaN would become NA
                numbers = numpy.array([0.0 if value is None else float(value) for value in values])
                columns[name] = pandas.arrays.FloatingArray(numbers, numpy.array([value is None for value in values]))
                continue
            missing = pandas.NaT if dtype.startswith("datetime") else pandas.NA
            filled: Any = [missing if value is None else value for value in values]
            if dtype.startswith("datetime"):
                columns[name] = pandas.to_datetime(filled, utc=dtype.endswith("UTC]")).astype(dtype)
            else:
                columns[name] = pandas.array(filled, dtype=dtype)
        return pandas.DataFrame(columns, columns=list(self.columns))

    def to_arrow(self, *, short: bool = False) -> "pyarrow.Table":
        """Return the rows as an Arrow table with the same columns, unbound as null; polars and duckdb read it.

        A column of booleans is bool, of whole numbers int64, of any other numbers double, of texts string, of dates
        date32, of moments a timestamp in microseconds, in UTC or without time zone; an empty one is string, and so is
        any mixture. `short` is that of `to_dataframe`. Raises InputError when pyarrow is not installed.
        """
        try:
            import pyarrow
        except ImportError:
            raise InputError("to_arrow needs pyarrow; install it with: pip install pyarrow") from None
        types = {
            "boolean": pyarrow.bool_(),
            "Int64": pyarrow.int64(),
            "Float64": pyarrow.float64(),
            "datetime64[s]": pyarrow.date32(),
            "datetime64[us]": pyarrow.timestamp("us"),
            "datetime64[us, UTC]": pyarrow.timestamp("us", "UTC"),
        }
        arrays = []
        for _, values in self._values(short):
            dtype = _dtype([value for value in values if value is not None])
            if dtype == "Float64":
                values = [None if value is None else float(value) for value in values]
            elif dtype not in types:
                values = [None if value is None else str(value) for value in values]
            arrays.append(pyarrow.array(values, types.get(dtype, pyarrow.string())))
        return pyarrow.table(arrays, names=list(self.columns))

    def _values(self, short: bool) -> Iterator[tuple[str, list[Any]]]:
        """Yield each column with its Python values."""
        for number, name in enumerate(self.columns):
            column = [terms[number] for terms in self.terms]
            yield (
                name,
                [shorten(term) if short and isinstance(term, NamedNode) else python(term) for term in column],
            )

    def to_csv(self, *, excel_safe: bool = False, cell: "Cell | None" = None) -> str:
        """Return the rows as SPARQL 1.1 Query Results CSV: plain values, unbound as empty, lines end in CRLF.

        `cell` makes of each cell, and of the names of the columns, what is written; with `excel_safe`, one that a
        spreadsheet could take for a formula then gets an apostrophe in front, unless it is of a numeric type.
        """
        return self._written(partial(write_csv, excel_safe=excel_safe, cell=cell))

    def to_tsv(self) -> str:
        """Return the rows as SPARQL 1.1 Query Results TSV: terms as in Turtle, unbound as empty."""
        return self._written(write_tsv)

    def to_json(self) -> str:
        """Return the rows as SPARQL 1.1 Query Results JSON, whose bindings keep types and languages."""
        return self._written(write_json)

    def _written(self, write: "Writer") -> str:
        import io

        text = io.StringIO()
        write(self.columns, self.terms, text)
        return text.getvalue()


@shown
@dataclass(frozen=True)
class Triples:
    """Triples that a CONSTRUCT or DESCRIBE query gave; iterating yields (subject, predicate, object) terms."""

    triples: tuple[Triple, ...]

    def __len__(self) -> int:
        """Return the number of triples."""
        return len(self.triples)

    def __iter__(self) -> Iterator[tuple[Term, Term, Term]]:
        """Yield the triples as tuples of terms."""
        return ((triple.subject, triple.predicate, triple.object) for triple in self.triples)

    def to_turtle(self, *, escaped: bool = False) -> str:
        """Return the triples as Turtle, with those prefixes of the table that are used.

        OWL API cannot read escapes in names nor line feeds as escapes, so neither is written, unless it is `escaped`.
        """
        body = (serialize(self.triples, format=RdfFormat.N_TRIPLES) or b"").decode()
        used = {name: iri for name, iri in PREFIXES.items() if f"<{iri}" in body}
        text = (serialize(self.triples, format=RdfFormat.TURTLE, prefixes=used) or b"").decode()
        return text if escaped else re.sub(_TEXT_IRI_OR_NAME, _for_owl_api, text)


def _for_owl_api(found: re.Match[str]) -> str:
    text, prefix, local = found.groups()
    if prefix:
        return f"<{PREFIXES[prefix]}{local}>".replace("\\", "")
    return text_of_lines(text) if text else found[0]


def text_of_lines(literal: str) -> str:
    """Return a literal of N-Triples with its line feeds as such; OWL API reads their escape as the letter n."""
    lines = re.sub(r"\\.", lambda escape: "\n" if escape[0] == r"\n" else escape[0], literal)
    text, quote, rest = lines.rpartition('"')
    return literal if lines == literal else f'""{text}""{quote}{rest}'


Select = Callable[[str], Solutions]
"""Answers a SELECT query, in which the prefixes of the table need no declaration."""


# The standard library's modules below are imported where they are used: the command line pays for what it needs.


@cache
def _conversions() -> dict[str, Callable[[str], object]]:
    """Map XSD datatypes to functions that make Python values of lexical forms."""
    from datetime import date, datetime
    from decimal import Decimal

    integers = "integer long int short byte nonNegativeInteger positiveInteger unsignedInt unsignedLong negativeInteger"
    return {
        _XSD + "boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
        _XSD + "decimal": Decimal,
        _XSD + "double": float,
        _XSD + "float": float,
        _XSD + "date": date.fromisoformat,
        _XSD + "dateTime": datetime.fromisoformat,
        **{_XSD + name: int for name in integers.split()},
    }


def python(term: Term) -> Any:
    """Return a term as a Python value."""
    if isinstance(term, Literal) and (convert := _conversions().get(term.datatype.value)):
        try:
            return convert(term.value)
        except (ValueError, KeyError, ArithmeticError):
            return term.value
    return None if term is None else plain(term)


def _dtype(values: list[Any]) -> str:
    """Return the pandas type that holds these Python values."""
    from datetime import date, datetime
    from decimal import Decimal

    kinds = {type(value) for value in values}
    if kinds <= {str}:
        return "string"
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "Int64" if all(-(2**63) <= value < 2**63 for value in values) else "object"
    if kinds <= {int, float, Decimal}:
        return "Float64"
    if kinds == {date}:
        return "datetime64[s]"
    if kinds == {datetime} and len(zoned := {value.tzinfo is not None for value in values}) == 1:
        return "datetime64[us, UTC]" if True in zoned else "datetime64[us]"
    return "object"


def plain(term: Term) -> str:
    """Return a term as text: the IRI, the lexical form of a literal, empty for unbound."""
    if term is None:
        return ""
    return term.value if isinstance(term, _VALUED) else turtle(term)


def turtle(term: NamedNode | BlankNode | Literal | Triple) -> str:
    """Return a term as Turtle, a triple term as that of RDF 1.2 has it."""
    return f"<<( {term} )>>" if isinstance(term, Triple) else str(term)


Cell = Callable[[str], str]
"""Makes of the text of a cell what is written."""

Writer = Callable[[Sequence[str], Iterable[Sequence[Term]], TextIO], int]
"""Writes rows under their columns to a text file, keeping none of them, and returns how many there were."""


def write_csv(
    columns: Sequence[str],
    rows: Iterable[Sequence[Term]],
    file: TextIO,
    *,
    excel_safe: bool = False,
    cell: "Cell | None" = None,
) -> int:
    """Write SPARQL 1.1 Query Results CSV; see `Solutions.to_csv`."""
    import csv

    number = 0
    writer = csv.writer(file)
    names = [*map(cell, columns)] if cell else columns
    writer.writerow([*map(no_formula, names)] if excel_safe else names)
    for number, row in enumerate(rows, 1):  # noqa: B007 - the last one is the result
        cells = [term.value if isinstance(term, _VALUED) else plain(term) for term in row]  # a call less
        if cell:
            cells = [*map(cell, cells)]
        if excel_safe:
            cells = [text if _is_number(term) else no_formula(text) for text, term in zip(cells, row, strict=True)]
        writer.writerow(cells)
    return number


def _is_number(term: Term) -> bool:
    from numbers import Number

    return isinstance(python(term), Number)


def no_formula(cell: str) -> str:
    """Return the text of a cell with an apostrophe in front if a spreadsheet could take it for a formula.

    How formulas begin is said by OWASP (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def write_tsv(columns: Sequence[str], rows: Iterable[Sequence[Term]], file: TextIO) -> int:
    """Write SPARQL 1.1 Query Results TSV."""
    number = 0
    file.write("\t".join(f"?{name}" for name in columns) + "\n")
    for number, row in enumerate(rows, 1):  # noqa: B007
        file.write("\t".join("" if term is None else turtle(term) for term in row) + "\n")
    return number


def write_json(columns: Sequence[str], rows: Iterable[Sequence[Term]], file: TextIO) -> int:
    """Write SPARQL 1.1 Query Results JSON, one row a line."""
    import json

    number = 0
    file.write(f'{{"head": {{"vars": {json.dumps(columns, ensure_ascii=False)}}}, "results": {{"bindings": [')
    for number, row in enumerate(rows, 1):
        binding = {name: _json(term) for name, term in zip(columns, row, strict=True) if term is not None}
        file.write(f"{',' if number > 1 else ''}\n {json.dumps(binding, ensure_ascii=False)}")
    file.write("\n]}}\n")
    return number


WRITERS: dict[str, Writer] = {
    "csv": write_csv,
    "excel-csv": partial(write_csv, excel_safe=True),
    "tsv": write_tsv,
    "json": write_json,
}


def _json(term: NamedNode | BlankNode | Literal | Triple) -> dict[str, Any]:
    match term:
        case NamedNode():
            return {"type": "uri", "value": term.value}
        case BlankNode():
            return {"type": "bnode", "value": term.value}
        case Literal(language=str(language), direction=direction):
            told = {} if direction is None else {"its:dir": str(direction)}
            return {"type": "literal", "value": term.value, "xml:lang": language, **told}
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
