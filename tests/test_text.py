"""What people see: tables, explanations, descriptions and data frames."""

import builtins
from datetime import UTC, date, datetime
from typing import Any

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

import destgraph
from destgraph import wording
from destgraph.catalog import names
from destgraph.catalog.description import describe
from destgraph.rendering import tables, text
from destgraph.results import Solutions
from destgraph.vocabulary import PREFIXES


def typed(value: str, name: str) -> Literal:
    """Return a literal of an XSD type."""
    return Literal(value, datatype=NamedNode(PREFIXES["xsd"] + name))


ANSWER = Solutions(
    ("thing", "n", "note"),
    (
        (NamedNode(PREFIXES["destination"] + "bing"), typed("1", "integer"), Literal("a | b\n c", language="en")),
        (NamedNode("javascript:alert(1)"), None, Literal("<script>alert('x')</script>")),
        (NamedNode("https://example.org/?a=1&b=2"), typed("20", "integer"), Literal("広告 é")),
    ),
)


def test_markdown_shows_texts_as_they_are() -> None:
    """A bar does not end its cell, no text becomes markup or a link, and names stay easy to read."""
    assert tables.markdown(ANSWER).splitlines() == [
        "| thing | n | note |",
        "| --- | --- | --- |",
        "| destination:bing | 1 | a \\| b c |",
        "| javascript:alert(1) |  | \\<script\\>alert('x')\\</script\\> |",
        "| https\\://example.org/?a=1\\&b=2 | 20 | 広告 é |",
    ]
    for told, expected in {
        "*a* _b_ `c` ~d~ [e](f) {g} #1 \\ $x$ @who": r"\*a\* \_b\_ \`c\` \~d\~ \[e\](f) \{g\} \#1 \\ \$x\$ \@who",
        "WWW.example.org a.b:c http://x:1": r"WWW\.example.org a.b:c http\://x:1",
    }.items():
        assert wording.markdown_escaped(told) == expected


def test_tsv_and_records() -> None:
    """TSV keeps terms as in Turtle, records have every column."""
    assert ANSWER.to_tsv().splitlines()[:2] == [
        "?thing\t?n\t?note",
        f'<{PREFIXES["destination"]}bing>\t"1"^^<{PREFIXES["xsd"]}integer>\t"a | b\\n c"@en',
    ]
    assert ANSWER.to_records()[1] == {"thing": "javascript:alert(1)", "n": None, "note": "<script>alert('x')</script>"}


@pytest.mark.parametrize(
    ("terms", "dtype", "values"),
    [
        ([typed("1", "integer"), None], "Int64", [1, pandas.NA]),
        ([typed("7", "short")], "Int64", [7]),
        ([typed("true", "boolean"), typed("0", "boolean"), None], "boolean", [True, False, pandas.NA]),
        ([typed("1e0", "double"), None], "Float64", [1.0, pandas.NA]),
        ([typed("-INF", "double"), None, typed("0", "float")], "Float64", [float("-inf"), pandas.NA, 0.0]),
        ([typed("1.50", "decimal"), None, typed("2", "integer")], "Float64", [1.5, pandas.NA, 2.0]),
        ([typed(str(10**30), "integer"), None], "object", [10**30, pandas.NA]),
        (
            [typed("2026-11-23T12:00:00+02:00", "dateTime"), None, typed("2026-11-23T12:00:00Z", "dateTime")],
            "datetime64[us, UTC]",
            [pandas.Timestamp("2026-11-23T10:00Z"), pandas.NaT, pandas.Timestamp("2026-11-23T12:00Z")],
        ),
        ([typed("2026-11-23T12:00:00", "dateTime")], "datetime64[us]", [pandas.Timestamp("2026-11-23T12:00")]),
        (
            [typed("2026-11-23T12:00:00", "dateTime"), typed("2026-11-23T12:00:00Z", "dateTime")],
            "object",
            [datetime(2026, 11, 23, 12), datetime(2026, 11, 23, 12, tzinfo=UTC)],
        ),
        ([typed("2026-11-23", "date"), None], "datetime64[s]", [pandas.Timestamp("2026-11-23"), pandas.NaT]),
        ([Literal("a"), NamedNode("a:b"), None], "string", ["a", "a:b", pandas.NA]),
        ([None], "string", [pandas.NA]),
        ([typed("1", "integer"), Literal("a")], "object", [1, "a"]),
        ([typed("maybe", "boolean")], "string", ["maybe"]),
    ],
)
def test_dataframe_has_real_types(terms: list[Any], dtype: str, values: list[object]) -> None:
    """Each XSD type becomes a pandas type, unbound is missing, what does not fit stays text."""
    column = Solutions(("x",), tuple((term,) for term in terms)).to_dataframe()["x"]
    assert column.dtype == dtype
    assert [v for v in column if not pandas.isna(v)] == [v for v in values if not pandas.isna(v)]  # type: ignore[call-overload]
    assert [bool(pandas.isna(v)) for v in column] == [bool(pandas.isna(v)) for v in values]  # type: ignore[call-overload]


def test_no_number_is_not_unbound() -> None:
    """NaN is a value of doubles, which may be missing as well."""
    terms = [typed("NaN", "double"), None, typed("1.5e0", "double")]
    answer = Solutions(("x",), tuple((term,) for term in terms))
    column = answer.to_dataframe()["x"]
    assert (str(column.dtype), column.isna().tolist()) == ("Float64", [False, True, False])
    assert repr(column.tolist()) == "[nan, <NA>, 1.5]"
    assert repr(answer.to_arrow()["x"].to_pylist()) == "[nan, None, 1.5]"


