"""The tidy tables, one an entity: what their columns hold, and how their rows are found."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from destgraph.export.selection import Selection
from destgraph.results import plain
from destgraph.vocabulary import iri, shorten, words

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Column:
    """A column of texts, or of dates; `refers_to` is the table that has its values as key, for a foreign key."""

    name: str
    meaning: str
    refers_to: str | None = None
    dates: bool = False


@dataclass(frozen=True)
class Table:
    """A table; its first `key` columns together name a row."""

    meaning: str
    key: int
    columns: tuple[Column, ...]
    read: "Callable[[_Facts], Iterator[Row]]"

    def rows(self, selection: Selection) -> list[Row]:
        """Return the rows, each once, in order."""
        return sorted(set(self.read(_Facts(selection))), key=lambda row: [cell or "" for cell in row])


class _Facts:
    """What the selection says, read with what the whole graph knows of names and schemes."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self.blocks = selection.blocks
        self.destinations = [subject for subject in self.blocks if subject in selection.every_destination]
        select = selection.graph.select
        self.concepts = _pairs(select("SELECT ?class ?concept { ?concept dg:describesClass ?class }").terms)
        self.kinds = _pairs(
            select(
                """SELECT ?d ?kind { VALUES (?top ?kind) { (dg:Connection "connection") (dg:Extension "extension") }
                     ?d a/rdfs:subClassOf* ?top } ORDER BY DESC(?kind)"""
            ).terms
        )
        self.evidence = {property_ for (property_,) in select("SELECT ?p { ?p dg:evidenceFor ?any }").terms}
        self.positive = _pairs(select("SELECT ?no ?yes { ?yes owl:propertyDisjointWith ?no }").terms)
        self.asked = _pairs(
            select("SELECT ?value ?p { ?p dg:valueScheme ?s ; dg:appliesTo ?any . ?value skos:inScheme ?s }").terms
        )

    def values(self, subject: Any, property_: str) -> list[Any]:
        """Return the values of a property, named with its prefix."""
        return self.blocks.get(subject, {}).get(iri(property_), [])

    def value(self, subject: Any, property_: str) -> str | None:
        """Return the first value in English or without language, else the first of all, as text."""
        values = self.values(subject, property_)
        first = sorted(values, key=lambda v: isinstance(v, Literal) and v.language not in (None, "en"))[:1]
        return _text(first[0]) if first else None

    def name(self, node: Any) -> str | None:
        """Return the English name of a resource or of a part of a destination."""
        name, bound = self._selection.name(node), self.value(node, "dg:limitValue")
        return f"{name}: {bound}" if name and bound else name

    def first(self, subject: Any, property_: str) -> tuple[str | None, str | None]:
        """Return the first value of a property, and its name."""
        values = self.values(subject, property_)
        return (_text(values[0]), self.name(values[0])) if values else (None, None)

    def silent(self, subject: Any, columns: Mapping[str, str]) -> str | None:
        """Return the columns, or else the properties, about which the source of a subject is marked as silent."""
        silent = [shorten(node) for node in self.values(subject, "dg:notDocumented")]
        return " ".join(columns.get(name, name) for name in silent) or None

    def in_scheme(self, scheme: str) -> Iterator[Any]:
        """Yield the concepts of a scheme."""
        return (s for s in self.blocks if iri(f"scheme:{scheme}") in self.values(s, "skos:inScheme"))


def _destinations(facts: _Facts) -> Iterator[Row]:
    for d in facts.destinations:
        kind = facts.kinds.get(d)
        types = [facts.concepts.get(type_, type_) for type_ in facts.values(d, "rdf:type")]
        yield (
            *(_text(d), plain(d), facts.value(d, "rdfs:label"), facts.value(d, "dcterms:description")),
            plain(kind) if kind else None,
            " ".join(map(_text, types)) or None,
            "; ".join(facts.name(type_) or shorten(type_) for type_ in types) or None,
            facts.first(d, "dg:category")[0],
            *facts.first(d, "dg:platform"),
            *facts.first(d, "dg:vendor"),
            facts.first(d, "dg:status")[0],
        )


def _features(facts: _Facts) -> Iterator[Row]:
    for d in facts.destinations:
        for property_, values in facts.blocks[d].items():
            name = shorten(property_)
            if name in ("rdfs:label", "dcterms:description", "dg:evidence") or property_ in facts.evidence:
                continue
            for value in values:
                if name == "dg:notDocumented":
                    of = facts.asked.get(value)
                    yield _feature(facts, d, of or value, value if of else None, "not documented")
                elif property_ in facts.positive:
                    yield _feature(facts, d, facts.positive[property_], value, "no")
                else:
                    yield _feature(facts, d, property_, facts.concepts.get(value, value), "yes")


def _feature(facts: _Facts, destination: Any, property_: Any, value: Any, state: str) -> Row:
    name = facts.name(property_) or words(property_.value)
    return (
        *(_text(destination), _text(property_), None if value is None else _text(value), state, name),
        None if value is None or isinstance(value, Literal) else facts.name(value),
    )


def _identities(facts: _Facts) -> Iterator[Row]:
    columns = {"dg:identity": "identity", "dg:rawName": "raw_name", "dg:sentAs": "sent_as"}
    for d in facts.destinations:
        for kind in ("identity", "attribute"):
            for use in facts.values(d, f"dg:{kind}Use"):
                yield (
                    *(_text(use), _text(d), kind),
                    *facts.first(use, "dg:identity"),
                    facts.value(use, "dg:rawName"),
                    *facts.first(use, "dg:sentAs"),
                    facts.value(use, "skos:note"),
                    facts.silent(use, columns),
                )


