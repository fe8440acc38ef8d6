"""Rules about the SPARQL of query files and shapes: it can be run, reaches for nothing, and names what there is."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import Store
from rdflib import RDF, SH, URIRef
from rdflib.term import Node

from destgraph import query_text
from destgraph.errors import InputError
from destgraph.validation.built_in import Looked, file_rule
from destgraph.validation.documents import Document, Statement
from destgraph.validation.findings import Place, Severity
from destgraph.validation.fixes import own_term_like, renamed
from destgraph.validation.reading import Files
from destgraph.validation.shacl_terms import term
from destgraph.validation.terms import iri_text
from destgraph.vocabulary import BASE, PREFIXES

_FORMS: dict[Node, str] = {SH.select: "SELECT", SH.ask: "ASK", SH.construct: "CONSTRUCT"}
_HAS_QUERY = (*_FORMS,)
_LEADS_TO_QUERY = (SH.sparql, SH.validator, SH.nodeValidator, SH.propertyValidator, SH.target, SH.rule)
_RUN = {SH.SPARQLFunction, SH.SPARQLTargetType, term("SHACLFunction")}
_FUNCTION = re.compile(r"function <([^<>]*)>")


class _Query(NamedTuple):
    """A query file, or the text of a query in a shape with the prefixes that the shape declares."""

    document: Document
    text: str
    prologue: str = ""
    statement: Statement | None = None

    @property
    def terms(self) -> tuple[Node | None, Node | None]:
        """The subject and the property in a shape."""
        return self.statement.triple[:2] if self.statement else (None, None)

    def whole(self) -> Place:
        """Return the place of the query, in a file of its own that of the file."""
        return self.statement.place if self.statement else Place(self.document.file)

    def place(self, line: int, column: int) -> Place:
        """Return the place of a line and column of the text; of the literal where that has escapes."""
        if self.statement is None:
            at = self.document.lines.offset(line, column)
            return self.document.place(at, at + 1)
        start, end = self.statement.object
        written = self.document.text[start:end]
        quotes = 3 if written[:3] in ('"""', "'''") else 1
        if written[quotes : quotes + len(self.text)] != self.text:
            return self.statement.place
        lines = self.text.splitlines(keepends=True)
        at = start + quotes + sum(map(len, lines[: line - 1])) + column - 1
        return self.document.place(at, at + 1)


@file_rule(
    "query_reaches_out",
    severity="error",
    problem="A query fetches data from elsewhere, so its answer is not about this graph, and running it is not safe.",
    solution="Remove SERVICE, FROM and LOAD.",
    source="SHACL, section 5.3, forbids SERVICE",
    bad="""\
# queries/near/own.rq
SELECT ?entity WHERE { SERVICE <https://example.org/sparql> { ?entity a ?type } }
""",
    good="""\
# queries/near/own.rq
SELECT ?entity WHERE { ?entity a ?type }
""",
)
def query_reaches_out(files: Files) -> Looked:
    """Look at the queries for SERVICE, FROM and LOAD."""
    queries = [*_queries(files)]
    message = "the query holds SERVICE, FROM or LOAD; ask only the graph itself"
    problems = []
    for query in filter(lambda query: reaches_out(query.text), queries):
        severity: Severity = "error" if _is_run(files, query) else "note"
        problems.append(query_reaches_out.problem(message, query.whole(), *query.terms, severity=severity))
    return Looked(len(queries), problems)


@file_rule(
    "query_syntax",
    severity="error",
    problem="The query is not well-formed.",
    solution="Correct the syntax at the place given.",
    source="SPARQL 1.1 Query Language, section 19",
    bad="""\
# queries/near/own.rq
SELECT ?entity WHERE { ?entity a }
""",
    good="""\
# queries/near/own.rq
SELECT ?entity WHERE { ?entity a ?type }
""",
)
def query_syntax(files: Files) -> Looked:
    """Look at the queries for those that are not well-formed; one that reaches for other data is not touched."""
    queries = [query for query in _queries(files) if not reaches_out(query.text)]
    problems = []
    for query in queries:
        if error := _error(query):
            line, column, message = error
            # A shape's prefixes are put before the query as a line of their own.
            place = query.place(line - bool(query.prologue), column) if line else query.whole()
            problems.append(query_syntax.problem(message, place, *query.terms))
    return Looked(len(queries), problems)


@file_rule(
    "undeclared_term",
    severity="error",
    problem="A query uses a term that nothing declares, so it finds nothing.",
    solution="Declare the term, or correct its name.",
    source="OOPS! P34, P35",
    own=True,
    whole=True,
    bad="""\
# queries/near/own.rq
PREFIX dg: <https://w3id.org/destgraph/ontology#>
SELECT ?entity WHERE { ?entity a dg:Conection }
""",
    good="""\
# queries/near/own.rq
PREFIX dg: <https://w3id.org/destgraph/ontology#>
SELECT ?entity WHERE { ?entity a dg:Connection }
""",
)
def undeclared_term(files: Files) -> Looked:
    """Look at the own terms in queries for those that nothing declares."""
    number = 0
    problems = []
    for document, start, text in _texts(files):
        for prefix, name, (begin, end) in query_text.prefixed_names(text):
            used = URIRef(PREFIXES.get(prefix, "") + name)
            if not used.startswith(BASE):
                continue
            number += 1
            if str(used) not in files.described:
                span = (start + begin, start + end)
                meant = own_term_like(used, files.described)
                hint = f"did you mean {iri_text(meant)}?" if meant else "declare it, or correct the query"
                fix = renamed(document, span, used, meant) if meant else None
                message = f"{prefix}:{name} is not declared; {hint}"
                problems.append(undeclared_term.problem(message, document.place(*span), None, None, used, fix=fix))
    return Looked(number, problems)


