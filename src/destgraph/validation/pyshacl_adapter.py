"""What pySHACL says: the focus nodes of shapes and its results, with terms in messages as findings write them."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyshacl
from pyshacl.errors import ReportableRuntimeError
from pyshacl.shapes_graph import ShapesGraph
from rdflib import SH, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.query import Result as QueryResult
from rdflib.term import Node

from destgraph.validation.findings import Severity
from destgraph.validation.terms import iri_text, literal_text

SEVERITY: dict[Node | None, Severity] = {SH.Violation: "error", SH.Warning: "warning", SH.Info: "note"}

# pySHACL's own messages: IRIs in them, its way to write Literal("a" = 1, lang=en, datatype=<...>), sets of values as
# Python writes lists of texts, and what stands where there are results inside a result.
_IRI = re.compile(r"<(https?://[^\s<>\"{}|^`\\]*)>|https?://[^\s<>\"{}|^`\\]*[\w/#]")
_LITERAL = re.compile(r'Literal\("(.*?)"(?: = [^"]*?)?(?:, lang=([\w-]+))?(?:, datatype=<([^<>]+)>)?\)')
_SET = re.compile(r"\[['\"].*['\"]\]$")
_SEE_DETAILS = "See details for more information."


class ShapesError(Exception):
    """Shapes that pySHACL cannot work with."""


class DataGraph(Graph):
    """A graph that prepares each query once: the shapes ask the same ones for every focus node."""

    def __init__(self) -> None:
        """Start empty, with no prefixes."""
        super().__init__(bind_namespaces="none")
        self._prepared: dict[str, Any] = {}

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> QueryResult:
        """Answer a query as Graph.query does."""
        if isinstance(query_object, str):
            if query_object not in self._prepared:
                self._prepared[query_object] = prepareQuery(query_object, initNs=dict(self.namespaces()))
            query_object = self._prepared[query_object]
        return super().query(query_object, *args, **kwargs)


@dataclass(frozen=True)
class Result:
    """A validation result as pySHACL gives it: `path` is a node of the shapes graph, None where it has none."""

    shape: Node
    component: str
    severity: Severity
    focus: Node
    path: Node | None
    value: Node | None
    message: str


def focus_nodes(data: DataGraph, shapes: Graph) -> dict[Node, set[Node]]:
    """Return the nodes that the targets of each shape select, of the shapes with a target.

    Raises ShapesError for shapes that pySHACL cannot load.
    """
    try:
        return {
            shape.node: shape.focus_nodes(data)
            for shape in ShapesGraph(shapes, logger=_silent()).shapes
            if any(list(targets) for targets in shape.target())
        }
    except (ReportableRuntimeError, RuntimeError) as error:
        raise ShapesError(str(getattr(error, "message", error))) from None


def results(data: DataGraph, shapes: Graph, only: Node | None = None) -> list[Result]:
    """Return what the shapes, or only one of them, find in the data; both stay as they are but for prefixes.

    Raises ShapesError for shapes that pySHACL cannot work with.
    """
    try:
        _, report, text = pyshacl.validate(
            data, shacl_graph=shapes, inplace=True, use_shapes=[str(only)] if only else None
        )
    except Exception as error:  # pySHACL lets whatever a shape causes through
        raise ShapesError(str(getattr(error, "message", error))) from None
    if not isinstance(report, Graph):
        raise ShapesError(text)
    return list(_results(report, shapes))


def _results(report: Graph, shapes: Graph) -> Iterator[Result]:
    for result in report.objects(None, SH.result):
        yield Result(
            report.value(result, SH.sourceShape) or result,
            str(report.value(result, SH.sourceConstraintComponent))
            .removeprefix(str(SH))
            .removesuffix("ConstraintComponent"),
            SEVERITY.get(report.value(result, SH.resultSeverity), "error"),
            report.value(result, SH.focusNode) or result,
            report.value(result, SH.resultPath),
            report.value(result, SH.value),
            _message(report, shapes, result),
        )


def _message(report: Graph, shapes: Graph, result: Node) -> str:
    """Return the message of a result, with terms as Turtle writes them, sets in order, and details in their place."""
    text = english(report.objects(result, SH.resultMessage))
    shape = report.value(result, SH.sourceShape)
    if (values := _SET.search(text)) and shape and (shape, SH.message, None) not in shapes:
        listed = shapes.value(shape, SH["in"])
        terms = (
            shapes.items(listed) if listed and "list" in text else sorted(shapes.objects(shape, SH.hasValue), key=str)
        )
        written = (literal_text(term) if isinstance(term, Literal) else term.n3() for term in terms)
        text = f"{text[: values.start()]}( {' '.join(written)} )"
    details = []
    for detail in report.objects(result, SH.detail):
        path = report.value(detail, SH.resultPath)
        details.append((f"{path.n3()}: " if isinstance(path, URIRef) else "") + _message(report, shapes, detail))
    if details:
        text = text.replace(_SEE_DETAILS, "; ".join(sorted(details)))
    text = _LITERAL.sub(lambda match: literal_text(Literal(match[1], match[2], match[3] and URIRef(match[3]))), text)
    return _IRI.sub(lambda match: iri_text(URIRef(match[1] or match[0])), text)


def english(texts: Iterator[Node]) -> str:
    """Return the English one of several texts, else the one that comes first in order."""
    ordered = sorted(texts, key=lambda text: (not _is_english(text), str(text)))
    return " ".join(str(ordered[0]).split()) if ordered else ""


def _is_english(text: Node) -> bool:
    return isinstance(text, Literal) and (text.language or "en").startswith("en")


def _silent() -> logging.Logger:
    logger = logging.Logger("pyshacl")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger
