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
    about = _About(select, thing.iri)
    return Description(
        thing.kind, thing.iri, about.labels.get(thing.iri) or thing.id, about.facts(), about.mentions(select)
    )


class _About:
    """What the graph says about a thing and its parts, and how it is told."""

    def __init__(self, select: Select, node: NamedNode) -> None:
        self.node = node
        self.labels = english(select)
        self.statements: dict[Term, list[tuple[Term, Term]]] = defaultdict(list)
        part = Literal(node.value + "#")
        for subject, property_, value in select(
            f"""SELECT ?s ?p ?v {{
                  {{ {node} ?link ?s FILTER (STRSTARTS(STR(?s), {part})) }} UNION {{ BIND ({node} AS ?s) }}
                  ?s ?p ?v FILTER NOT EXISTS {{ ?p dg:evidenceFor ?any }} }} ORDER BY ?p ?v"""
        ).terms:
            if property_ not in _HIDDEN and not (isinstance(value, Literal) and value.language not in (None, "en")):
                self.statements[subject].append((property_, value))

    def facts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the properties of the thing by name, each with its values, what matters most first."""
        facts: dict[str, list[str]] = defaultdict(list)
        for property_, value in self.statements[self.node]:
            if value != iri("skos:Concept"):
                facts[self._name(property_)].append(self._text(value))
        order = {first: place for place, first in enumerate(_FIRST)}
        return tuple((n, tuple(facts[n])) for n in sorted(facts, key=lambda n: (order.get(n, len(order)), n)))

    def mentions(self, select: Select) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the properties of which the thing is a value by name, each with the names of what has it."""
        mentions: dict[str, list[str]] = defaultdict(list)
        for property_, mention in select(
            f"""SELECT DISTINCT ?p ?name {{
                  ?s ?p {self.node} . BIND (IRI(STRBEFORE(CONCAT(STR(?s), "#"), "#")) AS ?whole)
                  FILTER (isIRI(?s) && ?p != dg:aboutValue && ?whole != {self.node})
                  ?whole rdfs:label|skos:prefLabel ?name FILTER (langMatches(lang(?name), "en")) }} ORDER BY ?p ?name"""
        ).terms:
            mentions[self._name(property_)].append(plain(mention))
        return tuple((name, tuple(values)) for name, values in mentions.items())

    def _name(self, property_: Term) -> str:
        return self.labels.get(property_) or words(plain(property_))

    def _text(self, value: Term) -> str:
        if value not in self.statements or value == self.node:
            return self.labels.get(value) or (shorten(value) if isinstance(value, NamedNode) else plain(value))
        said = [(p, v) for p, v in self.statements[value] if not {p, v} & _ASIDE]
        said.sort(key=lambda statement: _PLACE.get(statement[0], 1))
        if any(p == _FACT for p, _ in said):  # of facts, the editions are left to export-behaviour
            said = [(p, v) for p, v in said if _EDITION not in (p, v)]
        parts = [f"{self._name(v)} not documented" if p == _SILENT else self._text(v) for p, v in said]
        return ", ".join([self.labels[value], *parts] if value in self.labels else parts)
