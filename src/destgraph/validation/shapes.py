"""The step that applies shapes: which there are, what they look at, and what they find, with its place in the files."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from rdflib import RDF, RDFS, SH, SKOS, XSD, BNode, Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import Node

from destgraph import inputs
from destgraph.validation import folders, pyshacl_adapter, query_rules, reduction
from destgraph.validation.built_in import step_rule
from destgraph.validation.data_graph import DataGraph
from destgraph.validation.documents import Document, Statement, Triple
from destgraph.validation.findings import Outcome, Place, Problem, Rule, Severity
from destgraph.validation.places import Places, hops
from destgraph.validation.pyshacl_adapter import Result, ShapesError
from destgraph.validation.reading import Files
from destgraph.validation.shacl_terms import NOT_APPLIED as NOT_APPLIED_TERMS
from destgraph.validation.shacl_terms import ONLY_WITH, term
from destgraph.validation.steps import Step
from destgraph.validation.triples import empty_graph
from destgraph.vocabulary import local_name

_NAMED = re.compile(r"\w+")
_QUERIES = (SH.select, SH.ask, SH.construct)
_SHAPES_GRAPH = re.compile(r"[$?](?:shapesGraph|currentShape)\b")
# Stands for the focus nodes of a shape that cannot be loaded; it is told apart by what it is, not by what it holds.
_NOWHERE: set[Node] = set()
# Constraints whose result has no value, as there are too many: the last one is meant.
_TOO_MANY = {
    *(SH.MaxCountConstraintComponent, SH.QualifiedMaxCountConstraintComponent, SH.UniqueLangConstraintComponent),
}
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
NOT_APPLIED = step_rule(
    "shape_not_applied",
    severity="error",
    problem="Something that a shape asks for is not applied here, so that nothing is found says nothing of it.",
    solution="Ask for it in another way, or use an engine that applies it.",
    source="destgraph, table of the terms of SHACL",
    bad=_EXAMPLE.replace("sh:maxCount 1", "sh:js [ ]"),
    good=_EXAMPLE,
)
RULES = (NOT_USABLE, WITHOUT_FOCUS_NODES, NOTHING_LOOKED_AT, NOT_APPLIED)
"""The rules of this step about shapes as a whole."""


def ids(shapes: Graph, taken: Collection[str]) -> dict[Node, str]:
    """Return the id of each shape that has an IRI: its local name, or its IRI where that name is another rule's too."""
    nodes = {
        *(s for kind in (SH.NodeShape, SH.PropertyShape) for s in shapes.subjects(RDF.type, kind)),
        *(s for target in reduction.TARGETS for s in shapes.subjects(target)),
    }
    by_name: dict[str, list[Node]] = {}
    for shape in sorted((shape for shape in nodes if isinstance(shape, URIRef)), key=str):
        by_name.setdefault(_name(shape), []).append(shape)
    return {
        shape: name if len(several) == 1 and name not in taken else str(shape)
        for name, several in by_name.items()
        for shape in several
    }


def rules(
    documents: Sequence[Document], shapes: Graph, shape_ids: Mapping[Node, str], examples: Path | None = None
) -> list[Rule]:
    """Return what a report says of the shapes as rules; `examples` is the folder with examples of some of them."""
    folder = examples and examples.resolve()
    return [_rule(documents, shapes, shape, id_, folder) for shape, id_ in shape_ids.items()]


def apply(
    files: Files,
    data: DataGraph,
    places: Places,
    shape_ids: Mapping[Node, str],
    engine: str,
    wanted: Collection[str],
) -> Outcome:
    """Apply the shapes to the data, without queries that must not be run; the graphs stay as they are.

    With `wanted`, the rules asked for, only the shapes among them are applied, if it is shapes alone.
    """
    shapes = _safe(files)
    if wanted and {*wanted}.isdisjoint(rule.id for rule in RULES):
        shapes = reduction.leading_to(shapes, {shape for shape, id_ in shape_ids.items() if id_ in wanted})
    step = _Step(files, data, shapes, places, shape_ids, engine)
    avoided = step.leave_out_avoided()
    outcome = Outcome()
    focus = step.focus(outcome)
    outcome.add(step.looked_at(focus))
    outcome.add(step.idle_shapes(focus))
    if not avoided:
        outcome.add(step.idle_files(focus))
    outcome.add(step.results(focus))
    outcome.add(step.not_applied(focus))
    return outcome


