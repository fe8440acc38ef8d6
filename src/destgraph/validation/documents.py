"""Turtle with positions: every statement knows where its predicate and its object stand in which file."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, MutableSequence
from functools import cached_property
from typing import Any, NamedTuple

from rdflib import RDF, XSD, BNode, Graph, Literal
from rdflib.plugins.parsers.notation3 import RDFSink, SinkParser, decimal_syntax, exponent_syntax, integer_syntax
from rdflib.term import Node

from destgraph import inputs
from destgraph.inputs import AdvisedError, Lines
from destgraph.query_text import Prefix, Span
from destgraph.validation.datatypes import literal
from destgraph.validation.findings import RELATIVE, Place

_PREFIX = re.compile(r"@?prefix\s+([^\s:]*):\s*<([^>]*)>", re.IGNORECASE)

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

    def parse(self, graph: Graph) -> None:
        """Add the triples to a graph, all or none; raises SyntaxError, with place, for what it does not take."""
        parser = _Parser(self)
        try:
            parser.feed(self.text + "\n")  # rdflib looks one character ahead
        except SyntaxError as error:
            start = self.lines.place(max(0, getattr(error, "_i", 0)))
            raise SyntaxError(getattr(error, "_why", str(error)), ("", *start, "")) from None
        except RecursionError:
            start = self.lines.place(parser.start)
            raise AdvisedError(
                "brackets are nested deeper than can be read; nest them less", ("", *start, "")
            ) from None
        for statement in self.statements:
            graph.add(statement.triple)

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


class _Sink(RDFSink):
    """Makes the literals, their texts as they stand."""

    def newLiteral(self, s: str, dt: Node | None, lang: str | None) -> Literal:  # noqa: N802
        """Return a literal."""
        return literal(s, None if dt is None else str(dt), lang)


# In the order in which they are tried.
_NUMBERS = ((exponent_syntax, XSD.double), (decimal_syntax, XSD.decimal), (integer_syntax, XSD.integer))


class _Parser(SinkParser):
    """rdflib's Turtle parser, which also tells the document where everything stands.

    Blank nodes get names made of file and offset. Internal methods of rdflib are overridden;
    tests/validation/test_turtle.py compares the positions with known ones.
    """

    def __init__(self, document: Document) -> None:
        super().__init__(_Sink(Graph()), baseURI=RELATIVE, turtle=True)
        self._document = document
        self.start = 0
        self._name = "f" + re.sub(r"[^A-Za-z0-9]", "-", document.file)
        self._verb: Span = (0, 0)
        self._spans: Iterator[tuple[Span, Span]] = iter(())

    def here(self, i: int) -> str:
        """Return the name of the blank node that is written at an offset."""
        name = f"{self._name}-{i}"
        self._document.subjects[BNode(name)] = (i, i + 1)
        return name

    def blankNode(self, uri: str | None = None) -> BNode:  # noqa: N802
        """Return the node of a name given by `here`."""
        return BNode(uri)

    def anonymousNode(self, ln: str) -> BNode:  # noqa: N802
        """Return the node of a label such as `_:a`."""
        return BNode(f"{self._name}_{ln}")

    def directiveOrStatement(self, argstr: str, h: int) -> int:  # noqa: N802
        """Note the prefixes that are declared."""
        self.start = start = self.skipSpace(argstr, h)
        end: int = super().directiveOrStatement(argstr, h)
        if start >= 0 and (declaration := _PREFIX.match(argstr, start)):
            self._document.prefixes.append(
                Prefix(declaration[1], declaration[2], declaration.span(1), declaration.span(2))
            )
        return end

    def statement(self, argstr: str, i: int) -> int:
        """Note where subjects and their blocks stand."""
        start = self.skipSpace(argstr, i)
        subject: list[Any] = []
        end = self.object(argstr, start, subject)
        if end < 0:
            return end
        self._document.subjects.setdefault(subject[0], (start, end))
        last: int = self.property_list(argstr, end, subject[0])
        if last < 0:
            self.BadSyntax(argstr, end, "expected propertylist")
        self._document.blocks.setdefault(subject[0], []).append((start, last))
        return last

    def verb(self, argstr: str, i: int, res: MutableSequence[Any]) -> int:
        """Note where the predicate stands."""
        start = self.skipSpace(argstr, i)
        end: int = super().verb(argstr, i, res)
        self._verb = (start, end)
        return end

    def objectList(self, argstr: str, i: int, res: MutableSequence[Any]) -> int:  # noqa: N802
        """Note where each object stands, for the calls of `makeStatement` that follow."""
        predicate = self._verb  # objects may have predicates of their own
        spans = []
        while True:
            start = self.skipSpace(argstr, i)
            end = self.object(argstr, start, res) if start >= 0 else -1
            if end < 0:
                return -1
            spans.append((predicate, (start, end)))
            i = self.skipSpace(argstr, end)
            if i < 0:
                self.BadSyntax(argstr, end, "EOF found after object")
            if argstr[i] != ",":
                self._spans = iter(spans)
                return i
            i += 1

    def makeStatement(self, quadruple: tuple[Any, Any, Any, Any]) -> None:  # noqa: N802
        """Add a triple whose predicate and object `objectList` has just read."""
        _, predicate, subject, object_ = quadruple
        self._add(subject, predicate, object_, *next(self._spans))

    def nodeOrLiteral(self, argstr: str, i: int, res: MutableSequence[Any]) -> int:  # noqa: N802
        """Read numbers and booleans here, so that each keeps its text."""
        start = self.skipSpace(argstr, i)
        if start >= 0:
            for syntax, datatype in _NUMBERS:
                if number := syntax.match(argstr, start):
                    res.append(literal(number[0], str(datatype)))
                    return int(number.end())
        end: int = super().nodeOrLiteral(argstr, i, res)
        if end >= 0 and isinstance(res[-1], bool):
            res[-1] = literal("true" if res[-1] else "false", str(XSD.boolean))
        return end

    def node(self, argstr: str, i: int, res: MutableSequence[Any], subjectAlready: Node | None = None) -> int:  # noqa: N803
        """Read collections here, so that each item keeps its place."""
        start = self.skipSpace(argstr, i)
        if start < 0 or argstr[start] != "(":
            other: int = super().node(argstr, i, res, subjectAlready)
            return other
        items: list[Any] = []
        spans: list[Span] = []
        i = start + 1
        while True:
            i = self.skipSpace(argstr, i)
            if i < 0:
                self.BadSyntax(argstr, start, "needed ')', found end.")
            if argstr[i] == ")":
                break
            end = self.item(argstr, i, items)
            if end < 0:
                self.BadSyntax(argstr, i, "expected item in list or ')'")
            spans.append((i, end))
            i = end
        cells: list[Node] = [BNode(f"{self._name}-{at}-cell") for at, _ in spans]
        for cell, item, span, rest in zip(cells, items, spans, [*cells[1:], RDF.nil], strict=False):
            self._document.subjects[cell] = span
            self._add(cell, RDF.first, item, span, span)
            self._add(cell, RDF.rest, rest, span, span)
        res.append(cells[0] if cells else RDF.nil)
        return i + 1

    def _add(self, subject: Node, predicate: Any, object_: Any, verb: Span, span: Span) -> None:
        # rdflib has pairs for `a`.
        triple = (subject, self._store.normalise(None, predicate), self._store.normalise(None, object_))
        self._document.statements.append(Statement(self._document, triple, verb, span))
