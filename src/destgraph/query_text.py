"""What the text of a SPARQL query says before it is run: its form, its prefixes, its depth, what it reaches for."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from string import ascii_lowercase
from types import MappingProxyType
from typing import NamedTuple

from pyoxigraph import DefaultGraph, Store

from destgraph.errors import InputError, ReachingError
from destgraph.vocabulary import PREFIXES

DEEPEST = 100
"""How deep brackets may be nested; the engine's parser takes exponential time, or its stack ends, some way above."""

TOO_DEEP = f"brackets are nested more than {DEEPEST} deep; write the query flatter"

_IRI = r"<[^<>\"{}|^`\\\s]*>"
# Strings and comments, which do not begin with an escaped sign of a name. A string that is not closed goes to the end
# of its line, or of the text: looking for an end from each quotation mark anew would take quadratic time.
_TEXT = (
    r'''(?<!\\)(?:"""(?:[^\\]|\\.?)*?(?:"""|\Z)|\'\'\'(?:[^\\]|\\.?)*?(?:\'\'\'|\Z)'''
    r"""|"(?:[^"\\\n]|\\.?)*+"?|'(?:[^'\\\n]|\\.?)*+'?|#[^\r\n]*)"""
)
_NOT_CODE = re.compile(f"{_TEXT}|{_IRI}", re.DOTALL)
_BRACKET = re.compile(rf"{_TEXT}|(?P<iri>{_IRI})|(?P<bracket>[\[\](){{}}])", re.DOTALL)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_FORM = re.compile(r"(?<![?$:\w.-])(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w:])", re.IGNORECASE)
_BEGINNING = re.compile(
    rf"(?:\s|#[^\r\n]*|BASE\s*{_IRI}|PREFIX\s+[\w.-]*:\s*{_IRI})*+(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w:.-])",
    re.IGNORECASE,
)
_DECLARATION = re.compile(r"(?<![?$:\w.-])PREFIX\s+([\w.-]*):", re.IGNORECASE)
_NAMESPACE = re.compile(r"\s*<([^<>\s]*)>")
_NAME = re.compile(r"(?<![\w?$:@.-])([a-z][\w-]*):([\w](?:[\w.-]*[\w])?)")
_PREFIX_USE = re.compile(r"(?<![\w?$:@.\\-])([A-Za-z](?:[\w.-]*[\w-])?|):(?!:)")
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
    found = _BEGINNING.match(query) or _FORM.search(_DECLARATION.sub(" ", without_text(query)))
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


def refuse_deep(query: str) -> None:
    """Raise InputError for a query whose brackets are nested more than DEEPEST deep."""
    if place := too_deep(query):
        line, column = place
        raise InputError(f"query:{line}:{column}: {TOO_DEEP}")


def too_deep(query: str) -> tuple[int, int] | None:
    """Return line and column of the first bracket in a query that is nested more than DEEPEST deep, if there is one."""
    if sum(map(query.count, "[({")) <= DEEPEST:
        return None
    depth = 0
    for found in _BRACKET.finditer(query):
        # What looks like an IRI may be two comparisons: the brackets in it count, but not beyond it.
        level = depth
        for letter in found["iri"] or found["bracket"] or "":
            level = max(level + (letter in "[({") - (letter in "])}"), 0)
            if level > DEEPEST:
                return query.count("\n", 0, found.start()) + 1, found.start() - query.rfind("\n", 0, found.start())
        if found["bracket"]:
            depth = level
    return None


def undeclared_prefix(query: str) -> re.Match[str] | None:
    """Return the first use of a prefix that a query does not declare; group 1 is its name."""
    code = without_text(query)
    declared = {*_DECLARATION.findall(code)}
    return next((use for use in _PREFIX_USE.finditer(code) if use[1] not in declared), None)


def refuse_remote(query: str, *, elsewhere: bool = True, base_iri: str | None = None) -> None:
    """Raise ReachingError when a query reaches for other data than the graph's: by SERVICE, by LOAD or by FROM.

    With `elsewhere` false the engine is that of this package, which reads its own graphs for FROM, and runs nothing
    that it cannot parse. Any other engine may fetch what FROM names, and may read what is no SPARQL 1.1 in ways of its
    own, so a query that holds one of the words and cannot be parsed is refused too.

    Who tells a keyword from a part of a string, name or comment is the engine's own parser: where a word could be
    changed for one that is no keyword and the query is still well-formed, it was none. Codepoint escapes (SPARQL 1.1,
    section 19.2) are read both ways. The time that parsing takes is the engine's, so what a stranger wrote is checked
    in a worker: `destgraph.stores.pool`.
    """
    for text, word in _reaching(query, elsewhere):
        if syntax_error(_without(word, text), base_iri) is None:
            continue
        error = syntax_error(text, base_iri)
        if error is None:
            raise ReachingError(f"{word} reaches other data than the graph's")
        if elsewhere:
            line, column, reason = error_place(error) or (1, 1, error)
            raise ReachingError(
                f"query:{line}:{column}: {_plain_words(reason)}; what holds {word} and cannot be parsed may reach other"
                " data than the graph's"
            )


def names_other_data(query: str) -> bool:
    """Tell whether a query holds one of the words by which it could reach for other data, wherever it stands."""
    return bool(_reaching(query, elsewhere=True))


def _reaching(query: str, elsewhere: bool) -> list[tuple[str, str]]:
    """Return the readings of a query that hold such a word, each with the word."""
    words = ("SERVICE", "LOAD", "FROM") if elsewhere else ("SERVICE", "LOAD")
    readings = dict.fromkeys((query, _ESCAPE.sub(_character, query) if "\\" in query else query))
    return [(text, word) for text in readings for word in words if re.search(word, text, re.IGNORECASE)]


def syntax_error(
    query: str, base_iri: str | None = None, prefixes: Mapping[str, str] = MappingProxyType(PREFIXES)
) -> str | None:
    """Return what the engine says of a query that is not well-formed, else None; the query is not run.

    `prefixes` need no declaration.
    """
    try:
        # Two arguments that exclude each other: that is noticed between parsing and running.
        _nothing().query(
            query,
            base_iri=base_iri,
            prefixes=dict(prefixes),
            use_default_graph_as_union=True,
            default_graph=DefaultGraph(),
        )
    except SyntaxError as error:
        return str(error)
    except ValueError:
        return None
    raise AssertionError("the engine ran a query that was to be parsed only")


@cache
def _nothing() -> Store:
    return Store()


def _without(word: str, text: str) -> str:
    """Return a text with another word, which it does not hold, for each `word`.

    Only a letter inside is changed: the first may belong to an escape before it, as %AF does in %AFROM.
    """
    for letter in ascii_lowercase:
        if not re.search(word[:2] + letter + word[3:], text, re.IGNORECASE):
            return re.sub(word, lambda found: found[0][:2] + letter + found[0][3:], text, flags=re.IGNORECASE)  # noqa: B023
    return ""  # a text that holds all of them is written to deceive


def _character(escape: re.Match[str]) -> str:
    return chr(min(int(escape[1] or escape[2], 16), 0x10FFFF))


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
