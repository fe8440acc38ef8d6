"""Rules about the SPARQL of query files and shapes: it can be run, reaches for nothing, and names what there is."""

from collections.abc import Iterator

from rdflib import RDF, SH, URIRef

from destgraph import query_text
from destgraph.validation.built_in import Looked, file_rule
from destgraph.validation.documents import Document, Statement
from destgraph.validation.findings import Severity
from destgraph.validation.fixes import own_term_like, renamed
from destgraph.validation.queries import FORMS, REACHES_OUT, Query
from destgraph.validation.reading import Files
from destgraph.validation.shacl_terms import term
from destgraph.validation.terms import iri_text
from destgraph.vocabulary import BASE, PREFIXES

_LEADS_TO_QUERY = (SH.sparql, SH.validator, SH.nodeValidator, SH.propertyValidator, SH.target, SH.rule)
_RUN = {SH.SPARQLFunction, SH.SPARQLTargetType, term("SHACLFunction")}


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
    problems = []
    for query in (examined.query for examined in files.examined if examined.reaches_out):
        severity: Severity = "error" if _is_run(files, query) else "note"
        problems.append(query_reaches_out.problem(REACHES_OUT, query.whole(), *query.terms, severity=severity))
    return Looked(len(files.examined), problems)


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
    parsed = [examined for examined in files.examined if not examined.reaches_out]
    problems = []
    for query, fault in ((examined.query, examined.fault) for examined in parsed):
        if fault:
            # A shape's prefixes are put before the query as a line of their own.
            line = fault.line - bool(query.prologue)
            place = query.place(line, fault.column) if fault.line else query.whole()
            problems.append(query_syntax.problem(fault.message, place, *query.terms))
    return Looked(len(parsed), problems)


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


def _is_run(files: Files, query: Query) -> bool:
    """Tell whether a query is ever run: a file is; in shapes, what a constraint, target, rule or function leads to."""
    if query.statement is None:
        return True
    node = query.statement.triple[0]
    kinds = {*files.shapes_graph.objects(node, RDF.type)}
    return any((None, leads, node) in files.shapes_graph for leads in _LEADS_TO_QUERY) or not _RUN.isdisjoint(kinds)


def _texts(files: Files) -> Iterator[tuple[Document, int, str]]:
    """Yield the texts of queries as they stand in files, each with the offset where it starts."""
    for document in files.shapes:
        for statement in (s for predicate in FORMS for s in document.by_predicate.get(predicate, ())):
            start, end = statement.object
            yield document, start + 3, document.text[start + 3 : end - 3]  # without the quotation marks
    for document in files.queries:
        yield document, 0, document.text


def unknown_function(files: Files, statement: Statement) -> URIRef | None:
    """Return the function that the query of a shape calls and that nothing here can apply."""
    called = (examined.function for examined in files.examined if examined.query.statement is statement)
    function = next(called, None)
    if function is None:
        return None
    name = URIRef(function)
    declared = (*files.shapes_graph.objects(name, RDF.type),)
    return None if {term("SPARQLFunction"), term("SHACLFunction")} & {*declared} else name
