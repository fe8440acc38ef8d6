"""What pages need to know of a graph, read once: blocks, names, what refers to what, and where each thing is."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from markupsafe import Markup
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from destgraph import files
from destgraph.catalog.names import english
from destgraph.export.selection import Block, Selection, group_by_subject
from destgraph.results import plain
from destgraph.site import places
from destgraph.stores.memory import KnowledgeGraph
from destgraph.vocabulary import BASE, PREFIXES, TYPE, iri, shorten, words

TERMS = frozenset(iri(f"owl:{kind}") for kind in ("Class", "AnnotationProperty", "DatatypeProperty", "ObjectProperty"))
"""What the terms of an ontology are of."""


_ORDER = {
    **dict.fromkeys(
        map(iri, ("schema:url", "skos:altLabel", "skos:broader", "skos:note", "skos:scopeNote", "skos:historyNote")), 0
    ),
    iri("dg:notDocumented"): 2,
    iri("dcterms:source"): 3,
}
_VOCABULARIES = tuple(namespace for namespace in PREFIXES.values() if not namespace.startswith(BASE))
_PLAIN = {
    (TYPE, iri(name))
    for name in ("skos:Concept", "skos:ConceptScheme", "dg:Platform", "dg:ReleaseNote", "dg:Source", "dg:Vendor")
}


@dataclass(frozen=True)
class _Whole(Selection):
    """A graph that is loaded, whose files are read once more, as they spell literals."""

    loaded: KnowledgeGraph | None = None

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """The graph."""
        return self.loaded or super().graph

    @cached_property
    def _read(self) -> dict[str, list[Triple]]:
        return {}

    def part(self, part: str) -> Iterator[Triple]:
        """Yield the triples of a part."""
        if part not in self._read:
            self._read[part] = [*super().part(part)]
        return iter(self._read[part])


class Model:
    """A graph, as its files say it, with what follows from them."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        """Take a graph that was loaded from files."""
        self.graph = graph
        self.select = cache(graph.select)
        self.links: dict[tuple[str, Any, str], Markup] = {}
        self._alternatives: dict[Any, list[tuple[Any, ...]]] = {}
        shipped = {*files.turtle(folder=graph.root)}
        own = tuple(path for path in graph.paths if path not in shipped)
        self.selection: Selection = _Whole(data=own, root=graph.root, loaded=graph)

    @cached_property
    def triples(self) -> list[Triple]:
        """The triples of the graph; literals keep the form they have in the files, blank nodes have fixed labels."""
        return [*self.selection.triples("ontology", "schemes", "catalog", "inferred")]

    @cached_property
    def blocks(self) -> dict[Any, Block]:
        """What is said about each subject."""
        return group_by_subject(self.triples)

    @cached_property
    def labels(self) -> dict[Any, str]:
        """The names of everything that has one: in English, else without a language, else in any."""
        named = {
            thing: min(names, key=lambda name: (not in_english(name), name.value)).value
            for thing, block in self.blocks.items()
            if (names := _names(block))
        }
        return named | {thing: name for thing, name in english(self.select).items() if thing is not None}

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
    def terms(self) -> list[NamedNode]:
        """The classes and properties, and all terms of other vocabularies, by their prefixed names."""
        found = [
            subject
            for subject, block in self.blocks.items()
            if isinstance(subject, NamedNode)
            and (TERMS & {*block.get(TYPE, ())} or subject.value.startswith(_VOCABULARIES))
        ]
        return sorted(found, key=shorten)

    @cached_property
    def things(self) -> dict[str, NamedNode]:
        """Everything that has a page of its own, by the path of that page without suffix, in order."""
        terms = {*self.terms, NamedNode(f"{BASE}ontology")}
        whole = [s for s in self.blocks if isinstance(s, NamedNode) and s not in terms and not self._owner(s)]
        found = {places.stem(thing.value): thing for thing in whole}
        return dict(sorted(found.items()))

    @cached_property
    def _terms(self) -> frozenset[NamedNode]:
        return frozenset(self.terms)

    @cached_property
    def _stems(self) -> dict[NamedNode, str]:
        return {thing: stem for stem, thing in self.things.items()}

    def _owner(self, subject: NamedNode) -> NamedNode | None:
        """Return what a subject is a part of, as its IRI is a fragment of that of another subject."""
        whole, hash_, _ = subject.value.partition("#")
        return owner if hash_ and (owner := NamedNode(whole)) in self.blocks else None

    @cached_property
    def parts(self) -> dict[Any, list[NamedNode]]:
        """The parts of each thing: subjects whose IRIs are fragments of its own."""
        found: dict[Any, list[NamedNode]] = defaultdict(list)
        for subject in self.blocks:
            if isinstance(subject, NamedNode) and (owner := self._owner(subject)):
                found[owner].append(subject)
        return found

    @cached_property
    def destinations(self) -> list[NamedNode]:
        """The destinations, by name."""
        rows = self.select("SELECT DISTINCT ?d { ?d a/rdfs:subClassOf* dg:Destination FILTER isIRI(?d) }").terms
        found = [thing for (thing,) in rows if isinstance(thing, NamedNode)]
        return sorted(found, key=self.order)

    @cached_property
    def every_destination(self) -> frozenset[Any]:
        """The destinations, to ask whether something is one."""
        return frozenset(self.destinations)

    @cached_property
    def narrower(self) -> dict[Any, list[Any]]:
        """The concepts below each concept, by name."""
        return self._by_value("skos:broader")

    @cached_property
    def members(self) -> dict[Any, list[Any]]:
        """The concepts of each scheme, by name."""
        return self._by_value("skos:inScheme")

    def _by_value(self, property_: str) -> dict[Any, list[Any]]:
        found: dict[Any, list[Any]] = defaultdict(list)
        for subject, block in self.blocks.items():
            for value in block.get(iri(property_), ()):
                found[value].append(subject)
        return {value: sorted(subjects, key=self.order) for value, subjects in found.items()}

    @cached_property
    def concepts(self) -> dict[Any, NamedNode]:
        """The concept that describes each type."""
        return {
            value: subject
            for subject, block in self.blocks.items()
            for value in block.get(iri("dg:describesClass"), ())
            if isinstance(subject, NamedNode)
        }

    @cached_property
    def classes(self) -> frozenset[Any]:
        """The classes that are dg:Destination or below it."""
        return frozenset(c for (c,) in self.select("SELECT ?c { ?c rdfs:subClassOf* dg:Destination }").terms)

    def types(self, destination: Any) -> list[Any]:
        """Return the types of a destination below dg:Destination, those that are documented or else follow."""
        return [t for t in self.values(destination, "rdf:type") if t in self.classes]

    @cached_property
    def above(self) -> dict[Any, set[Any]]:
        """The classes above each class."""
        found: dict[Any, set[Any]] = defaultdict(set)
        for class_, above in self.select(
            "SELECT DISTINCT ?class ?above { ?class rdfs:subClassOf ?next . ?next rdfs:subClassOf* ?above }"
        ).terms:
            found[class_].add(above)
        return found

    @cached_property
    def kinds(self) -> dict[Any, Any]:
        """Whether each destination is a connection or an extension, as the class."""
        rows = self.select(
            "SELECT ?d ?kind { VALUES ?kind { dg:Extension dg:Connection } ?d a/rdfs:subClassOf* ?kind }"
        )
        return {destination: kind for destination, kind in rows.terms}  # noqa: C416 - rows are not pairs by type

    @cached_property
    def evidence_texts(self) -> frozenset[Any]:
        """The properties with which a card says where statements rest."""
        return frozenset(p for p, block in self.blocks.items() if iri("dg:evidenceFor") in block)

    def answer(self, question: str, **terms: Any) -> list[tuple[Any, ...]]:
        """Return the rows that answer a question for a term, or for several; none when the graph has no such question.

        Like `select` this remembers.
        """
        asked = self.graph.questions.get(question)
        if asked is None:
            return []
        bound = {name: term if isinstance(term, list) else [term] for name, term in terms.items()}
        return [*self.select(asked.bind(bound)).terms]

    def alternatives(self, destination: Any) -> list[tuple[Any, ...]]:
        """Return the rows of the question for the alternatives to a destination."""
        if destination in self._alternatives:
            return self._alternatives[destination]
        return self.answer("alternatives", destination=destination)

    def find_alternatives(self) -> None:
        """Ask for the alternatives to all destinations at once, which is quicker than one by one when all are needed.

        The answer tells only by name what each is an alternative to: those that share a name are left out.
        """
        owners: dict[str, set[Any]] = defaultdict(set)
        for destination in self.destinations:
            for label in _names(self.blocks[destination]):
                owners[label.value].add(destination)
        shared = {d for several in owners.values() if len(several) > 1 for d in several}
        asked = sorted({d for of in owners.values() for d in of} - shared, key=str)
        self._alternatives = {destination: [] for destination in asked}
        for row in self.answer("alternatives", destination=asked) if asked else ():
            (owner,) = owners[plain(row[-1])]
            self._alternatives[owner].append(row)

    @cached_property
    def opposites(self) -> dict[Any, Any]:
        """The property that says yes, for each one that says no."""
        return {no: yes for yes, block in self.blocks.items() for no in block.get(iri("owl:propertyDisjointWith"), ())}

    @cached_property
    def asked(self) -> dict[Any, Any]:
        """The property of a feature, for each concept that it may have as value."""
        features = {
            scheme: property_
            for property_, block in self.blocks.items()
            if iri("dg:appliesTo") in block
            for scheme in block.get(iri("dg:valueScheme"), ())
        }
        return {
            value: features[scheme]
            for value, block in self.blocks.items()
            for scheme in block.get(iri("skos:inScheme"), ())
            if scheme in features
        }

    def name(self, term: Any) -> str:
        """Return the name of a term: a type goes by that of its concept, what has no name by its IRI."""
        term = self.concepts.get(term, term)
        if isinstance(term, Literal):
            return plain(term)
        if isinstance(term, BlankNode) and term not in self.labels:
            return self._unnamed(term)
        return self.labels.get(term) or (shorten(term) if isinstance(term, NamedNode | BlankNode) else plain(term))

    def _unnamed(self, node: BlankNode, depth: int = 3) -> str:
        """Return what is said of a node without name."""
        return "; ".join(
            f"{self.property_name(property_)} {self._unnamed(value, depth - 1) or '...'}"
            if isinstance(value, BlankNode)
            else f"{self.property_name(property_)} {self.name(value)}"
            for property_, values in (self.blocks.get(node, {}) if depth else {}).items()
            for value in values
        )

    def order(self, term: Any) -> tuple[str, str]:
        """Return what to sort a term by: its name."""
        return self.name(term).casefold(), str(term)

    def property_name(self, property_: NamedNode) -> str:
        """Return the name of a property."""
        return self.labels.get(property_) or words(property_.value)

    def values(self, subject: Any, property_: str) -> list[Any]:
        """Return the values of a property, named with its prefix."""
        return self.blocks.get(subject, {}).get(iri(property_), [])

    def text(self, subject: Any, property_: str) -> str:
        """Return the first value of a property, in English or without language if there is one; else nothing."""
        return next(map(plain, for_reader(self.values(subject, property_))), "")

    def place(self, term: Any) -> str:
        """Return the path of the page, or of the element in a page, that is about what an IRI names, or nothing."""
        if not isinstance(term, NamedNode):
            return ""
        if term in self._stems:
            return f"{self._stems[term]}.html"
        if term in self._terms:
            return f"ontology.html#{places.anchor(term.value)}"
        whole, hash_, fragment = term.value.partition("#")
        if stem := self._stems.get(NamedNode(whole)):
            return f"{stem}.html{hash_}{fragment}"
        return places.other(term.value) if term.value.startswith(BASE) else ""

    def replaced_by(self, thing: NamedNode) -> list[Any]:
        """Return what a thing replaces."""
        return [s for p, s in self.mentions.get(thing, ()) if p == iri("dcterms:isReplacedBy")]

    def told(self, subject: Any) -> dict[NamedNode, list[Any]]:
        """Return what is said of a subject for people: names first, what is left open and the sources last."""
        block = self.blocks.get(subject, {})
        return {
            property_: values
            for property_ in sorted(block, key=_told_order)
            if (values := [value for value in block[property_] if (property_, value) not in _PLAIN])
        }

    def dated(self, source: Any) -> str:
        """Return of when the text of a source is, and when it was read."""
        day, first, last, read = (
            self.text(source, name)
            for name in ("dcterms:modified", "dg:textNotBefore", "dg:textNotAfter", "dg:retrievedOn")
        )
        between = " ".join(filter(None, (first and f"not before {first}", last and f"not after {last}")))
        return f"text {f'of {day}' if day else between or 'undated'}{f', read {read}' if read else ''}"

    def whole(self, node: Any) -> Any:
        """Return the thing that a node is a part of, or the node itself, as which a term of the ontology counts."""
        return (self._owner(node) if isinstance(node, NamedNode) and node not in self._terms else None) or node

    @lru_cache(maxsize=8)  # noqa: B019 - a few, each asked for in several formats
    def about(self, thing: NamedNode) -> tuple[Triple, ...]:
        """Return what is said about a thing and its parts."""
        return tuple(self._about(thing))

    def _about(self, thing: NamedNode) -> Iterator[Triple]:
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


def in_english(text: Any) -> bool:
    """Tell whether a value is no text in another language than English."""
    return not (isinstance(text, Literal) and text.language and text.language.partition("-")[0] != "en")


def for_reader(values: Sequence[Any]) -> list[Any]:
    """Return the values that a reader of English is shown: no texts in other languages, unless there are no others."""
    return [value for value in values if in_english(value)] or [*values]


def _told_order(property_: NamedNode) -> tuple[int, str]:
    return _ORDER.get(property_, 1), property_.value


def _names(block: Block) -> Sequence[Literal]:
    """Return the names in a block."""
    properties = ("rdfs:label", "skos:prefLabel", "dg:rawName")
    return [value for name in properties for value in block.get(iri(name), ()) if isinstance(value, Literal)]