def test_empty_dataframe_keeps_its_columns() -> None:
    """No row is still a table."""
    frame = Solutions(("a", "b"), ()).to_dataframe()
    assert (list(frame.columns), len(frame), set(map(str, frame.dtypes))) == (["a", "b"], 0, {"string"})


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers().map(Literal) | st.floats(allow_nan=False).map(Literal),
            st.none()
            | st.sampled_from(["integer", "boolean", "date", "dateTime", "decimal"]).map(lambda n: typed("0", n)),
            st.none() | st.text(st.characters(exclude_categories=["Cs"])).map(Literal),
        )
    )
)
def test_dataframe_keeps_every_row_and_every_gap(rows: list[Any]) -> None:
    """Whatever the mixture, a value stays a value and unbound is missing."""
    frame = Solutions(("a", "b", "c"), tuple(rows)).to_dataframe()
    assert frame.shape == (len(rows), 3)
    assert frame.isna().to_numpy().tolist() == [[term is None for term in row] for row in rows]
    assert [None if pandas.isna(v) else v for v in frame["c"]] == [row[2] and row[2].value for row in rows]


def test_missing_pandas_names_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra that helps is in the message."""
    real = builtins.__import__

    def blocked(name: str, *rest: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", blocked)
    with pytest.raises(destgraph.InputError, match=r"pip install pandas"):
        ANSWER.to_dataframe()


def test_python_values_of_dates(kg: destgraph.KnowledgeGraph) -> None:
    """Dates come as dates."""
    answer = kg.query("SELECT ?d { source:bing dg:retrievedOn ?d }")
    assert isinstance(answer, Solutions)
    assert [row.d for row in answer] == [date(2026, 11, 28)]


def test_explanation_as_text(kg: destgraph.KnowledgeGraph) -> None:
    """Type, basis, pattern, condition, place and page, indented by what rests on what."""
    page = (
        "https://github.com/AdobeDocs/experience-platform.it-IT/blob/002a304d0bbf5"
        "51ab4fd45731141aca8d37d016d/help/destinations/catalog/personalization/adobe-commerce.md"
    )
    assert text.explanation(kg.explain("adobe-commerce")) == (
        "Adobe Commerce connection  destination:adobe-commerce\n"
        "\n"
        "Edge personalization destination: documented, and follows from features\n"
        "  documented\n"
        "    Datastream and integration alias parameters; profile request activation guide; no export type table.\n"
        f"    {page}\n"
        "  dg:EdgePersonalizationPattern holds\n"
        "    delivered by: Edge Network: holds\n"
        "      Connection parameters: datastream ID and integration alias;"
        " audiences come back in the response to the page.\n"
        f"      {page}\n"
        "  and so: Connection, Destination"
    )


def test_every_thing_can_be_described(kg: destgraph.KnowledgeGraph) -> None:
    """One of each kind: it has facts, no line is wider than asked unless one word is."""
    for kind in names.KINDS:
        thing = names.named(kg.select, kind)[0]
        described = describe(kg.select, thing)
        assert described.facts, kind
        lines = text.description(described, 100).splitlines()
        assert [line for line in lines if len(line) > 100 and " " in line.strip()] == []


def test_description_of_a_destination(kg: destgraph.KnowledgeGraph) -> None:
    """What is known, what is not documented, and parts in one value each."""
    described = describe(kg.select, names.resolve(kg.select, ["destination"], "bing"))
    facts = dict(described.facts)
    assert described.name == "Microsoft Bing connection"
    assert [name for name, _ in described.facts][:3] == ["description", "type", "inferred type"]
    assert facts["not documented"] == ("authenticates with", "available with")
    assert facts["delivered by"] == ("partner API",)
    assert len(facts["identity use"]) == 2
    assert "sent as not documented" in facts["identity use"][0]
    assert "Confirmit" not in str(described)
    assert not any("evidence" in name for name in facts)


def test_description_of_a_value_lists_what_has_it(kg: destgraph.KnowledgeGraph) -> None:
    """The conditions of patterns are no things of their own, so they are not told."""
    described = describe(kg.select, names.resolve(kg.select, ["delivery"], "tag"))
    assert {name for name, _ in described.mentions} == {"delivered by", "typical delivery"}


def test_description_of_a_platform_and_a_category_lists_their_destinations(kg: destgraph.KnowledgeGraph) -> None:
    """Mentions are grouped by property."""
    pinterest = describe(kg.select, names.resolve(kg.select, ["platform"], "pinterest"))
    assert dict(pinterest.mentions)["platform"] == (
        "Pinterest Conversion Tracking extension",
        "Pinterest Customer List connection",
    )
    social = describe(kg.select, names.resolve(kg.select, ["category"], "social"))
    assert len(dict(social.mentions)["category"]) == 6


def test_addresses_have_short_names_that_differ() -> None:
    """The last part, with what tells it from others that end alike; an address that stands twice has one name."""
    start = "https://github.com/AdobeDocs/experience-platform"
    pages = [
        f"{start}.de-DE/blob/1/types.md",
        f"{start}.en/blob/2/types.md",
        f"{start}.en/blob/3/bing.md",
        "https://a/x/",
    ]
    assert wording.address_names(pages) == [
        "types.md (experience-platform.de-DE)",
        "types.md (experience-platform.en)",
        "bing.md",
        "x",
    ]
    assert wording.address_names([pages[0], pages[0]]) == ["types.md", "types.md"]
