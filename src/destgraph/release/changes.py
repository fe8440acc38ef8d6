"""What changed between two releases, term by term, computed from their graphs."""

import errno
import gzip
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args
from typing import Literal as Choice

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

from destgraph import inputs
from destgraph.errors import InputError
from destgraph.vocabulary import BASE, PREFIXES, TYPE, iri, shorten
from destgraph.wording import markdown_escaped

TERM_KINDS = {
    "ontology": ("owl:Ontology",),
    "class": ("owl:Class",),
    "property": ("owl:ObjectProperty", "owl:DatatypeProperty", "owl:AnnotationProperty"),
    "concept scheme": ("skos:ConceptScheme",),
    "concept": ("skos:Concept",),
    "shape": ("sh:NodeShape", "sh:PropertyShape"),
    "destination": ("dg:Destination",),
    "platform": ("dg:Platform",),
    "vendor": ("dg:Vendor",),
    "source": ("dg:Source",),
}
"""The kinds of terms that are compared, each with its classes; a destination may be of any class below."""

ChangeKind = Choice["added", "changed", "deprecated", "removed"]

CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)

_KIND_OF_CLASS = {iri(class_): kind for kind, classes in TERM_KINDS.items() for class_ in classes}
_LABELS = [iri(name) for name in ("rdfs:label", "skos:prefLabel", "dcterms:title")]
_FILE = "destgraph.nt"
_UNVERSIONED = "an unversioned graph"

_Facts = Mapping[tuple[str, str], set[str]]
"""The values of each property of a term or of its parts, in Turtle; the key is the part and the property."""


@dataclass(frozen=True)
class Difference:
    """The values of one property that are gone and that are new, in Turtle; `part` is the term or a part of it."""

    part: str
    property: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A term, and how it changed; `differences` is empty when it was added or removed as a whole."""

    way: ChangeKind
    kind: str
    iri: str
    label: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Changes:
    """All changes from one version to another, empty where none is stated, ordered by way, kind and IRI."""

    previous: str
    version: str
    changes: tuple[Change, ...]

    def count(self, way: ChangeKind, kind: str = "") -> int:
        """Return the number of terms that changed in this way, of one kind or of all."""
        return sum(change.way == way and kind in ("", change.kind) for change in self.changes)

    def to_json(self) -> str:
        """Return the changes as a JSON object, with the prefixes that its names and values use."""
        return json.dumps(asdict(self) | {"prefixes": PREFIXES}, ensure_ascii=False, indent=1) + "\n"

    def to_markdown(self) -> str:
        """Return the changes as a Markdown page."""
        previous, version = self.previous or _UNVERSIONED, self.version or _UNVERSIONED
        lines = [f"# Changes from {previous} to {version}", ""]
        if self.changes:
            lines += self._table()
            for way in CHANGE_KINDS:
                lines += self._section(way)
        else:
            lines.append("No term changed.")
        return "\n".join(lines) + "\n"

    def _table(self) -> list[str]:
        """Return the number of terms of each kind that changed in each way."""
        lines = [f"| | {' | '.join(CHANGE_KINDS)} |", f"| --- |{' ---: |' * len(CHANGE_KINDS)}"]
        for kind in TERM_KINDS:
            counts = [self.count(way, kind) for way in CHANGE_KINDS]
            if any(counts):
                lines.append(f"| {kind} | {' | '.join(map(str, counts))} |")
        return lines

    def _section(self, way: ChangeKind) -> list[str]:
        """Return the terms that changed in one way, with their differences, below a heading."""
        lines = []
        for change in self.changes:
            if change.way == way:
                name, label = shorten(NamedNode(change.iri)), markdown_escaped(" ".join(change.label.split()))
                lines.append(f"- {change.kind} {_code(name)} {label}".rstrip())
                lines += [f"  - {_in_markdown(name, difference)}" for difference in change.differences]
        return ["", f"## {way.capitalize()}", "", *lines] if lines else []


def read_release(path: Path) -> list[Triple]:
    """Read the graph of a release: its folder, or a file in an RDF format, which may be compressed by gzip.

    Raises InputError when it cannot be read or parsed.
    """
    file = path / _FILE if path.is_dir() else path
    is_packed = file.suffix == ".gz"
    unpacked = file.with_suffix("") if is_packed else file
    if RdfFormat.from_extension(unpacked.suffix[1:]) is None:
        raise InputError(f"{path}: no RDF file; name a release folder or a file that ends in .nt, .ttl, .nq or .jsonld")
    with inputs.errors_in(file, "the folder or the RDF file of a release", "name a complete release"):
        data = inputs.read_bytes(file)
        text = inputs.decode(_unpacked(data) if is_packed else data)
        return [quad.triple for quad in inputs.parse(text, inputs.rdf_format(unpacked, text))]


def _unpacked(data: bytes) -> bytes:
    """Return what gzip has compressed; raises OSError when that is not whole."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise OSError(errno.EINVAL, str(error)) from None


