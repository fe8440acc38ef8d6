"""Why a destination has a type, and why not another: condition by condition, each fact with its page.

The conditions are those of `destgraph.catalog.classification`, from which the types are inferred.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal as Choice

from pyoxigraph import NamedNode

from destgraph.catalog.classification import Condition, Pattern, patterns
from destgraph.catalog.names import Named, english
from destgraph.diagram import Picture
from destgraph.results import Select, Term, plain
from destgraph.shown import shown
from destgraph.vocabulary import TYPE, iri, shorten

State = Choice["holds", "contradicted", "not documented"]

_DESTINATION = iri("dg:Destination")
_SILENCE = iri("dg:notDocumented")


@dataclass(frozen=True)
class Evidence:
    """Where a statement rests: pages, and what is found there if the graph says more than the page."""

    pages: tuple[str, ...]
    section: str = ""


@dataclass(frozen=True)
class ConditionReading:
    """One condition of a pattern, read on one destination."""

    condition: Condition
    label: str
    state: State
    reason: str
    evidence: Evidence


@dataclass(frozen=True)
class Reading:
    """One pattern, with its name and the name of its type, read on one destination; it holds when all conditions do."""

    pattern: NamedNode
    label: str
    type: str
    findings: tuple[ConditionReading, ...]

    @property
    def holds(self) -> bool:
        """Whether every condition holds."""
        return all(finding.state == "holds" for finding in self.findings)


@dataclass(frozen=True)
class TypeReading:
    """One type of one destination: documented, inferred, both or neither, and how its patterns read.

    `above` names the types above it, nearest first. `readings` are the patterns that hold; when none does, all
    patterns of the type and its subtypes. `disjoint` says which type of the destination excludes this one.
    """

    type: NamedNode
    label: str
    documented: bool
    inferred: bool
    evidence: Evidence
    above: tuple[str, ...]
    readings: tuple[Reading, ...]
    disjoint: str = ""

    @property
    def holds(self) -> bool:
        """Whether the destination has the type, by its page or by its features."""
        return self.documented or self.inferred

    @property
    def basis(self) -> str:
        """What the type rests on, in words."""
        return {
            (True, True): "documented, and follows from features",
            (True, False): "documented, does not follow from features",
            (False, True): "not documented, follows from features",
            (False, False): "neither documented nor following from features",
        }[self.documented, self.inferred]


@shown
@dataclass(frozen=True)
class Explanation:
    """The types of a destination, each with its reasons; or, when one was asked about, that type alone.

    `others` has the short names of other destinations that were meant perhaps.
    """

    destination: NamedNode
    name: str
    types: tuple[TypeReading, ...]
    note: str = ""
    others: tuple[str, ...] = ()

    def picture(self) -> Picture:
        """Return features, patterns and types as a picture, read from left to right."""
        node = self.destination.value
        picture = Picture(f"Why {self.name} has its types", labels={node: self.name})
        for type_ in self.types:
            for reading in type_.readings:
                pattern = reading.pattern.value
                picture.labels[pattern] = reading.label
                for finding in reading.findings:
                    condition = f"{finding.condition.property} {finding.condition.value}"
                    picture.labels[condition] = finding.label
                    picture.edge(node, condition, finding.state)
                    picture.edge(condition, pattern)
                picture.edge(pattern, reading.type)
            if type_.documented:
                picture.edge(node, type_.label, "documented")
            if type_.above:
                picture.labels[type_.label] = f"{type_.label}\nand so: {', '.join(type_.above)}"
        return picture


def explain(select: Select, destination: Named, wanted: Named | None = None) -> Explanation:
    """Explain the types of a destination, or why it has or has not the type `wanted`."""
    card = Card(select, destination.iri)
    model = _Model(select)
    inferred = {p.type for p in model.patterns if all(c.value in card.values[c.property] for c in p.conditions)}
    documented = card.values[TYPE] & model.types
    if (
        iri("agreement:undocumented") in card.values[iri("dg:typeAgreement")]
    ):  # it asserts no type of its own; loading has added the inferred ones
        documented -= inferred
    if wanted is not None:
        asked = [wanted.query_term]
    else:
        specific = [t for t in documented | inferred if not any(t in model.above[o] for o in documented | inferred)]
        asked = sorted(specific or [_DESTINATION], key=model.label)
    return Explanation(
        destination.iri,
        card.name or shorten(destination.iri),
        tuple(_read(model, card, type_, documented, inferred) for type_ in asked),
        card.note,
    )


def _read(
    model: "_Model", card: "Card", type_: NamedNode, documented: set[NamedNode], inferred: set[NamedNode]
) -> TypeReading:
    has = documented | inferred
    excluding = sorted(model.label(other) for other in has if model.disjoint(type_, other))
    readings = [
        Reading(
            p.name,
            model.label(p.name),
            model.label(p.type),
            tuple(_find(model, card, c, p, inferred) for c in p.conditions),
        )
        for p in model.patterns
        if p.type == type_ or type_ in model.above[p.type]
    ]
    return TypeReading(
        type_,
        model.label(type_),
        documented=any(type_ == other or type_ in model.above[other] for other in documented),
        inferred=any(type_ == other or type_ in model.above[other] for other in inferred),
        evidence=card.evidence(TYPE, type_),
        above=tuple(model.label(t) for t in model.chain(type_)),
        readings=tuple([r for r in readings if r.holds] or readings),
        disjoint=", ".join(excluding),
    )


def _find(
    model: "_Model", card: "Card", condition: Condition, pattern: Pattern, inferred: set[NamedNode]
) -> ConditionReading:
    stated = card.values[condition.property]
    label = f"{model.label(condition.property)}: {model.label(condition.value)}"
    shown = ", ".join(sorted(model.label(value) for value in stated))
    evidence = card.evidence(condition.property, condition.value)
    if condition.value in stated:
        return ConditionReading(condition, label, "holds", "stated", evidence)
    if {condition.property, condition.value} & card.silent:
        return ConditionReading(condition, label, "not documented", "the page does not say", evidence)
    opposite = [p for p in model.opposites[condition.property] if condition.value in card.values[p]]
    if opposite:
        reason = f"states the opposite, {model.label(opposite[0])}"
        return ConditionReading(condition, label, "contradicted", reason, card.evidence(opposite[0], condition.value))
    if stated and condition.property in card.complete:
        return ConditionReading(condition, label, "contradicted", f"the page states {shown}", evidence)
    against = [
        other
        for other in model.patterns
        if other.type in inferred and model.disjoint(other.type, pattern.type)
        and all(c.property == condition.property for c in other.conditions)
    ]  # fmt: skip
    if against:
        reason = f"states {shown}, which makes it another type: {model.label(against[0].type)}"
        return ConditionReading(condition, label, "contradicted", reason, evidence)
    return ConditionReading(
        condition, label, "not documented", f"states only {shown}" if shown else "nothing stated", evidence
    )


class Card:
    """What the graph says about one destination, and where each statement rests."""

    def __init__(self, select: Select, destination: NamedNode) -> None:
        """Read the card of a destination."""
        this = f"VALUES ?d {{ {destination} }}"
        self.values: dict[Term, set[NamedNode]] = defaultdict(set)
        for property_, value in select(f"SELECT ?p ?v {{ {this} ?d ?p ?v }}").terms:
            self.values[property_].add(value)  # type: ignore[arg-type]  # literals are compared like IRIs
        self.silent = self.values[_SILENCE]
        self.name = self._text("rdfs:label")
        self.note = self._text("dg:classificationNote")
        self._pages = _pages(select(f"SELECT ?url {{ {this} ?d dcterms:source/schema:url ?url }}").terms)
        self._evidence: dict[tuple[Term, Term], Evidence] = {}
        self.complete: set[Term] = set()
        for place in (
            "?text dg:evidenceFor ?p . ?d ?text ?section ; ?p ?v ; dcterms:source/schema:url ?url",
            """?d dg:evidence ?e .
               ?e dg:aboutProperty ?p ; dg:aboutValue ?v ; dg:section ?section ; dcterms:source/schema:url ?url""",
        ):  # evidence of its own has the last word
            rows = select(f"SELECT ?p ?v ?section ?url {{ {this} {place} }}").terms
            for property_, value, section, _ in rows:
                pages = _pages((url,) for p, v, s, url in rows if (p, v, s) == (property_, value, section))
                self._evidence[property_, value] = Evidence(pages, plain(section))
                self.complete.add(property_)

    def evidence(self, property_: Term, value: Term) -> Evidence:
        """Return where a statement, or the silence about it, rests."""
        silence = (_SILENCE, property_)
        rest = next((e for (p, _), e in self._evidence.items() if p == property_), Evidence(self._pages))
        return self._evidence.get((property_, value)) or self._evidence.get(silence) or rest

    def _text(self, property_: str) -> str:
        return min(map(plain, self.values[iri(property_)]), default="")


class _Model:
    """What the ontology says about types, patterns and features."""

    def __init__(self, select: Select) -> None:
        self.patterns = patterns(select)
        self._labels = english(select)
        self.above: dict[Term, list[NamedNode]] = defaultdict(list)
        # Not subClassOf+, which Virtuoso 7 refuses between two variables.
        for class_, above in select(
            "SELECT DISTINCT ?class ?above { ?class rdfs:subClassOf ?next . ?next rdfs:subClassOf* ?above }"
        ).terms:
            self.above[class_].append(above)  # type: ignore[arg-type]
        self.types = {t for t in (*self.above, _DESTINATION) if t == _DESTINATION or _DESTINATION in self.above[t]}
        self._disjoint = set(select("SELECT ?a ?b { ?a owl:disjointWith|^owl:disjointWith ?b }").terms)
        self.opposites: dict[Term, list[NamedNode]] = defaultdict(list)
        for a, b in select("SELECT ?a ?b { ?a owl:propertyDisjointWith|^owl:propertyDisjointWith ?b }").terms:
            self.opposites[a].append(b)  # type: ignore[arg-type]

    def label(self, term: Term) -> str:
        """Return the English name of a term."""
        return self._labels.get(term) or (shorten(term) if isinstance(term, NamedNode) else plain(term))

    def chain(self, type_: NamedNode) -> Sequence[NamedNode]:
        """Return the types above a type, nearest first."""
        return sorted((t for t in self.above[type_] if t in self.types), key=lambda t: -len(self.above[t]))

    def disjoint(self, one: NamedNode, other: NamedNode) -> bool:
        """Return whether nothing can be of both types."""
        return any((a, b) in self._disjoint for a in (one, *self.above[one]) for b in (other, *self.above[other]))


def _pages(rows: Iterable[tuple[Term, ...]]) -> tuple[str, ...]:
    return tuple(sorted({plain(url) for (url,) in rows}))
