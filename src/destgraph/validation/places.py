"""Where terms and statements stand in the files, and by which statement a path reaches a value."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from destgraph.query_text import Span
from destgraph.validation.documents import Document, Statement, Triple
from destgraph.validation.findings import Place
from destgraph.validation.terms import Names


class Places:
    """Finds the places of statements in documents; nothing is indexed before it is asked for."""

    def __init__(self, documents: Sequence[Document], anywhere: Place) -> None:
        """Take the documents in the order in which places are preferred, and a place for what stands nowhere."""
        self.documents = documents
        self._anywhere = anywhere
        self.names = Names(prefix for document in documents for prefix in document.prefixes)

    def statement(self, subject: Node, predicate: Node, value: Node) -> Statement | None:
        """Return the first statement of a triple."""
        return self._statements.get((subject, predicate, value))

    def statements(self, subject: Node, predicate: Node) -> list[Statement]:
        """Return the statements of a subject with a predicate, in document order."""
        return self._by_predicate.get((subject, predicate), [])

    def subject(self, node: Node) -> Place | None:
        """Return where the block of a subject starts: the one in the file that has its type, else the first."""
        start = self._subjects.get(node)
        return start[0].place(*start[1]) if start else None

    def use(self, node: Node) -> Place | None:
        """Return where a node, a literal too, is first used as object or predicate."""
        return self._uses.get(node)

    def of(self, *nodes: Node | None) -> Place:
        """Return where the first of some nodes stands that does so: as a subject, else in use."""
        places = (self.subject(node) or self.use(node) for node in nodes if node is not None)
        return next(filter(None, places), self._anywhere)

    def of_statement(self, subject: Node | None, predicate: Node | None, value: Node | None) -> Place | None:
        """Return where the object of a statement stands, else where its terms do; None where none of them does."""
        if subject is not None and predicate is not None and value is not None:
            if statement := self.statement(subject, predicate, value):
                return statement.place
            # The store writes "01" as 1.
            for other in self.statements(subject, predicate):
                if _have_one_value(value, other.triple[2]):
                    return other.place
        place = self.of(subject, value, predicate)
        return None if place is self._anywhere else place

    def owner(self, node: Node) -> Node:
        """Return the nearest node with an IRI that leads to a blank node, or the node itself."""
        seen = set()
        while isinstance(node, BNode) and node in self._owners and node not in seen:
            seen.add(node)
            node = self._owners[node]
        return node

    def text(self, term: Node | None) -> str:
        """Return a term as Turtle writes it, with the prefixes of the table; nothing for None."""
        if isinstance(term, URIRef):
            return self.names.iri(term)
        if isinstance(term, Literal):
            return self.names.literal(term)
        if isinstance(term, BNode):
            owner = self.owner(term)
            return f"[] of {self.names.iri(owner)}" if isinstance(owner, URIRef) else "[]"
        return ""

    @cached_property
    def _statements(self) -> dict[Triple, Statement]:
        first: dict[Triple, Statement] = {}
        for document in self.documents:
            for statement in document.statements:
                first.setdefault(statement.triple, statement)
        return first

    @cached_property
    def _by_predicate(self) -> dict[tuple[Node, Node], list[Statement]]:
        statements = defaultdict(list)
        for document in self.documents:
            for statement in document.statements:
                statements[statement.triple[:2]].append(statement)
        return dict(statements)

    @cached_property
    def _subjects(self) -> dict[Node, tuple[Document, Span]]:
        starts: dict[Node, tuple[Document, Span]] = {}
        for document in self.documents:
            for statement in document.by_predicate.get(RDF.type, ()):
                node = statement.triple[0]
                starts.setdefault(node, (document, document.subjects[node]))
        for document in self.documents:
            for node, span in document.subjects.items():
                starts.setdefault(node, (document, span))
        return starts

    @cached_property
    def _uses(self) -> dict[Node, Place]:
        first_uses: dict[Node, Statement] = {}
        for statement in self._statements.values():
            first_uses.setdefault(statement.triple[2], statement)
        places: dict[Node, Place] = {
            node: statement.place for node, statement in first_uses.items() if not isinstance(node, BNode)
        }
        for statement in self._statements.values():
            places.setdefault(statement.triple[1], statement.document.place(*statement.predicate))
        return places

    @cached_property
    def _owners(self) -> dict[Node, Node]:
        return {o: s for s, _, o in self._statements if isinstance(o, BNode)}


def hops(graph: Graph, shapes: Graph, path: Node, focus: Node, value: Node) -> Iterator[Triple]:
    """Yield the triples by which a SHACL property path reaches `value` from `focus`, last hop only."""
    for triple, reached in _Paths(graph, shapes).walk(path, focus):
        if reached == value:
            yield triple


def _have_one_value(one: Node, other: Node) -> bool:
    """Tell whether two literals are different texts for one value."""
    if not (isinstance(one, Literal) and isinstance(other, Literal)) or None in (one.value, other.value):
        return False
    return bool(one.value == other.value)


Hop = tuple[Triple, Node]


class _Paths:
    """Walks along the property paths of a shapes graph in a data graph; each walk yields last hops, and their ends."""

    def __init__(self, graph: Graph, shapes: Graph) -> None:
        self._graph = graph
        self._shapes = shapes

    def walk(self, path: Node, start: Node) -> Iterator[Hop]:
        """Yield each last hop of a path from `start`, and the node that it reaches."""
        if isinstance(path, URIRef):
            for value in self._graph.objects(start, path):
                yield (start, path, value), value
        elif (path, RDF.first, None) in self._shapes:
            yield from self._sequence([*self._shapes.items(path)], start)
        else:
            for kind, walk in self._kinds.items():
                if (inner := self._shapes.value(path, kind)) is not None:
                    yield from walk(inner, start)

    @cached_property
    def _kinds(self) -> dict[Node, Callable[[Node, Node], Iterator[Hop]]]:
        return {
            SH.inversePath: self._inverse,
            SH.alternativePath: self._alternative,
            SH.zeroOrOnePath: self.walk,
            SH.zeroOrMorePath: self._repeated,
            SH.oneOrMorePath: self._repeated,
        }

    def _inverse(self, inner: Node, start: Node) -> Iterator[Hop]:
        if isinstance(inner, URIRef):
            for value in self._graph.subjects(inner, start):
                yield (value, inner, start), value

    def _alternative(self, members: Node, start: Node) -> Iterator[Hop]:
        for member in self._shapes.items(members):
            yield from self.walk(member, start)

    def _sequence(self, steps: Sequence[Node], start: Node) -> Iterator[Hop]:
        nodes = [start]
        for step in steps[:-1]:
            nodes = [reached for node in nodes for _, reached in self.walk(step, node)]
        for node in nodes:
            yield from self.walk(steps[-1], node)

    def _repeated(self, inner: Node, start: Node) -> Iterator[Hop]:
        waiting, seen = deque([start]), {start}
        while waiting:
            for triple, reached in self.walk(inner, waiting.popleft()):
                yield triple, reached
                if reached not in seen:
                    seen.add(reached)
                    waiting.append(reached)
