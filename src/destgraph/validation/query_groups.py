"""Where in the text of a shape's query stand the variable that SHACL binds beforehand, and paths of no length."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from rdflib import BNode, URIRef
from rdflib.term import Node

from destgraph import query_text

# The head of a query whose rows are those of its pattern.
_SELECT = re.compile(r"\bSELECT\s+(?:DISTINCT\s+|REDUCED\s+)?((?:[?$]\w+\s+)+)(?:WHERE\s*)?\{", re.I)
# Words, and not the end of a name, a variable or a language tag.
_WORD = r"(?<![\w?$:@.%-])"
_BRACE = re.compile(rf"(?:{_WORD}(EXISTS|OPTIONAL)\s*)?\{{|\}}", re.I)
_CONDITION = re.compile(rf"{_WORD}(?:FILTER|BIND)\b\s*[\w:.-]*\s*", re.I)
# Solutions taken away, other data, the braces of VALUES, and escapes, in which anything may stand.
_UNCLEAR = re.compile(rf"{_WORD}(?:MINUS|LIMIT|OFFSET|VALUES|SERVICE)\b|\\", re.I)
_THIS = re.compile(r"[?$]this\b")

# A path whose steps may all be left out, and a constant at one of its ends.
_CONSTANT = r"""(?:<[^<>\s]*>|[\w-]*:[\w.-]*\w|["'](?:@[\w-]+|\^\^\S+)?|[+-]?\d[\d.]*|true|false)"""
_NO_STEP = r"(?:\^?(?:<[^<>\s]*>|[\w-]*:[\w.-]*\w|a|\([^()]*\))[*?])"
_FROM = re.compile(rf"(?<![\w:.@^-])({_CONSTANT})\s+(?:{_NO_STEP}/)*{_NO_STEP}(?=\s)")
_TO = re.compile(rf"\s(?:{_NO_STEP}/)*{_NO_STEP}\s+({_CONSTANT})")
_LEFT_OUT = re.compile(r"[*?](?!\w)")


def groups_to_bind(query: str) -> list[int]:
    """Return where groups begin in which a variable is to be bound to have the rows of one that is bound beforehand.

    There is no such place where that may not be enough, or where `query` is no SELECT query with `this` in its rows.
    """
    code = query_text.without_text(query)
    head = _SELECT.search(code)
    if not head or "this" not in re.split(r"[\s?$]+", head[1]) or _UNCLEAR.search(code, head.end()):
        return []
    outermost = _Group("", head.end())
    under_way = [outermost]
    at = head.end()
    for brace in _BRACE.finditer(code, at):
        under_way[-1].own += code[at : brace.start()] + " "
        at = brace.end()
        if brace[0] == "}":
            under_way.pop()
            if not under_way:
                break
        else:
            group = _Group((brace[1] or "").upper(), at)
            under_way[-1].inner.append(group)
            under_way.append(group)
    return (outermost.to_bind() or []) if outermost.is_bound else []


def may_have_no_step(query: str) -> bool:
    """Tell whether a query may hold a path of no length."""
    return bool(_LEFT_OUT.search(query))


def path_ends(query: str) -> Iterator[Node]:
    """Yield the constants from which or to which a path of no length may lead."""
    prefixes = {prefix.name: prefix.namespace for prefix in query_text.declared_prefixes(query)}
    for constant in (*_FROM.findall(query), *_TO.findall(query)):
        prefix, colon, name = constant.partition(":")
        if constant.startswith("<"):
            yield URIRef(constant[1:-1])
        elif colon and prefix in prefixes:
            yield URIRef(prefixes[prefix] + name)
        else:
            yield BNode()  # a literal, which may be written otherwise in the graph


@dataclass
class _Group:
    """A group of a query: the word before it, where it begins, its own text without that of groups in it, and these."""

    word: str
    start: int
    own: str = ""
    inner: list["_Group"] = field(default_factory=list)

    @cached_property
    def binds(self) -> bool:
        """Whether its own triples hold the variable."""
        return bool(_THIS.search(_parted(self.own)[0]))

    @property
    def is_bound(self) -> bool:
        """Whether the variable is bound in each solution."""
        joined = [group for group in self.inner if not group.word]
        return self.binds or (bool(joined) and all(group.is_bound for group in joined))

    @property
    def asks(self) -> bool:
        """Whether a condition holds the variable."""
        return bool(_THIS.search(_parted(self.own)[1])) or any(g.mentions for g in self.inner if g.word == "EXISTS")

    @property
    def mentions(self) -> bool:
        """Whether the variable stands anywhere in it."""
        return bool(_THIS.search(self.own)) or any(group.mentions for group in self.inner)

    def to_bind(self, outer: "_Group | None" = None) -> list[int] | None:
        """Return where the variable is to be bound, None where that may not be enough.

        A condition sees what its own group binds; that of OPTIONAL what is bound around it too.
        """
        if self.word == "EXISTS":
            return [] if all(group.word == "EXISTS" and group.to_bind() == [] for group in self.inner) else None
        is_seen = self.is_bound or (self.word == "OPTIONAL" and outer is not None and outer.binds)
        if self.asks and not is_seen:
            return None
        found = [self.start] if self.binds else []
        for group in self.inner:
            inside = group.to_bind(self)
            if inside is None:
                return None
            found += inside
        return found


def _parted(text: str) -> tuple[str, str]:
    """Return the triples of a group, and its conditions."""
    triples, conditions, at = "", "", 0
    for found in _CONDITION.finditer(text):
        if found.start() < at:
            continue
        end, depth = found.end(), 0
        while end < len(text) and (depth or text[end] == "("):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
            if not depth:
                break
        triples += text[at : found.start()]
        conditions += text[found.start() : end]
        at = end
    return triples + text[at:], conditions
