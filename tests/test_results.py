"""Answers: named rows, Python values, and the W3C formats as another writer gives them."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryResultsFormat, QuerySolutions, Store

import destgraph
from destgraph.results import Solutions
from destgraph.wording import readable

QUERY = """SELECT ?term ?missing WHERE { VALUES ?term {
  <https://example.org/a> "plain" "tagged"@en-GB "1, \\"2\\"\\n3" 1 1.50 1e0 true "x"^^<https://example.org/type>
  "no number"^^<http://www.w3.org/2001/XMLSchema#integer> } }"""


def answer(store: Store, query: str) -> QuerySolutions:
    """Return the rows of a SELECT query."""
    solutions = store.query(query)
    assert isinstance(solutions, QuerySolutions)
    return solutions


def test_rows_have_names_and_python_values() -> None:
    """Numbers and booleans become Python's; unbound is None; an ill-typed value stays text."""
    rows = Solutions.of(answer(Store(), QUERY))
    assert rows.columns == ("term", "missing")
    assert len(rows) == 10
    assert [row.term for row in rows] == [
        "https://example.org/a", "plain", "tagged", '1, "2"\n3', 1, Decimal("1.50"), 1.0, True, "x", "no number",
    ]  # fmt: skip
    assert {row.missing for row in rows} == {None}


def test_what_people_read_cannot_steer_their_terminal() -> None:
    """Control characters and what turns the direction of writing are escaped, what joins letters is not."""
    assert readable(Literal("a\x1b[31m\x07b\x9b1m\nc \u202e 🏳️‍🌈")) == r"a\x1b[31m\x07b\x9b1m c \u202e 🏳️‍🌈"


def test_an_empty_answer_keeps_its_columns() -> None:
    """No row is still a table."""
    rows = Solutions.of(answer(Store(), "SELECT ?a ?b { ?a <https://example.org/p> ?b }"))
    assert (len(rows), list(rows), rows.columns) == (0, [], ("a", "b"))
    assert rows.to_csv() == "a,b\r\n"
    assert json.loads(rows.to_json()) == {"head": {"vars": ["a", "b"]}, "results": {"bindings": []}}


@pytest.mark.parametrize("query", [QUERY, "SELECT * { ?s ?p ?o }", "SELECT (TRIPLE(<a:a>, <a:b>, 1) AS ?t) {}"])
def test_json_is_what_the_engine_itself_writes(query: str) -> None:
    """The W3C JSON equals that of Oxigraph's own serialiser, blank nodes and triple terms included."""
    store = Store()
    store.add(Quad(BlankNode("b"), NamedNode("a:b"), Literal("c")))
    own = answer(store, query).serialize(format=QueryResultsFormat.JSON)
    assert json.loads(Solutions.of(answer(store, query)).to_json()) == json.loads(own or b"")


def read(text: str) -> list[list[str]]:
    """Return the rows of CSV text; a lone empty value may be written as nothing at all."""
    return [row or [""] for row in csv.reader(io.StringIO(text, newline=""))]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_csv_and_json_hold_any_text(texts: list[str]) -> None:
    """Both formats equal those of Oxigraph's own serialiser, whatever the text."""
    store = Store()
    store.extend(Quad(NamedNode("a:a"), NamedNode("a:b"), Literal(text)) for text in texts)
    query = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
    rows = Solutions.of(answer(store, query))
    assert json.loads(rows.to_json()) == json.loads(
        answer(store, query).serialize(format=QueryResultsFormat.JSON) or b""
    )
    theirs = (answer(store, query).serialize(format=QueryResultsFormat.CSV) or b"").decode()
    assert read(rows.to_csv()) == read(theirs)


def test_rows_by_position(kg: destgraph.KnowledgeGraph) -> None:
    """One row as iterating gives it, a slice as an answer of its own, and `print` shows the table."""
    answer = kg.ask("destinations-of-type", type="edge-personalization")
    rows = list(answer)
    assert (answer[0], answer[-1]) == (rows[0], rows[2])
    assert answer[1:] == Solutions(answer.columns, answer.terms[1:])
    assert answer[1:].as_read == answer.as_read
    with pytest.raises(IndexError):
        answer[3]
    assert "custom-personalization" in str(answer[2:]).split()


def test_arrow_has_types_that_polars_reads(kg: destgraph.KnowledgeGraph) -> None:
    """Every kind of value, unbound ones among them, and short names on request."""
    values = kg.query(
        """SELECT ?iri ?n ?d ?flag ?day ?at ?zoned ?mixed { VALUES (?iri ?n ?d ?flag ?day ?at ?zoned ?mixed) {
             (destination:bing 1 1.5 true "2026-01-02"^^xsd:date "2026-01-02T03:04:05"^^xsd:dateTime
              "2026-01-02T03:04:05Z"^^xsd:dateTime 1)
             (UNDEF UNDEF UNDEF UNDEF UNDEF UNDEF UNDEF "text") } }"""
    )
    assert isinstance(values, Solutions)
    frame = polars.from_arrow(values.to_arrow(short=True))
    assert isinstance(frame, polars.DataFrame)
    assert dict(frame.schema) == {
        "iri": polars.String(),
        "n": polars.Int64(),
        "d": polars.Float64(),
        "flag": polars.Boolean(),
        "day": polars.Date(),
        "at": polars.Datetime("us"),
        "zoned": polars.Datetime("us", "UTC"),
        "mixed": polars.String(),
    }
    noon = datetime(2026, 1, 2, 3, 4, 5)
    first = ("destination:bing", 1, 1.5, True, date(2026, 1, 2), noon, noon.replace(tzinfo=UTC), "1")
    assert frame.rows() == [first, (None,) * 7 + ("text",)]
    assert values.to_arrow()["iri"][0].as_py() == "https://w3id.org/destgraph/destination/bing"
    assert values.to_dataframe(short=True)["iri"][0] == "destination:bing"
