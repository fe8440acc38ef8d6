"""Headers of query files: read as YAML reads them, or refused with the line; nothing is passed over."""

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from destgraph.catalog import headers
from destgraph.catalog.headers import Field


def plain(field: Field) -> Any:
    """Return a field as YAML gives it."""
    return {name: plain(part) for name, part in field.fields.items()} if field.fields else field.text


def as_yaml(text: str) -> Any:
    """Return what a YAML parser reads in a header, all values as text."""
    lines = [line[3:] for line in text.split("\n") if line.startswith("#+")]
    return yaml.load("\n".join(lines), Loader=yaml.BaseLoader)  # noqa: S506 - text only


READ = {
    "wrapped": "#+ a: first line\n#+   goes on here\n#+   and here\n#+ b: c",
    "below": "#+ a:\n#+   text\n#+   more",
    "nested": "#+ a:\n#+   b: x\n#+     y\n#+   c:\n#+     d: z\n#+ e: f",
    "double quotes": '#+ a: "x: y # \\"z\\" \\u00e4"',
    "wrapped quotes": '#+ a: "x:\n#+   y"',
    "single quotes": "#+ a: 'x: it''s'",
    "colon in a word": "#+ a: dg:Connection http://example.org/x",
    "mark byte": "#+ a: b\nSELECT * {}",
    "comments between": "# x\n\n#+ a: b\n# y\n#+ c: d",
    "windows": "#+ a: b\r\n#+ c:\r\n#+   d: e\r\nSELECT * {}\r\n",
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_read_as_yaml(text: str) -> None:
    """Wrapped and quoted texts are those of a YAML parser."""
    field, faults = headers.read(text)
    assert faults == []
    assert plain(field) == as_yaml(text.replace("\r\n", "\n"))


WRONG = {
    "list": ("#+ a:\n#+   - b", 2, "a list is not read here; write one text after the colon"),
    "empty": ("#+ a: b\n#+ c:", 2, "c is empty"),
    "empty between": ("#+ a: b\n#+ c:\n#+ d: e", 2, "c is empty"),
    "empty line": ("#+ a: b\n#+\n#+ c: d", 2, "this line of the header is empty"),
    "no blank": ("#+ a: b\n#+c: d", 2, "no blank stands after #+"),
    "blank before": ("#+ a: b\n #+ c: d", 2, "blanks stand before #+"),
    "tab": ("#+ a: b\n#+ c:\td", 2, "the header holds a tab"),
    "no field": ("#+ a: b\n#+ just text", 2, "'just text' is no field"),
    "no blank after colon": ("#+ a: b\n#+ c:d", 2, "'c:d' is no field"),
    "key of words": ("#+ a: b\n#+ c d: e", 2, "'c d: e' is no field"),
    "twice": ("#+ a: b\n#+ a: c", 2, "a stands twice"),
    "field in a text": ("#+ a: b\n#+   c: d", 2, "a colon in 'c: d' would begin another field"),
    "colon in a text": ("#+ a: b: c", 1, "a colon in 'b: c' would begin another field"),
    "comment": ("#+ a: b # c", 1, "what follows # in 'b # c' would be a comment"),
    "indicator": ("#+ a: {b}", 1, "a text cannot begin with {"),
    "block": ("#+ a: >-\n#+   b", 1, "a text cannot begin with >"),
    "open quotes": ('#+ a: "b', 1, "the double quotes do not hold one text"),
    "after quotes": ('#+ a: "b" c', 1, "the double quotes do not hold one text"),
    "open single quotes": ("#+ a: 'b", 1, "the single quotes do not hold one text"),
    "dedent": ("#+ a:\n#+     b: c\n#+   d: e", 3, "the line is indented as no field above it is"),
    "first line": ("#+   a: b\n#+ c: d", 2, "the line is indented as no field above it is"),
    "below the query": ("#+ a: b\nSELECT * {}\n#+ c: d", 3, "the header ends where the query begins"),
}


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG)
def test_anything_else_is_refused(text: str, line: int, message: str) -> None:
    """With its line and what to do, and only that."""
    _, faults = headers.read(text)
    assert [fault.line for fault in faults] == [line]
    assert faults[0].message.startswith(message)
    assert ";" in faults[0].message


PIECES = """a|b:|c: |: |:| |  |#| #|-|- |"|'|''|x y|[|{|}|>|&|*|!|?|? |%|@|`|,|~|1|true|\\|\\n|\u00e4|---|...|<<|="""
pieces = st.sampled_from([*PIECES.split("|"), "|"])
lines = st.builds(lambda indent, parts: "#+ " + " " * indent + "".join(parts), st.integers(0, 4), st.lists(pieces))


@given(st.lists(lines, max_size=6).map("\n".join))
@example("#+ a: ---")
@example("#+ a: b\n#+ ---\n#+ c: d")
def test_what_is_read_is_yaml(text: str) -> None:
    """Whatever stands in a header without faults, a YAML parser reads the same."""
    field, faults = headers.read(text)
    if not faults and field.fields:
        assert plain(field) == as_yaml(text)
