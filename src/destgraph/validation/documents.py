"""Files as documents: every statement knows where its predicate and its object stand in which file."""

from codecs import BOM_UTF8
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from rdflib import RDF, Literal, URIRef
from rdflib.term import Node

from destgraph import inputs
from destgraph.inputs import Lines
from destgraph.query_text import Prefix, Span
from destgraph.validation.findings import Place

Triple = tuple[Node, Node, Node]

# Predicates that are written as marks.
_WRITTEN_OTHERWISE = {RDF.type, RDF.first, RDF.rest}


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

    @cached_property
    def by_predicate(self) -> Mapping[Node, list["Statement"]]:
        """The statements of each predicate."""
        found = defaultdict(list)
        for statement in self.statements:
            found[statement.triple[1]].append(statement)
        return dict(found)

    @cached_property
    def iris(self) -> Counter[URIRef]:
        """The IRIs that are written in the document, each with the number of its uses."""
        found = Counter(node for node in self.subjects if isinstance(node, URIRef))
        for predicate, statements in self.by_predicate.items():
            if isinstance(predicate, URIRef) and predicate not in _WRITTEN_OTHERWISE:
                found[predicate] += len(statements)
            if predicate != RDF.rest:
                values = [statement.triple[2] for statement in statements]
                found.update(value for value in values if isinstance(value, URIRef))
        found.update(datatype for datatype, _ in self._datatypes)
        return found

    @cached_property
    def uses(self) -> Mapping[URIRef, list["Use"]]:
        """Where each IRI is written: as subject, predicate, object or datatype."""
        found: dict[URIRef, list[Use]] = defaultdict(list)
        for node, span in self.subjects.items():
            if isinstance(node, URIRef):
                found[node].append(Use(span, None))
        for statement in self.statements:
            _, predicate, value = statement.triple
            if isinstance(predicate, URIRef) and predicate not in _WRITTEN_OTHERWISE:
                found[predicate].append(Use(statement.predicate, statement))
            if isinstance(value, URIRef) and predicate != RDF.rest:
                found[value].append(Use(statement.object, statement))
        for datatype, use in self._datatypes:
            found[datatype].append(use)
        return found

    @cached_property
    def _datatypes(self) -> list[tuple[URIRef, "Use"]]:
        """The datatypes that are written out."""
        found = []
        for statement in self.statements:
            value = statement.triple[2]
            if isinstance(value, Literal) and value.datatype:
                start, end = statement.object
                at = self.text.rfind("^^", start, end)
                if at >= 0:
                    found.append((value.datatype, Use((at + 2, end), statement)))
        return found


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


class Use(NamedTuple):
    """Where an IRI stands, and in which statement; None of a subject."""

    span: Span
    statement: Statement | None
