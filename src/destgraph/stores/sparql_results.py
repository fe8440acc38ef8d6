"""Answers of a SPARQL endpoint as they come over the wire, read row by row; what is not whole is an error.

Formats: SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/), also with what servers and
SPARQL 1.2 add to it, and SPARQL Query Results XML; for triples all of RDF's. CSV and TSV are not read: nothing marks
their end.
"""

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from destgraph.errors import EndpointError
from destgraph.results import Term, Triples
from destgraph.stores import xml_results
from destgraph.stores.http import Response, error_text, incomplete
from destgraph.stores.json_stream import JsonStream
from destgraph.wording import count, visible

Rows = Iterator[tuple[Term, ...]]

TABLE = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
"""What to accept for ASK and SELECT."""

TRIPLES = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
"""What to accept for CONSTRUCT and DESCRIBE."""

_VALUE = 1 << 24
"""How large one row may be: what the engine takes for a literal at most."""

_DEPTH = 100
"""How deep triple terms may be nested."""

_SPACE = b"\xef\xbb\xbf \t\r\n"
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIRECTIONS = {"ltr": BaseDirection.LTR, "rtl": BaseDirection.RTL}


class _OddTermError(ValueError):
    """A term that has the form of one, and that RDF has not."""


def solutions(response: Response, *, lenient: bool = False) -> tuple[tuple[str, ...], Rows]:
    """Return the columns of a SELECT answer, and its rows as they arrive.

    The answer is whole when the rows end without EndpointError. A term that is none of RDF, such as an IRI with a
    blank, is an error that names it; if `lenient` it is kept as text, and a warning tells how many were.
    """
    _whole(response)
    start = _start(response)
    events = _events(response, start)
    columns = next(events)
    rows = _rows(response, _columns(response, columns, start), events, lenient)
    limit = response.headers.get("X-SPARQL-MaxRows", "")
    # One with more digits is no limit.
    return tuple(columns), _uncut(response, rows, int(limit)) if limit.isdecimal() and len(limit) < 19 else rows


def boolean(response: Response) -> bool:
    """Return the answer to ASK; raises EndpointError when there is none."""
    _whole(response)
    start = _start(response)
    if _is_xml(response, start):
        *_, answer = [None, *_events(response, start)]
    else:
        document = _document(response, start)
        answer = document.get("boolean")
        if _member(document, "head", "vars") == ["__ASK_RETVAL"]:  # Virtuoso 7 answers with a table
            values = [_member(row, "__ASK_RETVAL", "value") for row in _member(document, "results", "bindings") or ()]
            answer = values == ["1"]
    if not isinstance(answer, bool):
        raise incomplete(response, f"it is neither true nor false: {error_text(start)}")
    return answer


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
    if format_ == RdfFormat.RDF_XML and b"<!ENTITY" in text:
        raise incomplete(response, "it has entities, which can grow without end")
    found = []
    try:
        for quad in parse(text, format=format_, base_iri=str(response)):
            response.hold(100)
            found.append(quad.triple)
    except (SyntaxError, ValueError) as error:
        raise _broken(response, error) from None
    return Triples(tuple(found))


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
    """Return the first bytes, without space before them, and enough to tell what they begin."""
    start = b""
    while len(start) < 8:
        piece = response.read()
        if not piece:
            break
        start = (start + piece).lstrip(_SPACE)
    if not start:
        raise incomplete(response, "it is empty")
    return start


def _is_xml(response: Response, start: bytes) -> bool:
    """Return whether XML begins here and not JSON, whatever the server calls it; raises EndpointError for others."""
    if start.startswith(b"{"):
        return False
    if re.match(rb"<\?xml|<sparql", start) and not re.search(rb"(?i)<html", start[:1000]):
        return True
    raise _other(response, start)


def _pieces(response: Response, start: bytes) -> Iterator[bytes]:
    return chain([start], iter(response.read, b""))


def _events(response: Response, start: bytes) -> Iterator[Any]:
    """Yield the columns, as they are named, and then each row; or, of XML, the answer to ASK."""
    pieces = _pieces(response, start)
    try:
        if _is_xml(response, start):
            yield from xml_results.read(pieces, _VALUE)
        else:
            yield from _json(JsonStream(pieces, _VALUE))
    except ValueError as error:
        raise _broken(response, error, start) from None


def _json(text: JsonStream) -> Iterator[Any]:
    """Yield the columns of a JSON answer, and then each row."""
    columns: object = None
    rows: list[Any] | None = None
    for name in text.members():
        if name == "head":
            yield (columns := _member(text.value(), "vars"))
            yield from rows or ()
        elif name != "results":
            text.value()
        elif columns is None:  # no store is known to begin with them
            rows = _list(_member(text.value(), "bindings"))
        else:
            for part in text.members():
                if part == "bindings":
                    rows = []
                    yield from text.items()
                else:
                    text.value()
    text.end()
    if columns is None:
        raise ValueError("it names no columns")
    if rows is None:
        raise ValueError("it holds no rows")


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("it holds no rows")
    return value


