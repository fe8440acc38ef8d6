"""Answers of a SPARQL endpoint as they come over the wire, read row by row; what is not whole is an error.

Formats: SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/), also with what servers add to
it, and SPARQL Query Results XML; for triples all of RDF's. CSV and TSV are not read: nothing marks their end.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import ijson
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from destgraph.errors import EndpointError
from destgraph.results import Term, Triples
from destgraph.stores.http import Response, error_text, incomplete

Rows = Iterator[tuple[Term, ...]]

TABLE = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
"""What to accept for ASK and SELECT."""

TRIPLES = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
"""What to accept for CONSTRUCT and DESCRIBE."""


def solutions(response: Response) -> tuple[tuple[str, ...], Rows]:
    """Return the columns of a SELECT answer, and its rows as they arrive.

    The answer is whole when the rows end without EndpointError.
    """
    _whole(response)
    start = _start(response)
    if _is_xml(response, start):
        columns, rows = _xml(response, start)
    else:
        columns, rows = _json(response, start)
    limit = response.headers.get("X-SPARQL-MaxRows", "")
    return columns, _uncut(response, rows, int(limit)) if limit.isdecimal() else rows


def boolean(response: Response) -> bool:
    """Return the answer to ASK; raises EndpointError when there is none."""
    _whole(response)
    start = _start(response)
    text = start + response.all()
    try:
        if _is_xml(response, start):
            if isinstance(answer := parse_query_results(text, format=QueryResultsFormat.XML), QueryBoolean):
                return bool(answer)
            del answer  # drop it here: a pyoxigraph object may be freed only in the thread that made it
        else:
            document = json.loads(text)
            if document["head"].get("vars") == ["__ASK_RETVAL"]:  # Virtuoso 7 answers with a table
                return any(row["__ASK_RETVAL"]["value"] == "1" for row in document["results"]["bindings"])
            if isinstance(document["boolean"], bool):
                return document["boolean"]
    except (ValueError, SyntaxError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _broken(response, error) from None
    raise incomplete(response, "it is neither true nor false")


def triples(response: Response, *, compared: bool = False) -> Triples:
    """Return the answer to CONSTRUCT or DESCRIBE, or a graph; raises EndpointError when it is not whole.

    If it is `compared` with what it should be, the server need not say where it ends.
    """
    _whole(response)
    format_ = RdfFormat.from_media_type(response.media_type)
    if format_ is None:
        raise _other(response, response.read())
    # Triples have no closing bracket, so the server must have said where they end.
    if not response.framed and not compared:
        raise incomplete(response, "the server says neither its length nor its end")
    text = response.all()
    try:
        return Triples(tuple(quad.triple for quad in parse(text, format=format_, base_iri=str(response))))
    except (SyntaxError, ValueError) as error:
        raise _broken(response, error) from None


def _whole(response: Response) -> None:
    """Raise EndpointError when Virtuoso says in its headers that it stopped half-way."""
    if state := response.headers.get("X-SQL-State"):
        raise incomplete(response, error_text(f"{state} {response.headers.get('X-SQL-Message', '')}".encode()))


def _uncut(response: Response, rows: Rows, limit: int) -> Rows:
    """Pass on the rows; raises EndpointError when there are as many as Virtuoso says that it gives at most."""
    number = 0
    for row in rows:
        number += 1
        yield row
    if number >= limit:
        raise EndpointError(
            f"{response} gives at most {limit} rows and may have left out others; narrow the query: filter, count or"
            f" group, or ask for fewer with LIMIT"
        )


def _start(response: Response) -> bytes:
    """Return the first bytes, at least one of them no space."""
    start = b""
    while not start.strip(b"\xef\xbb\xbf \t\r\n"):
        piece = response.read()
        if not piece:
            raise incomplete(response, "it is empty")
        start += piece
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")


def _is_xml(response: Response, start: bytes) -> bool:
    """Return whether XML begins here and not JSON, whatever the server calls it; raises EndpointError for others."""
    if start.startswith(b"{"):
        return False
    if re.match(rb"<\?xml|<sparql", start) and not re.search(rb"(?i)<html", start[:1000]):
        return True
    raise _other(response, start)


class _Source:
    """The answer as a file for the parser of the rows, which reads the head on the way and keeps what came so far."""

    def __init__(self, response: Response, start: bytes) -> None:
        self.heads = ijson.sendable_list()
        self.text = b""
        self.keeping = True
        self._response, self._start, self._head = response, start, ijson.items_coro(self.heads, "head")

    def read(self, size: int) -> bytes:
        if size == 0:
            return b""
        piece, self._start = self._start or self._response.read(size), b""
        if self.keeping:
            self.text += piece
            if piece and not self.heads:
                self._head.send(piece)
        return piece


def _json(response: Response, start: bytes) -> tuple[tuple[str, ...], Rows]:
    source = _Source(response, start)
    bindings = ijson.items(source, "results.bindings.item")
    try:
        first = list(islice(bindings, 1))
    except (ijson.JSONError, StopIteration) as error:
        raise _broken(response, error) from None
    source.keeping = False
    try:
        columns = tuple(map(str, source.heads[0]["vars"]))
    except (IndexError, KeyError, TypeError):
        raise incomplete(response, f"it names no columns: {error_text(source.text)}") from None
    if not first and _bindings(response, source.text) != []:
        raise incomplete(response, f"it holds no rows: {error_text(source.text)}")
    known = set(columns)

    def rows() -> Rows:
        try:
            for binding in chain(first, bindings):
                yield _row(response, columns, known, binding)
        except ijson.JSONError as error:
            raise _broken(response, error) from None

    return columns, rows()


def _bindings(response: Response, text: bytes) -> object:
    """Return the bindings of a whole answer: a list, or None without any; what was sent instead may be anything."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _broken(response, error) from None
    results = document.get("results") if isinstance(document, dict) else None
    return results.get("bindings") if isinstance(results, dict) else None


