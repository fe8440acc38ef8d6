"""Regular expressions of XPath, which SHACL and SPARQL use, answered by the embedded store, in linear time.

Its engine reads most of XPath as it is meant; what it writes otherwise is translated, and what it has not is told.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple, cast

from pyoxigraph import Literal, QuerySolutions, Store

from destgraph.validation.unicode_blocks import BLOCKS

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
_ESCAPES = {"d": r"\p{Nd}", "s": r"\x20\t\n\r", "W": r"\p{P}\p{Z}\p{C}"}
_BLOCK = re.compile(r"\\([pP])\{Is([^{}]*)\}")
_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|(\((?!\?))", re.DOTALL)
_REPLACEMENT = re.compile(r"\\([\\$])|\$(\d+)|([^\\$]+)", re.DOTALL)
_RE_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


class PatternError(Exception):
    """A pattern that cannot be judged, and why."""


def matching(pattern: str, flags: str, texts: Collection[str]) -> frozenset[str]:
    """Return those of the texts that a pattern matches anywhere; raises PatternError when that cannot be told.

    What this engine refuses, such as look-around, is left to Python, provided it takes the pattern as it stands.
    """
    if unknown := sorted({*flags} - {*_FLAGS}):
        raise PatternError(f"there is no flag {unknown[0]} in regular expressions; use those of {_FLAGS}")
    translated = _translated(pattern, flags)
    if _is_taken(translated.text, translated.flags):
        return _matching(translated.text, translated.flags, texts)
    compiled = _in_python(pattern, flags, translated)
    return frozenset(text for text in texts if compiled.search(text))


def replaced(text: str, pattern: str, replacement: str, flags: str) -> str | None:
    """Return a text with what a pattern matches replaced, or None where that is an error in XPath.

    Raises PatternError when it cannot be told.
    """
    if matching(pattern, flags, [""]):
        return None  # the pattern must not match the empty string
    translated = _translated(pattern, flags)
    if not _is_taken(translated.text, translated.flags):
        raise PatternError(f"the pattern {pattern} cannot be read as a regular expression of XPath")
    groups = sum(found[1] is not None for found in _GROUP.finditer(pattern))
    new = replacement.replace("$", "$$") if "q" in flags else _replacement(replacement, groups)
    if new is None:
        return None
    arguments = ", ".join(str(Literal(part)) for part in (text, translated.text, new, translated.flags))
    ((value,),) = _rows(f"SELECT (REPLACE({arguments}) AS ?replaced) {{}}")
    return value.value if isinstance(value, Literal) else None


class _Translated(NamedTuple):
    """A pattern and its flags as the engine wants them; `plain` tells that Python reads the pattern as it stands."""

    text: str
    flags: str
    plain: bool = True


@lru_cache(256)
def _translated(pattern: str, flags: str) -> _Translated:
    if "q" in flags:
        return _Translated(pattern, "".join(flag for flag in flags if flag in "qi"), plain=False)
    written: list[str] = []
    plain = True
    depth = 0
    at = 0
    while at < len(pattern):
        piece = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        if block := _BLOCK.match(pattern, at):
            piece = block[0]
        at += len(piece)
        if piece == "[" and (not depth or pattern[at - 2] == "-"):
            written.append("-[" if depth else "[")  # a-z-[x] is a-z--[x] here
            plain = plain and not depth
            depth += 1
        elif piece == "]" and depth and not written[-1].endswith(("[", "[^")):
            depth -= 1
            written.append("]")
        elif depth or not (piece.isspace() and "x" in flags):
            plain = plain and not (block or piece[1:] in ("i", "I", "c", "C"))
            written.append(_piece(pattern, piece, bool(depth), "s" in flags))
    return _Translated("".join(written), flags.replace("x", ""), plain)


def _piece(pattern: str, piece: str, inside: bool, dot_is_all: bool) -> str:
    """Return a character or an escape of a pattern as the engine wants it, inside or outside of a class."""
    if block := _BLOCK.fullmatch(piece):
        if block[2] not in BLOCKS:
            raise PatternError(f"the pattern {pattern} names a block of Unicode that there is not, Is{block[2]}")
        return f"[{'^' if block[1] == 'P' else ''}{BLOCKS[block[2]]}]"
    letter = piece[1:]
    for class_, characters in (_CLASSES | _ESCAPES).items():
        if piece[0] == "\\" and letter.lower() == class_.lower():
            return f"[{'' if letter == class_ else '^'}{characters}]"
    if piece == "." and not (inside or dot_is_all):
        return r"[^\n\r]"
    return f"\\{piece}" if inside and piece in "[&~" else piece


def _replacement(text: str, groups: int) -> str | None:
    """Return the text to put in as the engine wants it, None where XPath knows none such."""
    written = []
    at = 0
    while found := _REPLACEMENT.match(text, at):
        at = found.end()
        escaped, digits, other = found.groups()
        if digits:
            length = next((n for n in range(len(digits), 0, -1) if int(digits[:n]) <= groups), 0)
            written.append(f"${{{digits[:length]}}}" if length else "")
            written.append(digits[max(length, 1) :])
        else:
            written.append((escaped or other).replace("$", "$$"))
    return "".join(written) if at == len(text) else None


def _in_python(pattern: str, flags: str, translated: _Translated) -> re.Pattern[str]:
    """Return a pattern that the engine refuses as Python has it; raises PatternError where that is something else."""
    if not translated.plain:
        raise PatternError(f"the pattern {pattern} cannot be read as a regular expression of XPath")
    try:
        return re.compile(pattern, sum(_RE_FLAGS.get(flag, 0) for flag in {*flags}))
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"the pattern {pattern} is no regular expression: {error}") from None


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