def reaches_out(query: str) -> bool:
    """Tell whether a query holds SERVICE, FROM or LOAD."""
    try:
        query_text.refuse_remote(query)
    except InputError:
        return True
    return False


def _queries(files: Files) -> Iterator[_Query]:
    """Yield the queries of shapes and of query files."""
    for statement in files.statements:
        subject, predicate, value = statement.triple
        if predicate in _HAS_QUERY:
            yield _Query(statement.document, str(value), _prologue(files, subject), statement)
    for document in files.queries:
        yield _Query(document, document.text)


def _is_run(files: Files, query: _Query) -> bool:
    """Tell whether a query is ever run: a file is; in shapes, what a constraint, target, rule or function leads to."""
    if query.statement is None:
        return True
    node = query.statement.triple[0]
    kinds = {*files.shapes_graph.objects(node, RDF.type)}
    return any((None, leads, node) in files.shapes_graph for leads in _LEADS_TO_QUERY) or not _RUN.isdisjoint(kinds)


def _texts(files: Files) -> Iterator[tuple[Document, int, str]]:
    """Yield the texts of queries as they stand in files, each with the offset where it starts."""
    for document in files.shapes:
        for statement in document.statements:
            if statement.triple[1] in _HAS_QUERY:
                start, end = statement.object
                yield document, start + 3, document.text[start + 3 : end - 3]  # without the quotation marks
    for document in files.queries:
        yield document, 0, document.text


def _prologue(files: Files, query: Node) -> str:
    """Return the prefixes that a query of a shape declares, as a line."""
    declared: dict[str, str] = {}
    for node in (*files.shapes_graph.objects(query, SH.prefixes), *files.data_graph.objects(query, SH.prefixes)):
        declared = files.declared_prefixes(node) | declared
    return " ".join(f"PREFIX {name}: <{namespace}>" for name, namespace in sorted(declared.items())) + "\n"


def unknown_function(files: Files, statement: Statement) -> URIRef | None:
    """Return the function that the query of a shape calls and that nothing here can apply."""
    subject, _, text = statement.triple
    error = _refusal(_prologue(files, subject) + str(text))
    if error is None:
        return None
    found = _FUNCTION.search(error)
    name = URIRef(found[1]) if found else URIRef("")
    declared = (*files.shapes_graph.objects(name, RDF.type),)
    return None if {term("SPARQLFunction"), term("SHACLFunction")} & {*declared} else name


def _refusal(query: str) -> str | None:
    """Return what the engine says of a well-formed query that it cannot run, such as a function that it has not.

    It is asked of an empty store, and only what reaches for nothing else.
    """
    if query_text.syntax_error(query, prefixes={}) is not None or reaches_out(query):
        return None
    try:
        Store().query(query)
    except RuntimeError as error:
        return str(error)
    except (SyntaxError, ValueError, OSError):
        return None
    return None


def _error(query: _Query) -> tuple[int, int, str] | None:
    """Return line, column and message of what is not well-formed in a query; line 0 where it has no place.

    The first line is that of the prefixes where the query stands in a shape.
    """
    text = query.prologue + query.text
    error = query_text.syntax_error(text, prefixes={})
    if error is not None:
        return _described(text, error, "sh:prefixes" if query.statement else "PREFIX")
    if not query.statement and (refusal := _refusal(text)):
        return 0, 0, f"{refusal}; use one of SPARQL"
    wanted = _FORMS.get(query.statement.triple[1]) if query.statement else None
    if query.statement and wanted and (form := query_text.form(query.text)) != wanted:
        name = iri_text(URIRef(str(query.statement.triple[1])))
        return 0, 0, f"{name} holds {form}, and {wanted} is needed; correct the SPARQL"
    return None


def _described(query: str, error: str, remedy: str) -> tuple[int, int, str]:
    """Return line, column and message of an error of the engine."""
    place = query_text.error_place(error)
    if place is None:
        return 0, 0, f"{error}; correct the SPARQL"
    line, column, reason = place
    if "refix not found" in reason and (name := query_text.undeclared_prefix(query)):
        before = query[: name.start()]
        at = before.count("\n") + 1, len(before) - before.rfind("\n")
        return *at, f"prefix {name[1]}: is not declared; add {remedy}"
    rest = "\n".join(query.splitlines()[line - 1 :])[column - 1 :].split(None, 1)
    stands = f"{rest[0][:30]} cannot stand here" if rest else "the query ends too early"
    detail = " ".join(reason.split())
    return (
        line,
        column,
        f"{stands} ({detail}); correct the SPARQL" if len(detail) < 80 else f"{stands}; correct the SPARQL",
    )
