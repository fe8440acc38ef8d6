"""Find the thing that a label, id, prefixed name or IRI names."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode

from destgraph.errors import InputError
from destgraph.results import Select
from destgraph.vocabulary import PREFIXES, SCHEMES, expand, iri, local_name, shorten
from destgraph.wording import suggestion

_CLASSES = {name.lower(): iri(f"dg:{name}") for name in ("Destination", "Platform", "Vendor")}
_TEXT = ("language", "text")
_DAY = re.compile(r"\d{4}(-\d\d){0,2}", re.ASCII)
_WORD = re.compile(r"\w+")
_ID = re.compile(r"[\w.-]+")

KINDS = (*_CLASSES, *SCHEMES)
"""The kinds of things that have names: destinations, platforms, vendors, and the concepts of each scheme."""


@dataclass(frozen=True)
class Named:
    """A thing with the id at the end of its IRI, its names, and the class it describes if it is a type."""

    kind: str
    iri: NamedNode
    labels: tuple[str, ...]
    describes: NamedNode | None = None

    @property
    def id(self) -> str:
        """The last part of the IRI."""
        return local_name(self.iri.value)

    @property
    def bound(self) -> NamedNode:
        """What stands for the thing in a question: for a type its class, else its own IRI."""
        return self.describes or self.iri


def named(select: Select, kind: str, only: NamedNode | None = None) -> list[Named]:
    """Return all things of `kind`, one of KINDS, with their labels in every language; or only the one with this IRI."""
    if kind in _CLASSES:
        where = f"?thing a ?class . ?class rdfs:subClassOf* {_CLASSES[kind]}"
    else:
        where = f"?thing skos:inScheme {iri(f'scheme:{kind}')}"
    answer = select(
        f"""SELECT DISTINCT ?thing ?describes ?label WHERE {{
              {f"VALUES ?thing {{ {only} }}" if only else ""}
              {where}
              OPTIONAL {{ ?thing dg:describesClass ?describes }}
              OPTIONAL {{ ?thing rdfs:label|skos:prefLabel|skos:altLabel ?label }}
            }}"""
    )
    labels: dict[tuple[NamedNode, NamedNode | None], set[str]] = defaultdict(set)
    for thing, describes, label in answer.terms:
        if isinstance(thing, NamedNode):
            found = labels[thing, describes if isinstance(describes, NamedNode) else None]
            if isinstance(label, Literal):
                found.add(label.value)
    return [Named(kind, thing, tuple(sorted(names)), class_) for (thing, class_), names in labels.items()]


def matching(things: Iterable[Named], text: str) -> list[Named]:
    """Return the things that `text` names: by IRI, prefixed name or id; else by label, in any language.

    Case, accents and punctuation do not matter.
    """
    things = list(things)
    whole, key = expand(text), _key(text)
    for names in (
        lambda thing: {thing.iri.value, thing.bound.value},
        lambda thing: {_key(thing.id), _key(local_name(thing.bound.value))},
        lambda thing: {_key(label) for label in thing.labels},
    ):
        if found := [thing for thing in things if {whole, key} & names(thing)]:
            return found
    return []


def find(select: Select, kinds: Iterable[str], text: str) -> list[Named]:
    """Return the things of some kinds that `text` names; an IRI or id as it stands is found before any label.

    Raises InputError, with similar names, when there is none.
    """
    kinds = tuple(kinds)
    things = [thing for kind in kinds for thing in _exactly(select, kind, text)]
    if not things:
        things = [thing for kind in kinds for thing in named(select, kind)]
    if found := matching(things, text):
        return found
    raise InputError(f"no {_called(kinds, text)}; {suggestion(text, (thing.id for thing in things))}")


def resolve(select: Select, kinds: Iterable[str], text: str) -> Named:
    """Return the one thing of one of `kinds` that `text` names; see `find`.

    Raises InputError when there is none, and with the candidates when there are several.
    """
    kinds = tuple(kinds)
    return one(kinds, text, find(select, kinds, text))


def one(kinds: Sequence[str], text: str, found: Sequence[Named]) -> Named:
    """Return the one thing that was found for `text`; raises InputError with the candidates when there are several."""
    if len(found) > 1:
        candidates = ", ".join(sorted(shorten(thing.iri) for thing in found))
        raise InputError(f"{_called(kinds, text)} is ambiguous; name one of {candidates}")
    return found[0]


def _called(kinds: Sequence[str], text: str) -> str:
    """Return "type 'edge'", or "thing 'edge'" when it may be of several kinds."""
    shown = text if len(text) <= 100 else f"{text[:100]}..."
    return f"{kinds[0] if len(kinds) == 1 else 'thing'} {shown!r}"


def _exactly(select: Select, kind: str, text: str) -> list[Named]:
    """Return the thing of `kind` whose IRI or id is `text`, to the letter, without reading all names."""
    whole = PREFIXES[kind] + text if _ID.fullmatch(text) else expand(text)
    try:
        return named(select, kind, NamedNode(whole))
    except ValueError:  # no IRI
        return []


def term(select: Select, kind: str, text: str) -> NamedNode | Literal:
    """Return the term that stands for `text` in a question whose parameter is of `kind`.

    Raises InputError like `resolve`, for a text without letters, and for a date that is none.
    """
    if kind == "date":
        return Literal(_day(text).isoformat(), datatype=iri("xsd:date"))
    if kind not in _TEXT:
        return resolve(select, [kind], text).bound
    if not text.strip():
        raise InputError(f"the {kind} is empty; write what to look for")
    return Literal(text)


def _day(text: str) -> date:
    """Return the day that a date names, of a month or year its first; raises InputError for anything else."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:  # no such day
        pass
    raise InputError(f"{text[:100]!r} is no date; write a year, month or day such as 2026, 2026-03 or 2026-03-31")


def _key(text: str) -> str:
    """Fold case, accents and punctuation."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(text.casefold()))