def compare(old: Iterable[Triple], new: Iterable[Triple]) -> Changes:
    """Compare two graphs, term by term.

    A term has changed when a statement about it or about a part of it, a fragment of its IRI, is in one graph only.
    A blank node counts as what is said about it. Raises InputError when blank nodes lead back to themselves.
    """
    old_graph, new_graph = _Graph(old), _Graph(new)
    changes = [
        change
        for term in old_graph.terms.keys() | new_graph.terms.keys()
        if (change := _change(term, old_graph, new_graph))
    ]
    kinds = [*TERM_KINDS]
    changes.sort(key=lambda change: (CHANGE_KINDS.index(change.way), kinds.index(change.kind), change.iri))
    return Changes(old_graph.version, new_graph.version, tuple(changes))


def _change(term: NamedNode, old: "_Graph", new: "_Graph") -> Change | None:
    """Return how a term of one graph or both has changed, or None."""
    if term not in old.terms:
        return Change("added", new.terms[term], term.value, new.label(term), ())
    if term not in new.terms:
        return Change("removed", old.terms[term], term.value, old.label(term), ())
    differences = tuple(_differences(old.facts(term), new.facts(term)))
    if not differences:
        return None
    way: ChangeKind = "deprecated" if new.deprecated(term) and not old.deprecated(term) else "changed"
    return Change(way, new.terms[term], term.value, new.label(term), differences)


def _differences(old: _Facts, new: _Facts) -> Iterator[Difference]:
    for part, property_ in sorted(old.keys() | new.keys()):
        old_values, new_values = old.get((part, property_), set()), new.get((part, property_), set())
        if old_values != new_values:
            removed, added = sorted(old_values - new_values), sorted(new_values - old_values)
            yield Difference(part, property_, tuple(removed), tuple(added))


