"""Shapes graphs reduced to what one shape needs, so that one that cannot be used takes nothing with it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib.term import Node

from destgraph.validation.documents import Triple
from destgraph.validation.shacl_terms import term
from destgraph.validation.triples import empty_graph

TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)
"""The properties that give a shape a target."""

# Values that are classes, properties and terms of the data, not parts of the shapes.
_ABOUT_DATA = {
    *(RDF.type, RDFS.subClassOf, RDFS.isDefinedBy, SH["class"], SH.datatype, SH.nodeKind, SH.path, SH.hasValue),
    *(SH["in"], SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals, SH.severity, SH.group, SH.defaultValue),
    *(TARGETS[:4]),
}
# Parameters that only mean something together.
_TOGETHER: Mapping[Node, str] = {
    SH.pattern: "pattern",
    SH.flags: "pattern",
    SH.closed: "closed",
    SH.ignoredProperties: "closed",
    SH.qualifiedValueShape: "qualified",
    SH.qualifiedMinCount: "qualified",
    SH.qualifiedMaxCount: "qualified",
    SH.qualifiedValueShapesDisjoint: "qualified",
}
# What several constraints of a shape may be given with.
_EACH = {SH.property, SH.node, SH["not"], SH["and"], SH["or"], SH.xone, SH.sparql, SH.expression}
_ALONE = {
    *(SH["class"], SH.datatype, SH.nodeKind, SH.minCount, SH.maxCount, SH.minExclusive, SH.minInclusive),
    *(SH.maxExclusive, SH.maxInclusive, SH.minLength, SH.maxLength, SH.languageIn, SH.uniqueLang, SH.equals),
    *(SH.disjoint, SH.lessThan, SH.lessThanOrEquals, SH.hasValue, SH["in"]),
}
_OTHERS = (str(SH), str(RDF), str(RDFS), str(OWL))
_LIBRARIES = (SH.SPARQLFunction, term("SHACLFunction"), SH.SPARQLTargetType)


def with_targets(shapes: Graph) -> list[Node]:
    """Return the shapes that have a target, in a fixed order."""
    nodes = {node for target in TARGETS for node in shapes.subjects(target)}
    classes = {*shapes.transitive_subjects(RDFS.subClassOf, RDFS.Class), OWL.Class}
    for kind in (SH.NodeShape, SH.PropertyShape):
        nodes |= {
            node for node in shapes.subjects(RDF.type, kind) if not classes.isdisjoint(shapes.objects(node, RDF.type))
        }
    return sorted(nodes, key=str)


def reduced(shapes: Graph, shape: Node) -> Graph:
    """Return a shape with its targets, and all that it refers to without theirs."""
    kept = empty_graph()
    libraries = {node for kind in _LIBRARIES for node in shapes.subjects(RDF.type, kind)}
    reached = _reached(shapes, {shape, *libraries})
    reached |= _reached(shapes, _components(shapes, reached))
    for node in reached:
        for predicate, value in shapes.predicate_objects(node):
            if node == shape or not _is_target(shapes, predicate, value):
                kept.add((node, predicate, value))
    for triple in shapes.triples((None, RDFS.subClassOf, None)):
        kept.add(triple)
    return kept


def rules(shapes: Graph) -> list[tuple[Node, Graph]]:
    """Return the rules of each shape that has some, as a shape with the same targets and no constraint."""
    found = []
    for shape in sorted({*shapes.subjects(SH.rule)}, key=str):
        alone = BNode(f"rules-of-{shape}")
        kept = empty_graph()
        kept.add((alone, RDF.type, SH.NodeShape))
        for predicate, value in shapes.predicate_objects(shape):
            if predicate in (SH.rule, SH.deactivated, *TARGETS):
                kept.add((alone, predicate, value))
            elif _is_target(shapes, predicate, value):
                kept.add((alone, SH.targetClass, shape))
        libraries = {node for kind in _LIBRARIES for node in shapes.subjects(RDF.type, kind)}
        for node in _reached(shapes, {*shapes.objects(shape, SH.rule), *libraries}):
            for predicate, value in shapes.predicate_objects(node):
                kept.add((node, predicate, value))
        found.append((shape, kept))
    return found


def together(*graphs: Graph) -> Graph:
    """Return a graph with the triples of several."""
    merged = empty_graph()
    for graph in graphs:
        for triple in graph:
            merged.add(triple)
    return merged


def leading_to(shapes: Graph, wanted: Set[Node]) -> Graph:
    """Return the shapes with a target that are among `wanted` or ask for one of them, and all that they refer to."""
    roots = [shape for shape in with_targets(shapes) if not wanted.isdisjoint(_reached(shapes, {shape}))]
    return together(*(reduced(shapes, shape) for shape in roots))


def parts(shapes: Graph, node: Node) -> list[set[Triple]]:
    """Return the constraints of a shape, each with the triples that give it."""
    found: dict[object, set[Triple]] = defaultdict(set)
    for predicate, value in shapes.predicate_objects(node):
        if predicate in _TOGETHER:
            key: object = _TOGETHER[predicate]
        elif predicate in _EACH:
            key = (predicate, value)
        elif predicate in _ALONE:
            key = predicate
        elif isinstance(predicate, URIRef) and not str(predicate).startswith(_OTHERS):
            key = "of a component"
        else:
            continue
        found[key].add((node, predicate, value))
    return sorted(found.values(), key=lambda triples: sorted(map(str, triples)))


def without(shapes: Graph, triples: Iterable[Triple]) -> Graph:
    """Return a copy of shapes without some triples."""
    left_out = {*triples}
    kept = empty_graph()
    for triple in shapes:
        if triple not in left_out:
            kept.add(triple)
    return kept


def _reached(shapes: Graph, nodes: Iterable[Node]) -> set[Node]:
    waiting = [*nodes]
    reached = {*waiting}
    while waiting:
        for value in _parts_of(shapes, waiting.pop()):
            if value not in reached:
                reached.add(value)
                waiting.append(value)
    return reached


def _parts_of(shapes: Graph, node: Node) -> Iterator[Node]:
    for predicate, value in shapes.predicate_objects(node):
        if isinstance(value, BNode) or (isinstance(value, URIRef) and predicate not in _ABOUT_DATA):
            yield value


def _components(shapes: Graph, nodes: Iterable[Node]) -> set[Node]:
    """Return the constraint components of which some nodes use a parameter."""
    used = {predicate for node in nodes for predicate in shapes.predicates(node)}
    return {
        component
        for component, parameter in shapes.subject_objects(SH.parameter)
        if shapes.value(parameter, SH.path) in used
    }


def _is_target(shapes: Graph, predicate: Node, value: Node) -> bool:
    """Tell whether a triple gives a shape a target, as its being a class does."""
    if predicate != RDF.type:
        return predicate in TARGETS
    return value == RDFS.Class or (value, RDFS.subClassOf, RDFS.Class) in shapes or value == OWL.Class
