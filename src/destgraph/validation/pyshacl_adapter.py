"""What pySHACL says: the focus nodes of shapes and its results, with terms in messages as findings write them."""

import logging
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module

from pyshacl import graph_abstraction
from pyshacl.errors import ReportableRuntimeError, ValidationFailure
from pyshacl.monkey import apply_patches
from pyshacl.rdfutil.stringify import stringify_blank_node
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.target import apply_target_types, gather_target_types
from pyshacl.validator import Validator
from rdflib import RDF, SH, Graph, Literal, URIRef, plugin
from rdflib.plugins.sparql import prepareQuery
from rdflib.query import Processor
from rdflib.query import Result as QueryResult
from rdflib.term import Node

from destgraph.validation import components
from destgraph.validation.arguments import REFERENCE
from destgraph.validation.conformance import Conformance
from destgraph.validation.data_graph import DataGraph
from destgraph.validation.datatypes import literal
from destgraph.validation.findings import Severity
from destgraph.validation.shacl_terms import term
from destgraph.validation.terms import Names
from destgraph.validation.triples import empty_graph
from destgraph.validation.xpath_patterns import PatternError

SEVERITY: dict[Node | None, Severity] = {SH.Violation: "error", SH.Warning: "warning", SH.Info: "note"}

# pySHACL's own messages: IRIs in them, its way to write Literal("a" = 1, lang=en, datatype=<...>), sets of values as
# Python writes lists of texts, and what stands where there are results inside a result.
_IRI = re.compile(r"<(https?://[^\s<>\"{}|^`\\]*)>|https?://[^\s<>\"{}|^`\\]*[\w/#]")
_LITERAL = re.compile(r'Literal\("(.*?)"(?: = [^"]*?)?(?:, lang=([\w-]+))?(?:, datatype=<([^<>]+)>)?\)')
_SET = re.compile(r"\[['\"].*['\"]\]$")
_SEE_DETAILS = "See details for more information."
_VARIABLE = re.compile(r"\{[?$][^{}\s]+\}")

_SWITCHES = {SH.closed, SH.deactivated, SH.qualifiedValueShapesDisjoint, SH.uniqueLang}

# How many shapes may lead to each other; each takes several calls of Python.
_DEPTH = 60


class ShapesError(Exception):
    """Shapes that pySHACL cannot work with."""


@dataclass(frozen=True)
class Result:
    """A validation result as pySHACL gives it: `path` is a node of the shapes graph, None where it has none.

    `own_severity` is that of the shape where SHACL does not know it.
    """

    shape: Node
    component: Node
    severity: Severity
    focus: Node
    path: Node | None
    value: Node | None
    message: str
    own_severity: Node | None


@dataclass(frozen=True)
class Answer:
    """What shapes find; `recursive` holds the shapes that ask for themselves of a node, each with such a node."""

    results: list[Result]
    recursive: dict[Node, Node]


def focus_nodes(data: DataGraph, shapes: Graph, begin: Callable[[Node], None]) -> dict[Node, set[Node]]:
    """Return the nodes that the targets of each shape select, of the shapes with a target; `begin` is told each.

    Raises ShapesError for shapes that pySHACL cannot load.
    """
    try:
        graph = ShapesGraph(_copied(shapes), logger=_silent())
        apply_target_types(gather_target_types(graph))
        selected = {}
        for shape in graph.shapes:
            begin(shape.node)
            shape.set_advanced(True)
            if any(list(targets) for targets in shape.target()) or (shape.node, SH.target, None) in shapes:
                selected[shape.node] = shape.focus_nodes(data)
    except MemoryError:
        raise
    except Exception as error:  # pySHACL lets whatever a shape causes through
        raise ShapesError(_reason(error)) from None
    return selected


def results(
    data: DataGraph, shapes: Graph, names: Names, begin: Callable[[Node], None], engine: str, meant: components.Meant
) -> Answer:
    """Return what the shapes find in the data; both stay as they are but for prefixes. `begin` is told each shape.

    Each is applied to the focus nodes that `meant` gives.

    Raises ShapesError for shapes that pySHACL cannot work with.
    """
    advanced = _is_advanced(shapes)
    recursive: dict[Node, Node] = {}
    told = None if advanced or engine == REFERENCE else Conformance(data, shapes)  # rules add to the data

    def applied_to(shape: Node, nodes: Collection[Node]) -> Collection[Node]:
        nodes = meant(shape, nodes)
        return told.not_met(shape, nodes) if told else nodes

    apply_patches()  # type: ignore[no-untyped-call]
    # It remembers texts of blank nodes by the identity of their graph, which is that of another one later.
    stringify_blank_node.dict_cache.clear()
    try:
        with (
            warnings.catch_warnings(),
            components.in_place(recursive.setdefault, begin, applied_to),
            data.answered_by_store() if told else nullcontext(),
        ):
            warnings.simplefilter("ignore")
            validator = Validator(
                graph_abstraction.DataGraph.from_rdflib(data.copied() if advanced else data),  # rules add to it
                shacl_graph=_copied(shapes),
                options={"logger": _silent(), "inplace": True, "advanced": advanced, "max_validation_depth": _DEPTH},
            )
            _, report, _ = validator.run()  # type: ignore[no-untyped-call]
    except MemoryError:
        raise
    except Exception as error:  # pySHACL lets whatever a shape causes through
        raise ShapesError(_reason(error)) from None
    return Answer(list(_Report(report, shapes, names, begin).results()), recursive)


def _is_advanced(shapes: Graph) -> bool:
    """Tell whether shapes use what SHACL Advanced Features add."""
    return any((None, used, None) in shapes for used in (SH.target, SH.rule, SH.expression)) or any(
        (None, RDF.type, kind) in shapes for kind in (SH.SPARQLFunction, term("SHACLFunction"))
    )