def _types(facts: _Facts) -> Iterator[Row]:
    for t in facts.in_scheme("type"):
        yield (
            *(_text(t), plain(t), facts.value(t, "skos:prefLabel"), facts.value(t, "skos:definition")),
            facts.first(t, "dg:describesClass")[0],
            facts.first(t, "skos:broader")[0],
            facts.first(t, "dg:status")[0],
            facts.silent(t, {"dg:status": "status"}),
        )


def _categories(facts: _Facts) -> Iterator[Row]:
    for c in facts.in_scheme("category"):
        yield _text(c), plain(c), facts.value(c, "skos:prefLabel"), facts.value(c, "skos:definition")


def _sources(facts: _Facts) -> Iterator[Row]:
    properties = {
        "rdfs:label": "name",
        "schema:url": "url",
        "dg:repository": "repository",
        "dg:path": "path",
        "dg:commit": "commit",
        "dg:englishCommit": "english_commit",
        "dcterms:identifier": "identifier",
        "dcterms:modified": "modified",
        "dg:textNotBefore": "text_not_before",
        "dg:textNotAfter": "text_not_after",
        "dg:dateBasis": "date_basis",
        "dg:retrievedOn": "retrieved_on",
    }
    for s in facts.blocks:
        if iri("dg:Source") in facts.values(s, "rdf:type"):
            yield _text(s), plain(s), *(facts.value(s, p) for p in properties), facts.silent(s, properties)


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "destinations": Table(
            "A row for each destination. Where one has several values, the first is here and all are in `features`.",
            1,
            (
                Column("destination", "key: prefixed name"),
                Column("iri", "IRI"),
                Column("name", "name in the catalog"),
                Column("description", "what it does"),
                Column("kind", "connection or extension"),
                Column("types", "types (`rdf:type`), keys of `types`, with spaces between"),
                Column("type_names", "their names, with `; ` between"),
                Column("category", "category of the catalog", "categories"),
                Column("platform", "platform that receives the data"),
                Column("platform_name", "its name"),
                Column("vendor", "vendor"),
                Column("vendor_name", "its name"),
                Column("status", "release stage"),
            ),
            _destinations,
        ),
        "features": Table(
            "A row for each statement about a destination: types, features, notes, what its page denies or omits.",
            4,
            (
                Column("destination", "whom it is about", "destinations"),
                Column("property", "property; `rdf:type` for a documented type, `dg:inferredType` for an inferred one"),
                Column("value", "prefixed name, IRI or text; empty when all of the property is not documented"),
                Column("state", "`yes`, `no`, or `not documented`"),
                Column("property_name", "name of the property"),
                Column("value_name", "name of the value, if it is not a text"),
            ),
            _features,
        ),
        "identities": Table(
            "A row for each identity, or attribute with personal data, that a destination takes.",
            1,
            (
                Column("use", "key: its IRI"),
                Column("destination", "destination that takes it", "destinations"),
                Column("kind", "identity, or attribute"),
                Column("identity", "what it is, as concept"),
                Column("identity_name", "its name"),
                Column("raw_name", "name as the page writes it"),
                Column("sent_as", "plain or hashed, and by whom, as concept"),
                Column("sent_as_name", "its name"),
                Column("note", "what the page adds"),
                Column("not_documented", "columns that the page says nothing about"),
            ),
            _identities,
        ),
        "types": Table(
            "A row for each type of destination.",
            1,
            (
                Column("type", "key: prefixed name"),
                Column("iri", "IRI"),
                Column("name", "name in the edition of 2023"),
                Column("definition", "what it means"),
                Column("class", "class of the ontology that it describes"),
                Column("broader", "type above it", "types"),
                Column("status", "release stage"),
                Column("not_documented", "columns, or other properties, that the documentation says nothing about"),
            ),
            _types,
        ),
        "categories": Table(
            "A row for each category of the catalog.",
            1,
            (
                Column("category", "key: prefixed name"),
                Column("iri", "IRI"),
                Column("name", "name"),
                Column("definition", "what it means"),
            ),
            _categories,
        ),
        "sources": Table(
            "A row for each page that was read.",
            1,
            (
                Column("source", "key: prefixed name; the value of `dcterms:source` in `features`"),
                Column("iri", "IRI"),
                Column("name", "name"),
                Column("url", "address of the page"),
                Column("repository", "repository that keeps it"),
                Column("path", "path there"),
                Column("commit", "commit of the version that was read"),
                Column("english_commit", "commit of the English page that a localized copy was made from"),
                Column("identifier", "identifier of the page"),
                Column("modified", "day of that version", dates=True),
                Column("text_not_before", "first day that it can be of, where the day is not known", dates=True),
                Column("text_not_after", "last day that it can be of", dates=True),
                Column("date_basis", "what its day or days rest on"),
                Column("retrieved_on", "day on which it was read", dates=True),
                Column("not_documented", "columns for which there is nothing to read"),
            ),
            _sources,
        ),
    }
)
"""The tables by name."""


def _pairs(rows: Any) -> dict[Any, Any]:
    return dict(rows)


def _text(term: Any) -> str:
    """Return the prefixed name of a resource, or the text of a literal."""
    return shorten(term) if isinstance(term, NamedNode | BlankNode) else plain(term)