def _rule(documents: Sequence[Document], shapes: Graph, shape: Node, id_: str, examples: Path | None) -> Rule:
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
        bad=_example(examples, id_, "invalid"),
        good=_example(examples, id_, "valid"),
    )


def _example(examples: Path | None, id_: str, kind: str) -> str:
    """Return the first example of a kind, without the results that it has below it; nothing when there is none."""
    path = examples / id_ / f"{kind}-1.ttl" if examples and _NAMED.fullmatch(id_) else None
    if examples is None or path is None or folders.refusal(path, examples):
        return ""
    return inputs.read_text(path).partition("\n# expected\n")[0].strip() + "\n"


def _safe(files: Files) -> Graph:
    """Return the shapes without the queries that must not be run, with the prefixes that queries may use beside them.

    Prefixes may be declared in the data, and for all that imports what declares them: pySHACL sees neither.
    """
    kept = empty_graph()
    for triple in files.shapes_graph:
        if triple[0] not in files.unsafe and triple[2] not in files.unsafe:
            kept.add(triple)
    for node in {*files.shapes_graph.objects(None, SH.prefixes)}:
        kept.remove((node, SH.declare, None))
        for prefix, namespace in files.declared_prefixes(node).items():
            declaration = BNode()
            kept.add((declaration, SH.prefix, RdfLiteral(prefix)))
            kept.add((declaration, SH.namespace, RdfLiteral(namespace, datatype=XSD.anyURI)))
            kept.add((node, SH.declare, declaration))
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
    engine: str

    def leave_out_avoided(self) -> bool:
        """Let the shapes that are to be avoided look at nothing, and be met wherever others ask for them.

        Tell whether there are any.
        """
        steps = self.files.watch.avoided
        avoided = [shape for shape in {*self.shapes.subjects()} if self._step(shape) in steps] if steps else []
        for shape in avoided:
            for target in reduction.TARGETS:
                self.shapes.remove((shape, target, None))
            self.shapes.remove((shape, RDF.type, RDFS.Class))
            self.shapes.set((shape, SH.deactivated, RdfLiteral(True)))
        return bool(avoided)

    def begin(self, shape: Node) -> None:
        """Tell that a shape is looked at."""
        self.files.watch.begin(self._step(shape))

    def _step(self, shape: Node) -> Step:
        return Step("applying shapes", self.places.of(shape, None, None), self.ids.get(shape) or _name(shape))

    def meant(self, shape: Node, nodes: Collection[Node]) -> Collection[Node]:
        """Return the focus nodes of a shape without those whose results would be in files that are not reported on.

        What a shape finds stands where its focus node does, unless a path leads on from there.
        """
        if self.files.reported is None or _leads_on(self.shapes, shape) or self._is_written_near(shape):
            return nodes
        return [node for node in nodes if node in self._near or node not in self._described]

    def _is_written_near(self, shape: Node) -> bool:
        """Tell whether a shape, or what it refers to, stands in the files that are reported on: it may be unusable."""
        written = self._written_near
        return bool(written) and not written.isdisjoint(reduction.reduced(self.shapes, shape).subjects())

    @cached_property
    def _written_near(self) -> frozenset[Node]:
        """What the files of shapes that are reported on say something of."""
        return frozenset(node for d in self.files.shapes if self.files.is_reported(d) for node in d.subjects)

    @cached_property
    def _near(self) -> frozenset[Node]:
        """What the files that are reported on say something of."""
        return frozenset(node for d in self.files.turtle if self.files.is_reported(d) for node in d.subjects)

    @cached_property
    def _described(self) -> frozenset[Node]:
        """What any file says something of."""
        return frozenset(node for document in self.files.turtle for node in document.subjects)

    def looked_at(self, focus: Mapping[Node, set[Node]]) -> Outcome:
        """Count the focus nodes of each shape."""
        return Outcome(looked_at={self.ids[shape]: len(nodes) for shape, nodes in focus.items() if shape in self.ids})

    def idle_shapes(self, focus: Mapping[Node, set[Node]]) -> Outcome:
        """Tell the shapes that select no node, and do not say why; shapes of others may be for other data."""
        outcome = Outcome(looked_at={WITHOUT_FOCUS_NODES.id: len(focus)})
        for shape, nodes in focus.items():
            if (
                not nodes
                and nodes is not _NOWHERE
                and not self.files.broken
                and (shape, SKOS.editorialNote, None) not in self.shapes
            ):
                message = f"{self.places.text(shape)} selects no node, so it checks nothing; correct its target"
                place = self.places.of(shape)
                severity: Severity | None = None if self.files.own else "note"
                outcome.problems.append(WITHOUT_FOCUS_NODES.problem(message, place, shape, severity=severity))
        return outcome

    def idle_files(self, focus: Mapping[Node, set[Node]]) -> Outcome:
        """Tell when no shape looks at anything in the files that are reported on."""
        documents = [d for d in self.files.data if self.files.is_reported(d)]
        outcome = Outcome(looked_at={NOTHING_LOOKED_AT.id: len(documents)})
        nodes = {node for selected in focus.values() for node in selected}
        named = {*self.shapes.objects(None, SH.targetNode)}
        unknown = self.files.broken or any(nodes is _NOWHERE for nodes in focus.values())
        if documents and not unknown and not named and not any(map(partial(_has, nodes), documents)):
            message = "no shape looks at anything in the files; check the paths, and the types that the data use"
            if not focus:
                message = "there is no shape with a target; name the files that hold the shapes"
            outcome.problems.append(NOTHING_LOOKED_AT.problem(message, Place(documents[0].file)))
        return outcome

    def focus(self, outcome: Outcome) -> dict[Node, set[Node]]:
        """Return the focus nodes of each shape that has a target, shape by shape where one of them cannot be loaded."""
        try:
            return pyshacl_adapter.focus_nodes(self.data, self.shapes, self.begin)
        except ShapesError as error:
            whole = error
        focus: dict[Node, set[Node]] = {}
        for shape in reduction.with_targets(self.shapes):
            try:
                focus |= pyshacl_adapter.focus_nodes(self.data, reduction.reduced(self.shapes, shape), self.begin)
            except ShapesError:
                focus[shape] = _NOWHERE  # applying it tells why
        if not any(nodes is _NOWHERE for nodes in focus.values()):
            outcome.problems.append(self.not_usable(whole, None))
        return focus

    def results(self, focus: Mapping[Node, set[Node]]) -> Outcome:
        """Apply all shapes at once, or one at a time, so that one that cannot be used does not hold up the others."""
        outcome = Outcome(looked_at={NOT_USABLE.id: len(focus)})
        found: list[Result] = []
        first = Place(self.files.shapes[0].file) if self.files.shapes else None
        try:
            if not self.files.watch.take(Step("applying shapes all at once", first)):
                raise ShapesError
            found += self._applied(self.shapes, outcome)
        except ShapesError:
            rules = self._rules(outcome)
            without_rules = reduction.without(self.shapes, self.shapes.triples((None, SH.rule, None)))
            for shape in sorted(focus, key=str):
                self.begin(shape)
                found += self._in_parts(without_rules, shape, shape, outcome, rules)
        outcome.problems += _counted(map(self.problem, found))
        return outcome

    def _rules(self, outcome: Outcome) -> Graph:
        """Return the rules of shapes that can be used, and tell of the others."""
        usable = []
        for shape, rules in reduction.rules(self.shapes):
            self.begin(shape)
            try:
                pyshacl_adapter.results(self.data, rules, self.places.names, self.begin, self.engine, self.meant)
                usable.append(rules)
            except ShapesError as error:
                statements: set[Triple] = {(shape, SH.rule, rule) for rule in self.shapes.objects(shape, SH.rule)}
                outcome.problems.append(self.not_usable(error, shape, shape, [statements]))
        return reduction.together(*usable)

    def _applied(self, shapes: Graph, outcome: Outcome) -> list[Result]:
        """Return what shapes find, and tell where they ask for themselves of a node; raises ShapesError."""
        answer = pyshacl_adapter.results(self.data, shapes, self.places.names, self.begin, self.engine, self.meant)
        recursive = {_named(shapes, shape): node for shape, node in sorted(answer.recursive.items(), key=str)}
        for shape, node in recursive.items():
            message = (
                f"{self.places.text(shape)} asks for itself of {self.places.text(node)} while it looks at it; "
                "SHACL leaves open what that means, and here it counts as met"
            )
            place = self.places.of(shape)
            outcome.problems.append(NOT_APPLIED.problem(message, place, shape, severity="warning"))
        return answer.results

    def _in_parts(self, shapes: Graph, shape: Node, node: Node, outcome: Outcome, rules: Graph) -> list[Result]:
        """Return what a shape finds, constraint by constraint of `node` where one cannot be used, and tell of that.

        `node` is the shape itself, or the property shape that all its constraints but one have been narrowed down to.
        `rules` are the rules of all shapes, which are applied before.
        """
        reduced = reduction.reduced(shapes, shape)
        try:
            return self._applied(reduction.together(reduced, rules), outcome)
        except ShapesError as error:
            constraints = reduction.parts(reduced, node)
            if len(constraints) > 1 and self._can_be_applied(
                reduction.together(reduction.without(reduced, set().union(*constraints)), rules)
            ):
                found: list[Result] = []
                for constraint in constraints:
                    others = set().union(*(other for other in constraints if other != constraint))
                    found += self._in_parts(reduction.without(reduced, others), shape, node, outcome, rules)
                return found
            if constraints:
                ((_, predicate, value), *_) = constraints[0]
                if len(constraints) == 1 and predicate == SH.property and value != node:
                    return self._in_parts(reduced, shape, value, outcome, rules)
            outcome.problems.append(self.not_usable(error, shape, node, constraints))
            return []

    def _can_be_applied(self, shapes: Graph) -> bool:
        try:
            pyshacl_adapter.results(self.data, shapes, self.places.names, self.begin, self.engine, self.meant)
        except ShapesError:
            return False
        return True

    def not_applied(self, focus: Mapping[Node, set[Node]]) -> Outcome:
        """Tell what of the shapes is not applied, by a note where no node is looked at, as in libraries of shapes."""
        statements = [s for d in self.files.shapes for s in d.statements if self._is_of_shacl(s)]
        outcome = Outcome(looked_at={NOT_APPLIED.id: len(statements)})
        told = [(statement, reason) for statement in statements if (reason := self._why_not_applied(statement))]
        looking = _looking(self.shapes, focus) if told else set()
        for statement, reason in told:
            severity: Severity = "error" if statement.triple[0] in looking else "note"
            about_value = statement.triple[1] in (RDF.type, *_QUERIES)
            place = statement.document.place(*(statement.object if about_value else statement.predicate))
            outcome.problems.append(NOT_APPLIED.problem(reason, place, *statement.triple[:2], severity=severity))
        for shape in () if self.files.own else self._without_use(focus):
            message = f"nothing leads to {self.places.text(shape)}, so it checks nothing; give it a target"
            place = self.places.of(shape)
            outcome.problems.append(NOT_APPLIED.problem(message, place, shape, severity="note"))
        return outcome

    def _without_use(self, focus: Collection[Node]) -> list[Node]:
        """Return the shapes with constraints that have no target and that nothing refers to; own graphs have a rule."""
        avoided = self.files.watch.avoided
        unused = {
            shape
            for shape in self.ids
            if not (shape in focus or (None, None, shape) in self.shapes or self._step(shape) in avoided)
        }
        return sorted((shape for shape in unused if reduction.parts(self.shapes, shape)), key=str)

    def _why_not_applied(self, statement: Statement) -> str:
        """Return why what a statement says is not applied, nothing when it is."""
        subject, predicate, value = statement.triple
        used = URIRef(str(value if predicate == RDF.type else predicate))
        name = self.places.names.iri(used)
        if (reason := NOT_APPLIED_TERMS.get(used)) and value != term("Rules"):
            return f"{name} is not applied: {reason}; ask for it in another way"
        if (needed := ONLY_WITH.get(used)) and (subject, needed, None) not in self.files.shapes_graph:
            return f"{name} has no effect without {self.places.names.iri(needed)} beside it; add that"
        if predicate in _QUERIES and (subject, None, None) in self.shapes:
            if function := query_rules.unknown_function(self.files, statement):
                return (
                    f"the query calls {self.places.names.iri(function)}, which is not applied; use a function of SPARQL"
                )
            if found := _SHAPES_GRAPH.search(str(value)):
                return f"the query asks for {found[0]}, which is not applied; ask the data only"
        return ""

    def _is_of_shacl(self, statement: Statement) -> bool:
        _, predicate, value = statement.triple
        return str(value if predicate == RDF.type else predicate).startswith(str(SH))

    def not_usable(
        self, error: ShapesError, shape: Node | None, part: Node | None = None, constraints: Sequence[set[Triple]] = ()
    ) -> Problem:
        """Return the problem of shapes that pySHACL refuses; the shape may be named in its message."""
        message = str(error)
        if shape is None:
            shape = next((s for s in self.ids if re.search(re.escape(str(s)) + r"(?![\w-])", message)), None)
        place = self.places.of(shape) if shape else Place(self.files.shapes[0].file)
        if part is not None and part != shape:
            place = self.places.subject(part) or place
        only = constraints[0] if len(constraints) == 1 else ()
        found = (self.places.statement(*triple) for triple in only)
        place = min((statement.place for statement in found if statement), default=place)
        return NOT_USABLE.problem(f"{message}; correct the shape", place, shape and _named(self.shapes, shape))

    def problem(self, result: Result) -> Problem:
        """Return a result of pySHACL with its place."""
        self.begin(result.shape)
        shape = _named(self.shapes, result.shape)
        id_ = self.ids.get(shape) or _name(shape)
        statements = self._statements(result)
        first = min(statements, key=lambda statement: statement.place, default=None)
        subject, predicate, value = first.triple if first else (None, None, None)
        direct = predicate if (subject, value) == (result.focus, result.value) else None
        is_path = isinstance(result.path, BNode) and direct is None
        return Problem(
            id_,
            result.focus,
            direct or (None if is_path else result.path),
            result.value,
            result.message or f"{self.places.text(result.component)} of {id_} is not met",
            self._place(result, first),
            path=self._path(result.path) if is_path and result.path is not None else "",
            severity=result.severity,
            help=str(shape) if isinstance(shape, URIRef) else "",
            shape=result.shape,
            component=result.component,
            result_path=result.path,
            own_severity=result.own_severity,
        )

    def _statements(self, result: Result) -> list[Statement]:
        """Return the statements in which the value stands, or the one of the property that is one too many."""
        focus, path, value = result.focus, result.path, result.value
        if path is not None and value is not None:
            triples: Iterable[Triple] = hops(self.data, self.shapes, path, focus, value)
            return [statement for triple in triples if (statement := self.places.statement(*triple))]
        if isinstance(path, URIRef) and result.component in _TOO_MANY:
            return self.places.statements(focus, path)[-1:]
        return []

    def _place(self, result: Result, statement: Statement | None) -> Place:
        """Return where the value or its property stands, else where the focus node starts."""
        if statement is None:
            return self.places.of(result.focus, result.value, result.shape, _named(self.shapes, result.shape))
        about_property = result.component == SH.ClosedConstraintComponent or _name(result.shape) in _ABOUT_PROPERTY
        return statement.document.place(*statement.predicate) if about_property else statement.place

    def _path(self, path: Node) -> str:
        """Return a property path as SPARQL writes it."""
        written = str(parse_shacl_path(self.shapes, path).n3())
        return _IRI_REF.sub(lambda term: self.places.names.iri(URIRef(term[1])), written)


