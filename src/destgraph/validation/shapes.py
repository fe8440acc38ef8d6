"""The step that applies shapes: which there are, what they look at, and what they find, with its place in the files."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rdflib import RDF, RDFS, SH, SKOS, BNode, Graph, URIRef
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import Node

from destgraph.validation import pyshacl_adapter
from destgraph.validation.built_in import step_rule
from destgraph.validation.documents import Document, Triple
from destgraph.validation.findings import Outcome, Place, Problem, Rule, Severity
from destgraph.validation.places import Places, hops
from destgraph.validation.pyshacl_adapter import DataGraph, Result, ShapesError
from destgraph.validation.reading import Files
from destgraph.validation.scope import Scope
from destgraph.validation.terms import iri_text
from destgraph.vocabulary import local_name

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
# Constraints whose result has no value, as there are too many: the last one is meant.
_TOO_MANY = {"MaxCount", "QualifiedMaxCount", "UniqueLang"}
# Shapes that find a property out of place, as sh:closed does.
_ABOUT_PROPERTY = {"ClosedCardShape"}
_IRI_REF = re.compile(r"<([^<>]*)>")
_EXAMPLE = """\
# ontology/shapes/status.ttl
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://w3id.org/destgraph/shapes#> .

shapes:OneStatusShape a sh:PropertyShape ;
    sh:targetClass dg:Connection ;
    sh:path dg:status ;
    sh:maxCount 1 .
"""

NOT_USABLE = step_rule(
    "shapes_not_usable",
    severity="error",
    problem="The shapes cannot be applied.",
    solution="Correct the shape that the message names.",
    source="SHACL, section 3.4: ill-formed shapes",
    bad=_EXAMPLE.replace("maxCount 1", 'maxCount "one"'),
    good=_EXAMPLE,
)
WITHOUT_FOCUS_NODES = step_rule(
    "shape_without_focus_nodes",
    severity="error",
    problem="A shape selects no node, so it checks nothing: its target may be misspelt.",
    solution="Correct the target, or say in skos:editorialNote why there is nothing to look at yet.",
    source="SHACL, section 2.1.3",
    bad=_EXAMPLE.replace("dg:Connection", "dg:Conection"),
    good=_EXAMPLE,
)
NOTHING_LOOKED_AT = step_rule(
    "nothing_looked_at",
    severity="error",
    problem="No shape and no rule looked at anything in the files, so that they are right says nothing.",
    solution="Check the paths, and the types that the data use.",
    source="destgraph, no check without a subject",
    bad="""\
# own.ttl
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

destination:own rdfs:label "Own destination"@en .
""",
    good="""\
# own.ttl
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

destination:own a dg:Connection ;
    rdfs:label "Own destination"@en ;
    dg:status "ga" .
""",
)
RULES = (NOT_USABLE, WITHOUT_FOCUS_NODES, NOTHING_LOOKED_AT)
"""The rules of this step about shapes as a whole."""


def ids(shapes: Graph, taken: Collection[str]) -> dict[Node, str]:
    """Return the id of each shape that has an IRI: its local name, or its IRI where that name is another rule's too."""
    nodes = {
        *(s for kind in (SH.NodeShape, SH.PropertyShape) for s in shapes.subjects(RDF.type, kind)),
        *(s for target in _TARGETS for s in shapes.subjects(target)),
    }
    by_name: dict[str, list[Node]] = {}
    for shape in sorted((shape for shape in nodes if isinstance(shape, URIRef)), key=str):
        by_name.setdefault(_name(shape), []).append(shape)
    return {
        shape: name if len(several) == 1 and name not in taken else str(shape)
        for name, several in by_name.items()
        for shape in several
    }


def rules(documents: Sequence[Document], shapes: Graph, shape_ids: Mapping[Node, str]) -> list[Rule]:
    """Return what a report says of the shapes as rules."""
    return [_rule(documents, shapes, shape, id_) for shape, id_ in shape_ids.items()]


def apply(
    files: Files, data: DataGraph, scope: Scope, places: Places, shape_ids: Mapping[Node, str], unsafe: Iterable[Node]
) -> Outcome:
    """Apply the shapes to the data, without the queries that are `unsafe`; the graphs stay as they are."""
    step = _Step(files, data, _without_links(files.shapes_graph, {*unsafe}), places, shape_ids)
    outcome = Outcome()
    try:
        focus = pyshacl_adapter.focus_nodes(data, step.shapes)
    except ShapesError as error:
        outcome.problems.append(step.not_usable(error, None))
        return outcome
    outcome.add(step.looked_at(focus))
    outcome.add(step.idle_shapes(focus))
    outcome.add(step.idle_files(focus, scope.reported))
    outcome.add(step.results(focus))
    return outcome


def _rule(documents: Sequence[Document], shapes: Graph, shape: Node, id_: str) -> Rule:
    label, comment, message = (
        pyshacl_adapter.english(shapes.objects(shape, property_))
        for property_ in (RDFS.label, RDFS.comment, SH.message)
    )
    message = message or pyshacl_adapter.english(shapes.objects(shape, SH.sparql / SH.message))
    description = pyshacl_adapter.english(shapes.objects(shape, SH.description))
    blocks = [
        document.text[start:end].rstrip() + " ."
        for document in documents
        for start, end in document.blocks.get(shape, ())
    ]
    severity = pyshacl_adapter.SEVERITY.get(shapes.value(shape, SH.severity, default=SH.Violation), "error")
    return Rule(
        id=id_,
        severity=severity,
        problem=" - ".join(filter(None, (label, comment))) or description,
        solution=message or pyshacl_adapter.english(shapes.objects(shape, SH.sparql / SH.message)),
        source="SHACL shape",
        query="\n".join(blocks),
        help=str(shape),
    )