def _member(document: object, *names: str) -> Any:
    """Return what an object holds under a name, in it what that holds under the next; None where there is no such."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _document(response: Response, start: bytes) -> dict[str, Any]:
    """Return a small answer in JSON as a whole."""
    text = JsonStream(_pieces(response, start), _VALUE)
    try:
        document = {name: text.value() for name in text.members()}
        text.end()
    except ValueError as error:
        raise _broken(response, error, start) from None
    return document


def _columns(response: Response, names: object, start: bytes) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise incomplete(response, f"it names no columns: {error_text(start)}")
    return tuple(names)


def _rows(response: Response, columns: tuple[str, ...], bindings: Iterator[Any], lenient: bool) -> Rows:
    """Yield the rows as terms; `lenient` is that of `solutions`."""
    known = set(columns)
    odd = _OddTerms(lenient)
    for number, binding in enumerate(bindings, 1):
        response.hold(64 + 8 * len(columns))
        if not isinstance(binding, dict) or not binding.keys() <= known:
            raise incomplete(response, f"row {number} is no row of its columns: {_shown(binding)}")
        try:
            row = [_term(binding[name]) if name in binding else None for name in columns]
        except (KeyError, TypeError, ValueError, AttributeError):
            row = [odd.term(response, number, name, binding.get(name)) for name in columns]
        yield tuple(row)
    if odd.number:
        message = f"{response}: {count(odd.number, 'odd term')} kept as text; the first is in {odd.first}"
        warnings.warn(message, stacklevel=2)


class _OddTerms:
    """What is made of the terms of a row that has odd ones; `number` of them were kept as text."""

    def __init__(self, lenient: bool) -> None:
        self.number = 0
        self.first = ""
        self._lenient = lenient

    def term(self, response: Response, row: int, column: str, value: Any) -> Term:
        """Return a term, or, if that is wanted, its text in place of an odd one; raises EndpointError."""
        where = f"row {row}, column {column}: {_shown(value)}"
        try:
            return _term(value)
        except _OddTermError as error:
            if not self._lenient:
                raise EndpointError(
                    f"{response}: {where} is no RDF term: {error}; nothing was kept: ask leniently (--lenient) to keep"
                    " such terms as text"
                ) from None
            self.number += 1
            self.first = self.first or where
            text = value["value"] if isinstance(value["value"], str) else json.dumps(value, ensure_ascii=False)
            return Literal(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise incomplete(response, f"{where} has not the form of a term") from None


def _term(value: Any, depth: int = 0) -> Term:
    """Return a term; raises _OddTermError for one that RDF has not, and other errors for what has not the form."""
    if value is None:  # some say so of what is not bound
        return None
    text = value["value"]
    kind = value["type"]
    if not isinstance(text, str) and kind != "triple":
        raise TypeError(kind)
    try:
        if kind == "uri":
            return _iri(text) if len(text) < 300 else NamedNode(text)
        if kind in ("literal", "typed-literal"):  # the second of old servers, for what has a datatype
            return _literal(text, value)
        if kind == "bnode":
            return _blank(text)
    except ValueError as error:
        raise _OddTermError("it has half of a character" if _SURROGATE.search(text) else str(error)) from None
    if kind != "triple":
        raise TypeError(kind)
    if depth == _DEPTH:
        raise _OddTermError("it is nested too deeply")
    parts: list[Any] = [_term(text[name], depth + 1) for name in ("subject", "predicate", "object")]
    try:
        return Triple(*parts)
    except (TypeError, ValueError):
        raise _OddTermError("no triple has such parts") from None


def _literal(text: str, value: Mapping[str, Any]) -> Literal:
    if language := value.get("xml:lang"):
        direction = value.get("its:dir")
        if direction is None:
            return Literal(text, language=language)
        if direction not in _DIRECTIONS:
            raise ValueError(f"its:dir is {direction!r}")
        return Literal(text, language=language, direction=_DIRECTIONS[direction])
    datatype = value.get("datatype")
    return Literal(text, datatype=_iri(datatype)) if datatype else Literal(text)


_iri = lru_cache(10_000)(NamedNode)  # the same properties, types and datatypes come in row after row


def _blank(name: str) -> BlankNode:
    try:
        return BlankNode(name)
    except ValueError:  # Virtuoso's are like nodeID://b10001
        return BlankNode(re.sub(r"[^0-9A-Za-z]", lambda match: f"_{ord(match[0]):x}_", name))


def _shown(value: object) -> str:
    """Return the beginning of a value as JSON, in one line."""
    text = json.dumps(value, ensure_ascii=False)
    return visible(text if len(text) <= 200 else f"{text[:200]}...")


def _broken(response: Response, error: Exception, start: bytes = b"") -> EndpointError:
    """Return the error of an answer that cannot be read, with how it begins if that may say why."""
    said = error_text(start)
    return incomplete(response, visible(f"{error}{f': {said}' if said else ''}"))


def _other(response: Response, start: bytes) -> EndpointError:
    kind = error_text(response.media_type.encode()) or "something without a media type"
    shown = error_text(start)
    return EndpointError(f"{response} answers with {kind} and not with results: {shown}; is this a SPARQL endpoint?")
