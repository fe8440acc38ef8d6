"""What Turtle files of a user bring to a graph: destinations, and statements about what the graph has already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

from destgraph import inputs
from destgraph.catalog.classification import Classification, Unusable, classify
from destgraph.errors import InputError
from destgraph.vocabulary import iri, shorten
from destgraph.wording import count

_NAMED = 5
_DESCRIBES = iri("dg:describesClass")
_EQUIVALENT = iri("owl:equivalentClass")


@dataclass(frozen=True)
class OwnData:
    """What own files bring: how many destinations, and about which things of the graph they change what it says.

    `changed` are prefixed names. A change is a statement that the graph does not make, or another inferred type.
    `as_read` and `texts` are the age of the graph's sources without theirs.
    """

    destinations: int = 0
    changed: tuple[str, ...] = ()
    as_read: str = ""
    texts: str = ""

    def __str__(self) -> str:
        """Return it as a part of a line below a table."""
        brought = count(self.destinations, "own destination")
        return f"{brought}, own data change {_some(self.changed)}" if self.changed else brought


def add(store: Store, paths: Sequence[Path], only_adds: bool) -> tuple[Classification, OwnData, tuple[str, ...]]:
    """Load own files into the store of a graph, and return what then follows, what they bring, and what to tell of it.

    Raises InputError with file, line and column when a file cannot be read or parsed, and with `only_adds` when one
    changes what the graph says.
    """
    before = classify(store)
    stated: dict[Any, str] = {}
    for path in paths:
        for thing, predicate in _news(store, path):
            if thing not in stated:
                stated[thing] = _place(path, thing, predicate) or str(path)
    for path in paths:
        load(store, path)
    after = classify(store)
    known = {triple.subject for triple in before.triples}
    other = {triple.subject for triple in {*before.triples} ^ {*after.triples}} & known
    changed = [*stated, *sorted(other - stated.keys(), key=str)]
    own = OwnData(len({triple.subject for triple in after.triples} - known), tuple(map(shorten, changed)))
    if not changed:
        return after, own, ()
    place = next(iter(stated.values()), str(paths[0]))
    told = f"{place}: own data change what the graph says about {_some(own.changed)}"
    if only_adds:
        raise InputError(f"{told}; take that out, or do not ask for additions only")
    return after, own, (told,)


def load(store: Store, path: Path) -> None:
    """Load an own file; relative IRIs in it are relative to its own. Raises InputError like `inputs.errors_in`.

    Graphs that it names are left out, as all is in the default graph.
    """
    with inputs.errors_in(path):
        text = inputs.read_text(path)
        format_ = inputs.rdf_format(path, text)
        if format_ in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES):
            inputs.refuse_rdf_12(text, format_)
            store.load(text, format=format_, base_iri=base(path))
        else:
            store.extend(Quad(*quad.triple) for quad in inputs.parse(text, format_, base(path)))


def warnings(unusable: Iterable[Unusable], paths: Sequence[Path]) -> tuple[str, ...]:
    """Return what to tell of patterns that cannot be applied, each with the file and line where it stands."""
    told = []
    for pattern in unusable:
        places = (_place(path, pattern.name, _EQUIVALENT) for path in reversed(paths))
        place = next(filter(None, places), "")
        told.append(f"{place}: {shorten(pattern.name)} is not used as a pattern: {pattern.reason}")
    return tuple(told)


def _news(store: Store, path: Path) -> list[tuple[NamedNode, NamedNode]]:
    """Return thing and predicate of the statements about things of the graph that the graph does not make."""
    known: dict[Any, bool] = {}
    found = []
    for triple in inputs.read_triples(path, base(path)):
        thing = _about(triple)
        if not isinstance(thing, NamedNode):
            continue
        if thing not in known:
            known[thing] = any(True for _ in store.quads_for_pattern(thing, None, None, None))
        if known[thing] and Quad(*triple) not in store:
            found.append((thing, triple.predicate))
    return found


def _place(path: Path, thing: NamedNode, predicate: NamedNode) -> str | None:
    """Return file and line of the first statement about a thing with this predicate, or None when there is none.

    Of formats that are not read line by line, it is the file alone.
    """
    if inputs.rdf_format(path, inputs.read_text(path)) not in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES):
        stated = any(_about(t) == thing and t.predicate == predicate for t in inputs.read_triples(path, base(path)))
        return str(path) if stated else None
    lines = _Lines(path.read_bytes())
    for quad in parse(lines, format=RdfFormat.TURTLE, base_iri=base(path)):  # type: ignore[arg-type]
        if _about(quad) == thing and quad.predicate == predicate:
            return f"{path}:{lines.number}"
    return None


def _about(quad: Quad | Triple) -> Any:
    """Return what a statement is about: its subject, or the class that its subject, a concept, describes."""
    return quad.object if quad.predicate == _DESCRIBES else quad.subject


class _Lines:
    """A file that is read line by line, so that a parser has not read beyond the line of what it gives."""

    def __init__(self, text: bytes) -> None:
        self._lines = iter(text.splitlines(keepends=True))
        self._rest = b""
        self.number = 0

    def read(self, size: int) -> bytes:
        if not self._rest and (line := next(self._lines, b"")):
            self._rest = line
            self.number += 1
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def base(path: Path) -> str:
    """Return the IRI of a file, against which its relative IRIs are resolved."""
    return path.absolute().as_uri()


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
