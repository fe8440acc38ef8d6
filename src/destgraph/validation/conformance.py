"""Which nodes conform to a shape, told without a report, so that one is made of the others only.

A shape is told of when everything in it is well-formed and of the kinds below; the tests hold what is told against what
pySHACL reports. What is not understood makes the whole shape, and all that asks for it, one that is not told of.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from functools import cached_property
from typing import NamedTuple

from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from destgraph.validation.datatypes import compared
from destgraph.validation.xpath_patterns import PatternError, matching

Test = Callable[[Set[Node]], Set[Node]]
"""Gives those of some nodes that conform."""
Values = Mapping[Node, Set[Node]]
"""Focus nodes with their values."""
Check = Callable[[Values], Iterable[Node]]
"""Gives the focus nodes that meet a constraint."""
Walk = Callable[[Node], Set[Node]]
"""Gives the values that a path leads to."""

# What a shape may have beside constraints.
_DESCRIBING = {
    *(SH.path, SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.severity, SH.message),
    *(SH.name, SH.description, SH.order, SH.group, SH.defaultValue),
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
_SHACL = str(SH)
# How many shapes may ask for each other, and paths stand in each other; what is nested deeper is not told of.
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
        self._tests: dict[Node, Test] = {}
        self._under_way: set[Node] = set()
        self._walks: dict[Node, Walk] = {}

    def not_met(self, shape: Node, nodes: Collection[Node]) -> Collection[Node]:
        """Return the nodes that do not conform to a shape, and all of them where that is not told."""
        if self._has_components:
            return nodes
        try:
            conforming = self._test(shape)(frozenset(nodes))
        except (_NotToldError, PatternError, RecursionError, ValueError, ArithmeticError):
            return nodes
        return [node for node in nodes if node not in conforming]

    @cached_property
    def _has_components(self) -> bool:
        """Whether the shapes bring constraint components of their own, whose parameters can be any property."""
        return (None, RDF.type, SH.ConstraintComponent) in self._shapes or (None, SH.parameter, None) in self._shapes

    def _test(self, node: Node) -> Test:
        """Return how to tell which nodes conform to a shape; raises _NotToldError, for recursive shapes too."""
        if node not in self._tests:
            if node in self._under_way or len(self._under_way) == _DEPTH:
                raise _NotToldError
            self._under_way.add(node)
            try:
                self._tests[node] = self._read(node)
            finally:
                self._under_way.remove(node)
        return self._tests[node]

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
            if str(property_).startswith(_SHACL) and property_ not in _DESCRIBING and property_ not in _READ_WITH
            for value in values
        ]
        known: dict[Node, bool] = {}  # several shapes may ask for it

        def conforming(nodes: Set[Node]) -> Set[Node]:
            new = nodes - known.keys()
            met: Values = {focus: walk(focus) for focus in new}
            for check in checks if new else ():
                met = {focus: met[focus] for focus in check(met)}
            known.update((node, node in met) for node in new)
            return {node for node in nodes if known[node]}

        return conforming

    def _check(self, shape: _Shape, property_: Node, value: Node) -> Check:
        parameter = _PARAMETERS.get(property_)
        if parameter is None or (parameter.needs_path and not shape.has_path):
            raise _NotToldError
        if not parameter.may_be_several:
            shape.one(property_)
        return parameter.check(self, shape, value)

    def _walk(self, path: Node, depth: int = 0) -> Walk:
        """Return how to follow a path."""
        if path not in self._walks:
            self._walks[path] = self._read_path(path, depth)
        return self._walks[path]

    def _read_path(self, path: Node, depth: int) -> Walk:
        if isinstance(path, URIRef):
            return lambda node: {*self._data.objects(node, path)}
        if depth > _DEPTH:
            raise _NotToldError
        if (path, RDF.first, None) in self._shapes:
            steps = [self._walk(step, depth + 1) for step in self._items(path)]
            if len(steps) < 2:
                raise _NotToldError
            return lambda node: _along(steps, node)
        given = [*self._shapes.predicate_objects(path)]
        if len(given) != 1:
            raise _NotToldError
        ((kind, inner),) = given
        if kind == SH.inversePath and isinstance(inner, URIRef):
            return lambda node: {*self._data.subjects(inner, node)}
        if kind == SH.alternativePath and len(members := self._items(inner)) > 1:
            walks = [self._walk(member, depth + 1) for member in members]
            return lambda node: _union(walk(node) for walk in walks)
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
        seen: set[Node] = set()
        while head != RDF.nil:
            first, rest = ([*self._shapes.objects(head, property_)] for property_ in (RDF.first, RDF.rest))
            if len(first) != 1 or len(rest) != 1 or head in seen:
                raise _NotToldError
            seen.add(head)
            items += first
            (head,) = rest
        return items

    def _members(self, head: Node) -> list[Test]:
        """Return the tests of the shapes in a list."""
        items = self._items(head)
        if not items:
            raise _NotToldError
        return [self._test(item) for item in items]

    def _class(self, _: _Shape, class_: Node) -> Check:
        classes = _reached(lambda node: {*self._data.subjects(RDFS.subClassOf, node)}, {class_})

        def is_instance(value: Node) -> bool:
            return not isinstance(value, Literal) and not classes.isdisjoint(self._data.objects(value, RDF.type))

        return _each(is_instance)

    def _property(self, _: _Shape, other: Node) -> Check:
        if (other, SH.path, None) not in self._shapes:
            raise _NotToldError
        return _all_of(self._test(other))

    def _node(self, _: _Shape, other: Node) -> Check:
        if (other, SH.path, None) in self._shapes:
            raise _NotToldError
        return _all_of(self._test(other))

    def _not(self, _: _Shape, other: Node) -> Check:
        test = self._test(other)
        return _all_of(lambda nodes: nodes - test(nodes))

    def _and(self, _: _Shape, head: Node) -> Check:
        tests = self._members(head)

        def conforming(nodes: Set[Node]) -> Set[Node]:
            for test in tests:
                nodes = test(nodes)
            return nodes

        return _all_of(conforming)

    def _or(self, _: _Shape, head: Node) -> Check:
        tests = self._members(head)

        def conforming(nodes: Set[Node]) -> Set[Node]:
            left = nodes
            for test in tests:
                left = left - test(left)
            return nodes - left

        return _all_of(conforming)

    def _qualified(self, shape: _Shape, other: Node) -> Check:
        least, most = (shape.one(property_) for property_ in (SH.qualifiedMinCount, SH.qualifiedMaxCount))
        if least is None and most is None:
            raise _NotToldError
        at_least = 0 if least is None else _count(least)
        at_most = None if most is None else _count(most)
        test = self._test(other)

        def check(values: Values) -> Iterable[Node]:
            conforming = test(_union(values.values()))
            numbers = {focus: len(its & conforming) for focus, its in values.items()}
            return (f for f, number in numbers.items() if at_least <= number and (at_most is None or number <= at_most))

        return check

    def _in(self, _: _Shape, head: Node) -> Check:
        items = frozenset(self._items(head))
        return _all_of(lambda nodes: nodes & items)

    def _language_in(self, _: _Shape, head: Node) -> Check:
        items = self._items(head)
        ranges = {str(item).lower() for item in items}
        if any(not isinstance(item, Literal) or item.language or item.datatype for item in items):
            raise _NotToldError
        return _each(lambda value: not ranges.isdisjoint(_ranges(value)))

    def _disjoint(self, _: _Shape, property_: Node) -> Check:
        return _where(lambda focus, its: its.isdisjoint({*self._data.objects(focus, property_)}))

    def _equals(self, _: _Shape, property_: Node) -> Check:
        return _where(lambda focus, its: its == {*self._data.objects(focus, property_)})

    def _less_than(self, operator: str, property_: Node) -> Check:
        return _where(
            lambda focus, its: all(
                compared(value, operator, other) for other in self._data.objects(focus, property_) for value in its
            )
        )


def _itself(focus: Node) -> Set[Node]:
    return {focus}


def _union(several: Iterable[Set[Node]]) -> Set[Node]:
    return set().union(*several)


def _along(steps: list[Walk], node: Node) -> Set[Node]:
    """Return what several paths lead to, one after the other."""
    nodes: Set[Node] = {node}
    for step in steps:
        nodes = _union(map(step, nodes))
    return nodes


def _reached(walk: Walk, nodes: Set[Node]) -> Set[Node]:
    """Return some nodes and all that a path, followed any number of times, leads to from there."""
    reached, waiting = {*nodes}, [*nodes]
    while waiting:
        new = walk(waiting.pop()) - reached
        reached |= new
        waiting += new
    return reached


def _all_of(conforming: Test) -> Check:
    """Return the check whether all values are among those that conform."""

    def check(values: Values) -> Iterable[Node]:
        good = conforming(_union(values.values()))
        return (focus for focus, its in values.items() if its <= good)

    return check


def _each(conforms: Callable[[Node], bool]) -> Check:
    """Return the check whether each value is one that conforms."""
    return _all_of(lambda nodes: {node for node in nodes if conforms(node)})


def _where(is_met: Callable[[Node, Set[Node]], bool]) -> Check:
    """Return the check whether a focus node meets something with its values."""
    return lambda values: (focus for focus, its in values.items() if is_met(focus, its))


def _count(value: Node) -> int:
    """Return a count, as pySHACL takes it."""
    is_one = isinstance(value, Literal) and value.datatype == XSD.integer and isinstance(value.value, int)
    if not is_one or int(str(value)) < 0:
        raise _NotToldError
    return int(str(value))


def _min_count(_: Conformance, __: _Shape, value: Node) -> Check:
    least = _count(value)
    return _where(lambda _, its: len(its) >= least)


def _max_count(_: Conformance, __: _Shape, value: Node) -> Check:
    most = _count(value)
    return _where(lambda _, its: len(its) <= most)


def _datatype(_: Conformance, __: _Shape, datatype: Node) -> Check:
    if datatype in (RDFS.Literal, RDFS.Datatype) or not isinstance(datatype, URIRef):
        raise _NotToldError

    def is_of_it(value: Node) -> bool:
        if not isinstance(value, Literal) or value.ill_typed:
            return False
        return (value.datatype or (RDF.langString if value.language else XSD.string)) == datatype

    return _each(is_of_it)


def _node_kind(_: Conformance, __: _Shape, kind: Node) -> Check:
    if kind not in _KINDS:
        raise _NotToldError
    kinds = _KINDS[kind]
    return _each(lambda value: isinstance(value, kinds))


def _has_value(_: Conformance, __: _Shape, wanted: Node) -> Check:
    return _where(lambda _, its: wanted in its)


def _min_length(_: Conformance, __: _Shape, bound: Node) -> Check:
    least = _count(bound)
    return _each(lambda value: not isinstance(value, BNode) and len(str(value)) >= least)


def _max_length(_: Conformance, __: _Shape, bound: Node) -> Check:
    most = _count(bound)
    return _each(lambda value: not isinstance(value, BNode) and len(str(value)) <= most)


def _pattern(_: Conformance, shape: _Shape, pattern: Node) -> Check:
    flags = shape.one(SH.flags)
    if not isinstance(pattern, Literal) or not (flags is None or isinstance(flags, Literal)):
        raise _NotToldError
    arguments = str(pattern), str(flags or "")
    matching(*arguments, [""])  # what is no pattern is told by pySHACL

    def conforming(nodes: Set[Node]) -> Set[Node]:
        texts = {node: str(node) for node in nodes if not isinstance(node, BNode)}
        matched = matching(*arguments, {*texts.values()})
        return {node for node, text in texts.items() if text in matched}

    return _all_of(conforming)


def _ranges(value: Node) -> Set[str]:
    """Return the ranges of languages that a value is in, as pySHACL reads them: en-GB is in en-GB, en and *."""
    if not isinstance(value, Literal) or not value.language:
        return frozenset()
    language = value.language.lower()
    return {language, language.partition("-")[0], "*"}


def _unique_lang(_: Conformance, __: _Shape, value: Node) -> Check:
    if str(value) != "true" or not isinstance(value, Literal) or value.datatype != XSD.boolean:
        raise _NotToldError

    def is_met(_: Node, its: Set[Node]) -> bool:
        languages = [value.language.lower() for value in its if isinstance(value, Literal) and value.language]
        return len({*languages}) == len(languages)

    return _where(is_met)


def _bound(operator: str, bound: Node) -> Check:
    return _each(lambda value: compared(value, operator, bound))


class _Parameter(NamedTuple):
    """What a parameter asks for; pySHACL refuses several of most, and some where the shape has no path."""

    check: Callable[[Conformance, _Shape, Node], Check]
    may_be_several: bool = False
    needs_path: bool = False


_PARAMETERS: Mapping[Node, _Parameter] = {
    SH["class"]: _Parameter(Conformance._class, may_be_several=True),
    SH.datatype: _Parameter(_datatype),
    SH.nodeKind: _Parameter(_node_kind),
    SH.minCount: _Parameter(_min_count, needs_path=True),
    SH.maxCount: _Parameter(_max_count, needs_path=True),
    SH.minExclusive: _Parameter(lambda _, __, bound: _bound(">", bound)),
    SH.minInclusive: _Parameter(lambda _, __, bound: _bound(">=", bound)),
    SH.maxExclusive: _Parameter(lambda _, __, bound: _bound("<", bound)),
    SH.maxInclusive: _Parameter(lambda _, __, bound: _bound("<=", bound)),
    SH.minLength: _Parameter(_min_length),
    SH.maxLength: _Parameter(_max_length),
    SH.pattern: _Parameter(_pattern),
    SH.languageIn: _Parameter(Conformance._language_in),
    SH.uniqueLang: _Parameter(_unique_lang, needs_path=True),
    SH["in"]: _Parameter(Conformance._in),
    SH.hasValue: _Parameter(_has_value, may_be_several=True),
    SH.disjoint: _Parameter(Conformance._disjoint, may_be_several=True),
    SH.equals: _Parameter(Conformance._equals, may_be_several=True),
    SH.lessThan: _Parameter(lambda c, _, other: c._less_than("<", other), may_be_several=True, needs_path=True),
    SH.lessThanOrEquals: _Parameter(
        lambda c, _, other: c._less_than("<=", other), may_be_several=True, needs_path=True
    ),
    SH.property: _Parameter(Conformance._property, may_be_several=True),
    SH.node: _Parameter(Conformance._node, may_be_several=True),
    SH["not"]: _Parameter(Conformance._not, may_be_several=True),
    SH["and"]: _Parameter(Conformance._and, may_be_several=True),
    SH["or"]: _Parameter(Conformance._or, may_be_several=True),
    SH.qualifiedValueShape: _Parameter(Conformance._qualified, needs_path=True),
}
