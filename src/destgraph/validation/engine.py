"""The whole validation: syntax, hygiene, shapes and rules of the files in a scope, as one report."""

import logging
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from pyoxigraph import RdfFormat, parse, serialize
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import Node

from destgraph.catalog import classification
from destgraph.errors import InputError
from destgraph.validation import file_rules, pyshacl_adapter, rule_files
from destgraph.validation.documents import BASE, Document, Triple
from destgraph.validation.file_rules import Problem
from destgraph.validation.findings import Finding, Place, Report, Rule, Severity
from destgraph.validation.places import Places, hops, iri
from destgraph.validation.scope import Scope
from destgraph.vocabulary import PREFIXES
from destgraph.wording import suggestion

_SYNTAX = {"turtle_syntax", "query_syntax"}
_UNSAFE = {"query_syntax", "query_reaches_out"}
_ABOUT_SHAPES = {"shapes_not_usable", "shape_without_focus_nodes", "nothing_looked_at"}
HELP = "https://w3id.org/destgraph/checks#"

# Rules of this program: severity, problem, solution, source.
_BUILT_IN: dict[str, tuple[Severity, str, str, str]] = {
    "turtle_syntax": (
        "error",
        "The file cannot be read as RDF.",
        "Correct the syntax at the place given.",
        "RDF 1.1 Turtle, section 6",
    ),
    "query_syntax": (
        "error",
        "The query is not well-formed.",
        "Correct the syntax at the place given.",
        "SPARQL 1.1 Query Language, section 19",
    ),
    "query_reaches_out": (
        "error",
        "A query fetches data from elsewhere, so its answer is not about this graph, and running it is not safe.",
        "Remove SERVICE, FROM and LOAD.",
        "SHACL, section 5.3, forbids SERVICE",
    ),
    "ill_typed_literal": (
        "error",
        "A literal does not belong to its datatype, so it has no value.",
        "Correct the text or the datatype.",
        "RDF 1.1 Concepts, section 3.3",
    ),
    "relative_iri": (
        "error",
        "A relative IRI means something else in each place the file is read from.",
        "Write the whole IRI.",
        "OOPS! P39; RDF 1.1 Concepts, section 3.2",
    ),
    "unknown_term": (
        "error",
        "A term does not exist in the vocabulary it is written with, so every tool passes over it.",
        "Use a term that exists.",
        "OOPS! P40; qSKOS undefined SKOS resources",
    ),
    "prefix_differs": (
        "error",
        "A prefix differs from the one table of prefixes, so the same text means different things in two files.",
        "Use prefix and namespace of the table.",
        "Brick, two namespaces of dcterms:",
    ),
    "undeclared_term": (
        "error",
        "A query uses a term that nothing declares, so it finds nothing.",
        "Declare the term, or correct its name.",
        "OOPS! P34, P35",
    ),
    "split_subject": (
        "error",
        "A subject is described in two files, so neither shows all that is said of it.",
        "Keep its statements in one file.",
        "destgraph, one home for each subject",
    ),
    "regex_look_around": (
        "error",
        "A pattern uses look-around, which some SHACL engines refuse and others get wrong.",
        "Write the pattern without it.",
        "SPARQL 1.1, section 17.4.3.14: XPath regular expressions have no look-around",
    ),
    "pattern_not_usable": (
        "error",
        "A pattern of a destination type has a form that cannot be applied.",
        "Use owl:hasValue, joined by owl:intersectionOf, below one named class.",
        "destgraph, patterns",
    ),
    "shapes_not_usable": (
        "error",
        "The shapes cannot be applied.",
        "Correct the shape that the message names.",
        "SHACL, section 3.4: ill-formed shapes",
    ),
    "shape_without_focus_nodes": (
        "error",
        "A shape selects no node, so it checks nothing: its target may be misspelt.",
        "Correct the target, or say in skos:editorialNote why there is nothing to look at yet.",
        "SHACL, section 2.1.3",
    ),
    "rule_not_usable": (
        "error",
        "A rule cannot be run.",
        "Correct its query, its header or its line in profile.toml.",
        "destgraph, rules",
    ),
    "rule_looks_at_nothing": (
        "error",
        "A rule has nothing to look at, so it checks nothing.",
        "Correct the pattern in looks-at, or say in may-look-at-nothing why there is nothing yet.",
        "destgraph, rules",
    ),
    "nothing_looked_at": (
        "error",
        "No shape and no rule looked at anything in the files, so that they are right says nothing.",
        "Check the paths, and the types that the data use.",
        "destgraph, no check without a subject",
    ),
}

