"""Find the resource that a label, id, prefixed name or IRI names; and the English names of all."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from destgraph.errors import InputError
from destgraph.results import Select, Term, plain
from destgraph.vocabulary import PREFIXES, SCHEMES, expand, iri, local_name, shorten
from destgraph.wording import close, suggestion

_CLASSES = {name.lower(): iri(f"dg:{name}") for name in ("Destination", "Platform", "Vendor")}
CHOICE = "choice"
"""The kind of a parameter that takes one of a few words."""
_TEXT = ("language", "text")
_KIND_WORDS = frozenset({"connection", "connector", "destination", "extension"})
_EXACT = 3  # ways of naming that leave nothing out
_LOOSE_WORDS = frozenset({"adobe", "api", "file", "legacy", "the", "v1", "v2"})
_DAY = re.compile(r"\d{4}(-\d\d){0,2}", re.ASCII)
_WORD = re.compile(r"\w+")
_ID = re.compile(r"[\w.-]+")

KINDS = (*_CLASSES, *SCHEMES)
"""The kinds of things that have names: destinations, platforms, vendors, and the concepts of each scheme."""


PARAMETER_KINDS = (*KINDS, *_TEXT, "date", CHOICE)
"""The kinds of what a question asks for: such things, a text, a date, or one of a few words."""


class Named(NamedTuple):
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
    def query_term(self) -> NamedNode:
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


def matching(
    things: Iterable[Named], text: str, offers: Mapping[NamedNode, Iterable[str]] = MappingProxyType({})
) -> list[Named]:
    """Return the things that `text` names, by the first of these ways that finds any.

    By IRI, prefixed name or id; by label, in any language, in singular or plural; by label without the words of
    _KIND_WORDS, of which those that were typed decide between the things found; without those of _LOOSE_WORDS too; and
    by the names in `offers`, such as those of a destination's platform and vendor. Case, accents and punctuation do not
    matter. Of a connection and extensions of the same name the connection is meant, unless the text says "extension".
    """
    return _matching(things, text, offers)[0]


def _matching(
    things: Iterable[Named], text: str, offers: Mapping[NamedNode, Iterable[str]] = MappingProxyType({})
) -> tuple[list[Named], list[Named]]:
    """Return the things that `text` names, and those that it names as well as they and that are not meant."""
    things = list(things)
    whole, key, said = expand(text), _key(text), _KIND_WORDS.intersection(_singular(_key(text)))
    ways: list[tuple[str, Callable[[Named], Iterable[str]]]] = [
        (whole, lambda thing: (thing.iri.value, thing.query_term.value)),
        (text.casefold(), lambda thing: (thing.id, local_name(thing.query_term.value).casefold())),
        (key, lambda thing: map(_key, thing.labels)),
    ]
    for dropped in (frozenset[str](), _KIND_WORDS, _KIND_WORDS | _LOOSE_WORDS):
        fold = partial(_without, dropped)
        ways.append((fold(text), lambda thing, fold=fold: map(fold, thing.labels)))  # type: ignore[misc]
        ways.append((fold(text), lambda thing, fold=fold: map(fold, offers.get(thing.iri, ()))))  # type: ignore[misc]
    ways.append((key, lambda thing: (_key(thing.id), _key(local_name(thing.query_term.value)))))
    for number, (wanted, names) in enumerate(ways):
        found = [thing for thing in things if wanted and wanted in names(thing)]
        if meant := found if number < _EXACT else _as_said(found, said):
            return meant, [thing for thing in found if thing not in meant]
    return [], []


def is_exact(thing: NamedNode, text: str) -> bool:
    """Tell whether a text is the IRI, prefixed name or id of a thing, case and punctuation aside."""
    return expand(text) == thing.value or _key(text) == _key(local_name(thing.value))


def _as_said(found: Sequence[Named], said: AbstractSet[str]) -> list[Named]:
    """Keep the extensions where "extension" was said; else leave them out where there is anything else."""
    extensions = [thing for thing in found if any("extension" in _singular(_key(label)) for label in thing.labels)]
    others = [thing for thing in found if thing not in extensions]
    if "extension" in said:
        return extensions
    return others or extensions


def find(select: Select, kinds: Iterable[str], text: str) -> list[Named]:
    """Return the things of some kinds that `text` names; see `matching`.

    Raises InputError, with similar names, when there is none.
    """
    return _find(select, kinds, text)[0]


def _find(select: Select, kinds: Iterable[str], text: str) -> tuple[list[Named], list[Named]]:
    """Return what `text` names, and what else has that name; see `_matching`."""
    kinds = tuple(kinds)
    things = [thing for kind in kinds for thing in _exactly(select, kind, text)]
    if not things:
        things = [thing for kind in kinds for thing in named(select, kind)]
    found = _matching(things, text)
    if not found[0] and "destination" in kinds:
        found = _matching(things, text, _offers(select))
    if found[0]:
        return found
    raise InputError(f"no {_called(kinds, text)}; {_nearest(select, things, text)}")


class Meant(NamedTuple):
    """The thing that a text names, and others that have the name too and were not meant."""

    thing: Named
    others: Sequence[Named] = ()


def meant(select: Select, kinds: Iterable[str], text: str) -> Meant:
    """Return the one thing of one of `kinds` that `text` names, and what else it could name; see `find`.

    Raises InputError when there is none, and with the candidates when there are several.
    """
    kinds = tuple(kinds)
    found, others = _find(select, kinds, text)
    return Meant(one(select, kinds, text, found), others)


def resolve(select: Select, kinds: Iterable[str], text: str) -> Named:
    """Return the one thing of one of `kinds` that `text` names; see `meant`."""
    return meant(select, kinds, text).thing


def also_named(text: str, thing: NamedNode, others: Iterable[str]) -> str:
    """Return what is to be told of a text that was taken for a thing, as others have that name too."""
    shown = text if len(text) <= 100 else f"{text[:100]}..."
    return f"{shown!r} is taken as {shorten(thing)}; it is also the name of {', '.join(others)}"


def one(select: Select, kinds: Sequence[str], text: str, found: Sequence[Named]) -> Named:
    """Return the one thing that was found for `text`; raises InputError with the candidates when there are several."""
    if len(found) > 1:
        shown = english(select)
        candidates = ", ".join(sorted(f"{shorten(thing.iri)} ({shown.get(thing.iri, thing.kind)})" for thing in found))
        raise InputError(f"{_called(kinds, text)} is ambiguous; name one of {candidates}")
    return found[0]


def _offers(select: Select) -> Mapping[NamedNode, list[str]]:
    """Return the names of the platform and the vendor of each destination."""
    names: dict[NamedNode, list[str]] = defaultdict(list)
    rows = select(
        """SELECT ?thing ?label { ?thing dg:platform|dg:vendor ?offer .
             ?offer rdfs:label|skos:prefLabel|skos:altLabel ?label }"""
    )
    for thing, label in rows.terms:
        names[thing].append(plain(label))  # type: ignore[index]
    return names


def _nearest(select: Select, things: Sequence[Named], text: str) -> str:
    """Return "did you mean ..." with the things that have a name close to `text`, else some ids."""
    of_name: dict[str, Named] = {}
    for thing in sorted(things, key=lambda thing: thing.id):
        for name in (thing.id, *thing.labels):
            of_name.setdefault(name, thing)
    nearest = dict.fromkeys(of_name[name] for name in close(text, of_name))
    if not nearest:
        return suggestion(text, {thing.id for thing in things})
    shown = english(select)
    return f"did you mean {' or '.join(f'{thing.id} ({shown.get(thing.iri, thing.kind)})' for thing in nearest)}?"


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


def english(select: Select) -> dict[Term, str]:
    """Return the English name of everything that has one; of several the first in their order.

    The class of a type goes by the name of its concept.
    """
    rows = select(
        """SELECT ?thing ?name ?class { ?thing rdfs:label|skos:prefLabel ?name FILTER (langMatches(lang(?name), "en"))
             OPTIONAL { ?thing dg:describesClass ?class } } ORDER BY DESC(?name)"""
    ).terms
    found = {thing: plain(name) for thing, name, _ in rows}
    return found | {class_: plain(name) for _, name, class_ in rows if class_ is not None}


def name(select: Select, thing: NamedNode) -> str:
    """Return the name of a thing, as the questions have it: in English or no language, else in any, else its IRI."""
    labels = [row[0] for row in select(f"SELECT ?name {{ {thing} rdfs:label|skos:prefLabel ?name }}").terms]
    found = [label for label in labels if isinstance(label, Literal) and label.value]
    ranked = sorted(found, key=lambda label: ((label.language or "en").lower().split("-")[0] != "en", label.value))
    return ranked[0].value if ranked else shorten(thing)


def term(select: Select, kind: str, text: str, choices: Sequence[str] = ()) -> NamedNode | Literal:
    """Return the term that stands for `text` in a question whose parameter is of `kind`, with `choices` if it has them.

    Raises InputError like `resolve`, for a text without letters, for a date that is none, and for none of the choices.
    """
    if kind == CHOICE:
        for choice in choices:
            if _key(choice) == _key(text):
                return Literal(choice)
        raise InputError(f"no {_called(['value'], text)}; it is {' or '.join(choices)}")
    if kind == "date":
        return Literal(_day(text).isoformat(), datatype=iri("xsd:date"))
    if kind not in _TEXT:
        return resolve(select, [kind], text).query_term
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


def _singular(key: str) -> list[str]:
    """Return the words of a key without the plural's s."""
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in key.split()
    ]


def _without(dropped: AbstractSet[str], text: str) -> str:
    """Return the key of a text in singular, without some words."""
    return " ".join(word for word in _singular(_key(text)) if word not in dropped)
