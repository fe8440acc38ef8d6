"""The RDF formats: sorted lines for tools, blocks for people.

Terms are spelled by pyoxigraph, which keeps the lexical form of a literal as the file has it and writes language tags
in lower case.
"""

import heapq
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby, islice
from typing import IO, Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from destgraph.errors import InputError
from destgraph.export.selection import GRAPHS, Block, Selection, group_by_subject
from destgraph.results import text_of_lines
from destgraph.vocabulary import PREFIXES, TYPE, iri, shorten
from destgraph.xml_text import NOT_XML

_LINES = 100_000
_DEPTH = 50
FIRST, REST, NIL = iri("rdf:first"), iri("rdf:rest"), iri("rdf:nil")
_BARE = {
    iri("xsd:integer"): re.compile(r"[+-]?[0-9]+"),
    iri("xsd:decimal"): re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    iri("xsd:boolean"): re.compile(r"true|false"),
}
_XML_NAME = re.compile(r"[^\W\d][\w.-]*$")


def ntriples(selection: Selection, file: IO[bytes]) -> None:
    """Write RDF 1.1 N-Triples, each triple once, lines in the order of their bytes."""
    file.writelines(_sorted(f"{triple} .\n".encode() for triple in selection.triples()))


def nquads(selection: Selection, file: IO[bytes]) -> None:
    """Write RDF 1.1 N-Quads, each quad once, lines in the order of their bytes."""
    parts = ((triple, GRAPHS[part]) for part in selection.parts for triple in selection.triples(part))
    file.writelines(_sorted(f"{triple} {graph} .\n".encode() for triple, graph in parts))


def turtle(selection: Selection, file: IO[bytes]) -> None:
    """Write RDF 1.1 Turtle, a block a subject, in the order of their IRIs."""
    file.write(turtle_text(selection.triples()).encode())


def turtle_text(triples: Iterable[Triple]) -> str:
    """Return triples as `turtle` writes them."""
    writer = _Turtle()
    text = "\n".join(writer.blocks(triples))
    return f"{writer.prefixes()}{text}"


def trig(selection: Selection, file: IO[bytes]) -> None:
    """Write RDF 1.1 TriG, a named graph for each part, in it a block a subject."""
    parts = {part: list(selection.triples(part)) for part in selection.parts}
    places = Counter(node for triples in parts.values() for node in _blank_nodes(triples))
    shared = {node for node, number in places.items() if number > 1}
    writer = _Turtle()
    graphs = []
    for part, triples in parts.items():
        body = "\n".join(writer.blocks(triples, shared))
        graphs.append(f"{writer.iri(GRAPHS[part])} {{\n\n{body}\n}}\n")
    text = "\n".join(graphs)
    file.write(f"{writer.prefixes()}{text}".encode())


def rdfxml(selection: Selection, file: IO[bytes]) -> None:
    """Write RDF 1.1 XML, subjects in the order of their IRIs.

    Raises InputError for what XML cannot hold: control characters in a literal, and a property whose IRI does not
    end in a name.
    """
    file.write(rdfxml_text(selection.triples()))


def rdfxml_text(triples: Iterable[Triple]) -> bytes:
    """Return triples as `rdfxml` writes them."""
    triples = sorted({*triples}, key=str)
    properties = {triple.predicate.value for triple in triples}
    for property_ in sorted(properties):
        if not _XML_NAME.search(property_):
            raise InputError(f"<{property_}>: RDF/XML has no way to write this property; choose another format")
    for triple in triples:
        refuse_control_characters(triple.object, "RDF/XML")
    # The serializer shortens types too, and does not look whether what is left of an IRI is a name.
    types = {t.object.value for t in triples if t.predicate == TYPE and isinstance(t.object, NamedNode)}
    used = {
        prefix: start
        for prefix, start in PREFIXES.items()
        if any(p.startswith(start) for p in properties)
        and all(_XML_NAME.match(name, len(start)) for name in properties | types if name.startswith(start))
    }
    text = serialize(triples, format=RdfFormat.RDF_XML, prefixes=used) or b""
    return text.replace(b"\r", b"&#xD;")  # a bare one reads as a line feed (XML 1.0, section 2.11)


def refuse_control_characters(term: Any, format_: str) -> None:
    """Raise InputError for a literal with characters that XML 1.0 (section 2.2) has no place for."""
    if isinstance(term, Literal) and NOT_XML.search(term.value):
        raise InputError(f"{term}: {format_} cannot hold control characters; choose another format")


