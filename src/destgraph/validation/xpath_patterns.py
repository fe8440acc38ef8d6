"""Regular expressions of XPath, which SHACL and SPARQL use, answered by the embedded store, in linear time.

Its engine reads most of XPath as it is meant; what it writes otherwise is translated, and what it has not is told.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import cast

from pyoxigraph import Literal, QuerySolutions, Store

_STORE = Store()
_FLAGS = "smixq"
_NAME_START = (
    r"\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}"
    r"\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
)
_CLASSES = {
    "i": rf"A-Z_a-z:{_NAME_START}",
    "c": rf"A-Z_a-z:{_NAME_START}\-.0-9\x{{B7}}\x{{300}}-\x{{36F}}\x{{203F}}-\x{{2040}}",
}
_BLOCK = re.compile(r"\\[pP]\{Is")
_RE_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


class PatternError(Exception):
    """A pattern that cannot be judged, and why."""


def matching(pattern: str, flags: str, texts: Collection[str]) -> frozenset[str]:
    """Return those of the texts that a pattern matches anywhere; raises PatternError when that cannot be told.

    What this engine refuses, such as look-around, is left to Python, provided it takes the pattern as it stands.
    """
    if unknown := sorted({*flags} - {*_FLAGS}):
        raise PatternError(f"there is no flag {unknown[0]} in regular expressions; use those of {_FLAGS}")
    translated, rest = _translated(pattern, flags)
    if _is_taken(translated, rest):
        return _matching(translated, rest, texts)
    if translated != pattern or "q" in flags:
        raise PatternError(f"the pattern {pattern} cannot be read as a regular expression of XPath")
    try:
        compiled = re.compile(pattern, sum(_RE_FLAGS.get(flag, 0) for flag in {*rest}))
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"the pattern {pattern} is no regular expression: {error}") from None
    return frozenset(text for text in texts if compiled.search(text))


@lru_cache(256)
def _translated(pattern: str, flags: str) -> tuple[str, str]:
    """Return pattern and flags as the engine wants them."""
    if "q" in flags:
        return pattern, "".join(flag for flag in flags if flag in "qi")
    if _BLOCK.search(pattern):
        raise PatternError(f"the pattern {pattern} names a block of Unicode, which is not known here")
    written: list[str] = []
    depth = 0
    at = 0
    while at < len(pattern):
        piece = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        at += len(piece)
        if piece == "[" and (not depth or pattern[at - 2] == "-"):
            written.append("-[" if depth else "[")  # a-z-[x] is a-z--[x] here
            depth += 1
        elif piece == "]" and depth and not written[-1].endswith(("[", "[^")):
            depth -= 1
            written.append("]")
        elif depth or not (piece.isspace() and "x" in flags):
            written.append(_piece(piece, bool(depth)))
    return "".join(written), flags.replace("x", "")


def _piece(piece: str, inside: bool) -> str:
    """Return a character or an escape of a pattern as the engine wants it, inside or outside of a class."""
    if piece[0] == "\\" and piece[1:].lower() in _CLASSES:
        negated = "^" if piece[1].isupper() else ""
        return f"[{negated}{_CLASSES[piece[1:].lower()]}]"
    return f"\\{piece}" if inside and piece in "[&~" else piece


@lru_cache(256)
def _is_taken(pattern: str, flags: str) -> bool:
    """Tell whether the engine takes a pattern."""
    ((value,),) = _rows(f'SELECT (REGEX("", {Literal(pattern)}, {Literal(flags)}) AS ?matches) {{}}')
    return value is not None


def _matching(pattern: str, flags: str, texts: Collection[str]) -> frozenset[str]:
    values = " ".join(str(Literal(text)) for text in texts)
    rows = _rows(
        f"SELECT ?text {{ VALUES ?text {{ {values} }} FILTER (REGEX(?text, {Literal(pattern)}, {Literal(flags)})) }}"
    )
    return frozenset(text.value for (text,) in rows)


def _rows(query: str) -> QuerySolutions:
    return cast(QuerySolutions, _STORE.query(query))
