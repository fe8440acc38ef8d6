"""Constraint components in place of those of pySHACL that judge otherwise than SHACL says, and recursion followed.

`in_place` exchanges them while pySHACL works: it looks components up by their parameters, and offers no other way.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from pyshacl import constraints, shape
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.core.logical_constraints import (
    AndConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    XoneConstraintComponent,
)
from pyshacl.constraints.core.property_pair_constraints import (
    LessThanConstraintComponent,
    LessThanOrEqualsConstraintComponent,
)
from pyshacl.constraints.core.shape_based_constraints import QualifiedValueShapeConstraintComponent
from pyshacl.constraints.core.string_based_constraints import (
    MinLengthConstraintComponent,
    PatternConstraintComponent,
    StringBasedConstraintBase,
)
from pyshacl.constraints.core.value_constraints import DatatypeConstraintComponent
from pyshacl.constraints.core.value_range_constraints import (
    MaxExclusiveConstraintComponent,
    MaxInclusiveConstraintComponent,
    MinExclusiveConstraintComponent,
    MinInclusiveConstraintComponent,
)
from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from pyshacl.rdfutil.stringify import stringify_node
from pyshacl.shape import Shape
from rdflib import SH, BNode, Literal, URIRef
from rdflib.term import Node

from destgraph.validation.datatypes import compared
from destgraph.validation.xpath_patterns import matching

# What pySHACL calls a node is narrower than what rdflib does.
Term = Any
Values = Mapping[Term, set[Term]]
Outcome = tuple[bool, list[Any]]
Meant = Callable[[Node, Collection[Node]], Collection[Node]]
"""Gives those of the focus nodes of a shape that it is to be applied to."""


class Pattern(PatternConstraintComponent):
    """sh:pattern as XPath reads it, with all its flags."""

    def __init__(self, shape: Any) -> None:
        """Take the patterns and flags of a shape."""
        StringBasedConstraintBase.__init__(self, shape)
        self.string_rules = list(shape.objects(SH.pattern))
        self.flags = "".join(map(str, shape.objects(SH.flags)))

    def _evaluate_string_rule(self, r: Term, target_graph: Any, f_v_dict: Values) -> Outcome:
        texts = {str(value) for values in f_v_dict.values() for value in values if not isinstance(value, BNode)}
        matches = matching(str(r), self.flags, texts)
        reports = [
            self.make_v_result(target_graph, focus, value_node=value)
            for focus, values in f_v_dict.items()
            for value in values
            if isinstance(value, BNode) or str(value) not in matches
        ]
        return bool(reports), reports


class MinLength(MinLengthConstraintComponent):
    """sh:minLength, which no blank node meets, whatever the length."""

    def _evaluate_string_rule(self, r: Term, target_graph: Any, f_v_dict: Values) -> Outcome:
        reports = [
            self.make_v_result(target_graph, focus, value_node=value)
            for focus, values in f_v_dict.items()
            for value in values
            if isinstance(value, BNode) or len(str(value)) < r.value
        ]
        return bool(reports), reports


class Datatype(DatatypeConstraintComponent):
    """sh:datatype by what is ill-typed, whether or not Python has such a value."""

    def _assert_actual_datatype(self, *_: Term) -> bool:
        return True


class _Bound(ConstraintComponent):
    """What the components for bounds share: what cannot be compared is out of bounds."""

    operator: ClassVar[str]
    shape: Any

    def evaluate(self, _executor: Any, target_graph: Any, focus_value_nodes: Values, _evaluation_path: Any) -> Outcome:
        """Return whether the values keep to the bounds, and the results."""
        (parameter,) = self.constraint_parameters()
        reports = [
            self.make_v_result(target_graph, focus, value_node=value)
            for bound in self.shape.objects(parameter)
            for focus, values in focus_value_nodes.items()
            for value in values
            if not compared(value, self.operator, bound)
        ]
        return not reports, reports


class MinExclusive(_Bound, MinExclusiveConstraintComponent):
    """sh:minExclusive."""

    operator = ">"


class MinInclusive(_Bound, MinInclusiveConstraintComponent):
    """sh:minInclusive."""

    operator = ">="


class MaxExclusive(_Bound, MaxExclusiveConstraintComponent):
    """sh:maxExclusive."""

    operator = "<"


class MaxInclusive(_Bound, MaxInclusiveConstraintComponent):
    """sh:maxInclusive."""

    operator = "<="


class _Pair(ConstraintComponent):
    """What the components for pairs of properties share; a message names both values."""

    operator: ClassVar[str]
    shape: Any
    _other: Term
    _property: Term

    def make_generic_messages(self, datagraph: Any, _focus_node: Term, value_node: Term) -> list[Literal]:
        """Return the message of a result."""
        value, other, property_ = (
            stringify_node(datagraph, node) for node in (value_node, self._other, self._property)
        )
        return [Literal(f"Value {value} is not {self.operator} {other} of {property_}")]

    def evaluate(self, _executor: Any, target_graph: Any, focus_value_nodes: Values, _evaluation_path: Any) -> Outcome:
        """Return whether the pairs are in order, and a result for each that is not."""
        (parameter,) = self.constraint_parameters()
        reports = []
        for property_ in self.shape.objects(parameter):
            for focus, values in focus_value_nodes.items():
                for other in set(target_graph.objects(focus, property_)):
                    self._property, self._other = property_, other  # for the message
                    reports += [
                        self.make_v_result(target_graph, focus, value_node=value)
                        for value in values
                        if not compared(value, self.operator, other)
                    ]
        return not reports, reports


class LessThan(_Pair, LessThanConstraintComponent):
    """sh:lessThan."""

    operator = "<"


class LessThanOrEquals(_Pair, LessThanOrEqualsConstraintComponent):
    """sh:lessThanOrEquals."""

    operator = "<="


class Sparql(SPARQLBasedConstraint):
    """sh:sparql, with the text of a query checked once, and asked only of the nodes that it may have rows for."""

    def _evaluate_sparql_constraint(self, sparql_constraint: Any, target_graph: Any, f_v_dict: Values) -> Outcome:
        sparql_constraint.check_invalid_sparql(sparql_constraint.select_text)
        sparql_constraint.check_invalid_sparql = lambda *_, **__: True
        if len(f_v_dict) > 1:
            bound, text = sparql_constraint.pre_bind_variables(next(iter(f_v_dict)))
            nodes = target_graph.impl.may_match(sparql_constraint.apply_prefixes(text), bound, f_v_dict)
            f_v_dict = {node: f_v_dict[node] for node in nodes}
        evaluate: Any = super()._evaluate_sparql_constraint
        outcome: Outcome = evaluate(sparql_constraint, target_graph, f_v_dict)
        return outcome


class _Parameters(list[Any]):
    """The parameters of constraints: pySHACL looks each property of a shape up in them."""

    def __init__(self, parameters: Iterable[Any]) -> None:
        super().__init__(parameters)
        self._among = frozenset(parameters)

    def __contains__(self, parameter: object) -> bool:
        return parameter in self._among


_COMPONENTS = (
    Sparql,
    *(Pattern, MinLength, Datatype, MinExclusive, MinInclusive, MaxExclusive, MaxInclusive),
    *(LessThan, LessThanOrEquals),
)

# Components that ask whether a node meets a shape, and drop the results that say why it does not.
_ASKING = (
    *(AndConstraintComponent, NotConstraintComponent, OrConstraintComponent, XoneConstraintComponent),
    QualifiedValueShapeConstraintComponent,
)
_UNSEEN = BNode()
"""The node of a result that nobody sees."""


@contextmanager
def in_place(told: Callable[[Node, Node], object], begin: Callable[[Node], None], meant: Meant) -> Iterator[None]:
    """Let pySHACL use these components, and follow shapes that ask for themselves as far as the data go.

    Where a node is asked for again while it is still being looked at, that counts as met: `told` gets shape and node.
    `begin` gets each shape that is applied to all its focus nodes, which are those of its targets that `meant` gives.
    """
    components = constraints.CONSTRAINT_PARAMETERS_MAP
    kept = dict(components)
    validate, triggers = Shape.validate, ConstraintComponent.recursion_triggers
    result, description = ConstraintComponent.make_v_result, ConstraintComponent.make_v_result_description
    under_way: set[tuple[Node, Node]] = set()
    is_dropped = False

    def seen_result(self: ConstraintComponent, *args: Any, **kwargs: Any) -> Any:
        return ("", _UNSEEN, []) if is_dropped else result(self, *args, **kwargs)

    def followed(self: Shape, executor: Any, target_graph: Any, focus: Any = None, _evaluation_path: Any = None) -> Any:
        if focus is None:
            begin(self.node)
            nodes: Any = meant(self.node, self.focus_nodes(target_graph))  # type: ignore[no-untyped-call]
            return validate(self, executor, target_graph, nodes, _evaluation_path) if nodes else (True, [])
        if not isinstance(focus, URIRef | BNode | Literal):
            begin(self.node)
            return validate(self, executor, target_graph, focus, _evaluation_path)
        asked = (self.node, focus)
        if asked in under_way:
            told(*asked)
            return True, []
        under_way.add(asked)
        nonlocal is_dropped
        was_dropped, is_dropped = is_dropped, is_dropped or _is_asking(_evaluation_path)
        try:
            return validate(self, executor, target_graph, focus, _evaluation_path)
        finally:
            is_dropped = was_dropped
            under_way.remove(asked)

    components |= {parameter: c for c in _COMPONENTS for parameter in c.constraint_parameters()}
    looked_up: Any = shape.module
    looked_up.CONSTRAINT_PARAMS = (_Parameters(constraints.ALL_CONSTRAINT_PARAMETERS), components)
    Shape.validate = followed  # type: ignore[method-assign]
    ConstraintComponent.recursion_triggers = lambda *_: None  # type: ignore[method-assign]
    ConstraintComponent.make_v_result = seen_result  # type: ignore[method-assign]
    ConstraintComponent.make_v_result_description = lambda *_, **__: ""  # type: ignore[method-assign]
    try:
        yield
    finally:
        components |= kept
        del looked_up.CONSTRAINT_PARAMS
        Shape.validate = validate  # type: ignore[method-assign]
        ConstraintComponent.recursion_triggers = triggers  # type: ignore[method-assign]
        ConstraintComponent.make_v_result = result  # type: ignore[method-assign]
        ConstraintComponent.make_v_result_description = description  # type: ignore[method-assign]


def _is_asking(path: Any) -> bool:
    """Tell whether the last step of a way from shape to shape only asks whether a node meets the next."""
    return bool(path) and isinstance(path[-1], _ASKING)