def items(blocks: dict[Any, Block], node: Any, inner: set[Any]) -> list[Any] | None:
    """Return the members of the list that starts at `node`; None when it is no well-formed list of `inner` cells."""
    members = []
    while node != NIL:
        cell = blocks.get(node, {})
        if node not in inner or cell.keys() != {FIRST, REST} or any(len(values) > 1 for values in cell.values()):
            return None
        members.append(cell[FIRST][0])
        node = cell[REST][0]
    return members


def inner_nodes(blocks: dict[Any, Block], shared: Iterable[Any] = ()) -> set[Any]:
    """Return the blank nodes that can be written inside the one block that has them as a value, without a label.

    Those in `shared`, in loops, and deeper than _DEPTH are left out.
    """
    every = (value for block in blocks.values() for values in block.values() for value in values)
    owners = Counter(value for value in every if isinstance(value, BlankNode))
    once = {node for node, number in owners.items() if number == 1} - {*shared}
    inner: set[Any] = set()
    if not once:
        return inner
    waiting = [(subject, 0) for subject in blocks if subject not in once]
    while waiting:
        node, depth = waiting.pop()
        for property_, values in blocks.get(node, {}).items():
            below = depth + (property_ != REST)  # a list is as deep as its first cell
            if below <= _DEPTH:
                nested = once.intersection(values)
                inner |= nested
                waiting += [(value, below) for value in nested]
    return inner


class _Turtle:
    """Writes blocks, and keeps the prefixes that they use."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._names: dict[str, str] = {}

    def prefixes(self) -> str:
        """Return the declarations of the prefixes used so far."""
        lines = [f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in sorted(self._used)]
        return "".join([*lines, "\n"] if lines else lines)

    def blocks(self, triples: Iterable[Triple], shared: Iterable[Any] = ()) -> Iterator[str]:
        """Yield the blocks; blank nodes in `shared` occur elsewhere too, and keep their labels."""
        blocks = group_by_subject(triples)
        inner = inner_nodes(blocks, shared)
        for subject, block in blocks.items():
            if subject not in inner:
                yield f"{self._term(subject)} {self._properties(blocks, block, inner, 1)} .\n"

    def iri(self, iri: NamedNode) -> str:
        """Return an IRI, as a prefixed name if the table has its namespace."""
        value = iri.value
        if value not in self._names:
            self._names[value] = self._shortened(iri)
        return self._names[value]

    def _shortened(self, iri: NamedNode) -> str:
        short = shorten(iri)
        if short == iri.value:
            return str(iri)
        self._used.add(short.partition(":")[0])
        return short

    def _properties(self, blocks: dict[Any, Block], block: Block, inner: set[Any], depth: int) -> str:
        indent = "    " * depth
        return f" ;\n{indent}".join(
            f"{'a' if property_ == TYPE else self.iri(property_)} "
            + " , ".join([self._value(blocks, value, inner, depth) for value in values])
            for property_, values in block.items()
        )

    def _value(self, blocks: dict[Any, Block], value: Any, inner: set[Any], depth: int) -> str:
        if value not in inner:
            return "()" if value == NIL else self._term(value)
        members = items(blocks, value, inner)
        if members is not None:
            return f"( {' '.join(self._value(blocks, member, inner, depth) for member in members)} )"
        if value not in blocks:
            return "[]"
        return f"[ {self._properties(blocks, blocks[value], inner, depth + 1)} ]"

    def _term(self, term: Any) -> str:
        if isinstance(term, NamedNode):
            return self.iri(term)
        spelled = str(term)
        if spelled[-1] == ">" and isinstance(term, Literal) and spelled.endswith(f"^^{term.datatype}"):
            bare = _BARE.get(term.datatype)
            if bare and bare.fullmatch(term.value):
                return term.value
            return f"{text_of_lines(spelled.removesuffix(str(term.datatype)))}{self.iri(term.datatype)}"
        return text_of_lines(spelled)


def _blank_nodes(triples: Iterable[Triple]) -> set[BlankNode]:
    return {term for triple in triples for term in (triple.subject, triple.object) if isinstance(term, BlankNode)}


def _sorted(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines in order, each once; no more than _LINES of them are in memory, the others in temporary files."""
    with ExitStack() as open_files:
        runs = []
        while run := sorted(islice(lines, _LINES)):
            file = open_files.enter_context(tempfile.TemporaryFile())
            file.writelines(run)
            file.seek(0)
            runs.append(file)
        for line, _ in groupby(heapq.merge(*runs)):
            yield line
