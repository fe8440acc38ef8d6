"""Types that follow from features: the patterns of the ontology, compiled to SPARQL and applied.

A pattern is a named class with `owl:equivalentClass`, either one `owl:hasValue` restriction or an
`owl:intersectionOf` of such restrictions, and `rdfs:subClassOf` the class below dg:Destination that its members belong
to. What other classes are equivalent to is no matter of this package.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from pyoxigraph import Literal, NamedNode, QuerySolutions, QueryTriples, Store, Triple

from destgraph.errors import InputError
from destgraph.results import Select, Solutions
from destgraph.vocabulary import PREFIXES, TYPE, iri, shorten

_DESTINATION = iri("dg:Destination")
_CONNECTION = iri("dg:Connection")


@dataclass(frozen=True)
class Condition:
    """One feature that a pattern asks for: `property` has `value`."""

    property: NamedNode
    value: NamedNode | Literal


class Pattern(NamedTuple):
    """Conditions that, when all hold, make a destination one of `type`."""

    name: NamedNode
    type: NamedNode
    conditions: tuple[Condition, ...]

    def construct(self) -> str:
        """Return the SPARQL CONSTRUCT that types every subject with the pattern's features."""
        features = " ".join(f"?x {condition.property} {condition.value} ." for condition in self.conditions)
        return f"CONSTRUCT {{ ?x a {self.type} }} WHERE {{ {features} }}"


class Unusable(NamedTuple):
    """A class that was meant as a pattern and cannot be applied, with what is wrong and what to do."""

    name: NamedNode
    reason: str


class Classification(NamedTuple):
    """What follows from features: triples, and the patterns from which nothing could follow."""

    triples: tuple[Triple, ...]
    unusable: tuple[Unusable, ...]


def patterns(select: Select) -> list[Pattern]:
    """Return the patterns of the ontology that `select` reads, ordered by name; those that are unusable are left out.

    A class with several `owl:equivalentClass`, or several types, is several patterns: each of them suffices, as in OWL.
    """
    return [pattern for pattern in _read(select) if isinstance(pattern, Pattern)]


def _read(select: Select) -> list[Pattern | Unusable]:
    described = {class_ for _, class_ in select("SELECT ?type ?class { ?type dg:describesClass ?class }").terms}
    below = {class_ for (class_,) in select("SELECT ?class { ?class rdfs:subClassOf* dg:Destination }").terms}
    types: dict[Any, set[NamedNode]] = defaultdict(set)
    parts: dict[tuple[NamedNode, Any], dict[Any, tuple[Any, Any]]] = defaultdict(dict)
    for name, type_, expression, part, property_, value in select(
        """SELECT ?pattern ?type ?expression ?part ?property ?value WHERE {
             ?pattern owl:equivalentClass ?expression
             OPTIONAL { ?pattern rdfs:subClassOf ?type }
             OPTIONAL { ?expression owl:intersectionOf/rdf:rest*/rdf:first ?member }
             BIND (COALESCE(?member, ?expression) AS ?part)
             OPTIONAL { ?part owl:onProperty ?property ; owl:hasValue ?value }
           } ORDER BY ?pattern ?type ?property ?value"""
    ).terms:
        if isinstance(name, NamedNode):
            parts[name, expression][part, value] = property_, value
            if isinstance(type_, NamedNode) and type_ in below:
                types[name].add(type_)
    found: list[Pattern | Unusable] = []
    for (name, _), conditions in parts.items():
        found += _compiled(name, sorted(types[name], key=str), conditions.values(), described)
    return found


def _compiled(
    name: NamedNode, types: list[NamedNode], parts: Iterable[tuple[Any, Any]], described: set[Any]
) -> list[Pattern | Unusable]:
    """Return a class with one expression as patterns, one for each type, or nothing when it was not meant as one."""
    if not types:
        if any(isinstance(p, NamedNode) and p.value.startswith(PREFIXES["dg"]) for p, _ in parts):
            return [Unusable(name, "state a class below dg:Destination after rdfs:subClassOf")]
        return []
    if not all(isinstance(p, NamedNode) and isinstance(v, NamedNode | Literal) for p, v in parts):
        reason = "owl:equivalentClass takes owl:hasValue, or owl:intersectionOf several owl:hasValue"
        return [Unusable(name, f"{reason}; write one pattern for each alternative")]
    conditions = tuple(Condition(property_, value) for property_, value in parts)
    return [
        Pattern(name, type_, conditions)
        if type_ in described
        else Unusable(name, f"no concept has dg:describesClass {shorten(type_)}; add one")
        for type_ in types
    ]


def infer(store: Store) -> list[Triple]:
    """Return what follows from the features of the destinations in `store`; see `classify`."""
    return [*classify(store).triples]


def classify(store: Store) -> Classification:
    """Return what follows from the features of the destinations in `store`, which is left as it is.

    For each destination: `dg:inferredType` to the concepts of its most specific inferred types (the concept of
    dg:Destination when no pattern holds), `dg:typeAgreement` with the documented types, and `rdf:type` when it
    asserts no type below dg:Destination and dg:Connection; a class of one's own stands for the types above it. What is
    no destination gets nothing. Raises InputError when no concept describes dg:Destination.
    """

    def select(query: str) -> Solutions:
        return Solutions.of(cast(QuerySolutions, store.query(query, prefixes=PREFIXES)))

    read = _read(select)
    rules = [pattern for pattern in read if isinstance(pattern, Pattern)]
    described = select("SELECT ?type ?class { ?type dg:describesClass ?class } ORDER BY DESC(?type)")
    concepts: dict[Any, Any] = {class_: type_ for type_, class_ in described.terms}
    if _DESTINATION not in concepts:
        raise InputError(f"no concept has dg:describesClass {_DESTINATION}; add one")
    narrower = set(select("SELECT ?class ?above { ?class rdfs:subClassOf+ ?above }").terms)
    inferable = {rule.type for rule in rules}

    asserted: dict[Any, set[Any]] = defaultdict(set)  # with the classes above, as one's own classes may stand below
    for destination, class_ in select(
        "SELECT ?x ?above { ?c rdfs:subClassOf* dg:Destination . ?x a ?c . ?c rdfs:subClassOf* ?above }"
    ).terms:
        asserted[destination].add(class_)
    inferred: dict[Any, set[Any]] = defaultdict(set)
    for rule in rules:
        for triple in cast("QueryTriples", store.query(rule.construct())):
            inferred[triple.subject].add(triple.object)

    found = []
    for destination in sorted(asserted, key=str):
        every = inferred[destination]
        types = sorted((t for t in every if not any((other, t) in narrower for other in every)), key=str)
        found += [Triple(destination, iri("dg:inferredType"), concepts[t]) for t in types or [_DESTINATION]]
        found.append(
            Triple(destination, iri("dg:typeAgreement"), _agreement(asserted[destination] & inferable, set(types)))
        )
        if asserted[destination] & concepts.keys() <= {_DESTINATION, _CONNECTION}:
            found += [Triple(destination, TYPE, t) for t in types]
    return Classification(tuple(found), tuple(bad for bad in read if isinstance(bad, Unusable)))


def _agreement(documented: set[Any], inferred: set[Any]) -> NamedNode:
    if not inferred:
        return iri("agreement:not-inferable")
    if not documented:
        return iri("agreement:undocumented")
    return iri("agreement:agreeing" if documented == inferred else "agreement:disagreeing")
