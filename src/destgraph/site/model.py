"""What pages need to know of a graph, read once: blocks, names, what refers to what, and where each thing is."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from destgraph import files
from destgraph.catalog.names import english
from destgraph.export.selection import Block, Selection, group_by_subject
from destgraph.results import plain
from destgraph.site import places
from destgraph.stores.memory import KnowledgeGraph
from destgraph.vocabulary import BASE, TYPE, iri, shorten, words

TERMS = frozenset(iri(f"owl:{kind}") for kind in ("Class", "AnnotationProperty", "DatatypeProperty", "ObjectProperty"))
"""What the terms of an ontology are of."""


class Model:
    """A graph, as its files say it, with what follows from them."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        """Take a graph that was loaded from files."""
        self.graph = graph
        shipped = {*files.turtle(folder=graph.root)}
        self.selection = Selection(data=tuple(p for p in graph.paths if p not in shipped), root=graph.root)

    @cached_property
    def triples(self) -> list[Triple]:
        """The triples of the graph; literals keep the form they have in the files, blank nodes have fixed labels."""
        return [*self.selection.triples("ontology", "schemes", "catalog"), *self.graph.inferred]

    @cached_property
    def blocks(self) -> dict[Any, Block]:
        """What is said about each subject."""
        return group_by_subject(self.triples)

    @cached_property
    def labels(self) -> dict[Any, str]:
        """The names of everything that has one: in English, else without a language, else in any."""
        named = {
            thing: min(names, key=lambda name: (name.language not in (None, "en"), name.value)).value
            for thing, block in self.blocks.items()
            if (names := _names(block))
        }
        return named | {thing: name for thing, name in english(self.graph.select).items() if thing is not None}

    @cached_property
    def mentions(self) -> dict[Any, list[tuple[NamedNode, Any]]]:
        """For each thing, the properties of which it is a value, each with its subject, in order."""
        found: dict[Any, list[tuple[NamedNode, Any]]] = defaultdict(list)
        for subject, block in self.blocks.items():
            for property_, values in block.items():
                for value in values:
                    found[value].append((property_, subject))
        return found

    @cached_property
    def things(self) -> dict[str, NamedNode]:
        """Everything that has a page of its own, by the path of that page without suffix, in order."""
        whole = {
            subject
            for subject, block in self.blocks.items()
            if isinstance(subject, NamedNode) and "#" not in subject.value and not TERMS & {*block.get(TYPE, ())}
        }
        found = {places.stem(thing.value): thing for thing in whole}
        return {stem: found[stem] for stem in sorted(found) if stem != "ontology"}

    @cached_property
    def parts(self) -> dict[Any, list[NamedNode]]:
        """The parts of each thing: subjects whose IRIs are fragments of its own."""
        found: dict[Any, list[NamedNode]] = defaultdict(list)
        for subject in self.blocks:
            if isinstance(subject, NamedNode) and "#" in subject.value:
                found[NamedNode(subject.value.partition("#")[0])].append(subject)
        return found

    @cached_property
    def destinations(self) -> list[NamedNode]:
        """The destinations, by name."""
        rows = self.graph.select("SELECT DISTINCT ?d { ?d a/rdfs:subClassOf* dg:Destination FILTER isIRI(?d) }").terms
        found = [thing for (thing,) in rows if isinstance(thing, NamedNode)]
        return sorted(found, key=lambda thing: (self.name(thing).casefold(), thing.value))

    @cached_property
    def concepts(self) -> dict[Any, NamedNode]:
        """The concept that describes each type."""
        return {
            value: subject
            for subject, block in self.blocks.items()
            for value in block.get(iri("dg:describesClass"), ())
            if isinstance(subject, NamedNode)
        }

    def name(self, term: Any) -> str:
        """Return the name of a term: a type goes by that of its concept, what has no name by its IRI."""
        term = self.concepts.get(term, term)
        if isinstance(term, Literal):
            return plain(term)
        return self.labels.get(term) or (shorten(term) if isinstance(term, NamedNode | BlankNode) else plain(term))

    def property_name(self, property_: NamedNode) -> str:
        """Return the name of a property."""
        return self.labels.get(property_) or words(property_.value)

    def values(self, subject: Any, property_: str) -> list[Any]:
        """Return the values of a property, named with its prefix."""
        return self.blocks.get(subject, {}).get(iri(property_), [])

    def text(self, subject: Any, property_: str) -> str:
        """Return the first value of a property in English or without language, or nothing."""
        texts = [plain(v) for v in self.values(subject, property_) if getattr(v, "language", None) in (None, "en")]
        return texts[0] if texts else ""

    def place(self, term: Any) -> str:
        """Return the path of the page, or of the element in a page, that is about what an IRI names, or nothing."""
        if not isinstance(term, NamedNode):
            return ""
        whole, hash_, fragment = term.value.partition("#")
        stem = places.stem(whole)
        if stem in self.things and self.things[stem].value == whole:
            return f"{stem}.html{hash_}{fragment}"
        return places.other(term.value) if term.value.startswith(BASE) else ""

    def about(self, thing: NamedNode) -> Iterator[Triple]:
        """Yield what is said about a thing and its parts."""
        waiting: list[Any] = [thing, *self.parts.get(thing, ())]
        seen: set[Any] = set(waiting)
        while waiting:
            subject = waiting.pop(0)
            for property_, values in self.blocks.get(subject, {}).items():
                for value in values:
                    yield Triple(subject, property_, value)
                    if isinstance(value, BlankNode) and value not in seen:
                        seen.add(value)
                        waiting.append(value)


def _names(block: Block) -> Sequence[Literal]:
    properties = ("rdfs:label", "skos:prefLabel", "dg:rawName")
    return next(
        (found for name in properties if (found := [v for v in block.get(iri(name), ()) if isinstance(v, Literal)])), ()
    )
