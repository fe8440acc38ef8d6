"""From files to documents: what was read, and what could not be."""

from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, serialize
from rdflib import OWL, SH, Graph
from rdflib.term import Node

from destgraph import inputs, query_text
from destgraph.validation import turtle
from destgraph.validation.built_in import step_rule
from destgraph.validation.data_graph import DataGraph
from destgraph.validation.documents import Document
from destgraph.validation.findings import RELATIVE, Outcome, Place, Problem
from destgraph.validation.scope import Scope
from destgraph.validation.steps import Step, Watch
from destgraph.validation.store_copy import StoreCopy

if TYPE_CHECKING:
    from destgraph.validation.queries import Examined

TURTLE_SYNTAX = step_rule(
    "turtle_syntax",
    severity="error",
    problem="The file cannot be read as RDF.",
    solution="Correct the syntax at the place given.",
    source="RDF 1.1 Turtle, section 6",
    bad="""\
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

destination:bing rdfs:label "Bing"@en
destination:pinterest rdfs:label "Pinterest"@en .
""",
    good="""\
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

destination:bing rdfs:label "Bing"@en .
destination:pinterest rdfs:label "Pinterest"@en .
""",
)
FILE_REFUSED = step_rule(
    "file_refused",
    severity="error",
    problem="Something is not read: it is no regular file, or a link that leads out of the folder.",
    solution="Put a regular file in its place.",
    source="destgraph, no file outside of what is validated",
    bad="",
    good="",
)


_LONG = 1_000_000
"""A file with so many characters that was not parsed to its end is not looked through for what it mentions."""


