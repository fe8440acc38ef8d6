"""Reading files: encodings, formats by suffix, and the place of an error, the same for every reader."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

import destgraph
from destgraph import inputs
from destgraph.export import selection

TURTLE = '<urn:x:a> <urn:x:p> "\u00e4" .\n'
TRIPLES = {
    "a.ttl": TURTLE,
    "a.nt": TURTLE,
    "a.nq": TURTLE.replace(" .", " <urn:x:g> ."),
    "a.trig": f"<urn:x:g> {{ {TURTLE} }}",
    "a.jsonld": '{"@id": "urn:x:a", "urn:x:p": "\u00e4"}',
    "a.rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="urn:x:">'
    '<rdf:Description rdf:about="urn:x:a"><x:p>\u00e4</x:p></rdf:Description></rdf:RDF>',
    "a.txt": TURTLE,
}


@pytest.mark.parametrize("name", TRIPLES)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "mark"])
def test_every_format_gives_the_same_triple(tmp_path: Path, name: str, mark: str) -> None:
    """Whoever reads it: the suffix tells the format, Turtle for any other one; a byte order mark does not matter."""
    path = tmp_path / name
    path.write_text(mark + TRIPLES[name], encoding="utf-8")
    (triple,) = inputs.read_triples(path)
    assert str(triple) == TURTLE.removesuffix(" .\n")
    kg = destgraph.load([path])
    assert [str(text) for (text,) in kg.select("SELECT ?o { <urn:x:a> <urn:x:p> ?o }").terms] == ['"\u00e4"']
    exported = selection.Selection(("catalog",), (path,)).triples()
    assert NamedNode("urn:x:a") in {triple.subject for triple in exported}


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.ttl", b"# caf\xe9\n", "a.ttl:1:6: the file is not UTF-8 here; save it as UTF-8"),
        ("a.ttl", b"\xef\xbb\xbf# \xc3\xa4\r\n# caf\xe9", "a.ttl:2:6: the file is not UTF-8 here; save it as UTF-8"),
        ("a.ttl", b"<urn:a> <urn:b>\n x .", "a.ttl:2:2: x is not a valid RDF object; correct the Turtle"),
        ("a.jsonld", b'{"@context": "https://e.org/"}', "a.jsonld: a remote @context is not fetched; write it into the"
         " file"),
        ("b", None, "b: No such file or directory; name a Turtle file that can be read"),
    ],
)  # fmt: skip
def test_errors_tell_the_place(tmp_path: Path, name: str, data: bytes | None, message: str) -> None:
    """File, line and column, what is wrong and what to do; the same words from loading and from exporting."""
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    told = []
    for read in (lambda: destgraph.load([path]), lambda: list(selection.Selection(("catalog",), (path,)).triples())):
        with pytest.raises(destgraph.InputError) as caught:
            read()
        told.append(str(caught.value).removeprefix(f"{tmp_path}/"))
    assert told == [message, message]


def test_lines_count_all_ends() -> None:
    """Offsets and places lead to each other, whatever ends a line."""
    lines = inputs.Lines("ab\r\nc\rd\n\ne")
    assert [lines.place(offset) for offset in (0, 2, 4, 6, 8, 9)] == [(1, 1), (1, 3), (2, 1), (3, 1), (4, 1), (5, 1)]
    assert [lines.offset(*lines.place(offset)) for offset in (0, 2, 4, 6, 8, 9)] == [0, 2, 4, 6, 8, 9]
    assert lines.offset(9, 9) == 10


def test_queries_have_plain_lines(tmp_path: Path) -> None:
    """A query file saved on Windows reads as the same query."""
    (tmp_path / "q.rq").write_bytes(b"\xef\xbb\xbf#+ summary: x\r\nSELECT * {}\r\n")
    assert inputs.read_query(tmp_path / "q.rq") == "#+ summary: x\nSELECT * {}\n"
