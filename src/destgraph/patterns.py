"""Types that follow from features: the patterns of the ontology, compiled to SPARQL and applied.

A pattern is a named class with `owl:equivalentClass`, either one `owl:hasValue` restriction or an
`owl:intersectionOf` of such restrictions, and `rdfs:subClassOf` the classes its members belong to.
"""

from collections import defaultdict
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from destgraph.errors import InputError
from destgraph.files import PREFIXES

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal | Triple


def _term(prefix: str, name: str) -> NamedNode:
    return NamedNode(PREFIXES[prefix] + name)


_TYPE = _term("rdf", "type")
_FIRST, _REST, _NIL = (_term("rdf", name) for name in ("first", "rest", "nil"))
_SUBCLASS = _term("rdfs", "subClassOf")
_EQUIVALENT, _INTERSECTION, _ON_PROPERTY, _HAS_VALUE = (
    _term("owl", name) for name in ("equivalentClass", "intersectionOf", "onProperty", "hasValue")
)
_DESTINATION = _term("dg", "Destination")
_CONNECTION = _term("dg", "Connection")
_DESCRIBES = _term("dg", "describesClass")
_INFERRED_TYPE = _term("dg", "inferredType")
_AGREEMENT = _term("dg", "typeAgreement")
_AGREEING, _DISAGREEING, _NOT_INFERABLE, _UNDOCUMENTED = (
    _term("agreement", name) for name in ("agreeing", "disagreeing", "not-inferable", "undocumented")
)


@dataclass(frozen=True)
class Condition:
    """One feature that a pattern asks for: `property` has `value`."""

    property: NamedNode
    value: NamedNode | Literal


@dataclass(frozen=True)
class Pattern:
    """A set of conditions that hold together, and the classes that follow when they do."""

    name: NamedNode
    types: tuple[NamedNode, ...]
    conditions: tuple[Condition, ...]

    def construct(self) -> str:
        """Return the SPARQL CONSTRUCT that types every subject with the pattern's features."""
        head = " ".join(f"?x a {type_} ." for type_ in self.types)
        body = " ".join(f"?x {c.property} {c.value} ." for c in self.conditions)
        return f"CONSTRUCT {{ {head} }} WHERE {{ {body} }}"


def patterns(store: Store) -> list[Pattern]:
    """Return the patterns of the ontology in `store`, ordered by name.

    Raises InputError for a class expression that is more than values of properties, joined by "and".
    """
    found = []
    for quad in store.quads_for_pattern(None, _EQUIVALENT, None):
        name = quad.subject
        types = tuple(sorted((t for t in _objects(store, name, _SUBCLASS) if isinstance(t, NamedNode)), key=str))
        if not isinstance(name, NamedNode) or not types:
            raise InputError(f"{name}: a pattern is a named class with rdfs:subClassOf a named class; add one")
        found.append(Pattern(name, types, tuple(_conditions(store, name, quad.object))))
    return sorted(found, key=lambda pattern: pattern.name.value)


def infer(store: Store) -> list[Triple]:
    """Return what follows from the features of the destinations in `store`, which is left as it is.

    For each destination: `dg:inferredType` to the concepts of its most specific inferred types (the concept
    of dg:Destination when no pattern holds), `dg:typeAgreement` with the documented types, and `rdf:type` when
    it asserts nothing below dg:Destination and dg:Connection. Raises InputError like `patterns`.
    """
    rules = patterns(store)
    supers = _superclasses(store)
    concepts = {quad.object: quad.subject for quad in store.quads_for_pattern(None, _DESCRIBES, None)}
    if not concepts:
        return []
    inferred: dict[Node, set[Node]] = defaultdict(set)
    for rule in rules:
        for triple in store.query(rule.construct()):
            inferred[triple.subject].add(triple.object)
    asserted: dict[Node, set[Node]] = defaultdict(set)
    for class_ in (_DESTINATION, *(c for c, above in supers.items() if _DESTINATION in above)):
        for quad in store.quads_for_pattern(None, _TYPE, class_):
            asserted[quad.subject].add(class_)
    inferable = {type_ for rule in rules for type_ in rule.types}

    triples = []
    for destination in sorted(asserted.keys() | inferred.keys(), key=str):
        types = _most_specific(inferred[destination], supers)
        documented = asserted[destination] & inferable
        for type_ in sorted(types or {_DESTINATION}, key=str):
            triples.append(Triple(destination, _INFERRED_TYPE, concepts[type_]))
        if asserted[destination] <= {_DESTINATION, _CONNECTION}:
            triples += [Triple(destination, _TYPE, type_) for type_ in sorted(types, key=str)]
        triples.append(Triple(destination, _AGREEMENT, _agreement(documented, types)))
    return triples


def _agreement(documented: set[Node], inferred: set[Node]) -> NamedNode:
    if not inferred:
        return _NOT_INFERABLE
    if not documented:
        return _UNDOCUMENTED
    return _AGREEING if documented == inferred else _DISAGREEING


def _conditions(store: Store, pattern: NamedNode, expression: Term) -> list[Condition]:
    members = _objects(store, expression, _INTERSECTION)
    parts = _list(store, members[0]) if members else [expression]
    conditions = []
    for part in parts:
        property_, value = _objects(store, part, _ON_PROPERTY), _objects(store, part, _HAS_VALUE)
        if len(property_) != 1 or len(value) != 1 or not isinstance(property_[0], NamedNode):
            raise InputError(
                f"{pattern}: only owl:hasValue restrictions and an owl:intersectionOf them can be compiled;"
                " write the pattern with these, one pattern for each alternative"
            )
        if not isinstance(value[0], NamedNode | Literal):
            raise InputError(f"{pattern}: owl:hasValue {value[0]} cannot be matched; use an IRI or a literal")
        conditions.append(Condition(property_[0], value[0]))
    return conditions


def _most_specific(classes: set[Node], supers: dict[Node, set[Node]]) -> set[Node]:
    return {c for c in classes if not any(c in supers.get(other, ()) for other in classes if other != c)}


def _superclasses(store: Store) -> dict[Node, set[Node]]:
    """Map each class to all named classes above it."""
    direct: dict[Node, set[Node]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, _SUBCLASS, None):
        direct[quad.subject].add(quad.object)
    above: dict[Node, set[Node]] = {}
    for start in list(direct):
        seen: set[Node] = set()
        todo = [start]
        while todo:
            todo += (new := direct[todo.pop()] - seen)
            seen |= new
        above[start] = seen
    return above


def _objects(store: Store, subject: Term, predicate: NamedNode) -> list[Term]:
    if not isinstance(subject, Node):
        return []
    return [quad.object for quad in store.quads_for_pattern(subject, predicate, None)]


def _list(store: Store, head: Term) -> list[Term]:
    items = []
    while head != _NIL:
        items += _objects(store, head, _FIRST)
        head = next(iter(_objects(store, head, _REST)), _NIL)
    return items