def _has(nodes: Collection[Node], document: Document) -> bool:
    """Tell whether any of some nodes stands in a document: as a subject, an object or a literal."""
    return any(node in nodes for node in document.subjects) or any(s.triple[2] in nodes for s in document.statements)


def _leads_on(shapes: Graph, shape: Node) -> bool:
    """Tell whether what a shape finds may stand elsewhere than its focus nodes: by long paths, or at their values."""
    waiting, seen = [shape], {shape}
    for node in waiting:  # grows on the way
        parts = {*shapes.objects(node, SH.property)}
        path = shapes.value(node, SH.path)
        if isinstance(path, BNode) or (path is not None and parts):
            return True
        waiting += parts - seen
        seen |= parts
    return False


def _looking(shapes: Graph, focus: Mapping[Node, set[Node]]) -> set[Node]:
    """Return the shapes that look at a node, with all that belongs to them."""
    reached: set[Node] = set()
    for shape, nodes in focus.items():
        if nodes or (shape, SH.target, None) in shapes:
            reached.update(reduction.reduced(shapes, shape).subjects())
    return reached


def _counted(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield each of several problems that look the same once, with their number."""
    alike: dict[Problem, list[Problem]] = {}
    for problem in problems:
        alike.setdefault(problem._replace(shape=None, component=None), []).append(problem)
    for problem, *others in alike.values():
        times = 1 + len(others)
        first = min((problem, *others), key=lambda one: str(one.shape))
        yield first if times == 1 else first._replace(times=times, message=f"{problem.message} ({times} results)")
