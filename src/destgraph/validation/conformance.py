"""Which nodes conform to a shape, told without a report, so that one is made of the others only.

A shape is told of when everything in it is well-formed and of the kinds below; the tests hold what is told against what
pySHACL reports. What is not understood makes the whole shape, and all that asks for it, one that is not told of.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property, partial
from typing import NamedTuple

from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from destgraph.validation.datatypes import compared
from destgraph.validation.xpath_patterns import PatternError, matching

Test = Callable[[Node], bool]
"""Tells whether a node conforms."""
Check = Callable[[Node, set[Node]], bool]
"""Tells whether a focus node with its values meets a constraint."""
Walk = Callable[[Node], set[Node]]
"""Gives the values that a path leads to."""

# What a shape may have beside constraints.
_DESCRIBING = {
    *(SH.path, SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.severity, SH.message),
    *(SH.name, SH.description, SH.order, SH.group, SH.defaultValue),
}
# What a shape may have several of; of others, pySHACL refuses more than one.
_SEVERAL = {
    *(SH["class"], SH.property, SH.node, SH["not"], SH["and"], SH["or"], SH.hasValue, SH.disjoint, SH.equals),
    *(SH.lessThan, SH.lessThanOrEquals),
}
# What is read with another parameter, which has to be there.
_READ_WITH: Mapping[Node, Node] = {
    SH.flags: SH.pattern,
    SH.qualifiedMinCount: SH.qualifiedValueShape,
    SH.qualifiedMaxCount: SH.qualifiedValueShape,
}
_KINDS: Mapping[Node, tuple[type, ...]] = {
    SH.IRI: (URIRef,),
    SH.BlankNode: (BNode,),
    SH.Literal: (Literal,),
    SH.BlankNodeOrIRI: (BNode, URIRef),
    SH.BlankNodeOrLiteral: (BNode, Literal),
    SH.IRIOrLiteral: (URIRef, Literal),
}
# How many shapes may ask for each other, and paths stand in each other; pySHACL tells of deeper ones.
_DEPTH = 8


class _NotToldError(Exception):
    """Something that is not understood here, or not well-formed."""


class _Shape(NamedTuple):
    """What is said of a shape."""

    given: Mapping[Node, list[Node]]

    @property
    def has_path(self) -> bool:
        return SH.path in self.given

    def one(self, property_: Node) -> Node | None:
        """Return the only value of a property, None when there is none."""
        values = self.given.get(property_, [])
        if len(values) > 1:
            raise _NotToldError
        return values[0] if values else None


class Conformance:
    """Tells of nodes of a data graph whether they conform to shapes; both graphs stay as they are meanwhile."""

    def __init__(self, data: Graph, shapes: Graph) -> None:
        """Take the graphs; a shape is read when it is first asked for."""
        self._data = data
        self._shapes = shapes
        self._classes: dict[Node, frozenset[Node]] = {}
        self._tests: dict[Node, Test | None] = {}
        self._depth = 0

    def not_met(self, shape: Node, nodes: Collection[Node]) -> Collection[Node]:
        """Return the nodes that do not conform to a shape, and all of them where that is not told."""
        if self._has_components:
            return nodes
        try:
            test = self._test(shape)
            return [node for node in nodes if not test(node)]
        except (_NotToldError, PatternError):
            return nodes

    @cached_property
    def _has_components(self) -> bool:
        """Whether the shapes bring constraint components of their own, whose parameters can be any property."""
        return (None, RDF.type, SH.ConstraintComponent) in self._shapes or (None, SH.parameter, None) in self._shapes

    def _test(self, node: Node) -> Test:
        """Return how to tell whether a node conforms to a shape; raises _NotToldError, for recursive shapes too."""
        if node not in self._tests:
            self._tests[node] = None  # for what leads back to it
            if self._depth == _DEPTH:
                raise _NotToldError
            self._depth += 1
            try:
                self._tests[node] = self._read(node)
            finally:
                self._depth -= 1
        test = self._tests[node]
        if test is None:
            raise _NotToldError
        return test

    def _read(self, node: Node) -> Test:
        given: dict[Node, list[Node]] = {}
        for property_, value in self._shapes.predicate_objects(node):
            given.setdefault(property_, []).append(value)
        shape = _Shape(given)
        if not given or any(other not in given for property_, other in _READ_WITH.items() if property_ in given):
            raise _NotToldError
        walk = self._walk(path) if (path := shape.one(SH.path)) is not None else _itself
        checks = [
            self._check(shape, property_, value)
            for property_, values in given.items()
            if str(property_).startswith(str(SH)) and property_ not in _DESCRIBING and property_ not in _READ_WITH
            for value in values
        ]

        def conforms(focus: Node) -> bool:
            values = walk(focus)
            return all(check(focus, values) for check in checks)

        return conforms

    def _check(self, shape: _Shape, property_: Node, value: Node) -> Check:
        if property_ not in _CHECKS or (property_ not in _SEVERAL and len(shape.given[property_]) > 1):
            raise _NotToldError
        return _CHECKS[property_](self, shape, value)

    def _walk(self, path: Node, depth: int = 0, inverse: bool = False) -> Walk:
        """Return how to follow a path."""
        if isinstance(path, URIRef):
            if inverse:
                return lambda node: {*self._data.subjects(path, node)}
            return lambda node: {*self._data.objects(node, path)}
        if depth > _DEPTH:
            raise _NotToldError
        if (path, RDF.first, None) in self._shapes:
            steps = [self._walk(step, depth + 1) for step in self._items(path)]
            if len(steps) < 2:
                raise _NotToldError
            return lambda node: _along(steps, {node})
        given = [*self._shapes.predicate_objects(path)]
        if len(given) != 1:
            raise _NotToldError
        ((kind, inner),) = given
        if kind == SH.inversePath and isinstance(inner, URIRef):
            return self._walk(inner, inverse=True)
        if kind == SH.alternativePath and len(members := self._items(inner)) > 1:
            walks = [self._walk(member, depth + 1) for member in members]
            return lambda node: set().union(*(walk(node) for walk in walks))
        if kind == SH.zeroOrOnePath:
            walk = self._walk(inner, depth + 1)
            return lambda node: {node, *walk(node)}
        if kind in (SH.zeroOrMorePath, SH.oneOrMorePath):
            walk = self._walk(inner, depth + 1)
            return lambda node: _reached(walk, {node} if kind == SH.zeroOrMorePath else walk(node))
        raise _NotToldError

    def _items(self, head: Node) -> list[Node]:
        """Return the items of a list; raises _NotToldError for one that is not well-formed."""
        items: list[Node] = []
        while head != RDF.nil:
            first, rest = ([*self._shapes.objects(head, property_)] for property_ in (RDF.first, RDF.rest))
            if len(first) != 1 or len(rest) != 1 or len(items) > 10_000:
                raise _NotToldError
            items += first
            (head,) = rest
        return items

    def _members(self, head: Node) -> list[Test]:
        """Return the tests of the shapes in a list."""
        items = self._items(head)
        if not items:
            raise _NotToldError
        return [self._test(item) for item in items]

    def _other(self, node: Node, has_path: bool) -> Test:
        """Return the test of a shape that must have, or must not have, a path."""
        if ((node, SH.path, None) in self._shapes) is not has_path:
            raise _NotToldError
        return self._test(node)

    def _class(self, _: _Shape, class_: Node) -> Check:
        if class_ not in self._classes:
            self._classes[class_] = frozenset(filter(None, self._data.transitive_subjects(RDFS.subClassOf, class_)))
        classes = self._classes[class_]
        types = partial(self._data.objects, predicate=RDF.type)
        return lambda _, values: all(
            not isinstance(value, Literal) and any(type_ in classes for type_ in types(value)) for value in values
        )

    def _property(self, _: _Shape, other: Node) -> Check:
        test = self._other(other, has_path=True)
        return lambda _, values: all(map(test, values))

    def _node(self, _: _Shape, other: Node) -> Check:
        test = self._other(other, has_path=False)
        return lambda _, values: all(map(test, values))

    def _not(self, _: _Shape, other: Node) -> Check:
        test = self._test(other)
        return lambda _, values: not any(map(test, values))

    def _and(self, _: _Shape, head: Node) -> Check:
        tests = self._members(head)
        return lambda _, values: all(test(value) for value in values for test in tests)

    def _or(self, _: _Shape, head: Node) -> Check:
        tests = self._members(head)
        return lambda _, values: all(any(test(value) for test in tests) for value in values)

    def _qualified(self, shape: _Shape, other: Node) -> Check:
        least, most = (shape.one(property_) for property_ in (SH.qualifiedMinCount, SH.qualifiedMaxCount))
        if not shape.has_path or (least is None and most is None):
            raise _NotToldError
        at_least = 0 if least is None else _number(least)
        at_most = None if most is None else _number(most)
        test = self._test(other)

        def check(_: Node, values: set[Node]) -> bool:
            number = sum(map(test, values))
            return at_least <= number and (at_most is None or number <= at_most)

        return check

    def _in(self, _: _Shape, head: Node) -> Check:
        items = frozenset(self._items(head))
        return lambda _, values: values <= items

    def _language_in(self, _: _Shape, head: Node) -> Check:
        ranges = [str(item).lower() for item in self._items(head) if isinstance(item, Literal) and not item.language]
        if len(ranges) != len(self._items(head)):
            raise _NotToldError
        return lambda _, values: all(_is_in_language(value, ranges) for value in values)

    def _disjoint(self, _: _Shape, property_: Node) -> Check:
        return lambda focus, values: values.isdisjoint(self._data.objects(focus, property_))

    def _equals(self, _: _Shape, property_: Node) -> Check:
        return lambda focus, values: values == {*self._data.objects(focus, property_)}

    def _less_than(self, operator: str, _: _Shape, property_: Node) -> Check:
        return lambda focus, values: all(
            _holds(value, operator, other) for other in self._data.objects(focus, property_) for value in values
        )


def _itself(focus: Node) -> set[Node]:
    return {focus}


def _along(steps: list[Walk], nodes: set[Node]) -> set[Node]:
    """Return what several paths lead to, one after the other."""
    for step in steps:
        nodes = set().union(*map(step, nodes))
    return nodes


def _reached(walk: Walk, nodes: set[Node]) -> set[Node]:
    """Return some nodes and all that a path, followed any number of times, leads to from there."""
    reached, waiting = {*nodes}, [*nodes]
    while waiting:
        new = walk(waiting.pop()) - reached
        reached |= new
        waiting += new
    return reached


def _number(value: Node) -> int:
    """Return a count, as pySHACL takes it."""
    if not isinstance(value, Literal) or value.datatype != XSD.integer or value.ill_typed or int(str(value)) < 0:
        raise _NotToldError
    return int(str(value))


def _min_count(_: Conformance, shape: _Shape, value: Node) -> Check:
    least = _count(shape, value)
    return lambda _, values: len(values) >= least


def _max_count(_: Conformance, shape: _Shape, value: Node) -> Check:
    most = _count(shape, value)
    return lambda _, values: len(values) <= most


def _count(shape: _Shape, value: Node) -> int:
    if not shape.has_path:
        raise _NotToldError
    return _number(value)


def _datatype(_: Conformance, __: _Shape, datatype: Node) -> Check:
    if datatype in (RDFS.Literal, RDFS.Datatype) or not isinstance(datatype, URIRef):
        raise _NotToldError
    return lambda _, values: all(_is_of(value, datatype) for value in values)


def _is_of(value: Node, datatype: URIRef) -> bool:
    if not isinstance(value, Literal) or value.ill_typed:
        return False
    return (value.datatype or (RDF.langString if value.language else XSD.string)) == datatype


def _node_kind(_: Conformance, __: _Shape, kind: Node) -> Check:
    if kind not in _KINDS:
        raise _NotToldError
    kinds = _KINDS[kind]
    return lambda _, values: all(isinstance(value, kinds) for value in values)


def _has_value(_: Conformance, __: _Shape, wanted: Node) -> Check:
    return lambda _, values: wanted in values


def _pattern(_: Conformance, shape: _Shape, pattern: Node) -> Check:
    flags = shape.one(SH.flags)
    if not isinstance(pattern, Literal) or not (flags is None or isinstance(flags, Literal)):
        raise _NotToldError
    matching(str(pattern), str(flags or ""), [""])  # what is no pattern is told by pySHACL

    def check(_: Node, values: set[Node]) -> bool:
        texts = {str(value) for value in values}
        return not any(isinstance(value, BNode) for value in values) and texts == matching(
            str(pattern), str(flags or ""), texts
        )

    return check


def _unique_lang(_: Conformance, __: _Shape, value: Node) -> Check:
    if str(value) != "true" or not isinstance(value, Literal) or value.datatype != XSD.boolean:
        raise _NotToldError

    def check(_: Node, values: set[Node]) -> bool:
        languages = [value.language.lower() for value in values if isinstance(value, Literal) and value.language]
        return len({*languages}) == len(languages)

    return check


def _is_in_language(value: Node, ranges: Collection[str]) -> bool:
    """Tell whether a value has a language that is in a list itself, or is of one there, such as en-GB of en."""
    if not isinstance(value, Literal) or not value.language:
        return False
    language = value.language.lower()
    return not {language, language.partition("-")[0], "*"}.isdisjoint(ranges)


def _min_length(_: Conformance, __: _Shape, bound: Node) -> Check:
    least = _number(bound)
    return lambda _, values: all(_length(value) >= least for value in values)


def _max_length(_: Conformance, __: _Shape, bound: Node) -> Check:
    most = _number(bound)
    return lambda _, values: all(0 <= _length(value) <= most for value in values)


def _length(value: Node) -> int:
    """Return the length of a value; a blank node has none."""
    return -1 if isinstance(value, BNode) else len(str(value))


def _bound(operator: str, _: Conformance, __: _Shape, bound: Node) -> Check:
    return lambda _, values: all(_holds(value, operator, bound) for value in values)


def _holds(value: Node, operator: str, other: Node) -> bool:
    return isinstance(value, Literal) and isinstance(other, Literal) and compared(value, operator, other)


_CHECKS: Mapping[Node, Callable[[Conformance, _Shape, Node], Check]] = {
    SH["class"]: Conformance._class,
    SH.datatype: _datatype,
    SH.nodeKind: _node_kind,
    SH.minCount: _min_count,
    SH.maxCount: _max_count,
    SH.minExclusive: partial(_bound, ">"),
    SH.minInclusive: partial(_bound, ">="),
    SH.maxExclusive: partial(_bound, "<"),
    SH.maxInclusive: partial(_bound, "<="),
    SH.minLength: _min_length,
    SH.maxLength: _max_length,
    SH.pattern: _pattern,
    SH.languageIn: Conformance._language_in,
    SH.uniqueLang: _unique_lang,
    SH["in"]: Conformance._in,
    SH.hasValue: _has_value,
    SH.disjoint: Conformance._disjoint,
    SH.equals: Conformance._equals,
    SH.lessThan: lambda self, shape, value: self._less_than("<", shape, value),
    SH.lessThanOrEquals: lambda self, shape, value: self._less_than("<=", shape, value),
    SH.property: Conformance._property,
    SH.node: Conformance._node,
    SH["not"]: Conformance._not,
    SH["and"]: Conformance._and,
    SH["or"]: Conformance._or,
    SH.qualifiedValueShape: Conformance._qualified,
}