class _Graph:
    """A graph by subject, with the terms it describes and their kinds."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._about: dict[Any, dict[NamedNode, set[Any]]] = defaultdict(lambda: defaultdict(set))
        for triple in triples:
            self._about[triple.subject][triple.predicate].add(triple.object)
        self.terms = dict(self._kinds_of_terms())
        self._parts: dict[NamedNode, list[NamedNode]] = defaultdict(list)
        for subject in self._about:
            if isinstance(subject, NamedNode) and subject not in self.terms:
                self._parts[NamedNode(subject.value.partition("#")[0])].append(subject)

    def _kinds_of_terms(self) -> Iterator[tuple[NamedNode, str]]:
        """Yield the own terms, each with the first of the kinds that its classes stand for."""
        kinds: dict[Any, str] = _KIND_OF_CLASS | dict.fromkeys(self._classes_of_destinations(), "destination")
        for subject, properties in self._about.items():
            if isinstance(subject, NamedNode) and subject.value.startswith(BASE):
                names = {kinds[type_] for type_ in properties.get(TYPE, ()) if type_ in kinds}
                if names:
                    yield subject, min(names, key=[*TERM_KINDS].index)

    def _classes_of_destinations(self) -> set[Any]:
        """Return dg:Destination and all classes below, but for those that stand for another kind."""
        below: dict[Any, list[Any]] = defaultdict(list)
        for class_, properties in self._about.items():
            for above in properties.get(iri("rdfs:subClassOf"), ()):
                below[above].append(class_)
        classes: set[Any] = set()
        waiting: list[Any] = [iri("dg:Destination")]
        while waiting:
            class_ = waiting.pop()
            if class_ not in classes:
                classes.add(class_)
                waiting += [c for c in below[class_] if c not in _KIND_OF_CLASS]
        return classes

    @property
    def version(self) -> str:
        """The version the ontology states, or nothing."""
        ontologies = (self._about[term] for term, kind in self.terms.items() if kind == "ontology")
        return min((v.value for about in ontologies for v in about.get(iri("owl:versionInfo"), ())), default="")

    def label(self, term: NamedNode) -> str:
        """Return the English label of a term, else any, else nothing."""
        labels = [v for name in _LABELS for v in self._about[term].get(name, ()) if isinstance(v, Literal)]
        return min(labels, key=lambda v: (v.language != "en", v.value)).value if labels else ""

    def deprecated(self, term: NamedNode) -> bool:
        """Whether a term is marked as deprecated."""
        marks = self._about[term].get(iri("owl:deprecated"), ())
        return any(isinstance(mark, Literal) and mark.value in ("true", "1") for mark in marks)

    def facts(self, term: NamedNode) -> _Facts:
        """Return what is said about a term and its parts."""
        return {
            (shorten(node), shorten(property_)): {self._turtle(value) for value in values}
            for node in (term, *self._parts.get(term, ()))
            for property_, values in self._about[node].items()
        }

    def _turtle(self, value: Any, within: tuple[BlankNode, ...] = ()) -> str:
        if isinstance(value, NamedNode):
            return shorten(value)
        if isinstance(value, Literal):
            return _literal(value)
        if value in within:
            raise InputError(f"blank node {value} leads back to itself; give it an IRI")
        within, properties = (*within, value), self._about.get(value, {})
        return self._list(properties, within) or self._block(properties, within)

    def _list(self, cell: Mapping[NamedNode, set[Any]], within: tuple[BlankNode, ...]) -> str | None:
        """Return the list that starts with a cell, or None where there is no well-formed one."""
        first, rest = cell.get(iri("rdf:first"), set()), cell.get(iri("rdf:rest"), set())
        if len(cell) != 2 or not len(first) == len(rest) == 1:
            return None
        (member,), (more,) = first, rest
        after = "( )" if more == iri("rdf:nil") else self._turtle(more, within)
        return f"( {self._turtle(member, within)} {after[2:]}" if after.startswith("( ") else None

    def _block(self, properties: Mapping[NamedNode, set[Any]], within: tuple[BlankNode, ...]) -> str:
        pairs = sorted(f"{shorten(p)} {self._turtle(v, within)}" for p, values in properties.items() for v in values)
        return f"[ {' ; '.join(pairs)} ]"


@cache
def _literal(value: Literal) -> str:
    text, mark, datatype = str(value).rpartition("^^<")
    return f"{text}^^{shorten(NamedNode(datatype[:-1]))}" if mark else str(value)


def _in_markdown(term: str, difference: Difference) -> str:
    where = "" if difference.part == term else f"{_code(difference.part)} "
    return f"{where}{_code(difference.property)}: {_values(difference.removed)} → {_values(difference.added)}"


def _values(values: Sequence[str]) -> str:
    return ", ".join(map(_code, values)) or "nothing"


def _code(text: str) -> str:
    """Return a Markdown code span; its fence is longer than any run of backticks in the text."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if len(fence) > 1 else f"`{text}`"
