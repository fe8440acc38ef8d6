"""Pages that lead to others: the start, lists of things, the data, and what there is where there is no page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pyoxigraph import NamedNode

from destgraph.catalog.diagrams import hierarchy
from destgraph.catalog.questions import TOPICS, Question
from destgraph.diagram import Picture
from destgraph.errors import InputError
from destgraph.export.entities import TABLES
from destgraph.site.frame import View
from destgraph.site.model import Model
from destgraph.vocabulary import SCHEMES, iri, local_name
from destgraph.wording import close

FILTERS = {
    "type": "Type",
    "category": "Category",
    "data": "Data that leaves",
    "frequency": "Frequency",
    "license": "License",
    "status": "Status",
    "kind": "Kind",
}
"""The fields by which the list of destinations is filtered, each with its name for people."""

_PROPERTIES = {
    "category": "dg:category",
    "data": "dg:exports",
    "frequency": "dg:exportFrequency",
    "license": "dg:availableWith",
    "status": "dg:status",
}
_FILES = {
    "destgraph.ttl": "Turtle",
    "destgraph.jsonld": "JSON-LD",
    "destgraph.nt": "N-Triples, sorted",
    "destgraph.rdf": "RDF/XML",
}
_PARTS = {
    "ontology": "Classes, properties, patterns",
    "schemes": "Concept schemes",
    "catalog": "Destinations, platforms, vendors, sources, release notes",
    "inferred": "Types that follow from features",
    "shapes": "SHACL shapes",
}
_FOUND, _NEAR = 50, 8
_FIRST = ("choose", "compare", "when-to-use", "type-of")


@dataclass(frozen=True)
class Entry:
    """A destination in the list, with the ids of its values of each filter."""

    thing: NamedNode
    types: tuple[Any, ...]
    values: dict[str, tuple[Any, ...]]

    def ids(self, field: str) -> str:
        """Return the ids of the values of a filter, with blanks between."""
        return " ".join(local_name(value.value) for value in self.values[field])


def start(view: View) -> bytes:
    """Return the first page: types, destinations, questions, and how to load the data."""
    model = view.model
    entries = [_entry(model, thing) for thing in model.destinations]
    return view.render(
        "index.html",
        "Destinations of Adobe Experience Platform",
        info=model.graph.info,
        picture=_types(model),
        entries=entries,
        filters={field: (name, _offered(model, field, entries)) for field, name in FILTERS.items()},
        first=[model.graph.questions[name] for name in _FIRST if name in model.graph.questions],
        topics=topics(model.graph.questions.values()),
    )


def _entry(model: Model, thing: NamedNode) -> Entry:
    types = model.types(thing)
    above = {other for type_ in types for other in (type_, *model.above.get(type_, ()))} & model.concepts.keys()
    above.discard(iri("dg:Destination"))  # which all are
    values: dict[str, tuple[Any, ...]] = {
        field: tuple(v for v in model.values(thing, property_) if isinstance(v, NamedNode))
        for field, property_ in _PROPERTIES.items()
    }
    values["type"] = tuple(sorted((model.concepts[type_] for type_ in above), key=str))
    values["kind"] = tuple(filter(None, [model.kinds.get(thing)]))
    return Entry(thing, tuple(types), values)


def _offered(model: Model, field: str, entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Return the values that a filter offers, those that some destination has, as id and name."""
    found = {value for entry in entries for value in entry.values[field]}
    return [(local_name(value.value), model.name(value)) for value in sorted(found, key=model.order)]


def _types(model: Model) -> Picture | None:
    """Return the hierarchy of types, each with its number of destinations and a link to its page."""
    asked = model.graph.questions.get("types")
    if asked is None:
        return None
    picture = hierarchy(model.select, asked, "2023")
    picture.links |= {model.name(concept): concept.value for concept in model.concepts.values()}
    return picture


def topics(questions: Iterable[Question]) -> dict[str, list[Question]]:
    """Return questions by topic."""
    found: dict[str, list[Question]] = {topic: [] for topic in TOPICS}
    for question in questions:
        found[question.topic].append(question)
    return {topic: sorted(of, key=lambda question: question.summary) for topic, of in found.items() if of}


def questions(view: View) -> bytes:
    """Return the list of questions."""
    return view.render("questions.html", "Questions", topics=topics(view.model.graph.questions.values()))


def platforms(view: View) -> bytes:
    """Return the list of platforms."""
    return _things(view, "Platforms", "dg:Platform", "Product families that destinations send data to.")


def vendors(view: View) -> bytes:
    """Return the list of vendors."""
    return _things(view, "Vendors", "dg:Vendor", "The organizations behind destinations and platforms.")


def sources(view: View) -> bytes:
    """Return the list of sources."""
    lead = "The pages of documentation that the facts come from, each in the version that was read."
    return _things(view, "Sources", "dg:Source", lead)


def _things(view: View, title: str, class_: str, lead: str) -> bytes:
    """Return a list of the things of a class, by their first letter."""
    model = view.model
    things = sorted((t for t in model.things.values() if iri(class_) in model.values(t, "rdf:type")), key=model.order)
    groups = {letter: [*of] for letter, of in groupby(things, lambda thing: model.name(thing)[:1].upper())}
    return view.render("things.html", title, lead=lead, groups=groups, dated=class_ == "dg:Source")


def notes(view: View) -> bytes:
    """Return the list of release notes, the newest first."""
    model = view.model
    found: dict[str, list[Any]] = defaultdict(list)
    for stem, thing in model.things.items():
        if stem.startswith("release-note/"):
            found[model.text(thing, "dg:release")].append(thing)
    months = {month: found[month] for month in sorted(found, reverse=True)}
    return view.render("notes.html", "Release notes", months=months)


def schemes(view: View) -> bytes:
    """Return the list of concept schemes with their concepts."""
    model = view.model
    named = [iri(f"scheme:{name}") for name in SCHEMES]
    every = {*model.members, *named}
    found = {s: model.members.get(s, []) for s in sorted(every, key=model.order) if s in model.blocks}
    return view.render("schemes.html", "Concepts", schemes=found)


def files(view: View) -> bytes:
    """Return the page about the data as a whole."""
    return view.render("data.html", "Data", files=_FILES, parts=_PARTS, tables=TABLES)


def search(view: View, words: str = "") -> bytes:
    """Return the page that shows what is found for some words."""
    found, problem = None, ""
    try:
        found = view.model.graph.find(words, limit=_FOUND) if words.strip() else None
    except InputError as error:
        problem = str(error)
    return view.render("search.html", "Search", words=words, found=found, problem=problem)


def not_found(view: View, path: str = "") -> bytes:
    """Return what is shown where there is no page, with the pages of names that are near, those of the kind first."""
    kind, _, wanted = path.partition(".")[0].rpartition("/")
    named: dict[str, list[str]] = defaultdict(list)
    for stem in view.model.things:
        named[stem.rpartition("/")[2]].append(stem)
    near = [stem for name in close(wanted, named) for stem in named[name]] if wanted else []
    near.sort(key=lambda stem: stem.rpartition("/")[0] != kind)
    return view.render("404.html", "Not found", near=[view.model.things[stem] for stem in near[:_NEAR]])
