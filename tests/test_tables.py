"""Tables as text: every question at two widths, how columns are laid out, and that nothing is left out."""

from pathlib import Path

import pytest
from expected import ADVICE, Expected
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

import destgraph
from destgraph import wording
from destgraph.catalog import questions
from destgraph.rendering import tables
from destgraph.results import Solutions
from destgraph.vocabulary import PREFIXES

QUESTIONS = sorted(path.stem for path in questions.folder().glob("*.rq"))
EXPECTED = Path(__file__).parent / "queries"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question(kg: destgraph.KnowledgeGraph, name: str, width: int, expected_files: Expected) -> None:
    """The whole table of the example; no line is too long but for one with an id or address that is."""
    question = kg.questions[name]
    text = tables.table(kg.ask(name, **{p.name.replace("-", "_"): p.example for p in question.parameters}), width)
    assert f"{text}\n" == expected_files.text(EXPECTED / name / f"table-{width}.txt", f"{text}\n"), ADVICE
    assert not [line for line in text.splitlines() if len(line) > width and len(line.split()) > 2]


def rows(*texts: str) -> tuple[tuple[Literal, ...], ...]:
    """Return rows of texts, written with bars between their cells."""
    return tuple(tuple(map(Literal, text.split("|"))) for text in texts)


def integer(value: int) -> Literal:
    """Return an xsd:integer."""
    return Literal(value)


THING = NamedNode(PREFIXES["destination"] + "bing")
ANSWER = Solutions(
    ("destination", "n", "name"),
    (
        (THING, integer(1), Literal("a | b\n c", language="en")),
        (NamedNode("javascript:alert(1)"), None, Literal("<script>alert('x')</script>")),
        (NamedNode("https://example.org/?a=1&b=2"), integer(20), Literal("広告 é")),
    ),
)


def test_columns_beside_each_other() -> None:
    """The name first, ids of a column's kind short, numbers right, no line breaks; wide letters count twice."""
    assert tables.table(ANSWER) == (
        "name                         destination                    n\n"
        "---------------------------  ----------------------------  --\n"
        "a | b c                      bing                           1\n"
        "<script>alert('x')</script>  javascript:alert(1)\n"
        "広告 é                       https://example.org/?a=1&b=2  20"
    )
    assert tables.table(Solutions(("a", "b"), ())) == "a  b\n-  -"
    assert tables.table(Solutions((), ((), ()))) == ""


def test_what_is_the_same_in_every_row_stands_above() -> None:
    """Of several rows, and not the first column; what is empty in all is told too."""
    answer = Solutions(("a", "b", "c", "d"), rows("x|same text|1|", "x|same text|2|"))
    assert tables.table(answer) == "b: same text\nd: (empty)\na  c\n-  -\nx  1\nx  2"
    assert tables.table(answer, width=9) == "b: same\n  text\nd:\n  (empty)\na  c\n-  -\nx  1\nx  2"
    assert tables.table(answer[:1]) == "a  b          c  d\n-  ---------  -  -\nx  same text  1"


def test_ids_stand_below_names_where_there_is_no_room() -> None:
    """In the first column if they fit there, else on a line of their own; never broken."""
    ids = [NamedNode(PREFIXES["destination"] + "id" * n) for n in (3, 20)]
    texts = rows("One connection|a text of some words", "Another connection|short")
    answer = Solutions(("destination", "name", "note"), tuple((i, *text) for i, text in zip(ids, texts, strict=True)))
    assert tables.table(answer, 44) == (
        "name                note\n"
        "  destination\n"
        "------------------  --------------------\n"
        "One connection      a text of some words\n"
        "  ididid\n"
        "Another connection  short\n"
        "  idididididididididididididididididididid"
    )


def test_texts_are_wrapped_where_that_costs_least() -> None:
    """The lines of a name after the first are indented, so that no line looks like another row."""
    answer = Solutions(
        ("name", "note"), rows("A rather long name of a thing|" + "word " * 12, "Another thing|" + "words " * 9)
    )
    assert tables.table(answer, 50) == (
        "name                note\n"
        "------------------  ------------------------------\n"
        "A rather long name  word word word word word word\n"
        "  of a thing        word word word word word word\n"
        "Another thing       words words words words words\n"
        "                    words words words words"
    )


def test_addresses_stand_below_the_table() -> None:
    """Numbered in the order of rows, once each, whole; texts around them stay."""
    page, other = "https://example.org/" + "a" * 60, "http://example.org/b"
    answer = Solutions(("name", "source"), (*rows(f"x|{page}; {other} format"), (Literal("y"), NamedNode(page))))
    assert tables.table(answer, 40) == (
        f"name  source\n----  ---------------\nx     [1]; [2] format\ny     [1]\n[1] {page}\n[2] {other}"
    )
    assert page in tables.table(answer, None)


def test_many_columns_become_blocks() -> None:
    """A line for each value that there is, with its name; so does a single row that is too long."""
    columns = tuple(f"column{n}" for n in range(9))
    answer = Solutions(columns, rows("a|b b b|c|d|e|f|g|h|i i i i i", "j||k|l|m|n|o|p|q"))
    assert tables.table(answer, 40).splitlines()[:10] == [
        "column0  a", "column1  b b b", "column2  c", "column3  d", "column4  e", "column5  f", "column6  g",
        "column7  h", "column8  i i i i i", "",
    ]  # fmt: skip
    assert tables.table(answer, 40).splitlines()[10:12] == ["column0  j", "column2  k"]
    single = Solutions(("name", "note"), rows("x|" + "word " * 11))
    assert (
        tables.table(single, 30)
        == "name  x\nnote  word word word word word\n      word word word word word\n      word"
    )


def test_wide_and_vertical() -> None:
    """Wide is one line a row, whatever it takes; vertical is blocks, whatever room there is."""
    answer = Solutions(("name", "note"), rows("x|" + "word " * 30, "x|" + "word " * 30))
    assert tables.table(answer, None).splitlines()[2:] == ["x     " + ("word " * 30).strip()] * 2
    vertical = [line for _, line in tables.lines(Solutions(("name", "note"), rows("x|y", "z|")), vertical=True)]
    assert vertical == ["name  x", "note  y", "", "name  z"]


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60) | st.sampled_from(
    ["word " * 20, "https://example.org/page", "広告 " * 9, "👩‍👩‍👧 family", "x" * 90]
)
TERMS = st.none() | TEXTS.map(Literal) | st.integers().map(Literal) | st.sampled_from([THING, THING, NamedNode("a:b")])


@given(st.lists(st.tuples(TERMS, TERMS, TERMS, TERMS), min_size=1, max_size=5), st.integers(20, 130))
def test_nothing_is_left_out(drawn: list[tuple[Literal | NamedNode | None, ...]], width: int) -> None:
    """Every word of every cell is there, and no line is too long unless a word on it is."""
    answer = Solutions(("destination", "name", "n", "note"), tuple(drawn))
    for style, line in tables.lines(answer, width):
        longest = max(map(wording.display_width, line.split()), default=0)
        assert wording.display_width(line) <= width or longest > width - 30, (style, line)
    shown = tables.table(answer, width).split()
    for terms in drawn:
        for term in terms:
            for word in wording.readable(term).removeprefix("destination:").split():
                assert word in shown or "https://" in word or any(word in other for other in shown)
