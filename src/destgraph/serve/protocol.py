"""The SPARQL 1.1 Protocol, its query operation: from a request to a query, and from an error to a status.

Sources: https://www.w3.org/TR/sparql11-protocol/ and, for the method QUERY, https://www.rfc-editor.org/rfc/rfc10008
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import parse_qsl

from destgraph import query_text
from destgraph.errors import BusyError, InputError, MemoryLimitError, ReachingError, TimeLimitError

DIRECT, FORM = "application/sparql-query", "application/x-www-form-urlencoded"
LARGEST = 1 << 20
"""The most bytes that a request may have."""

_FIELDS = 1000
_SHORT = 1 << 13
_MEDIA_TYPE = re.compile(r"\s*([^\s;]*)\s*(?:;.*?charset\s*=\s*\"?([\w.:-]*))?", re.IGNORECASE | re.DOTALL)
_UPDATE = re.compile(r"(?<![?$:\w-])(INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|ADD|MOVE|COPY)(?![:\w-])", re.IGNORECASE)
_READ_ONLY = "this graph is read-only: updates are refused"


class RequestError(Exception):
    """A request that gets no answer: the status, the reason for people, and headers that go with it."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        """Keep them; an underscore in the name of a header stands for a hyphen."""
        super().__init__(reason)
        self.status, self.reason = status, reason
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Query:
    """What a request asks: the text of a query, and the dataset that it names, None where it names none."""

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None

    @cached_property
    def form(self) -> str:
        """SELECT, ASK, CONSTRUCT or DESCRIBE, empty for a text that is no query; raises RequestError for an update."""
        try:
            return query_text.form(self.text)
        except InputError:
            if _UPDATE.search(query_text.without_text(self.text)):
                raise RequestError(403, _READ_ONLY) from None
            return ""

    @cached_property
    def tag(self) -> str:
        """What is another one for another query; empty for one whose answer may change though the graph does not."""
        if _FLEETING.search(self.text):
            return ""
        asked = repr((self.text, self.default_graphs, self.named_graphs))
        return hashlib.sha256(asked.encode(errors="surrogatepass")).hexdigest()[:20]


_FLEETING = re.compile(r"\b(?:now|rand|(?:str)?uuid|bnode)\b|\\u", re.IGNORECASE)


def read(method: str, parameters: str, content_type: str, body: bytes) -> Query | None:
    """Return the query of a request, None for a GET without any; `parameters` are those of its URL, still encoded.

    Raises RequestError for what is none: 400, 403 for an update, 415 for another media type.
    """
    return (_read_again if len(parameters) + len(body) < _SHORT else _read)(method, parameters, content_type, body)


def _read(method: str, parameters: str, content_type: str, body: bytes) -> Query | None:
    fields = _fields(parameters)
    queries = _values(fields, "query")
    if method in ("POST", "QUERY"):
        media_type, charset = _media_type(content_type)
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise RequestError(415, f"the body is in {charset}; send it in UTF-8")
        match media_type:
            case "application/x-www-form-urlencoded":
                given = _fields(_text(body))
                queries += _values(given, "query")
                fields += given
            case "application/sparql-query":
                queries += (_text(body),)
            case "application/sparql-update":
                raise RequestError(403, _READ_ONLY)
            case _:
                what = f"a body of {media_type}" if media_type else "a body without Content-Type"
                raise RequestError(
                    415, f"{what} is no query; send {DIRECT} or {FORM}", Accept_Query=f"{DIRECT}, {FORM}"
                )
    if _values(fields, "update"):
        raise RequestError(403, _READ_ONLY)
    if len(queries) > 1:
        raise RequestError(400, f"the request has {len(queries)} queries; send one")
    if not queries:
        if method in ("GET", "HEAD"):
            return None
        raise RequestError(400, "the request has no query; send it as the field query, or as the body")
    default, named = _values(fields, "default-graph-uri"), _values(fields, "named-graph-uri")
    if not default and not named:
        return Query(queries[0])
    return Query(queries[0], default, named)


def _fields(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError as error:
        what = "are not in UTF-8" if isinstance(error, UnicodeError) else f"are more than {_FIELDS}"
        raise RequestError(400, f"the fields of the request {what}") from None


def _values(fields: Sequence[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(value for field, value in fields if field == name)


def _media_type(content_type: str) -> tuple[str, str]:
    found = _MEDIA_TYPE.match(content_type)
    return (found[1].lower(), (found[2] or "").lower()) if found else ("", "")


def _text(body: bytes) -> str:
    try:
        return body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise RequestError(400, f"the body is not in UTF-8, from byte {error.start + 1} on") from None


_read_again = lru_cache(1 << 10)(_read)
"""Most clients ask few queries, again and again."""


def refusal(error: Exception, timeout: float, memory: int) -> RequestError:
    """Return how an error of a query is told; raises it when it is a fault of this program."""
    match error:
        case ReachingError():
            return RequestError(403, f"{error}; this server answers from its own graph alone")
        case InputError():
            return RequestError(400, str(error))
        case BusyError():
            return RequestError(503, f"{error}; ask again later", Retry_After=f"{max(round(timeout), 1)}")
        case TimeLimitError():
            return RequestError(
                504, f"no answer within {timeout:g} seconds, the limit of this server; narrow the query"
            )
        case MemoryLimitError():
            return RequestError(
                507, f"the query needs more than {memory} MB of memory, the limit of this server; narrow it"
            )
    raise error
