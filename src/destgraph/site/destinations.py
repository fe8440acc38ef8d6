"""The page of a destination: types and why, every feature with its page, identities, limits, alternatives, texts."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from destgraph.catalog.diagrams import neighbourhood
from destgraph.catalog.explanation import Card, Evidence, Explanation, explain
from destgraph.catalog.names import Named
from destgraph.site.frame import View
from destgraph.site.model import Model, for_reader
from destgraph.vocabulary import iri

_GROUPS = {
    "What leaves, and how": (
        *("dg:exports", "dg:deliveredBy", "dg:exportFrequency", "dg:fileFormat", "dg:personalizationScope"),
        *("dg:endpointOwner", "dg:labelledExportType", "dg:region"),
    ),
    "Audiences": ("dg:acceptsAudienceOrigin", "dg:acceptsAudienceDataType", "dg:activationWorkflow"),
    "Access": (
        *("dg:status", "dg:statusNote", "dg:availableWith", "dg:authenticatesWith", "dg:authenticationAsWritten"),
        "dg:needsPermission",
    ),
    "Catalog": (
        *("dg:category", "dg:platform", "dg:vendor", "dg:maintainedBy", "skos:altLabel", "dcterms:isReplacedBy"),
        *("dcterms:replaces", "dg:useCase", "skos:note"),
    ),
}
_ELSEWHERE = {
    iri(name)
    for name in (
        *("rdf:type", "rdfs:label", "dcterms:description", "dcterms:source", "dg:inferredType", "dg:typeAgreement"),
        *("dg:identityUse", "dg:attributeUse", "dg:limit", "dg:evidence", "dg:classificationNote", "dg:notDocumented"),
    )
}
_ALTERNATIVES = 8


@dataclass(frozen=True)
class Value:
    """A value of a feature: `state` tells whether the page says yes or no to it, or leaves it open."""

    term: Any
    state: str


@dataclass(frozen=True)
class Fact:
    """What is known of one feature; without values the page says nothing of it."""

    property: NamedNode
    values: tuple[Value, ...]
    basis: tuple[Evidence, ...]


@dataclass(frozen=True)
class Use:
    """An identity or attribute that is sent."""

    kind: str
    node: NamedNode


def destination(view: View, about: NamedNode, stem: str) -> bytes:
    """Return the page of a destination."""
    model = view.model
    told = explain(model.select, Named("destination", about, ()))
    facts = {fact.property: fact for fact in _facts(model, about)}
    return view.render(
        "destination.html",
        model.name(about),
        about=about,
        stem=stem,
        kind=model.kinds.get(about),
        told=told,
        groups=_groups(facts),
        silent=[*_silent(facts, model, about)],
        uses=[*_uses(model, about)],
        limits=model.values(about, "dg:limit"),
        rest=_rest(model, about),
        why=_picture(told),
        around=neighbourhood(model.select, Named("destination", about, ())),
        alternatives=model.alternatives(about)[:_ALTERNATIVES],
        notes=_notes(model, about),
        sources=model.values(about, "dcterms:source"),
    )


def _facts(model: Model, about: NamedNode) -> Iterator[Fact]:
    """Yield what the card states, what it rejects and what it leaves open, a fact for each feature."""
    values: dict[NamedNode, list[Value]] = defaultdict(list)
    for property_, stated in model.blocks[about].items():
        if property_ in _ELSEWHERE or property_ in model.evidence_texts:
            continue
        yes = model.opposites.get(property_)
        values[yes or property_] += [Value(value, "no" if yes else "yes") for value in for_reader(stated)]
    for marked in model.values(about, "dg:notDocumented"):
        feature = model.asked.get(marked)
        values[feature or marked] += [Value(marked, "open")] if feature else []
    for other in model.replaced_by(about):
        values[iri("dcterms:replaces")].append(Value(other, "yes"))
    card = Card(model.select, about)
    for property_, known in values.items():
        terms = [value.term for value in known] or [property_]
        basis = dict.fromkeys(card.evidence(property_, term) for term in terms)
        yield Fact(property_, tuple(known), tuple(basis))


def _groups(facts: dict[NamedNode, Fact]) -> dict[str, list[Fact]]:
    """Return the facts below their headings; those that no heading has are below the last one."""
    groups = {
        title: [facts[iri(name)] for name in names if iri(name) in facts and facts[iri(name)].values]
        for title, names in _GROUPS.items()
    }
    placed = {iri(name) for names in _GROUPS.values() for name in names}
    groups["Also stated"] = [fact for property_, fact in facts.items() if property_ not in placed and fact.values]
    return {title: group for title, group in groups.items() if group}


def _silent(facts: dict[NamedNode, Fact], model: Model, about: NamedNode) -> Iterator[NamedNode]:
    """Yield the features of which the page says nothing at all."""
    marked = {*model.values(about, "dg:notDocumented")}
    yield from (property_ for property_, fact in facts.items() if property_ in marked and not fact.values)


def _uses(model: Model, about: NamedNode) -> Iterator[Use]:
    for kind in ("identity", "attribute"):
        for node in model.values(about, f"dg:{kind}Use"):
            yield Use(kind, node)


def _rest(model: Model, about: NamedNode) -> list[NamedNode]:
    """Return the parts that no other section of the page shows."""
    shown = {
        node
        for name in ("dg:identityUse", "dg:attributeUse", "dg:limit", "dg:evidence")
        for node in model.values(about, name)
    }
    return [part for part in model.parts.get(about, ()) if part not in shown]


def _picture(told: Explanation) -> Any:
    picture = told.picture()
    return picture if picture.edges else None


def _notes(model: Model, about: NamedNode) -> list[Any]:
    """Return the release notes about a destination, the newest first."""
    notes = {subject for property_, subject in model.mentions.get(about, ()) if property_ == iri("dg:concerns")}
    return sorted(notes, key=lambda note: (model.text(note, "dg:release"), str(note)), reverse=True)
