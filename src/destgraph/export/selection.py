"""What is exported: parts of the graph, all of them or what belongs to some of its destinations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from destgraph import files, inputs
from destgraph.catalog import classification
from destgraph.errors import InputError
from destgraph.export.skos import skos
from destgraph.results import plain
from destgraph.stores.memory import KnowledgeGraph
from destgraph.vocabulary import PREFIXES, SCHEMES
from destgraph.wording import suggestion

PARTS = ("ontology", "schemes", "catalog", "inferred", "shapes")
"""The parts of the graph, in the order in which they are written."""

SKOS = "skos"
"""One more part, a view of the concept schemes: see `destgraph.export.skos`."""

GRAPHS = {part: NamedNode(f"https://w3id.org/destgraph/graph/{part}") for part in (*PARTS, SKOS)}
"""The named graph of each part, in formats that have named graphs."""

Block = dict[NamedNode, list[Any]]
"""What is said about one subject: its properties in the order of output, each with its values."""

TYPE = NamedNode(PREFIXES["rdf"] + "type")
_LEADING = {TYPE: 0, **{NamedNode(PREFIXES[p] + n): 1 for p, n in (("rdfs", "label"), ("skos", "prefLabel"))}}
_LOADED = ("ontology", "schemes", "catalog")
_DESCRIBES = NamedNode(PREFIXES["dg"] + "describesClass")


@dataclass(frozen=True)
class Selection:
    """The statements to write, read from the files each time, so that literals keep the form they have there.

    `parts` are some of PARTS, or SKOS with some `schemes` or all; `data` names own Turtle files, which belong to the
    catalog. With `destinations`, only these, their parts and what they refer to are selected, see `resources`. Blank
    nodes are numbered in the order of the files.
    """

    parts: tuple[str, ...] = PARTS
    data: tuple[Path, ...] = ()
    destinations: frozenset[NamedNode] | None = None
    schemes: tuple[str, ...] = ()

    def triples(self, *parts: str) -> Iterator[Triple]:
        """Yield the selected triples of these parts, or of all selected; one that stands in two files comes twice.

        Raises InputError with file, line and column when a file cannot be read or parsed.
        """
        for part in parts or self.parts:
            for triple in self._all(part):
                if self.resources is None or triple.subject in self.resources:
                    yield triple

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """The whole graph, loaded and classified, with the blank nodes of the selection."""
        store = Store()
        store.extend(map(_quad, chain.from_iterable(map(self._all, _LOADED))))
        inferred = classification.infer(store)
        store.extend(map(_quad, inferred))
        return KnowledgeGraph(store, tuple(inferred), (*files.turtle(), *self.data))

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
            for triple in self._all(part):
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
        """All selected triples, grouped by `described`."""
        return described(self.triples())

    def name(self, node: Any) -> str | None:
        """Return the name that the whole graph has for a resource: in English if there is one."""
        name = self._names.get(node)
        return plain(name) if name else None

    @cached_property
    def _names(self) -> dict[Any, Any]:
        rows = self.graph.select(
            """SELECT ?thing ?name {
                 ?thing rdfs:label|skos:prefLabel|dg:rawName ?name
                 FILTER isLiteral(?name)
                 BIND (lang(?name) IN ("", "en") AS ?english)
               } ORDER BY ?english DESC(?name)"""
        )
        return dict(rows.terms)  # type: ignore[arg-type]  # pairs; the last of a thing counts

    @cached_property
    def every_destination(self) -> frozenset[Any]:
        """All destinations of the graph, selected or not."""
        rows = self.graph.select("SELECT ?d { ?d a/rdfs:subClassOf* dg:Destination }").terms
        return frozenset(destination for (destination,) in rows)

    def _all(self, part: str) -> Iterator[Triple]:
        """Yield the triples of a part of the whole graph."""
        if part == "inferred":
            yield from self.graph.inferred
            return
        if part == SKOS:
            yield from skos((triple for loaded in _LOADED for triple in self._all(loaded)), self.schemes)
            return
        for number, path in enumerate((*files.turtle(part), *(self.data if part == "catalog" else ())), start=1):
            yield from _read(path, f"{part}{number}b")


def select(
    parts: Iterable[str] = PARTS,
    data: Iterable[Path] = (),
    questions: Sequence[tuple[str, Mapping[str, Iterable[str]]]] = (),
    schemes: Iterable[str] = (),
) -> Selection:
    """Select parts of the graph, some of PARTS or SKOS, with own Turtle files added to the catalog.

    `questions` are canned questions with their parameters, as in `KnowledgeGraph.ask`; the selection is then
    restricted to the destinations that are in the answers of all of them. Raises InputError for what is not known,
    and when no destination is left.
    """
    wanted = {*parts}
    if unknown := wanted - {*GRAPHS}:
        raise InputError(f"no part {', '.join(sorted(unknown))}; the parts are {', '.join(GRAPHS)}")
    schemes = tuple(schemes)
    for name in schemes:
        if name not in SCHEMES:
            raise InputError(f"no concept scheme {name!r}; {suggestion(name, SCHEMES)}")
    whole = Selection(tuple(part for part in GRAPHS if part in wanted), tuple(data), schemes=schemes)
    if not questions:
        return whole
    found: set[Any] = set(whole.every_destination)
    for name, parameters in questions:
        found &= {term for terms in whole.graph.ask(name, **parameters).terms for term in terms}
    if not found:
        asked = " and ".join(name for name, _ in questions)
        raise InputError(f"no destination answers {asked}; destgraph ask shows what each answers")
    return replace(whole, destinations=frozenset(found))


def described(triples: Iterable[Triple]) -> dict[Any, Block]:
    """Group triples by subject: IRIs in their order, then blank nodes; in a block the type and the name come first."""
    found: dict[Any, Block] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        found[triple.subject][triple.predicate].append(triple.object)
    order = cache(lambda property_: (_LEADING.get(property_, 2), property_.value))
    return {
        subject: {
            property_: values if len(values := block[property_]) == 1 else sorted(set(values), key=rank)
            for property_ in sorted(block, key=order)
        }
        for subject, block in sorted(found.items(), key=lambda item: rank(item[0]))
    }


def rank(term: Any) -> tuple[int, int, str]:
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

    for triple in inputs.read_triples(path):
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
            yield Triple(numbered(triple.subject), triple.predicate, numbered(triple.object))
        else:
            yield triple


def _quad(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object)