# Rules that find a name that nothing declares, and which part of the statement it is.
_UNDECLARED = {
    "undeclared_class": "value",
    "undeclared_path": "value",
    "undeclared_property": "property",
    "undescribed_reference": "value",
    "scheme_not_declared": "value",
}
# Constraints whose result has no value, as there are too many: the last one is meant.
_TOO_MANY = {"MaxCount", "QualifiedMaxCount", "UniqueLang"}
# Rules about what others say of the entity.
_ABOUT_USE = {"idle_class", "unused_property", "scheme_without_top_concept"}
_EDITORIAL_NOTE = URIRef(PREFIXES["skos"] + "editorialNote")
_IRI_REF = re.compile(r"<([^<>]*)>")
_DECLARED = re.compile(r"prefix\s+([\w-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
_MENTIONED = re.compile(r"<([^<>\s]*)>|(?<![\w.-])([\w-]*):([\w](?:[\w.-]*[\w])?)")

Progress = Callable[[str], None]


def run(scope: Scope, wanted: Collection[str] = (), progress: Progress = lambda _: None) -> Report:
    """Validate the files in a scope; the report has the findings of the rules in `wanted`, or of all.

    Raises InputError for a rule that does not exist.
    """
    with _quiet():
        return _Run(scope, progress).report(frozenset(wanted))


def rules(scope: Scope) -> tuple[Rule, ...]:
    """Return the rules that apply in a scope, by id, without running them."""
    with _quiet():
        return _Run(replace(scope, data=()), lambda _: None).rules()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from logging ill-typed literals with a traceback; they are findings."""
    logger = logging.getLogger("rdflib.term")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


class _Run:
    """One validation: what was read, and what was found so far."""

    def __init__(self, scope: Scope, progress: Progress) -> None:
        self.scope = scope
        self.progress = progress
        self.data = pyshacl_adapter.DataGraph()
        self.shapes = Graph(bind_namespaces="none")
        self.problems: list[Problem] = []
        self.findings: list[Finding] = []
        self.looked_at: dict[str, int] = {}
        self.broken: list[Document] = []
        progress("reading files")
        self.data_documents = list(self._read(scope.data, self.data))
        self.shape_documents = list(self._read(scope.shapes, self.shapes))
        self.query_documents = list(self._read(scope.queries, None))
        self.places = Places([*self.data_documents, *self.shape_documents])
        self.checks = {check.id: check for check in self._checks()}
        self.shape_ids = self._shape_ids()

    def report(self, wanted: frozenset[str]) -> Report:
        known = {rule.id for rule in self.rules()}
        for rule in sorted(wanted - known):
            raise InputError(f"no rule {rule!r}; {suggestion(rule, known)}")
        self._hygiene()
        copy = rule_files.Copy(self.data, self.shapes)
        self._infer(copy)
        if not wanted or wanted & {*self.shape_ids.values(), *_ABOUT_SHAPES}:
            self._shapes()
        if not wanted or wanted & self.checks.keys() or "rule_looks_at_nothing" in wanted:
            self._check(copy)
        self.findings += map(self._finding, self.problems)
        kept = {
            finding: None
            for finding in self.findings
            if (not wanted or finding.rule in wanted or finding.rule in _SYNTAX) and self._is_reported(finding)
        }
        ordered = sorted(kept, key=lambda finding: (finding.place, finding.rule, finding.property, finding.value))
        return Report(
            self.scope.description,
            tuple(ordered),
            tuple(rule for rule in self.rules() if not wanted or rule.id in wanted),
            unreadable=bool(self.broken),
        )

    def rules(self) -> tuple[Rule, ...]:
        """Return all rules by id, with what was looked at so far."""
        found = [
            Rule(id_, *texts, query="", help=HELP + id_, looked_at=self.looked_at.get(id_))
            for id_, texts in _BUILT_IN.items()
        ]
        found += [
            Rule(
                check.id,
                check.severity,
                f"{check.summary}. {check.problem}",
                check.solution,
                check.source,
                check.query,
                HELP + check.id,
                self.looked_at.get(check.id),
            )
            for check in self.checks.values()
        ]
        found += [self._shape_rule(shape, id_) for shape, id_ in self.shape_ids.items()]
        return tuple(sorted(found, key=lambda rule: rule.id))

    # Reading

    def _read(self, paths: Iterable[Path], graph: Graph | None) -> Iterator[Document]:
        """Yield the documents that can be read, their triples added to the graph; note the others."""
        for path in paths:
            file = self.scope.name(path)
            try:
                raw = path.read_bytes()
            except OSError as error:
                self._broken(Document(file, ""), Place(file), f"{error.strerror}; make the file readable")
                continue
            try:
                document = Document(file, raw.decode("utf-8-sig"))
            except UnicodeDecodeError as error:
                before = Document(file, raw[: error.start].decode("utf-8-sig"))
                place = before.place(len(before.text), len(before.text) + 1)
                self._broken(before, place, "the file is not UTF-8 here; save it as UTF-8")
                continue
            if graph is not None:
                try:
                    document = _parsed(document, path.suffix, graph)
                except SyntaxError as error:
                    place = Place(file)
                    if error.lineno and error.offset:
                        start = document.offset(error.lineno, error.offset)
                        end = document.offset(error.end_lineno or 1, error.end_offset or 1)
                        place = document.place(start, max(start + 1, end))
                    message = (error.msg or "").partition(": ")[2] or error.msg
                    if "remote context" in message:
                        self._broken(document, place, "a remote @context is not fetched; write it into the file")
                    else:
                        self._broken(document, place, f"{message}; correct the syntax")
                    continue
            yield document

    def _broken(self, document: Document, place: Place, message: str) -> None:
        self.broken.append(document)
        self.problems.append(Problem("turtle_syntax", None, None, None, message, place))

    def _checks(self) -> Iterator[rule_files.Check]:
        folder = self.scope.checks
        if folder is None:
            return
        try:
            profile = rule_files.severities(folder)
        except ValueError as error:
            self.problems.append(
                Problem(
                    "rule_not_usable", None, None, None, f"{error}; correct it", self._file(folder / "profile.toml")
                )
            )
            profile = {}
        for path in sorted(folder.glob("*.rq")):
            try:
                yield rule_files.read(path, profile)
            except ValueError as error:
                self.problems.append(Problem("rule_not_usable", None, None, None, str(error), self._file(path)))

    # Syntax and hygiene

    def _hygiene(self) -> None:
        self.progress("checking files")
        documents = [*self.data_documents, *self.shape_documents]
        for document in documents:
            self.problems += file_rules.literals(document)
            self.problems += file_rules.relative_iris(document)
            self.problems += file_rules.foreign_terms(document)
            self.problems += file_rules.look_around(document)
            self.problems += file_rules.shape_queries(document, self.shapes)
            if self.scope.own:
                self.problems += file_rules.prefixes(document)
        for document in self.query_documents:
            wrong = list(file_rules.query(document))
            self.problems += wrong
            if any(problem.rule == "query_syntax" for problem in wrong):
                self.broken.append(document)
            if self.scope.own:
                self.problems += file_rules.query_prefixes(document)
        if self.scope.own:
            self.problems += file_rules.split_subjects(documents)
            if not self.broken:
                for document in (*self.shape_documents, *self.query_documents):
                    self.problems += file_rules.own_terms(document, self._described)
        texts = sum(isinstance(s.triple[2], Literal) for document in documents for s in document.statements)
        read = len(documents) + len(self.query_documents) + len(self.broken)
        self.looked_at |= dict.fromkeys(_BUILT_IN, read) | {"ill_typed_literal": texts}

    def _infer(self, copy: rule_files.Copy) -> None:
        """Add the types that follow from features, in a graph of destinations."""
        if not self.scope.own:
            return
        try:
            found = classification.classify(copy.store)
        except InputError as error:
            if not self.broken:
                place = self.places.of(None, None, None)
                self.problems.append(Problem("pattern_not_usable", None, None, None, str(error), place))
            return
        for triple in found.triples:
            self.data.add(tuple(map(copy.back, triple)))  # type: ignore[arg-type]
        for unusable in [] if self.broken else found.unusable:
            pattern = URIRef(unusable.name.value)
            place = self.places.of(pattern, None, None)
            message = f"pattern {unusable.name}: {unusable.reason}"
            self.problems.append(Problem("pattern_not_usable", pattern, None, None, message, place))

    # Shapes

    def _shape_ids(self) -> dict[Node, str]:
        """Return the id of each shape that has an IRI: its local name, or its IRI where two share the name."""
        shapes = {
            *(s for kind in (SH.NodeShape, SH.PropertyShape) for s in self.shapes.subjects(RDF.type, kind)),
            *(s for target in pyshacl_adapter.TARGETS for s in self.shapes.subjects(target)),
        }
        ids: dict[str, list[Node]] = {}
        for shape in sorted((shape for shape in shapes if isinstance(shape, URIRef)), key=str):
            ids.setdefault(pyshacl_adapter.local_name(shape), []).append(shape)
        return {
            shape: id_ if len(several) == 1 and id_ not in self.checks else str(shape)
            for id_, several in ids.items()
            for shape in several
        }

    def _shape_rule(self, shape: Node, id_: str) -> Rule:
        problem, solution = pyshacl_adapter.texts(self.shapes, shape)
        query = "\n".join(
            document.text[start:end].rstrip() + " ."
            for document in self.shape_documents
            for start, end in document.blocks.get(shape, ())
        )
        severity = pyshacl_adapter.SEVERITY.get(self.shapes.value(shape, SH.severity, default=SH.Violation), "error")
        return Rule(id_, severity, problem, solution, "SHACL shape", query, str(shape), self.looked_at.get(id_))

    def _shapes(self) -> None:
        self.progress("applying shapes")
        for problem in self.problems:
            if problem.rule in _UNSAFE and problem.entity is not None:
                self.shapes.remove((None, None, problem.entity))
        try:
            focus = pyshacl_adapter.focus_nodes(self.data, self.shapes)
        except pyshacl_adapter.ShapesError as error:
            self._not_usable(error, None)
            return
        self._look_at(focus)
        try:
            found = pyshacl_adapter.violations(self.data, self.shapes)
        except pyshacl_adapter.ShapesError:
            found = self._shape_by_shape(focus)
        self.findings += map(self._violation, found)

    def _shape_by_shape(self, shapes: Iterable[Node]) -> list[pyshacl_adapter.Violation]:
        """Apply the shapes one at a time, so that one that cannot be used does not hold up the others."""
        found = []
        for shape in sorted(shapes, key=str):
            try:
                found += pyshacl_adapter.violations(self.data, self.shapes, shape)
            except pyshacl_adapter.ShapesError as error:
                self._not_usable(error, shape)
        return found

    def _not_usable(self, error: pyshacl_adapter.ShapesError, shape: Node | None) -> None:
        message = " ".join(str(error).partition("For reference")[0].split())
        if shape is None:
            shape = next((s for s in self.shape_ids if re.search(re.escape(str(s)) + r"(?![\w-])", message)), None)
        place = self.places.of(shape, None, None) if shape else Place(self.shape_documents[0].file)
        self.problems.append(Problem("shapes_not_usable", shape, None, None, f"{message}; correct the shape", place))

    def _look_at(self, focus: dict[Node, set[Node]]) -> None:
        """Count the focus nodes of each shape, and note the shapes, and the files, without any."""
        for shape, nodes in focus.items():
            if shape in self.shape_ids:
                self.looked_at[self.shape_ids[shape]] = len(nodes)
            if not nodes and not self.broken and (shape, _EDITORIAL_NOTE, None) not in self.shapes:
                finding = self._finding(
                    Problem(
                        "shape_without_focus_nodes",
                        shape,
                        None,
                        None,
                        f"{self.places.text(shape)} selects no node, so it checks nothing; correct its target",
                        self.places.of(shape, None, None),
                    )
                )
                self.findings.append(finding if self.scope.own else replace(finding, severity="note"))
        reported = self.scope.reported
        documents = [d for d in self.data_documents if reported is None or d.file in reported]
        nodes = {node for found in focus.values() for node in found}
        if documents and not self.broken and not any(nodes & document.subjects.keys() for document in documents):
            message = "no shape looks at anything in the files; check the paths, and the types that the data use"
            if not focus:
                message = "there is no shape with a target; name the files that hold the shapes"
            place = Place(documents[0].file)
            self.problems.append(Problem("nothing_looked_at", None, None, None, message, place))

    def _violation(self, found: pyshacl_adapter.Violation) -> Finding:
        shape = pyshacl_adapter.named(self.shapes, found.shape)
        id_ = self.shape_ids.get(shape) or pyshacl_adapter.local_name(shape)
        path, value = found.path, found.value
        entity, property_ = found.focus, self._path(path)
        return Finding(
            rule=id_,
            severity=found.severity,
            entity=self.places.text(entity),
            property=property_,
            value=self.places.text(value),
            message=found.message or f"{found.component} constraint of {id_} is not met",
            place=self._violation_place(found),
            help=str(shape) if isinstance(shape, URIRef) else "",
        )

    def _violation_place(self, found: pyshacl_adapter.Violation) -> Place:
        focus, path, value = found.focus, found.path, found.value
        if path is not None:
            triples: Iterable[Triple] = ()
            if value is not None:
                triples = hops(self.data, self.shapes, path, focus, value)
            statements = [s for triple in triples if (s := self.places.statement(*triple))]
            if value is None and found.component in _TOO_MANY and isinstance(path, URIRef):
                statements = self.places.statements(focus, path)[-1:]
            if statements:
                first = min(statements, key=lambda statement: statement.place)
                if found.component == "Closed":
                    return first.document.place(*first.predicate)
                return first.place
        return self.places.subject(focus) or self.places.of(focus, None, value)

    def _path(self, path: Node | None) -> str:
        if isinstance(path, BNode):
            return _IRI_REF.sub(lambda term: iri(URIRef(term[1])), str(parse_shacl_path(self.shapes, path).n3()))
        return self.places.text(path)

    # Rules

    def _check(self, copy: rule_files.Copy) -> None:
        self.progress("applying rules")
        unsafe = {problem.place.file for problem in self.problems if problem.rule in _UNSAFE}
        for check in self.checks.values():
            file = self._file(self.scope.checks / f"{check.id}.rq")  # type: ignore[operator]
            if file.file in unsafe:
                continue
            try:
                for entity, property_, value in copy.rows(check.query):
                    self.problems.append(self._row(check, entity, property_, value))
                looked_at = copy.looks_at(check)
            except (SyntaxError, ValueError, OSError) as error:
                message = f"{' '.join(str(error).split())}; correct the rule"
                self.problems.append(Problem("rule_not_usable", None, None, None, message, file))
                continue
            self.looked_at[check.id] = looked_at
            if not looked_at and not check.idle and not self.broken:
                message = f"{check.id} looks at nothing; correct looks-at, or say in may-look-at-nothing why"
                self.problems.append(Problem("rule_looks_at_nothing", None, None, None, message, file))

    def _row(self, check: rule_files.Check, entity: Node | None, property_: Node | None, value: Node | None) -> Problem:
        place = self.places.of(entity, property_, value)
        message, fix = f"{check.summary}. {check.solution}", None
        statement = self.places.statement(entity, property_, value) if entity and property_ and value else None
        if statement and check.id in _UNDECLARED:
            about_property = _UNDECLARED[check.id] == "property"
            span = statement.predicate if about_property else statement.object
            term = URIRef(str(property_ if about_property else value))
            place = statement.document.place(*span)
            if known := file_rules.own_term_like(term, self._described):
                message = f"{check.summary}; did you mean {iri(known)}?"
                fix = file_rules.renamed(statement.document, span, term, known)
        elif statement and check.id == "stray_blanks":
            fix = file_rules.without_blanks(statement)
        return Problem(check.id, entity, property_, value, message, place, fix)

    @cached_property
    def _described(self) -> frozenset[str]:
        """The IRIs of everything that the files describe."""
        return frozenset(map(str, (*self.data.subjects(), *self.shapes.subjects())))

    # Findings

    def _finding(self, problem: Problem) -> Finding:
        check = self.checks.get(problem.rule)
        return Finding(
            rule=problem.rule,
            severity=check.severity if check else _BUILT_IN[problem.rule][0],
            entity=self.places.text(problem.entity),
            property=self.places.text(problem.property),
            value=self.places.text(problem.value),
            message=problem.message,
            place=problem.place,
            help=HELP + problem.rule,
            fix=problem.fix,
        )

    def _is_reported(self, finding: Finding) -> bool:
        """Tell whether a finding is about a file that is reported on, and would be there were all files readable."""
        if finding.rule in _SYNTAX:
            return True
        if self.scope.reported is not None and finding.place.file not in self.scope.reported:
            return False
        about_use = finding.rule in _ABOUT_USE or "^" in finding.property
        for term in filter(None, (finding.entity, finding.value)):
            if self._mentioned.get(term) is False or (about_use and term in self._mentioned):
                return False
        return True

    @cached_property
    def _mentioned(self) -> dict[str, bool]:
        """The terms in files that could not be read, as findings write them, and whether other files describe them."""
        found = {}
        for document in self.broken:
            prefixes = PREFIXES | dict(_DECLARED.findall(document.text))
            for whole, prefix, local in _MENTIONED.findall(document.text):
                term = URIRef(whole or f"{prefixes.get(prefix, '')}{local}")
                found[iri(term)] = (term, None, None) in self.data
        return found

    def _file(self, path: Path) -> Place:
        return Place(self.scope.name(path))


def _parsed(document: Document, suffix: str, graph: Graph) -> Document:
    """Add the triples of a document to the graph, and return the document with their places.

    Raises SyntaxError with the place of what is wrong. Turtle is first read strictly, as rdflib takes more than that.
    """
    format_ = RdfFormat.from_extension(suffix[1:]) or RdfFormat.TURTLE
    quads = parse(document.text, format_, base_iri=BASE)
    if format_ in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES):
        deque(quads, maxlen=0)
    else:
        lines = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""
        document = Document(document.file, lines.decode(), positioned=False)
    document.parse(graph)
    return document
