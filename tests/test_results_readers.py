"""Readers of results: what is written is read again, however it is cut, and anything else is an error."""

import io
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import (
    BaseDirection,
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

from destgraph.errors import EndpointError
from destgraph.results import Solutions, write_json
from destgraph.stores import sparql_results
from destgraph.stores.json_stream import JsonStream

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NODES = st.sampled_from([NamedNode("https://example.org/a"), NamedNode("a:é"), BlankNode("b1")])
IRIS = st.sampled_from([NamedNode("https://example.org/p"), NamedNode("a:b")])
LITERALS = (
    TEXTS.map(Literal)
    | TEXTS.map(lambda text: Literal(text, language="en-GB"))
    | TEXTS.map(lambda text: Literal(text, language="ar", direction=BaseDirection.RTL))
    | TEXTS.map(lambda text: Literal(text, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")))
)
TRIPLES = st.recursive(
    st.builds(Triple, NODES, IRIS, LITERALS), lambda inner: st.builds(Triple, NODES, IRIS, inner), max_leaves=4
)
ROWS = st.lists(st.tuples(st.none() | NODES | LITERALS | TRIPLES, st.none() | LITERALS), max_size=5)
CUTS = st.integers(min_value=1, max_value=50)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40).map(float) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Response:
    """An answer that comes in pieces of a size."""

    framed = True
    media_type = "application/sparql-results+json"

    def __init__(self, text: bytes, size: int) -> None:
        """Take the whole text."""
        self.headers: dict[str, str] = {}
        self._pieces = iter([text[at : at + size] for at in range(0, len(text), size)])

    def read(self) -> bytes:
        """Return the next piece."""
        return next(self._pieces, b"")

    def hold(self, number: int) -> None:
        """Everything may be held."""

    def __str__(self) -> str:
        """Return where it came from."""
        return "http://example.org/"


def read(text: bytes, size: int) -> Solutions:
    """Return what an answer holds."""
    response: Any = Response(text, size)
    columns, rows = sparql_results.solutions(response)
    return Solutions(columns, tuple(rows))


@given(ROWS, CUTS)
def test_json_that_is_written_is_read(rows: list[Any], size: int) -> None:
    """By this program, in pieces of any size; and as Oxigraph reads it."""
    answer = Solutions(("a", "b"), tuple(rows))
    file = io.StringIO()
    write_json(answer.columns, answer.terms, file)
    assert read(file.getvalue().encode(), size) == answer
    theirs = parse_query_results(file.getvalue().encode(), format=QueryResultsFormat.JSON)
    assert isinstance(theirs, QuerySolutions)
    assert Solutions.of(theirs) == answer


@given(ROWS.filter(lambda rows: all("\x00" not in str(term) for row in rows for term in row)), CUTS)
def test_xml_of_oxigraph_is_read(rows: list[Any], size: int) -> None:
    """What XML can hold of it."""
    file = io.StringIO()
    write_json(("a", "b"), rows, file)
    answer = parse_query_results(file.getvalue().encode(), format=QueryResultsFormat.JSON)
    assert isinstance(answer, QuerySolutions)
    text = answer.serialize(format=QueryResultsFormat.XML) or b""
    theirs = parse_query_results(text, format=QueryResultsFormat.XML)
    assert isinstance(theirs, QuerySolutions)
    try:
        expected = Solutions.of(theirs)
        found = read(text, size)
    except (EndpointError, SyntaxError, ValueError):  # control characters, which XML has not
        return
    assert [[_plain(term) for term in row] for row in found.terms] == [
        [_plain(term) for term in row] for row in expected.terms
    ]


def _plain(term: object) -> str:
    """Return a term with the line ends that XML makes of others."""
    return str(term).replace("\\r\\n", "\\n").replace("\\r", "\\n").strip()


@given(st.binary(max_size=40), st.integers(0, 400), st.integers(0, 30), CUTS)
@example(b"\xff", 60, 1, 1)
def test_a_damaged_answer_is_an_error_or_an_answer(damage: bytes, at: int, length: int, size: int) -> None:
    """Never anything else, whatever is put where; and in whatever pieces it comes, the same."""
    text = (
        b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "a", "xml:lang": "en"}}'
        b', {"x": {"type": "uri", "value": "a:b"}}, {}, {"x": {"type": "triple", "value": {"subject": {"type": "bnode",'
        b' "value": "b"}, "predicate": {"type": "uri", "value": "a:p"}, "object": {"type": "uri", "value": "a:o"}}}}]}}'
    )
    damaged = text[:at] + damage + text[at + length :]
    outcomes = []
    for pieces in (size, len(damaged) or 1):
        try:
            outcomes.append(repr(read(damaged, pieces)))
        except EndpointError as error:
            outcomes.append("refused" if str(error).isprintable() else str(error))
    assert len({*outcomes}) == 1


@example({"": 0.0}, 2)
@example({"": 1e300}, 1)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), CUTS)
def test_a_stream_gives_what_the_library_gives(document: dict[str, Any], size: int) -> None:
    """In pieces that may cut letters, numbers and escapes; with space or without, and escaped or not."""
    for options in ({"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}):
        text = json.dumps(document, **options).encode()
        stream = JsonStream([text[at : at + size] for at in range(0, len(text), size)], 1 << 20)
        assert {name: stream.value() for name in stream.members()} == json.loads(text)
        stream.end()