def _copied(graph: Graph) -> Graph:
    """Return a copy of shapes, for pySHACL adds to what it is given; where SHACL asks for `true`, "1" is none."""
    copy = empty_graph()
    for subject, predicate, value in graph:
        is_one = predicate in _SWITCHES and isinstance(value, Literal) and str(value) == "1"
        copy.add((subject, predicate, Literal(False) if is_one else value))
    return copy


def _reason(error: Exception) -> str:
    """Return why shapes cannot be applied, on one line."""
    if isinstance(error, RecursionError) or "path too deep" in str(error):
        return "it is nested, or asks for other shapes, deeper than can be followed"
    if not isinstance(error, ReportableRuntimeError | ValidationFailure | PatternError | ValueError | RuntimeError):
        return f"pySHACL cannot work with it ({type(error).__name__}: {error})"
    return " ".join(str(getattr(error, "message", error)).partition("For reference")[0].split())


@dataclass(frozen=True)
class _Report:
    """A report of pySHACL, and the shapes it is about."""

    report: Graph
    shapes: Graph
    names: Names
    begin: Callable[[Node], None]

    def results(self) -> Iterator[Result]:
        """Yield the results, but for those that are details of others."""
        for result in self.report.objects(None, SH.result):
            shape = self._value(result, SH.sourceShape)
            severity = self.report.value(result, SH.resultSeverity)
            self.begin(shape)
            yield Result(
                shape,
                self._value(result, SH.sourceConstraintComponent),
                SEVERITY.get(severity, "error"),
                self._value(result, SH.focusNode),
                self.report.value(result, SH.resultPath),
                self.report.value(result, SH.value),
                self._message(result),
                None if severity in SEVERITY else severity,
            )

    def _value(self, result: Node, property_: Node) -> Node:
        """Return what a result has, which may be an empty text, or else the result."""
        value = self.report.value(result, property_)
        return result if value is None else value

    @cached_property
    def _templates(self) -> list[str]:
        """The messages of authors with variables."""
        return sorted(text for text in self._authors if _VARIABLE.search(text))

    @cached_property
    def _authors(self) -> set[str]:
        """The messages of authors."""
        return {str(text) for text in self.shapes.objects(None, SH.message)}

    def _message(self, result: Node) -> str:
        """Return the message of a result: that of the author as it is, with terms put in as Turtle writes them."""
        text = english(self.report.objects(result, SH.resultMessage), one_line=False)
        if text in self._authors:
            return _one_line(text)
        for template in self._templates:
            if found := _values(_VARIABLE.split(template), text):
                values = iter(found)
                return _one_line(_VARIABLE.sub(lambda _: self._written(next(values)), template))  # noqa: B023
        return _one_line(self._own_message(result, text))

    def _written(self, text: str) -> str:
        """Return what was put in for a variable: an IRI with a prefix, other text as it is."""
        return _IRI.sub(lambda match: self.names.iri(URIRef(match[1] or match[0])), text)

    def _own_message(self, result: Node, text: str) -> str:
        """Return a message of pySHACL, with terms as Turtle writes them, sets in order, and details in their place."""
        shape = self.report.value(result, SH.sourceShape)
        if values := _SET.search(text):
            listed = self.shapes.value(shape, SH["in"]) if shape else None
            terms: Iterable[Node] = sorted(self.shapes.objects(shape, SH.hasValue), key=str)
            if listed is not None and "list" in text:
                terms = self.shapes.items(listed)
            text = f"{text[: values.start()]}( {' '.join(map(self.names.term, terms))} )"
        details = []
        for detail in self.report.objects(result, SH.detail):
            path = self.report.value(detail, SH.resultPath)
            about = f"{self.names.iri(path)}: " if isinstance(path, URIRef) else ""
            details.append(about + self._message(detail))
        if details:
            text = text.replace(_SEE_DETAILS, "; ".join(sorted(details)))
        text = _LITERAL.sub(lambda match: self.names.term(literal(match[1], match[3], match[2])), text)
        return self._written(text)


def _values(parts: Sequence[str], text: str) -> list[str] | None:
    """Return what stands between the parts of a template in a text, or None where the text is not of that form.

    Of several ways the one with the longest first values is meant, as with `.*` between the parts, which would take
    exponential time.
    """
    first, *between, last = parts
    start, end = len(first), len(text) - len(last)
    if end < start or not (text.startswith(first) and text.endswith(last)):
        return None
    values = []
    for part in reversed(between):
        at = text.rfind(part, start, end)
        if at < 0:
            return None
        values.append(text[at + len(part) : end])
        end = at
    return [text[start:end], *reversed(values)]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def english(texts: Iterable[Node], one_line: bool = True) -> str:
    """Return the English one of several texts, else the one that comes first in order."""
    ordered = sorted(texts, key=lambda text: (not _is_english(text), str(text)))
    text = str(ordered[0]) if ordered else ""
    return _one_line(text) if one_line else text


def _is_english(text: Node) -> bool:
    return isinstance(text, Literal) and (text.language or "en").startswith("en")


def _silent() -> logging.Logger:
    logger = logging.Logger("pyshacl", logging.CRITICAL + 1)  # not even made
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger


def warm_up() -> None:
    """Import what rdflib and pySHACL import when they first need it."""
    for module in ("constraints.advanced", "functions.shacl_function", "rdfutil.inoculate"):
        import_module(f"pyshacl.{module}")
    prepareQuery("ASK {}")
    plugin.get("sparql", Processor)
    plugin.get("sparql", QueryResult)