def _row(response: Response, columns: tuple[str, ...], known: set[str], binding: dict[str, Any]) -> tuple[Term, ...]:
    try:
        if not binding.keys() <= known:
            raise KeyError(*binding.keys() - known)
        return tuple([_term(binding[name]) if name in binding else None for name in columns])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _broken(response, error) from None


def _term(value: dict[str, Any]) -> Term:
    text = value["value"]
    match value["type"]:
        case "uri":
            return _iri(text)
        case "bnode":
            return _blank(text)
        case "triple":
            parts: list[Any] = [_term(text[name]) for name in ("subject", "predicate", "object")]
            return Triple(*parts)
        case "literal" | "typed-literal":  # the second of old servers, for what has a datatype
            if language := value.get("xml:lang"):
                return Literal(text, language=language)
            datatype = value.get("datatype")
            return Literal(text, datatype=_iri(datatype)) if datatype else Literal(text)
    raise ValueError(f"no RDF term has the type {value['type']!r}")


_iri = lru_cache(10_000)(NamedNode)  # the same properties, types and datatypes come in row after row


def _blank(name: str) -> BlankNode:
    try:
        return BlankNode(name)
    except ValueError:  # Virtuoso's are like nodeID://b10001
        return BlankNode(re.sub(r"[^0-9A-Za-z]", lambda match: f"_{ord(match[0]):x}_", name))


def _xml(response: Response, start: bytes) -> tuple[tuple[str, ...], Rows]:
    try:
        answer = parse_query_results(start + response.all(), format=QueryResultsFormat.XML)
        if not isinstance(answer, QuerySolutions):
            raise incomplete(response, "it is true or false where rows were asked for")
        columns = tuple(variable.value for variable in answer.variables)
        rows = [tuple(solution) for solution in answer]
    except (SyntaxError, ValueError) as error:
        raise _broken(response, error) from None
    return columns, iter(rows)


def _broken(response: Response, error: Exception) -> EndpointError:
    return incomplete(response, error_text(f"{type(error).__name__}: {error}".encode()))


def _other(response: Response, start: bytes) -> EndpointError:
    kind = error_text(response.media_type.encode()) or "something without a media type"
    shown = error_text(start)
    return EndpointError(f"{response} answers with {kind} and not with results: {shown}; is this a SPARQL endpoint?")
