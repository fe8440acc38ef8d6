"""Rules about the SPARQL of query files and shapes: it can be run, reaches for nothing, and names what there is."""

from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import Store
from rdflib import OWL, SH, Graph, URIRef
from rdflib.term import Node

from destgraph import query_text
from destgraph.errors import InputError
from destgraph.validation.built_in import Looked, file_rule
from destgraph.validation.documents import Document, Statement
from destgraph.validation.findings import Place
from destgraph.validation.fixes import own_term_like, renamed
from destgraph.validation.reading import Files
from destgraph.validation.terms import iri_text
from destgraph.vocabulary import BASE, PREFIXES

_HAS_QUERY = (SH.select, SH.ask, SH.construct)


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
    problems = [query_reaches_out.problem(message, q.whole(), *q.terms) for q in queries if reaches_out(q.text)]
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
        if error := _syntax_error(query.prologue + query.text):
            line, column, message = error
            # A shape's prefixes are put before the query as a line of their own.
            place = query.place(line - bool(query.prologue), column) if line else query.whole()
            problems.append(query_syntax.problem(f"{message}; correct the SPARQL", place, *query.terms))
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
            term = URIRef(PREFIXES.get(prefix, "") + name)
            if not term.startswith(BASE):
                continue
            number += 1
            if str(term) not in files.described:
                span = (start + begin, start + end)
                meant = own_term_like(term, files.described)
                hint = f"did you mean {iri_text(meant)}?" if meant else "declare it, or correct the query"
                fix = renamed(document, span, term, meant) if meant else None
                message = f"{prefix}:{name} is not declared; {hint}"
                problems.append(undeclared_term.problem(message, document.place(*span), None, None, term, fix=fix))
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
            yield _Query(statement.document, str(value), _prologue(files.shapes_graph, subject), statement)
    for document in files.queries:
        yield _Query(document, document.text)


def _texts(files: Files) -> Iterator[tuple[Document, int, str]]:
    """Yield the texts of queries as they stand in files, each with the offset where it starts."""
    for document in files.shapes:
        for statement in document.statements:
            if statement.triple[1] in _HAS_QUERY:
                start, end = statement.object
                yield document, start + 3, document.text[start + 3 : end - 3]  # without the quotation marks
    for document in files.queries:
        yield document, 0, document.text


def _prologue(shapes: Graph, query: Node) -> str:
    """Return the prefixes that a query of a shape declares, as a line."""
    declared = {
        str(shapes.value(node, SH.prefix)): str(shapes.value(node, SH.namespace))
        for ontology in shapes.objects(query, SH.prefixes)
        for part in shapes.transitive_objects(ontology, OWL.imports)
        for node in shapes.objects(part, SH.declare)
    }
    return " ".join(f"PREFIX {name}: <{namespace}>" for name, namespace in sorted(declared.items())) + "\n"


def _syntax_error(query: str) -> tuple[int, int, str] | None:
    """Return line, column and message of what is not well-formed in a query; line 0 where it has no place."""
    try:
        Store().query(query)
    except SyntaxError as error:
        place = query_text.error_place(str(error))
        if place is None:
            return 0, 0, str(error)
        line, column, reason = place
        rest = "\n".join(query.splitlines()[line - 1 :])[column - 1 :].split(None, 1)
        stands = f"{rest[0][:30]} cannot stand here" if rest else "the query ends too early"
        detail = " ".join(reason.split())
        return line, column, f"{stands} ({detail})" if len(detail) < 80 else stands
    except (ValueError, OSError) as error:
        return 0, 0, str(error)
    return None
