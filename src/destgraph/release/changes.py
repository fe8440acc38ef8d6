"""What changed between two releases, term by term, computed from their graphs."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any
from typing import Literal as Choice

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from destgraph.errors import InputError
from destgraph.vocabulary import PREFIXES, expand, shorten
from destgraph.wording import markdown_escaped

KINDS = {
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

Way = Choice["added", "changed", "deprecated", "removed"]

WAYS: tuple[Way, ...] = ("added", "changed", "deprecated", "removed")

_KIND = {NamedNode(expand(class_)): kind for kind, classes in KINDS.items() for class_ in classes}
_SPACE = "https://w3id.org/destgraph/"
_TYPE, _ABOVE, _DEPRECATED, _VERSION = (
    NamedNode(expand(name)) for name in ("rdf:type", "rdfs:subClassOf", "owl:deprecated", "owl:versionInfo")
)
_FIRST, _REST, _NIL = (NamedNode(expand(name)) for name in ("rdf:first", "rdf:rest", "rdf:nil"))
_LABELS = [NamedNode(expand(name)) for name in ("rdfs:label", "skos:prefLabel", "dcterms:title")]
_FILE = "destgraph.nt"
_UNVERSIONED = "an unversioned graph"


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

    way: Way
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

    def count(self, way: Way, kind: str = "") -> int:
        """Return the number of terms that changed in this way, of one kind or of all."""
        return sum(change.way == way and kind in ("", change.kind) for change in self.changes)

    def to_json(self) -> str:
        """Return the changes as a JSON object, with the prefixes that its names and values use."""
        return json.dumps(asdict(self) | {"prefixes": PREFIXES}, ensure_ascii=False, indent=1) + "\n"

    def to_markdown(self) -> str:
        """Return the changes as a Markdown page."""
        previous, version = self.previous or _UNVERSIONED, self.version or _UNVERSIONED
        lines = [f"# Changes from {previous} to {version}", ""]
        if not self.changes:
            return "\n".join([*lines, "No term changed."]) + "\n"
        lines += [f"| | {' | '.join(WAYS)} |", f"| --- |{' ---: |' * len(WAYS)}"]
        for kind in KINDS:
            if any(change.kind == kind for change in self.changes):
                lines.append(f"| {kind} | {' | '.join(str(self.count(way, kind)) for way in WAYS)} |")
        for way in WAYS:
            told = [change for change in self.changes if change.way == way]
            if told:
                lines += ["", f"## {way.capitalize()}", ""]
                for change in told:
                    name = shorten(NamedNode(change.iri))
                    label = markdown_escaped(" ".join(change.label.split()))
                    lines.append(f"- {change.kind} {_code(name)} {label}".rstrip())
                    lines += [f"  - {_told(name, difference)}" for difference in change.differences]
        return "\n".join(lines) + "\n"


def read(path: Path) -> list[Triple]:
    """Read the graph of a release: its folder, or a file in an RDF format, which may be compressed by gzip.

    Raises InputError when it cannot be read or parsed.
    """
    file = path / _FILE if path.is_dir() else path
    packed = file.suffix == ".gz"
    format_ = RdfFormat.from_extension((file.with_suffix("") if packed else file).suffix[1:])
    if format_ is None:
        raise InputError(f"{path}: no RDF file; name a release folder or a file that ends in .nt, .ttl, .nq or .jsonld")
    try:
        data = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
        return [quad.triple for quad in parse(data, format=format_)]
    except SyntaxError as error:
        raise InputError(f"{file}:{error.lineno}:{error.offset}: {error.msg}; name a complete release") from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{file}: {reason}; name the folder or the RDF file of a release") from None


def compare(old: Iterable[Triple], new: Iterable[Triple]) -> Changes:
    """Compare two graphs, term by term.

    A term has changed when a statement about it or about a part of it, a fragment of its IRI, is in one graph only.
    A blank node counts as what is said about it. Raises InputError when blank nodes lead back to themselves.
    """
    before, after = _Graph(old), _Graph(new)
    found = []
    for iri in before.terms.keys() | after.terms.keys():
        there, here = before.terms.get(iri), after.terms.get(iri)
        differences: tuple[Difference, ...] = ()
        if there is None:
            way: Way = "added"
        elif here is None:
            way = "removed"
        else:
            differences = tuple(_differences(before.facts(iri), after.facts(iri)))
            if not differences:
                continue
            gone = after.deprecated(iri) and not before.deprecated(iri)
            way = "deprecated" if gone else "changed"
        known = before if here is None else after
        found.append(Change(way, known.terms[iri], iri.value, known.label(iri), differences))
    kinds = [*KINDS]
    found.sort(key=lambda change: (WAYS.index(change.way), kinds.index(change.kind), change.iri))
    return Changes(before.version, after.version, tuple(found))


class _Graph:
    """A graph by subject, with the terms it describes and their kinds."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._about: dict[Any, dict[NamedNode, set[Any]]] = defaultdict(lambda: defaultdict(set))
        above = defaultdict(set)
        for triple in triples:
            self._about[triple.subject][triple.predicate].add(triple.object)
            if triple.predicate == _ABOVE:
                above[triple.subject].add(triple.object)
        kinds: dict[Any, str] = dict(_KIND)
        todo: list[Any] = [NamedNode(expand("dg:Destination"))]
        while todo:
            class_ = todo.pop()
            below = [c for c, classes in above.items() if class_ in classes and c not in kinds]
            kinds |= dict.fromkeys(below, "destination")
            todo += below
        self.terms: dict[NamedNode, str] = {}
        for subject, said in self._about.items():
            own = isinstance(subject, NamedNode) and subject.value.startswith(_SPACE)
            names = {kinds[type_] for type_ in said.get(_TYPE, ()) if type_ in kinds} if own else ()
            if names:
                self.terms[subject] = min(names, key=[*KINDS].index)
        self._parts: dict[NamedNode, list[NamedNode]] = defaultdict(list)
        for subject in self._about:
            if isinstance(subject, NamedNode) and subject not in self.terms:
                self._parts[NamedNode(subject.value.partition("#")[0])].append(subject)

    @property
    def version(self) -> str:
        """The version the ontology states, or nothing."""
        versions = [v.value for s, kind in self.terms.items() if kind == "ontology" for v in self._about[s][_VERSION]]
        return min(versions, default="")

    def label(self, iri: NamedNode) -> str:
        """Return the English label of a term, else any, else nothing."""
        labels = [v for name in _LABELS for v in self._about[iri].get(name, ()) if isinstance(v, Literal)]
        return min(labels, key=lambda v: (v.language != "en", v.value)).value if labels else ""

    def deprecated(self, iri: NamedNode) -> bool:
        """Whether a term is marked as deprecated."""
        return any(isinstance(v, Literal) and v.value in ("true", "1") for v in self._about[iri].get(_DEPRECATED, ()))

    def facts(self, iri: NamedNode) -> Mapping[tuple[str, str], set[str]]:
        """Return the values of each property of a term and its parts, in Turtle."""
        return {
            (shorten(node), shorten(property_)): {self._turtle(value) for value in values}
            for node in (iri, *self._parts.get(iri, ()))
            for property_, values in self._about[node].items()
        }

    def _turtle(self, value: Any, within: tuple[BlankNode, ...] = ()) -> str:
        if isinstance(value, NamedNode):
            return shorten(value)
        if isinstance(value, Literal):
            return _literal(value)
        if value in within:
            raise InputError(f"blank node {value} leads back to itself; give it an IRI")
        within, said = (*within, value), self._about.get(value, {})
        if said.keys() == {_FIRST, _REST} and len(said[_FIRST]) == len(said[_REST]) == 1:
            (first,), (rest,) = said[_FIRST], said[_REST]
            more = "( )" if rest == _NIL else self._turtle(rest, within)
            if more.startswith("( "):
                return f"( {self._turtle(first, within)} {more[2:]}"
        pairs = sorted(f"{shorten(p)} {self._turtle(v, within)}" for p, values in said.items() for v in values)
        return f"[ {' ; '.join(pairs)} ]"


@cache
def _literal(value: Literal) -> str:
    text, mark, datatype = str(value).rpartition("^^<")
    return f"{text}^^{shorten(NamedNode(datatype[:-1]))}" if mark else str(value)


def _differences(
    before: Mapping[tuple[str, str], set[str]], after: Mapping[tuple[str, str], set[str]]
) -> Iterator[Difference]:
    for part, property_ in sorted(before.keys() | after.keys()):
        there, here = before.get((part, property_), set()), after.get((part, property_), set())
        if there != here:
            yield Difference(part, property_, tuple(sorted(there - here)), tuple(sorted(here - there)))


def _told(term: str, difference: Difference) -> str:
    where = "" if difference.part == term else f"{_code(difference.part)} "
    return f"{where}{_code(difference.property)}: {_values(difference.removed)} → {_values(difference.added)}"


def _values(values: Sequence[str]) -> str:
    return ", ".join(map(_code, values)) or "nothing"


def _code(text: str) -> str:
    """Return a Markdown code span; its fence is longer than any run of backticks in the text."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if len(fence) > 1 else f"`{text}`"
