"""What a notebook shows: tables, explanations and questions as HTML that fetches nothing, whatever the data says."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

import destgraph
from destgraph.catalog.classification import Condition
from destgraph.catalog.explanation import ConditionReading, Evidence, Explanation, Reading, TypeReading
from destgraph.catalog.questions import Parameter, Question, Questions
from destgraph.results import Solutions, Triples
from destgraph.vocabulary import PREFIXES

EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&amp;"
ELEMENTS = {"a", "b", "code", "div", "li", "p", "span", "style", "table", "tbody", "td", "th", "thead", "tr", "ul"}
ATTRIBUTES = {"class", "href", "rel", "target", "title"}
DESTINATION = NamedNode(PREFIXES["destination"] + "bing")


def integer(value: int) -> Literal:
    """Return an xsd:integer."""
    return Literal(value)


def tree(thing: Any) -> ElementTree.Element:
    """Return what a notebook shows, as a tree: well-formed, harmless elements and attributes, links to the web only."""
    text = thing._repr_html_()
    root = ElementTree.fromstring(f"<div>{text}</div>")  # noqa: S314 - our own text
    for element in root.iter():
        assert element.tag in ELEMENTS
        assert element.attrib.keys() <= ATTRIBUTES
        assert element.get("href", "http://").startswith(("http://", "https://"))
    assert "url(" not in text
    assert "@import" not in text
    return root


def words(element: ElementTree.Element) -> str:
    """Return the text of an element."""
    return " ".join("".join(element.itertext()).split())


def cells(thing: Any) -> list[list[str]]:
    """Return the texts of all rows of all tables, the head first."""
    return [[words(cell) for cell in row] for row in tree(thing).iter("tr")]


def last_line(thing: Any) -> str:
    """Return the line below the table."""
    return words([*tree(thing).iter("p")][-1])


ANSWER = Solutions(
    ("thing", "n", EVIL),
    (
        (DESTINATION, integer(1), Literal("a | b\n c", language="en")),
        (NamedNode("javascript:alert(1)"), None, Literal(EVIL)),
        (NamedNode("https://example.org/?a=1&b='2'"), integer(20), Literal("広告 é")),
    ),
)


def test_solutions_are_a_table_with_links_and_numbers() -> None:
    """Prefixed names link to their IRIs, no other scheme is a link, numbers stand right, rows are counted."""
    assert cells(ANSWER) == [
        ["thing", "n", " ".join(EVIL.split())],
        ["destination:bing", "1", "a | b c"],
        ["javascript:alert(1)", "", EVIL],
        ["https://example.org/?a=1&b='2'", "20", "広告 é"],
    ]
    assert [(words(link), link.get("href")) for link in tree(ANSWER).iter("a")] == [
        ("destination:bing", DESTINATION.value),
        ("https://example.org/?a=1&b='2'", "https://example.org/?a=1&b='2'"),
    ]
    assert [words(cell) for row in tree(ANSWER).iter("tr") for cell in row if cell.get("class") == "number"] == [
        "n", "1", "", "20",
    ]  # fmt: skip
    assert last_line(ANSWER) == "3 rows"


def test_addresses_in_a_text_are_short_links() -> None:
    """A column of pages stays narrow; any other text stays as it is."""
    pages = "https://example.org/a/first; http://example.org/second"
    answer = Solutions(("pages",), ((Literal(pages),), (Literal(f"see {pages}"),), (Literal("javascript:x; y"),)))
    assert [(words(link), link.get("href")) for link in tree(answer).iter("a")] == [
        ("first", "https://example.org/a/first"),
        ("second", "http://example.org/second"),
    ]
    assert cells(answer)[1:] == [["first; second"], [f"see {pages}"], ["javascript:x; y"]]


def test_more_rows_than_shown_are_counted() -> None:
    """The line says how to get the others."""
    rows = tuple((integer(n),) for n in range(1234))
    many = Solutions(("n",), rows, as_read="2026-11-23", texts="2023-05 to 2026-09")
    assert [row[0] for row in cells(many)] == ["n", *map(str, range(100))]
    assert last_line(many) == (
        "first 100 of 1,234 rows, texts of 2023-05 to 2026-09, read 2026-11-23;"
        " all of them: .to_dataframe() or .to_csv()"
    )


def test_an_empty_answer_keeps_its_head() -> None:
    """No row is still a table."""
    empty = Solutions(("a", "b"), ())
    assert (cells(empty), last_line(empty)) == ([["a", "b"]], "0 rows")


def test_catalog_answers_say_when_it_was_read(kg: destgraph.KnowledgeGraph) -> None:
    """The age of the texts and the day on which the newest was read stand below the table."""
    assert last_line(kg.ask("types")) == f"9 rows, texts of {kg.texts}, read {kg.as_read}"


def test_triples_are_a_table_by_subject() -> None:
    """The subject stands once; languages are shown; triples are counted."""
    label = NamedNode(PREFIXES["rdfs"] + "label")
    answer = Triples(
        (
            Triple(DESTINATION, label, Literal(EVIL, language="de")),
            Triple(BlankNode("b"), label, Literal("x")),
            Triple(DESTINATION, NamedNode(PREFIXES["rdf"] + "type"), NamedNode("javascript:x")),
        )
    )
    assert cells(answer) == [
        ["subject", "predicate", "object"],
        ["destination:bing", "rdf:type", "javascript:x"],
        ["", "rdfs:label", f"{EVIL} de"],
        ["_:b", "rdfs:label", "x"],
    ]
    assert last_line(answer) == "3 triples"
    many = Triples(tuple(Triple(DESTINATION, label, integer(n)) for n in range(101)))
    assert last_line(many) == "first 100 of 101 triples; all of them: .to_turtle()"
    assert len(cells(many)) == 101


def test_explanation_tells_fact_by_fact(kg: destgraph.KnowledgeGraph) -> None:
    """Each condition with its state in words, its reason and its page."""
    told = tree(kg.explain("liveramp-distribution", "dataset-export"))
    assert [words(item) for item in told.iter("li")][1:] == [
        "? not documented exports: raw datasets (the page does not say) " + words([*told.iter("div")][-1]),
    ]
    assert "neither documented nor following from features" in words(told)
    assert [span.get("class") for span in told.iter("span")] == ["state not-documented"]
    pages = [link.get("href") for link in told.iter("a")]
    assert any("/catalog/advertising/liveramp-distribution" in str(page) for page in pages)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_no_text_breaks_out(text: str) -> None:
    """Whatever a label, a reason, a section or a page holds."""
    evil = EVIL + text
    evidence = Evidence((f"javascript:{evil}", f"https://example.org/{evil}"), evil)
    node = NamedNode("https://example.org/x")
    finding = ConditionReading(Condition(node, node), evil, "contradicted", evil, evidence)
    reading = TypeReading(
        node, evil, documented=True, inferred=False, evidence=evidence, above=(f"{evil}2",),
        readings=(Reading(NamedNode("https://example.org/p"), evil, evil, (finding,)),), disjoint=evil,
    )  # fmt: skip
    told = Explanation(node, evil, (reading,), evil)
    assert words(tree(told)).count(" ".join(evil.split())) >= 5
    asked = Question(evil, evil, evil, evil, (Parameter(evil, evil, evil, evil, required=True),), {evil: evil}, "")
    assert tree(asked)
    assert tree(Questions({evil: asked}))
    picture = told.picture()
    assert not any("script" in element.tag for element in ElementTree.fromstring(picture.svg()).iter())  # noqa: S314


def test_questions_are_listed(kg: destgraph.KnowledgeGraph) -> None:
    """By topic, with what each takes; one question tells its parameters and columns."""
    rows = cells(kg.questions)
    assert ["types", "destinations-of-type", "type= [edition=]", "Destinations of a type"] in rows
    assert len(rows) == len(kg.questions) + 1
    assert last_line(kg.questions) == f"{len(kg.questions)} questions"
    assert cells(kg.questions["type-of"])[:2] == [
        ["parameter", "kind", "required", "what it is", "example"],
        ["destination", "destination", "yes", "The destination.", "pega"],
    ]


@pytest.mark.parametrize(
    ("shown", "kinds"),
    [
        ("kg.ask('types')", {"text/plain", "text/html"}),
        ("kg.query('DESCRIBE destination:bing')", {"text/plain", "text/html"}),
        ("kg.explain('bing')", {"text/plain", "text/html"}),
        ("kg.questions", {"text/plain", "text/html"}),
        ("kg.hierarchy()", {"text/plain", "text/html", "image/svg+xml"}),
        ("kg.neighbourhood('bing')", {"text/plain", "text/html", "image/svg+xml"}),
        ("kg", {"text/plain"}),
    ],
)
def test_each_result_has_a_rich_and_a_plain_form(kg: destgraph.KnowledgeGraph, shown: str, kinds: set[str]) -> None:
    """IPython finds them; the plain one is for a terminal and is no dump of objects."""
    data, _ = DisplayFormatter().format(eval(shown, {"kg": kg}))  # noqa: S307
    assert set(data) == kinds
    assert "NamedNode" not in data["text/plain"]
    assert len(data["text/plain"]) < 20_000


def test_the_graph_has_a_short_name(kg: destgraph.KnowledgeGraph) -> None:
    """One line with version, number and date."""
    info = kg.info
    age = f"texts of {info.texts}, read {info.as_read}"
    assert repr(kg) == f"<destgraph {info.version}: {info.destinations} destinations, {age}>"
