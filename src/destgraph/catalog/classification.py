"""Types that follow from features: the patterns of the ontology, compiled to SPARQL and applied.

A pattern is a named class with `owl:equivalentClass`, either one `owl:hasValue` restriction or an
`owl:intersectionOf` of such restrictions, and `rdfs:subClassOf` the class that its members belong to.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, cast

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, QueryTriples, Store, Triple

from destgraph.errors import InputError
from destgraph.results import Select, Solutions
from destgraph.vocabulary import PREFIXES, TYPE, iri

Node = NamedNode | BlankNode


_DESTINATION = iri("dg:Destination")
_CONNECTION = iri("dg:Connection")


@dataclass(frozen=True)
class Condition:
    """One feature that a pattern asks for: `property` has `value`."""

    property: NamedNode
    value: NamedNode | Literal


@dataclass(frozen=True)
class Pattern:
    """Conditions that, when all hold, make a destination one of `type`."""

    name: NamedNode
    type: NamedNode
    conditions: tuple[Condition, ...]

    def construct(self) -> str:
        """Return the SPARQL CONSTRUCT that types every subject with the pattern's features."""
        features = " ".join(f"?x {condition.property} {condition.value} ." for condition in self.conditions)
        return f"CONSTRUCT {{ ?x a {self.type} }} WHERE {{ {features} }}"


def patterns(select: Select) -> list[Pattern]:
    """Return the patterns of the ontology that `select` reads, ordered by name.

    Raises InputError for a class expression other than values of properties joined by "and", and for a pattern
    that is not a subclass of exactly one named class.
    """
    conditions: dict[tuple[NamedNode, NamedNode], list[Condition]] = defaultdict(list)
    for name, type_, property_, value in select(
        """SELECT ?pattern ?type ?property ?value WHERE {
             ?pattern owl:equivalentClass ?expression .
             OPTIONAL { ?pattern rdfs:subClassOf ?type }
             OPTIONAL { ?expression owl:intersectionOf/rdf:rest*/rdf:first ?member }
             BIND (COALESCE(?member, ?expression) AS ?part)
             OPTIONAL { ?part owl:onProperty ?property ; owl:hasValue ?value }
           } ORDER BY ?pattern ?property ?value"""
    ).terms:
        if not isinstance(name, NamedNode) or not isinstance(type_, NamedNode):
            raise InputError(f"pattern {name}: state one named class after rdfs:subClassOf")
        if not isinstance(property_, NamedNode) or not isinstance(value, NamedNode | Literal):
            raise InputError(
                f"pattern {name}: owl:equivalentClass takes owl:hasValue, or owl:intersectionOf several owl:hasValue;"
                " write one pattern for each alternative"
            )
        conditions[name, type_].append(Condition(property_, value))
    if len({name for name, _ in conditions}) < len(conditions):
        raise InputError("a pattern has two classes after rdfs:subClassOf; state one")
    return [Pattern(name, type_, tuple(parts)) for (name, type_), parts in conditions.items()]


def infer(store: Store) -> list[Triple]:
    """Return what follows from the features of the destinations in `store`, which is left as it is.

    For each destination: `dg:inferredType` to the concepts of its most specific inferred types (the concept of
    dg:Destination when no pattern holds), `dg:typeAgreement` with the documented types, and `rdf:type` when it
    asserts no type below dg:Destination and dg:Connection. A class of one's own stands for the types above it. Raises InputError like `patterns`.
    """

    def select(query: str) -> Solutions:
        return Solutions.of(cast(QuerySolutions, store.query(query, prefixes=PREFIXES)))

    rules = patterns(select)
    concepts: dict[Any, Any] = {c: t for t, c in select("SELECT ?type ?class { ?type dg:describesClass ?class }").terms}
    for name, type_ in [(rule.name, rule.type) for rule in rules] + [(_DESTINATION, _DESTINATION)]:
        if type_ not in concepts:
            raise InputError(f"pattern {name}: no concept has dg:describesClass {type_}; add one")
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
    for destination in sorted(asserted.keys() | inferred.keys(), key=str):
        every = inferred[destination]
        types = sorted((t for t in every if not any((other, t) in narrower for other in every)), key=str)
        found += [Triple(destination, iri("dg:inferredType"), concepts[t]) for t in types or [_DESTINATION]]
        found.append(
            Triple(destination, iri("dg:typeAgreement"), _agreement(asserted[destination] & inferable, set(types)))
        )
        if asserted[destination] & concepts.keys() <= {_DESTINATION, _CONNECTION}:
            found += [Triple(destination, TYPE, t) for t in types]
    return found


def _agreement(documented: set[Any], inferred: set[Any]) -> NamedNode:
    if not inferred:
        return iri("agreement:not-inferable")
    if not documented:
        return iri("agreement:undocumented")
    return iri("agreement:agreeing" if documented == inferred else "agreement:disagreeing")
