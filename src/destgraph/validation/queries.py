"""The queries in files and shapes, each looked at once before anything of it is run."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import QuerySolutions, Store
from rdflib import SH, URIRef
from rdflib.term import Node

from destgraph import query_text
from destgraph.errors import InputError
from destgraph.validation.documents import Document, Statement
from destgraph.validation.findings import Place
from destgraph.validation.reading import Files
from destgraph.validation.steps import Step
from destgraph.validation.terms import iri_text

FORMS: dict[Node, str] = {SH.select: "SELECT", SH.ask: "ASK", SH.construct: "CONSTRUCT"}
"""The properties of SHACL that have a query as value, and which form it has."""

REACHES_OUT = "the query holds SERVICE, FROM or LOAD; ask only the graph itself"

_FUNCTION = re.compile(r"function <([^<>]*)>")


class Query(NamedTuple):
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


class Fault(NamedTuple):
    """What is wrong in a text, at a line and column of it; line 0 where it has no place."""

    line: int
    column: int
    message: str


class Examined(NamedTuple):
    """A query, whether it fetches data from elsewhere, what keeps it from being run, and a function that is unknown.

    `columns` are those of a SELECT query that can be run.
    """

    query: Query
    reaches_out: bool = False
    fault: Fault | None = None
    function: str | None = None
    columns: tuple[str, ...] | None = None


class _Tried(NamedTuple):
    """What the engine says of a query: an error of syntax, why it refuses it, the columns of a SELECT query."""

    error: str | None = None
    refusal: str | None = None
    columns: tuple[str, ...] | None = None


def examine(files: Files) -> Iterator[Examined]:
    """Yield the queries of shapes and of query files with what is known of them, but for those to be avoided.

    What must not be run is noted among the unsafe queries of the files, and a file that is not well-formed among the
    broken ones.
    """
    for query in _queries(files):
        examined = None
        if files.watch.take(Step("checking queries", query.whole())):
            examined = _examined(query)
            yield examined
        if examined is None or examined.reaches_out or examined.fault:
            files.unsafe.add(query.statement.triple[0] if query.statement else query.document.file)
        if examined and examined.fault and not examined.reaches_out and query.statement is None:
            files.broken.append(query.document)


def fault(text: str) -> str | None:
    """Return what keeps the text of a query from being run on the graph, or None."""
    if query_text.too_deep(text):
        return query_text.TOO_DEEP
    if reaches_out(text):
        return REACHES_OUT
    if error := query_text.syntax_error(text, prefixes={}):
        return _described(text, error, "PREFIX").message
    return None


def reaches_out(query: str) -> bool:
    """Tell whether a query holds SERVICE, FROM or LOAD."""
    try:
        query_text.refuse_remote(query)
    except InputError:
        return True
    return False


def _queries(files: Files) -> Iterator[Query]:
    for document in files.each(files.turtle):
        for statement in (s for predicate in FORMS for s in document.by_predicate.get(predicate, ())):
            subject, _, value = statement.triple
            yield Query(document, str(value), _prologue(files, subject), statement)
    for document in files.each(files.queries):
        yield Query(document, document.text)


def _prologue(files: Files, query: Node) -> str:
    """Return the prefixes that a query of a shape declares, as a line."""
    declared: dict[str, str] = {}
    for node in (*files.shapes_graph.objects(query, SH.prefixes), *files.data_graph.objects(query, SH.prefixes)):
        declared = files.declared_prefixes(node) | declared
    return " ".join(f"PREFIX {name}: <{namespace}>" for name, namespace in sorted(declared.items())) + "\n"


def _examined(query: Query) -> Examined:
    """Return what is known of a query; one that is nested too deeply is not parsed, and one that reaches out not run.

    The first line of what is parsed is that of the prefixes where the query stands in a shape.
    """
    text = query.prologue + query.text
    if place := query_text.too_deep(text):
        return Examined(query, fault=Fault(*place, query_text.TOO_DEEP))
    reaching = reaches_out(query.text)
    error, refusal, columns = _Tried(query_text.syntax_error(text, prefixes={})) if reaching else _tried(text)
    if error is not None:
        return Examined(query, reaching, _described(text, error, "sh:prefixes" if query.statement else "PREFIX"))
    if query.statement is None:
        fault = Fault(0, 0, f"{refusal}; use one of SPARQL") if refusal else None
        return Examined(query, reaching, fault, None, columns)
    function = None
    if refusal is not None:
        found = _FUNCTION.search(refusal)
        function = found[1] if found else ""
    predicate = query.statement.triple[1]
    if (form := query_text.form(query.text)) == FORMS[predicate]:
        return Examined(query, reaching, None, function)
    message = f"{iri_text(URIRef(str(predicate)))} holds {form}, and {FORMS[predicate]} is needed; correct the SPARQL"
    return Examined(query, reaching, Fault(0, 0, message), function)


def _tried(query: str) -> _Tried:
    """Return what the engine says of a query that it is asked of an empty store."""
    try:
        answer = Store().query(query)
    except SyntaxError as error:
        return _Tried(str(error))
    except RuntimeError as error:  # such as a function that it has not
        return _Tried(refusal=str(error))
    except (ValueError, OSError):
        return _Tried()
    return _Tried(columns=tuple(v.value for v in answer.variables) if isinstance(answer, QuerySolutions) else None)


def _described(query: str, error: str, remedy: str) -> Fault:
    """Return line, column and message of an error of the engine."""
    place = query_text.error_place(error)
    if place is None:
        return Fault(0, 0, f"{error}; correct the SPARQL")
    line, column, reason = place
    if "refix not found" in reason and (name := query_text.undeclared_prefix(query)):
        before = query[: name.start()]
        at = before.count("\n") + 1, len(before) - before.rfind("\n")
        return Fault(*at, f"prefix {name[1]}: is not declared; add {remedy}")
    rest = "\n".join(query.splitlines()[line - 1 :])[column - 1 :].split(None, 1)
    stands = f"{rest[0][:30]} cannot stand here" if rest else "the query ends too early"
    detail = " ".join(reason.split())
    return Fault(
        line,
        column,
        f"{stands} ({detail}); correct the SPARQL" if len(detail) < 80 else f"{stands}; correct the SPARQL",
    )
