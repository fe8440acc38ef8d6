"""One thing of the graph on one screen: what is said about it, and what points at it."""

from collections import defaultdict
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from destgraph.catalog.names import Named, english
from destgraph.results import Select, Term, plain
from destgraph.shown import shown
from destgraph.vocabulary import TYPE, iri, shorten, words

_HIDDEN = {
    iri(name)
    for name in (
        *("dg:aboutProperty", "dg:aboutValue", "dg:describesClass", "dg:evidence"),
        *("rdfs:isDefinedBy", "rdfs:label", "skos:inScheme", "skos:prefLabel", "skos:topConceptOf"),
    )
}
_FIRST = ["description", "definition", "type", "inferred type", "type agreement"]
_SILENT = iri("dg:notDocumented")
_NOTE = iri("skos:note")
_EDITION = iri("dg:edition")
_PLACE: dict[Term, int] = {_EDITION: 0, _NOTE: 2}
_FACT = iri("dg:text")
_ASIDE = {TYPE, iri("dcterms:source")}


@shown
@dataclass(frozen=True)
class Description:
    """What the graph says about one thing, in English.

    `facts` holds pairs of a property's name and its values; `mentions` pairs of a property's name and the names of
    the things whose property it is a value of; `others` has the short names of other things that were meant perhaps.
    """

    kind: str
    iri: NamedNode
    name: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    mentions: tuple[tuple[str, tuple[str, ...]], ...]
    others: tuple[str, ...] = ()


def describe(select: Select, thing: Named) -> Description:
    """Return what the graph says about a thing; each of its parts, such as limits, is told in one value."""
    node = thing.iri
    labels = english(select)
    about: dict[Term, list[tuple[Term, Term]]] = defaultdict(list)
    part = Literal(node.value + "#")
    for subject, property_, value in select(
        f"""SELECT ?s ?p ?v {{ {{ {node} ?link ?s FILTER (STRSTARTS(STR(?s), {part})) }} UNION {{ BIND ({node} AS ?s) }}
              ?s ?p ?v FILTER NOT EXISTS {{ ?p dg:evidenceFor ?any }} }} ORDER BY ?p ?v"""
    ).terms:
        if property_ not in _HIDDEN and not (isinstance(value, Literal) and value.language not in (None, "en")):
            about[subject].append((property_, value))

    def name(property_: Term) -> str:
        return labels.get(property_) or words(plain(property_))

    def text(value: Term) -> str:
        if value in about and value != node:
            said = sorted(((p, v) for p, v in about[value] if is_told(p, v)), key=lambda pv: _PLACE.get(pv[0], 1))
            if any(p == _FACT for p, _ in said):  # of facts, the editions are left to export-behaviour
                said = [(p, v) for p, v in said if _EDITION not in (p, v)]
            parts = [f"{name(v)} not documented" if p == _SILENT else text(v) for p, v in said]
            return ", ".join([labels[value], *parts] if value in labels else parts)
        return labels.get(value) or (shorten(value) if isinstance(value, NamedNode) else plain(value))

    def is_told(property_: Term, value: Term) -> bool:
        return not {property_, value} & _ASIDE

    facts: dict[str, list[str]] = defaultdict(list)
    for property_, value in about[node]:
        if value != iri("skos:Concept"):
            facts[name(property_)].append(text(value))
    mentions: dict[str, list[str]] = defaultdict(list)
    for property_, mention in select(
        f"""SELECT DISTINCT ?p ?name {{ ?s ?p {node} . BIND (IRI(STRBEFORE(CONCAT(STR(?s), "#"), "#")) AS ?whole)
              FILTER (isIRI(?s) && ?p != dg:aboutValue && ?whole != {node})
              ?whole rdfs:label|skos:prefLabel ?name FILTER (langMatches(lang(?name), "en")) }} ORDER BY ?p ?name"""
    ).terms:
        mentions[name(property_)].append(plain(mention))
    order = {first: place for place, first in enumerate(_FIRST)}
    return Description(
        thing.kind,
        node,
        labels.get(node) or thing.id,
        tuple((n, tuple(facts[n])) for n in sorted(facts, key=lambda n: (order.get(n, len(order)), n))),
        tuple((n, tuple(values)) for n, values in mentions.items()),
    )
