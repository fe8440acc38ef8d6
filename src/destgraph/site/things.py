"""A page for each thing of the graph: what is said about it, and what refers to it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode

from destgraph.catalog.classification import patterns
from destgraph.site import destinations
from destgraph.site.frame import View
from destgraph.site.model import Model
from destgraph.vocabulary import iri

_LABELS = ("rdfs:label", "skos:prefLabel", "skos:altLabel")
_LEADS = ("skos:definition", "dcterms:description", "dg:text")
_HIDDEN = frozenset(
    map(iri, ("rdfs:label", "skos:prefLabel", "rdfs:isDefinedBy", "skos:inScheme", "skos:topConceptOf", *_LEADS))
)
_UNTOLD = frozenset(map(iri, ("dg:aboutValue", "skos:topConceptOf", "skos:broader", "rdfs:isDefinedBy")))
_TYPE_SECTIONS = frozenset(map(iri, ("dg:behaviour", "dg:editionEntry", "dg:serves", "dg:describesClass")))


@dataclass(frozen=True)
class Mention:
    """The things of which a thing is the value of a property, or in one of whose parts it is."""

    property: NamedNode
    subjects: tuple[NamedNode, ...]
    are_destinations: bool


def thing(view: View, about: NamedNode, stem: str) -> bytes:
    """Return the page of a thing."""
    model = view.model
    if about in model.destinations:
        return destinations.destination(view, about, stem)
    kind = stem.partition("/")[0]
    scheme = next(iter(model.values(about, "skos:inScheme")), None)
    common = {
        "about": about,
        "stem": stem,
        "kind": kind,
        "lead": next(filter(None, (model.text(about, name) for name in _LEADS)), ""),
        "scheme": scheme,
        "hidden": _HIDDEN,
        "labels": _labels(model, about),
        "narrower": model.narrower.get(about, []),
        "members": model.members.get(about, []),
        "mentions": _mentions(model, about),
        "parts": model.parts.get(about, []),
    }
    name = model.name(about)
    classes = model.values(about, "dg:describesClass")
    if not classes:
        return view.render("thing.html", _title(model, about, name, kind), **common)
    return view.render(
        "type.html",
        name,
        **{**common, "hidden": _HIDDEN | _TYPE_SECTIONS, "parts": []},
        type=classes[0],
        rows=model.answer("destinations-of-type", type=classes[0]),
        patterns=[pattern for pattern in patterns(model.select) if pattern.type == classes[0]],
        editions=model.values(about, "dg:editionEntry"),
        behaviour=_behaviour(model, about),
        guidance=[row for row in model.answer("when-to-use") if about in row],
        rest=_rest(model, about),
    )


def _title(model: Model, about: NamedNode, name: str, kind: str) -> str:
    """Return the title of a page; a release note has no name, and goes by its month and what it concerns."""
    if kind == "release-note":
        concerned = ", ".join(map(model.name, model.values(about, "dg:concerns")))
        return f"Release note {model.text(about, 'dg:release')}: {concerned}"
    return name if "/" in name else name[:1].upper() + name[1:]  # a source goes by its path


def _labels(model: Model, about: NamedNode) -> dict[str, dict[str, list[str]]]:
    """Return the names of a thing by language, when it has any in another language than English."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for property_ in _LABELS:
        for label in model.values(about, property_):
            if isinstance(label, Literal) and label.language:
                found[label.language]["other" if property_ == "skos:altLabel" else "name"].append(label.value)
    return {language: found[language] for language in sorted(found)} if found.keys() - {"en"} else {}


def _mentions(model: Model, about: NamedNode) -> list[Mention]:
    """Return what refers to a thing, by property."""
    found: dict[NamedNode, set[Any]] = defaultdict(set)
    for property_, subject in model.mentions.get(about, ()):
        whole = model.whole(subject)
        if property_ not in _UNTOLD and isinstance(whole, NamedNode) and whole != about and model.place(whole):
            found[property_].add(whole)
    return [
        Mention(property_, tuple(sorted(subjects, key=model.order)), subjects <= model.every_destination)
        for property_, subjects in sorted(found.items(), key=lambda item: (-len(item[1]), item[0].value))
        if property_ != iri("skos:inScheme")
    ]


def _behaviour(model: Model, about: NamedNode) -> dict[Any, list[Any]]:
    """Return the facts about how a type behaves, by aspect."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for fact in model.values(about, "dg:behaviour"):
        for aspect in model.values(fact, "dg:aspect") or [None]:
            found[aspect].append(fact)
    return {aspect: found[aspect] for aspect in sorted(found, key=model.order)}


def _rest(model: Model, about: NamedNode) -> list[NamedNode]:
    """Return the parts of a type that are neither behaviour nor editions."""
    shown = {*model.values(about, "dg:behaviour"), *model.values(about, "dg:editionEntry")}
    return [part for part in model.parts.get(about, ()) if part not in shown]
