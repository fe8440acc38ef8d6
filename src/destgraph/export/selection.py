"""What is exported: parts of the graph, all of them or what belongs to some of its destinations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from destgraph import files, inputs
from destgraph.catalog.names import english
from destgraph.errors import InputError
from destgraph.export.skos import skos
from destgraph.results import plain
from destgraph.stores import own_data
from destgraph.stores.memory import KnowledgeGraph, classified
from destgraph.vocabulary import BASE, SCHEMES, TYPE, iri
from destgraph.wording import suggestion

PARTS = ("ontology", "schemes", "catalog", "inferred", "shapes")
"""The parts of the graph, in the order in which they are written."""

SKOS = "skos"
"""One more part, a view of the concept schemes: see `destgraph.export.skos`."""

GRAPHS = {part: NamedNode(f"{BASE}graph/{part}") for part in (*PARTS, SKOS)}
"""The named graph of each part, in formats that have named graphs."""

Block = dict[NamedNode, list[Any]]
"""What is said about one subject: its properties in the order of output, each with its values."""

_LEADING = {TYPE: 0, iri("rdfs:label"): 1, iri("skos:prefLabel"): 1}
_LOADED = ("ontology", "schemes", "catalog")
_DESCRIBES = iri("dg:describesClass")


@dataclass(frozen=True)
class Selection:
    """The statements to write, read from the files each time, so that literals keep the form they have there.

    `parts` are some of PARTS, or SKOS with some `schemes` or all; `data` names own Turtle files, which belong to the
    catalog, and `root` the folder of the graph. With `destinations`, only these, their parts and what they refer to are
    selected, see `resources`. Blank nodes are numbered in the order of the files.
    """

    parts: tuple[str, ...] = PARTS
    data: tuple[Path, ...] = ()
    destinations: frozenset[NamedNode] | None = None
    schemes: tuple[str, ...] = ()
    root: Path = field(default_factory=files.root)

    def triples(self, *parts: str) -> Iterator[Triple]:
        """Yield the selected triples of these parts, or of all selected; one that stands in two files comes twice.

        Raises InputError with file, line and column when a file cannot be read or parsed.
        """
        for part in parts or self.parts:
            for triple in self.part(part):
                if self.resources is None or triple.subject in self.resources:
                    yield triple

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """The whole graph, loaded and classified, with the blank nodes of the selection."""
        store = Store()
        for part in _LOADED:
            store.extend(Quad(*triple) for triple in self.part(part))
        return classified(store, (*files.turtle(folder=self.root), *self.data), self.root)

    @cached_property
    def resources(self) -> frozenset[NamedNode | BlankNode] | None:
        """The subjects that the selection is restricted to, or None when it is not.

        These are the destinations and all that their triples lead to, properties included, but for other
        destinations; with a class comes the concept of that type.
        """
        if self.destinations is None:
            return None
        leads: dict[Any, set[Any]] = defaultdict(set)
        for part in (*_LOADED, "inferred"):
            for triple in self.part(part):
                leads[triple.subject] |= {triple.predicate, triple.object}
                if triple.predicate == _DESCRIBES:
                    leads[triple.object].add(triple.subject)
        others = self.every_destination - self.destinations
        reached: set[Any] = set(others)
        waiting: list[Any] = [*self.destinations]
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                waiting += leads.get(node, ())
        return frozenset(reached - others)

    @cached_property
    def blocks(self) -> dict[Any, Block]:
        """All selected triples, grouped by subject."""
        return group_by_subject(self.triples())

    def name(self, node: Any) -> str | None:
        """Return the name that the whole graph has for a resource: in English if there is one."""
        return self._names.get(node)

    @cached_property
    def _names(self) -> dict[Any, str]:
        rows = self.graph.select(
            """SELECT ?thing ?name {
                 ?thing rdfs:label|skos:prefLabel|dg:rawName ?name
                 FILTER isLiteral(?name)
                 BIND (lang(?name) IN ("", "en") AS ?readable)
               } ORDER BY ?readable DESC(?name)"""
        )
        return {thing: plain(name) for thing, name in rows.terms} | english(self.graph.select)  # the last one counts

    @cached_property
    def every_destination(self) -> frozenset[Any]:
        """All destinations of the graph, selected or not."""
        rows = self.graph.select("SELECT ?d { ?d a/rdfs:subClassOf* dg:Destination }").terms
        return frozenset(destination for (destination,) in rows)

    def part(self, part: str) -> Iterator[Triple]:
        """Yield the triples of a part of the whole graph."""
        if part == "inferred":
            yield from self.graph.inferred
            return
        if part == SKOS:
            yield from skos((triple for loaded in _LOADED for triple in self.part(loaded)), self.schemes)
            return
        own = self.data if part == "catalog" else ()
        for number, path in enumerate((*files.turtle(part, folder=self.root), *own), start=1):
            yield from _read(path, f"{part}{number}b")


def select(
    parts: Iterable[str] = PARTS,
    data: Iterable[str | PathLike[str]] = (),
    questions: Sequence[tuple[str, Mapping[str, str | Iterable[str]]]] = (),
    schemes: Iterable[str] = (),
    root: str | PathLike[str] | None = None,
) -> Selection:
    """Select parts of the graph, some of PARTS or SKOS, with own Turtle files added to the catalog.

    `questions` are canned questions with their parameters, as in `KnowledgeGraph.ask`; the selection is then
    restricted to the destinations that are in the answers of all of them. `root` is that of `destgraph.load`. Raises
    InputError for what is not known, and when no destination is left.
    """
    wanted, schemes = {*parts}, tuple(schemes)
    if unknown := wanted - {*GRAPHS}:
        raise InputError(f"no part {', '.join(sorted(unknown))}; the parts are {', '.join(GRAPHS)}")
    if schemes and SKOS not in wanted:
        raise InputError("--scheme chooses from the SKOS view; add --part skos")
    for name in schemes:
        if name not in SCHEMES:
            raise InputError(f"no concept scheme {name!r}; {suggestion(name, SCHEMES)}")
    ordered = tuple(part for part in GRAPHS if part in wanted)
    whole = Selection(ordered, tuple(map(Path, data)), schemes=schemes, root=files.chosen_root(root))
    if not questions:
        return whole
    chosen: set[Any] = set(whole.every_destination)
    for name, parameters in questions:
        chosen &= {term for terms in whole.graph.ask(name, **parameters).terms for term in terms}
    if not chosen:
        asked = " and ".join(name for name, _ in questions)
        raise InputError(f"no destination answers {asked}; destgraph ask shows what each answers")
    return replace(whole, destinations=frozenset(chosen))


def group_by_subject(triples: Iterable[Triple]) -> dict[Any, Block]:
    """Group triples by subject: IRIs in their order, then blank nodes; in a block the type and the name come first."""
    unordered: dict[Any, Block] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        unordered[triple.subject][triple.predicate].append(triple.object)
    blocks: dict[Any, Block] = {}
    for subject in sorted(unordered, key=sort_key):
        block = unordered[subject]
        blocks[subject] = {property_: _ordered(block[property_]) for property_ in sorted(block, key=_property_order)}
    return blocks


@lru_cache(1 << 12)
def _property_order(property_: NamedNode) -> tuple[int, str]:
    return _LEADING.get(property_, 2), property_.value


def _ordered(values: list[Any]) -> list[Any]:
    return values if len(values) == 1 else sorted(set(values), key=sort_key)  # most have one


def sort_key(term: Any) -> tuple[int, int, str]:
    """Order terms: IRIs, blank nodes by number, literals."""
    if isinstance(term, NamedNode):
        return 0, 0, term.value
    if isinstance(term, BlankNode):
        return 1, len(term.value), term.value
    return 2, 0, str(term)


def _read(path: Path, label: str) -> Iterator[Triple]:
    """Yield the triples of a file, its blank nodes numbered after `label`."""
    labels: dict[BlankNode, BlankNode] = {}

    def numbered(term: Any) -> Any:
        if isinstance(term, BlankNode):
            return labels.setdefault(term, BlankNode(f"{label}{len(labels) + 1}"))
        return term

    for triple in inputs.read_triples(path, own_data.base(path)):
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
            yield Triple(numbered(triple.subject), triple.predicate, numbered(triple.object))
        else:
            yield triple
