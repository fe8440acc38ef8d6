"""Checks of files as such: literals, IRIs, terms and prefixes that cannot be right, whatever the shapes say."""

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from pyoxigraph import Store
from rdflib import DCAT, DCTERMS, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from destgraph import query_text
from destgraph.errors import InputError
from destgraph.validation.documents import BASE, Document, Span, Statement
from destgraph.validation.findings import Fix, Place
from destgraph.validation.places import iri
from destgraph.vocabulary import PREFIXES

_VOCABULARIES = {
    str(vocabulary): vocabulary for vocabulary in (RDF, RDFS, OWL, SKOS, DCTERMS, SH, PROV, DCAT, SDO, XSD)
}
_VOCABULARIES["http://schema.org/"] = SDO

# Terms that exist and that rdflib does not know: RDF 1.2, DCAT 3.
_NEWER = {
    *(f"{RDF}{name}" for name in ("dirLangString", "reifies", "TripleTerm", "Proposition")),
    *(
        f"{DCAT}{name}"
        for name in (
            *("DatasetSeries", "first", "hasCurrentVersion", "hasVersion", "inSeries", "isVersionOf", "last", "next"),
            *("nextVersion", "prev", "previousVersion", "resource", "seriesMember", "version"),
        )
    ),
}
_OWN = "https://w3id.org/destgraph/"
_LOOK_AROUND = re.compile(r"\(\?<?[=!]")
_QUERY_PREFIX = re.compile(r"^[ \t]*PREFIX\s+([\w-]*):\s*<([^<>\s]*)>", re.IGNORECASE | re.MULTILINE)
_NO_TERM = re.compile(r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>|#[^\n]*', re.DOTALL)
_NAME = re.compile(r"(?<![\w?$:@.-])([a-z][\w-]*):([\w](?:[\w.-]*[\w])?)")
_ERROR = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


class Problem(NamedTuple):
    """What a check found, with the terms and the place of the finding; the check's table has the rest."""

    rule: str
    entity: Node | None
    property: Node | None
    value: Node | None
    message: str
    place: Place
    fix: Fix | None = None


def literals(document: Document) -> Iterator[Problem]:
    """Yield the literals that are not of their datatype."""
    for statement in document.statements:
        value = statement.triple[2]
        if isinstance(value, Literal) and value.ill_typed:
            datatype = iri(URIRef(value.datatype or ""))
            message = f'"{value}" is no {datatype}; correct the value or its datatype'
            yield Problem("ill_typed_literal", *statement.triple, message, statement.place)


def relative_iris(document: Document) -> Iterator[Problem]:
    """Yield the relative IRIs, and the prefixes that have one, each once."""
    relative_prefixes = False
    for prefix in document.prefixes:
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", prefix.namespace):
            relative_prefixes = True
            message = f"prefix {prefix.name}: has the relative IRI <{prefix.namespace}>; write the whole IRI"
            yield Problem("relative_iri", None, None, None, message, document.place(*_wider(prefix.namespace_span)))
    seen = set()
    for statement, term, span in _terms(document):
        if term.startswith(BASE) and term not in seen:
            seen.add(term)
            written = document.text[slice(*span)]
            if written.startswith("<") or not relative_prefixes:
                message = f"{written} is relative, so it changes with the place of the file; write the whole IRI"
                entity = statement.triple[0] if statement else None
                yield Problem("relative_iri", entity, None, term, message, document.place(*span))


def foreign_terms(document: Document) -> Iterator[Problem]:
    """Yield each use of a term that its vocabulary does not have."""
    looked_up: dict[URIRef, tuple[bool, URIRef | None]] = {}
    for statement, term, span in _terms(document):
        if term not in looked_up:
            looked_up[term] = _looked_up(term)
        missing, known = looked_up[term]
        if missing:
            hint = f"did you mean {iri(known)}?" if known else "use a term that exists"
            entity, property_, value = statement.triple if statement else (term, None, None)
            yield Problem(
                "unknown_term",
                entity,
                property_,
                value,
                f"{iri(term)} does not exist in its vocabulary; {hint}",
                document.place(*span),
                renamed(document, span, term, known) if known else None,
            )


def prefixes(document: Document) -> Iterator[Problem]:
    """Yield the prefixes of a Turtle file that differ from the table."""
    for name, namespace, name_span, namespace_span in document.prefixes:
        yield from _prefix(document, name, namespace, name_span, namespace_span)


def query_prefixes(document: Document) -> Iterator[Problem]:
    """Yield the prefixes of a query that differ from the table."""
    for found in _QUERY_PREFIX.finditer(document.text):
        yield from _prefix(document, found[1], found[2], found.span(1), found.span(2))


def split_subjects(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield the subjects that are described in several files, in each but the one that has their type, or the first."""
    home: dict[Node, str] = {}
    for document in documents:
        for statement in document.statements:
            if statement.triple[1] == RDF.type:
                home.setdefault(statement.triple[0], document.file)
    for document in documents:
        for node, span in document.subjects.items():
            if isinstance(node, URIRef) and home.setdefault(node, document.file) != document.file:
                message = f"{iri(node)} is described in {home[node]}; keep its statements in one file"
                yield Problem("split_subject", node, None, None, message, document.place(*span))


def look_around(document: Document) -> Iterator[Problem]:
    """Yield the regular expressions of shapes that use look-around."""
    for statement in document.statements:
        _, predicate, value = statement.triple
        if predicate in (SH.pattern, SH.select, SH.ask) and _LOOK_AROUND.search(str(value)):
            message = f"{iri(URIRef(str(predicate)))} uses look-around, which engines refuse or get wrong; avoid it"
            yield Problem("regex_look_around", *statement.triple, message, statement.place)


def shape_queries(document: Document, shapes: Graph) -> Iterator[Problem]:
    """Yield the queries of shapes that are not well-formed, or that reach for other data."""
    for statement in document.statements:
        subject, predicate, value = statement.triple
        if predicate in (SH.select, SH.ask, SH.construct):
            declared = {
                str(shapes.value(node, SH.prefix)): str(shapes.value(node, SH.namespace))
                for ontology in shapes.objects(subject, SH.prefixes)
                for part in shapes.transitive_objects(ontology, OWL.imports)
                for node in shapes.objects(part, SH.declare)
            }
            prologue = " ".join(f"PREFIX {name}: <{namespace}>" for name, namespace in sorted(declared.items()))
            if error := _query_error(str(value), prologue + "\n"):
                line, column, rule, message = error
                place = _place_inside(statement, line - 1, column) if line else statement.place
                yield Problem(rule, subject, predicate, None, message, place)


def query(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with a query file: its syntax, or that it reaches for other data."""
    if error := _query_error(document.text, ""):
        line, column, rule, message = error
        at = document.offset(line or 1, column or 1)
        place = document.place(at, at + 1) if line else Place(document.file)
        yield Problem(rule, None, None, None, message, place)


def own_terms(document: Document, described: Collection[str]) -> Iterator[Problem]:
    """Yield the own terms that nothing declares in a query file, or in the queries of shapes."""
    spans = [
        (statement.object[0] + 3, statement.object[1] - 3)  # without the quotation marks
        for statement in document.statements
        if statement.triple[1] in (SH.select, SH.ask, SH.construct)
    ]
    for start, end in spans if document.statements else [(0, len(document.text))]:
        text = _NO_TERM.sub(lambda found: " " * len(found[0]), document.text[start:end])
        for found in _NAME.finditer(text):
            namespace = PREFIXES.get(found[1], "")
            term = URIRef(namespace + found[2])
            if namespace.startswith(_OWN) and str(term) not in described:
                span = (start + found.start(), start + found.end())
                known = own_term_like(term, described)
                hint = f"did you mean {iri(known)}?" if known else "declare it, or correct the query"
                fix = renamed(document, span, term, known) if known else None
                message = f"{found[0]} is not declared; {hint}"
                yield Problem("undeclared_term", None, None, term, message, document.place(*span), fix)


def own_term_like(term: URIRef, described: Collection[str]) -> URIRef | None:
    """Return the described term of the same namespace whose name is so close that it must be meant."""
    namespace = max((own for own in PREFIXES.values() if term.startswith(own)), key=len, default=None)
    if not namespace or not namespace.startswith(_OWN):
        return None
    names = sorted(name.removeprefix(namespace) for name in described if name.startswith(namespace))
    close = get_close_matches(term.removeprefix(namespace), names, 2, 0.8)
    return URIRef(namespace + close[0]) if len(close) == 1 else None


def without_blanks(statement: Statement) -> Fix | None:
    """Return the text of a literal on one line without blanks at its ends and double blanks inside."""
    start, end = statement.object
    found = re.fullmatch(r"""(["'])([^"'\\\n]*)\1(.*)""", statement.document.text[start:end])
    if not found or not statement.document.positioned:
        return None
    text = found[1] + re.sub(r"\s+", " ", found[2].strip()) + found[1] + found[3]
    return Fix(statement.place, text, "Remove the superfluous blanks.")


def _terms(document: Document) -> Iterator[tuple[Statement | None, URIRef, Span]]:
    """Yield the IRIs of a document with their places: subjects, predicates, objects, datatypes."""
    for node, span in document.subjects.items():
        if isinstance(node, URIRef):
            yield None, node, span
    for statement in document.statements:
        _, predicate, value = statement.triple
        if isinstance(predicate, URIRef) and predicate not in (RDF.first, RDF.rest, RDF.type):
            yield statement, predicate, statement.predicate
        if isinstance(value, URIRef) and predicate != RDF.rest:
            yield statement, value, statement.object
        elif isinstance(value, Literal) and value.datatype:
            start, end = statement.object
            written = document.text[start:end]
            if "^^" in written:
                yield statement, URIRef(value.datatype), (start + written.rindex("^^") + 2, end)


def _looked_up(term: URIRef) -> tuple[bool, URIRef | None]:
    """Tell whether a term is missing from its vocabulary, and return the one whose name is so close that it is meant.

    schema.org gains terms with each release, and rdflib's list is an older one: there a term is missing only when it is
    a slip of a known one.
    """
    namespace = next(filter(term.startswith, _VOCABULARIES), None)
    name = term.removeprefix(namespace or "")
    if not namespace or not name or name in _VOCABULARIES[namespace] or str(term) in _NEWER:
        return False, None
    vocabulary = _VOCABULARIES[namespace]
    names = sorted({str(known).removeprefix(str(vocabulary)) for known in dir(vocabulary)})
    same = [known for known in names if known.casefold() == name.casefold()]
    close = same or get_close_matches(name, names, 1, 0.88 if vocabulary is SDO else 0.8)
    return bool(close) or vocabulary is not SDO, URIRef(namespace + close[0]) if close else None


def renamed(document: Document, span: Span, term: URIRef, known: URIRef) -> Fix | None:
    """Return the replacement of a name by another of the same namespace."""
    if not document.positioned:
        return None
    written = document.text[slice(*span)]
    local = len(written) - 1 if written.startswith("<") else len(written)
    common = 0
    while common < min(len(term), len(known)) and term[common] == known[common]:
        common += 1
    tail = term[common:]
    if not written[:local].endswith(tail):
        return None
    text = written[: local - len(tail)] + known[common:] + written[local:]
    return Fix(document.place(*span), text, f"Write {iri(known)}.")


def _prefix(document: Document, name: str, namespace: str, name_span: Span, namespace_span: Span) -> Iterator[Problem]:
    wanted = PREFIXES.get(name)
    if wanted == namespace:
        return
    others = [prefix for prefix, known in PREFIXES.items() if known == namespace]
    if wanted:
        place = document.place(*_wider(namespace_span))
        fix = Fix(place, f"<{wanted}>", f"Write the namespace of {name}: in the table.")
        message = f"prefix {name}: stands for <{wanted}> everywhere else, not for <{namespace}>; correct it"
        yield Problem("prefix_differs", None, None, None, message, place, fix)
    elif others:
        message = f"<{namespace}> has the prefix {others[0]}: everywhere else, not {name}:; use that"
        yield Problem("prefix_differs", None, None, None, message, document.place(*name_span))


def _wider(span: Span) -> Span:
    """Return the span with the angle brackets around it."""
    return span[0] - 1, span[1] + 1


def _query_error(text: str, prologue: str) -> tuple[int, int, str, str] | None:
    """Return line, column, rule and message of what is wrong with a query; line 0 where it has no place."""
    try:
        query_text.refuse_remote(prologue + text)
    except InputError:
        return 0, 0, "query_reaches_out", "the query holds SERVICE, FROM or LOAD; ask only the graph itself"
    try:
        Store().query(prologue + text)
    except SyntaxError as error:
        if found := _ERROR.match(str(error)):
            line, column = int(found[1]), int(found[2])
            rest = "\n".join((prologue + text).splitlines()[line - 1 :])[column - 1 :].split(None, 1)
            stands = f"{rest[0][:30]} cannot stand here" if rest else "the query ends too early"
            detail = " ".join(found[3].split())
            detail = f" ({detail})" if len(detail) < 80 else ""
            return line, column, "query_syntax", f"{stands}{detail}; correct the SPARQL"
        return 0, 0, "query_syntax", f"{error}; correct the SPARQL"
    except (ValueError, OSError) as error:
        return 0, 0, "query_syntax", f"{error}; correct the SPARQL"
    return None


def _place_inside(statement: Statement, line: int, column: int) -> Place:
    """Return the place of a line and column of a literal's text, or of the literal where it has escapes."""
    start, end = statement.object
    written = statement.document.text[start:end]
    quotes = 3 if written[:3] in ('"""', "'''") else 1
    text = str(statement.triple[2])
    if written[quotes : quotes + len(text)] != text:
        return statement.place
    at = start + quotes + sum(len(before) for before in text.splitlines(keepends=True)[: line - 1]) + column - 1
    return statement.document.place(at, at + 1)