@dataclass(frozen=True)
class Files:
    """What was read: documents, those of questions among the queries, and their triples as two graphs.

    `broken` are the documents that could not be read or parsed. `own` tells whether they are a graph of destgraph, and
    `foreign` has the names of the files that are read with it and are no part of it, `reported` those of the files that
    are reported on, None for all. `examined` are the queries, with what is known of them, and `unsafe` those that must
    not be run, by their file or the node that has them. `watch` is told what is being looked at.
    """

    own: bool
    foreign: frozenset[str]
    reported: frozenset[str] | None
    data_graph: DataGraph
    shapes_graph: Graph
    watch: Watch = field(default_factory=Watch)
    data: list[Document] = field(default_factory=list)
    shapes: list[Document] = field(default_factory=list)
    queries: list[Document] = field(default_factory=list)
    questions: list[Document] = field(default_factory=list)
    broken: list[Document] = field(default_factory=list)
    examined: list["Examined"] = field(default_factory=list)
    unsafe: set[str | Node] = field(default_factory=set)

    def is_own(self, document: Document) -> bool:
        """Tell whether a document is part of a graph of destgraph."""
        return self.own and document.file not in self.foreign

    def is_reported(self, document: Document) -> bool:
        """Tell whether a document is reported on."""
        return self.reported is None or document.file in self.reported

    @property
    def turtle(self) -> list[Document]:
        """The documents that hold triples."""
        return [*self.data, *self.shapes]

    @property
    def documents(self) -> list[Document]:
        """All documents that were read."""
        return [*self.turtle, *self.queries]

    def judged(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents that are reported on, for rules that judge each by itself."""
        return self.each(filter(self.is_reported, documents))

    def each(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield documents, and tell which one is looked at."""
        for document in documents:
            self.watch.at(document.file)
            yield document

    @cached_property
    def described(self) -> frozenset[str]:
        """The IRIs of everything that the files describe."""
        return frozenset(map(str, (*self.data_graph.subjects(), *self.shapes_graph.subjects())))

    def declared_prefixes(self, node: Node) -> dict[str, str]:
        """Return what `sh:prefixes` declares for the queries that name a node: there, and in all that it imports."""
        graphs = (self.shapes_graph, self.data_graph)
        waiting, seen = deque([node]), {node}
        declared: dict[str, str] = {}
        while waiting:
            part = waiting.popleft()
            for graph in graphs:
                for declaration in graph.objects(part, SH.declare):
                    declared.setdefault(
                        str(graph.value(declaration, SH.prefix)), str(graph.value(declaration, SH.namespace))
                    )
                for imported in graph.objects(part, OWL.imports):
                    if imported not in seen:
                        seen.add(imported)
                        waiting.append(imported)
        return declared

    @cached_property
    def stored(self) -> StoreCopy:
        """All that was read in one store, without what is inferred."""
        return StoreCopy(self.shapes_graph, self.data_graph.read)


class _Unreadable(Exception):  # noqa: N818 - caught here
    """A file that cannot be read or parsed: what is known of it, and the problem."""

    def __init__(self, document: Document, place: Place, message: str) -> None:
        super().__init__(message)
        self.document = document
        self.problem = TURTLE_SYNTAX.problem(message, place)


def read(scope: Scope, data: DataGraph, shapes: Graph, watch: Watch) -> tuple[Files, Outcome]:
    """Read the files of a scope, their triples into two graphs, and tell what cannot be read."""
    files = Files(scope.own, scope.foreign, scope.reported, data, shapes, watch)
    problems: list[Problem] = []
    number = len(scope.data) + len(scope.shapes) + len(scope.queries)
    _refuse(scope, files.broken, problems)
    files.data.extend(_readable(scope, scope.data, data, files.broken, problems, watch))
    files.shapes.extend(_readable(scope, scope.shapes, shapes, files.broken, problems, watch))
    files.queries.extend(_readable(scope, scope.queries, None, files.broken, problems, watch))
    questions = {scope.name(path) for path in scope.queries if path.parent == scope.questions}
    files.questions.extend(document for document in files.queries if document.file in questions)
    return files, Outcome(problems, {TURTLE_SYNTAX.id: number, FILE_REFUSED.id: number})


def read_shapes(scope: Scope, shapes: Graph, watch: Watch) -> list[Document]:
    """Read the shapes of a scope alone, as far as they can be read."""
    return [*_readable(scope, scope.shapes, shapes, [], [], watch)]


def _refuse(scope: Scope, broken: list[Document], problems: list[Problem]) -> None:
    """Note what is not to be opened."""
    for path, why in scope.refused.items():
        file = scope.name(path)
        problems.append(FILE_REFUSED.problem(why.reason, Place(file), severity=None if why.lost else "note"))
        if why.lost:
            broken.append(Document(file, ""))


def _readable(
    scope: Scope,
    paths: Iterable[Path],
    graph: Graph | None,
    broken: list[Document],
    problems: list[Problem],
    watch: Watch,
) -> Iterator[Document]:
    """Yield the documents that can be read, their triples added to the graph; note the others."""
    for path in paths:
        if path in scope.refused:
            continue
        file = scope.name(path)
        document = Document(file, "")
        if not watch.take(Step("reading files", Place(file))):
            broken.append(document)
            continue
        try:
            document = _document(path, file)
            if graph is None:
                yield _with_prefixes(document)
            elif watch.take(Step("parsing files", Place(file))):
                yield _parsed(document, path, graph)
            else:
                broken.append(document if len(document.text) < _LONG else Document(file, ""))
        except _Unreadable as unreadable:
            broken.append(unreadable.document)
            problems.append(unreadable.problem)


def _document(path: Path, file: str) -> Document:
    """Return a file as a document, not yet parsed."""
    try:
        data = inputs.read_bytes(path)
    except OSError as error:
        raise _Unreadable(Document(file, ""), Place(file), f"{error.strerror}; make the file readable") from None
    try:
        return Document(file, inputs.decode(data), has_mark=data.startswith(BOM_UTF8))
    except inputs.AdvisedError as error:
        document = Document(file, data.decode("utf-8-sig", "replace"))
        at = document.lines.offset(error.lineno or 1, error.offset or 1)
        raise _Unreadable(document, document.place(at, at + 1), error.msg) from None


def _with_prefixes(document: Document) -> Document:
    """Note the prefixes of a query."""
    document.prefixes += query_text.declared_prefixes(document.text)
    return document


def _parsed(document: Document, path: Path, graph: Graph) -> Document:
    """Add the triples of a document to the graph, and return the document with their places.

    The embedded store reads it first, and strictly; formats other than Turtle lose their places.
    """
    try:
        format_ = inputs.rdf_format(path, document.text)
        quads = inputs.parse(document.text, format_, base=RELATIVE)
        if format_ in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES):
            deque(quads, maxlen=0)
            read = document
        else:
            lines = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""
            read = Document(document.file, lines.decode(), positioned=False)
        turtle.parse(read, graph)
    except SyntaxError as error:
        advice = "" if isinstance(error, inputs.AdvisedError) else "; correct the syntax"
        raise _Unreadable(document, _place(document, error), f"{error.msg}{advice}") from None
    return read


def _place(document: Document, error: SyntaxError) -> Place:
    """Return the place of an error in a document, or the file where it has none."""
    if not (error.lineno and error.offset):
        return Place(document.file)
    start = document.lines.offset(error.lineno, error.offset)
    end = document.lines.offset(error.end_lineno or 1, error.end_offset or 1)
    return document.place(start, max(start + 1, end))
