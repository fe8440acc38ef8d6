"""Files as documents: every statement knows where its predicate and its object stand in which file."""

from codecs import BOM_UTF8
from functools import cached_property
from typing import NamedTuple

from rdflib.term import Node

from destgraph import inputs
from destgraph.inputs import Lines
from destgraph.query_text import Prefix, Span
from destgraph.validation.findings import Place

Triple = tuple[Node, Node, Node]


class Document:
    """A file as text, and what stands where in it; offsets count characters from 0, without a byte order mark.

    `positioned` is false where the text is not that of the file, so that places name the file only. `has_mark` tells
    whether the file begins with a byte order mark.
    """

    def __init__(self, file: str, text: str, positioned: bool = True, has_mark: bool = False) -> None:
        """Take the file name for places, and the text without byte order mark."""
        self.file = file
        self.text = text
        self.positioned = positioned
        self._has_mark = has_mark
        self.statements: list[Statement] = []
        self.blocks: dict[Node, list[Span]] = {}
        self.subjects: dict[Node, Span] = {}
        self.prefixes: list[Prefix] = []

    @property
    def digest(self) -> str:
        """The SHA-256 digest of the file."""
        return inputs.digest((BOM_UTF8 if self._has_mark else b"") + self.text.encode())

    def place(self, start: int, end: int) -> Place:
        """Return the place of a stretch of the text."""
        if not self.positioned:
            return Place(self.file)
        return Place(self.file, *self.lines.place(start), *self.lines.place(end))

    def whole_line(self, number: int) -> Place:
        """Return the place of a line without its end."""
        start = self.lines.offset(number, 1)
        length = len(self.text[start:].splitlines()[0]) if start < len(self.text) else 0
        return self.place(start, start + length)

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)


class Statement(NamedTuple):
    """A triple, and where its predicate and its object stand."""

    document: Document
    triple: Triple
    predicate: Span
    object: Span

    @property
    def place(self) -> Place:
        """Where the object stands."""
        return self.document.place(*self.object)