def _without_links(shapes: Graph, nodes: Collection[Node]) -> Graph:
    """Return the shapes without the triples that lead to some nodes."""
    if not nodes:
        return shapes
    kept = Graph(bind_namespaces="none")
    for triple in shapes:
        if triple[2] not in nodes:
            kept.add(triple)
    return kept


def _named(shapes: Graph, shape: Node) -> Node:
    """Return the nearest shape with an IRI that a blank shape belongs to, or the blank shape itself."""
    seen: set[Node] = set()
    while isinstance(shape, BNode) and shape not in seen:
        seen.add(shape)
        shape = min(shapes.subjects(None, shape), default=shape, key=str)
    return shape


def _name(shape: Node) -> str:
    """Return the local name of a shape."""
    return local_name(str(shape).rstrip("/#")) if isinstance(shape, URIRef) else "shape"


@dataclass(frozen=True)
class _Step:
    """What the parts of the step need; `shapes` are those that can be applied safely."""

    files: Files
    data: DataGraph
    shapes: Graph
    places: Places
    ids: Mapping[Node, str]

    def looked_at(self, focus: Mapping[Node, set[Node]]) -> Outcome:
        """Count the focus nodes of each shape."""
        return Outcome(looked_at={self.ids[shape]: len(nodes) for shape, nodes in focus.items() if shape in self.ids})

    def idle_shapes(self, focus: Mapping[Node, set[Node]]) -> Outcome:
        """Tell the shapes that select no node, and do not say why; shapes of others may be for other data."""
        outcome = Outcome(looked_at={WITHOUT_FOCUS_NODES.id: len(focus)})
        for shape, nodes in focus.items():
            if not nodes and not self.files.broken and (shape, SKOS.editorialNote, None) not in self.shapes:
                message = f"{self.places.text(shape)} selects no node, so it checks nothing; correct its target"
                place = self.places.of(shape, None, None)
                severity: Severity | None = None if self.files.own else "note"
                outcome.problems.append(WITHOUT_FOCUS_NODES.problem(message, place, shape, severity=severity))
        return outcome

    def idle_files(self, focus: Mapping[Node, set[Node]], reported: Collection[str] | None) -> Outcome:
        """Tell when no shape looks at anything in the files that are reported on."""
        documents = [d for d in self.files.data if reported is None or d.file in reported]
        outcome = Outcome(looked_at={NOTHING_LOOKED_AT.id: len(documents)})
        nodes = {node for selected in focus.values() for node in selected}
        if documents and not self.files.broken and not any(nodes & document.subjects.keys() for document in documents):
            message = "no shape looks at anything in the files; check the paths, and the types that the data use"
            if not focus:
                message = "there is no shape with a target; name the files that hold the shapes"
            outcome.problems.append(NOTHING_LOOKED_AT.problem(message, Place(documents[0].file)))
        return outcome

    def results(self, focus: Collection[Node]) -> Outcome:
        """Apply all shapes at once, or one at a time, so that one that cannot be used does not hold up the others."""
        outcome = Outcome(looked_at={NOT_USABLE.id: len(focus)})
        try:
            outcome.problems += map(self.problem, pyshacl_adapter.results(self.data, self.shapes))
        except ShapesError:
            for shape in sorted(focus, key=str):
                try:
                    outcome.problems += map(self.problem, pyshacl_adapter.results(self.data, self.shapes, shape))
                except ShapesError as error:
                    outcome.problems.append(self.not_usable(error, shape))
        return outcome

    def not_usable(self, error: ShapesError, shape: Node | None) -> Problem:
        """Return the problem of shapes that pySHACL refuses; the shape may be named in its message."""
        message = " ".join(str(error).partition("For reference")[0].split())
        if shape is None:
            shape = next((s for s in self.ids if re.search(re.escape(str(s)) + r"(?![\w-])", message)), None)
        place = self.places.of(shape, None, None) if shape else Place(self.files.shapes[0].file)
        return NOT_USABLE.problem(f"{message}; correct the shape", place, shape)

    def problem(self, result: Result) -> Problem:
        """Return a result of pySHACL with its place."""
        shape = _named(self.shapes, result.shape)
        id_ = self.ids.get(shape) or _name(shape)
        is_path = isinstance(result.path, BNode)
        return Problem(
            id_,
            result.focus,
            None if is_path else result.path,
            result.value,
            result.message or f"{result.component} constraint of {id_} is not met",
            self._place(result),
            path=self._path(result.path) if is_path and result.path is not None else "",
            severity=result.severity,
            help=str(shape) if isinstance(shape, URIRef) else "",
        )

    def _place(self, result: Result) -> Place:
        """Return where the value stands, or the property that is one too many, else where the focus node starts."""
        focus, path, value = result.focus, result.path, result.value
        statements = []
        if path is not None and value is not None:
            triples: Iterable[Triple] = hops(self.data, self.shapes, path, focus, value)
            statements = [s for triple in triples if (s := self.places.statement(*triple))]
        elif isinstance(path, URIRef) and result.component in _TOO_MANY:
            statements = self.places.statements(focus, path)[-1:]
        if not statements:
            return self.places.subject(focus) or self.places.of(focus, None, value)
        first = min(statements, key=lambda statement: statement.place)
        about_property = result.component == "Closed" or _name(result.shape) in _ABOUT_PROPERTY
        return first.document.place(*first.predicate) if about_property else first.place

    def _path(self, path: Node) -> str:
        """Return a property path as SPARQL writes it."""
        written = str(parse_shacl_path(self.shapes, path).n3())
        return _IRI_REF.sub(lambda term: iri_text(URIRef(term[1])), written)
