"""What the text of a SPARQL query says before an engine reads it: its form, its prefixes, whether it reaches out."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from destgraph.errors import InputError
from destgraph.vocabulary import PREFIXES

_NOT_CODE = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>"{}|^`\\\s]*>|#[^\n]*',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_REACHING = re.compile(r"(?<![?$:\w.-])(SERVICE|FROM|LOAD)(?!\w)", re.IGNORECASE)
_FORM = re.compile(r"(?<![?$:\w.-])(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w:])", re.IGNORECASE)
_DECLARATION = re.compile(r"(?<![?$:\w.-])PREFIX\s+([\w.-]*):", re.IGNORECASE)
_NAMESPACE = re.compile(r"\s*<([^<>\s]*)>")
_NAME = re.compile(r"(?<![\w?$:@.-])([a-z][\w-]*):([\w](?:[\w.-]*[\w])?)")
_ERROR = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_EXPECTED = re.compile(r"expected (one of )?")


Span = tuple[int, int]


class Prefix(NamedTuple):
    """The declaration of a prefix, and where its name and its namespace stand."""

    name: str
    namespace: str
    name_span: Span
    namespace_span: Span


def without_text(query: str) -> str:
    """Return a query with blanks for each string, IRI and comment: keywords and names are left, where they were."""
    return _NOT_CODE.sub(lambda found: " " * len(found[0]), query)


def form(query: str) -> str:
    """Return SELECT, ASK, CONSTRUCT or DESCRIBE; raises InputError when the query has none of them."""
    found = _FORM.search(_DECLARATION.sub(" ", without_text(query)))
    if found is None:
        raise InputError("query: it has none of SELECT, ASK, CONSTRUCT and DESCRIBE")
    return found[1].upper()


def with_prefixes(query: str) -> str:
    """Return a query with the prefixes of the table that it uses and does not declare, on its first line."""
    code = without_text(query)
    used = set(re.findall(r"(?<![?$\w])([a-z][a-z-]*):", code))
    missing = [name for name in PREFIXES if name in used - set(_DECLARATION.findall(code))]
    return " ".join([*(f"PREFIX {name}: <{PREFIXES[name]}>" for name in missing), query])


def declared_prefixes(text: str) -> Iterator[Prefix]:
    """Yield the prefixes that a query, or a Turtle file, declares; each as often as it is declared."""
    for found in _DECLARATION.finditer(without_text(text)):
        if namespace := _NAMESPACE.match(text, found.end()):
            yield Prefix(found[1], namespace[1], found.span(1), namespace.span(1))


def prologue(text: str) -> str:
    """Return the prefixes that a query declares as one line, to put before a query made from parts of it."""
    return " ".join(f"PREFIX {prefix.name}: <{prefix.namespace}>" for prefix in declared_prefixes(text))


def prefixed_names(text: str) -> Iterator[tuple[str, str, Span]]:
    """Yield prefix, local name and place of the prefixed names in a query."""
    for found in _NAME.finditer(without_text(text)):
        yield found[1], found[2], found.span()


def refuse_remote(query: str) -> None:
    """Raise InputError when the query holds SERVICE, FROM or LOAD outside strings, IRIs and comments.

    It errs towards refusing: the words are looked for with codepoint escapes (SPARQL 1.1, section 19.2) read both
    ways, and in places where they would do no harm.
    """
    unescaped = _ESCAPE.sub(lambda match: chr(min(int(match[1] or match[2], 16), 0x10FFFF)), query)
    for version in (query, unescaped):
        if found := _REACHING.search(without_text(version)):
            raise InputError(f"{found[1].upper()} reaches other data than the graph's; allow it with --federate")


def error_place(message: str) -> tuple[int, int, str] | None:
    """Return line, column and the rest of the engine's message about a query, or None where it names no place."""
    found = _ERROR.match(message)
    return (int(found[1]), int(found[2]), found[3]) if found else None


def explain_error(message: str, query: str) -> str:
    """Return the engine's message about a query with the line it speaks of, and a mark under the column."""
    place = error_place(message)
    if place is None:
        return f"query: {message}"
    if not query.strip():
        return "query:1:1: the query is empty"
    line, column, reason = place
    shown = (query.splitlines() or [""])[line - 1 : line]
    mark = "".join(f"\n  {source}\n  {' ' * (column - 1)}^" for source in shown)
    return f"query:{line}:{column}: {_plain_words(reason)}{mark}"


def _plain_words(message: str) -> str:
    """Leave out of "expected one of ..." what stands for sets of characters."""
    if "Prefix not found" in message:
        return "prefix not found; declare it with PREFIX"
    words = [word for word in _EXPECTED.sub("", message).split(", ") if "[" not in word and "]" not in word]
    if not _EXPECTED.match(message):
        return message
    return f"expected {'one of ' if len(words) > 1 else ''}{', '.join(words)}" if words else "not expected here"
