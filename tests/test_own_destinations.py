"""A destination of one's own is in every list that its features put it in, whatever it is called; counts agree."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple

import destgraph
from destgraph import files
from destgraph.catalog import classification, names, questions
from destgraph.results import Select, Solutions, plain
from destgraph.vocabulary import PREFIXES, TYPE, iri, local_name, shorten

LISTS = {
    "dg:exports": ("receives", "data", "exported-data"),
    "dg:exportFrequency": ("exports-at", "frequency", "frequency"),
    "dg:deliveredBy": ("delivered-by", "delivery", "delivery"),
    "dg:fileFormat": ("file-formats", "format", "file-format"),
    "dg:personalizationScope": ("personalizes", "scope", "personalization-scope"),
    "dg:authenticatesWith": ("authenticates-with", "method", "authentication"),
    "dg:category": ("destinations-in-category", "category", "category"),
    "dg:status": ("with-status", "status", "status"),
    "dg:availableWith": ("license", "license", "license"),
    "dg:maintainedBy": ("maintained-by", "maintainer", "maintainer"),
    "dg:needsPermission": ("permissions", "permission", "permission"),
    "dg:acceptsAudienceOrigin": ("accepts-audiences", "origin", "audience-origin"),
    "dg:acceptsAudienceDataType": ("accepts-audiences", "data-type", "audience-data-type"),
}
"""The question that lists the destinations with a value of a property, its parameter, and the scheme of the values."""

REQUIREMENTS = {
    "dg:exports": "exports",
    "dg:exportFrequency": "frequency",
    "dg:fileFormat": "format",
    "dg:personalizationScope": "scope",
    "dg:category": "category",
    "dg:availableWith": "license",
    "dg:acceptsAudienceOrigin": "origin",
    "dg:acceptsAudienceDataType": "audience",
}
"""The requirement of `choose` that a value of a property meets."""

MANY_ROWS = {"authenticates-with", "maintained-by", "with-status", "accepts-audiences", "accepts-identity"}
"""The lists that have a row for each value."""

OWN = "https://example.org/own#"


def ontology() -> Store:
    """Return a store with the ontology and no destination, and a class of one's own below each type."""
    store = Store()
    for path in sorted((files.root() / "ontology").glob("**/*.ttl")):
        if path.parent.name != "shapes":
            store.load(path=path, format=RdfFormat.TURTLE)
    own = [
        Quad(NamedNode(f"{OWN}{local_name(kind.value)}"), iri("rdfs:subClassOf"), kind)
        for (kind,) in selector(store)("SELECT ?class { ?type dg:describesClass ?class }").terms
        if isinstance(kind, NamedNode)
    ]
    store.extend(own)
    return store


def selector(store: Store) -> Select:
    """Return the function that answers queries from a store."""
    return lambda query: Solutions.of(cast(QuerySolutions, store.query(query, prefixes=PREFIXES)))


ONTOLOGY = ontology()
SELECT = selector(ONTOLOGY)
CONCEPTS = {
    scheme: sorted((thing.iri for thing in names.named(SELECT, scheme)), key=str)
    for scheme in [*{scheme for *_, scheme in LISTS.values()}, "identity"]
}
CLASSES = sorted((cast(NamedNode, c) for (c,) in SELECT("SELECT ?c { ?t dg:describesClass ?c }").terms), key=str)
ABOVE = {
    class_: {
        above for (above,) in SELECT(f"SELECT ?c {{ {class_} rdfs:subClassOf* ?c . ?t dg:describesClass ?c }}").terms
    }
    for class_ in CLASSES
}

texts = st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=8)
labels = st.lists(
    st.tuples(
        st.sampled_from(["rdfs:label", "skos:prefLabel"]),
        st.one_of(
            texts.map(Literal),
            st.builds(
                lambda text, tag: Literal(text, language=tag), texts, st.sampled_from(["en", "en-GB", "de", "ja"])
            ),
        ),
    ),
    max_size=3,
)
iris = st.sampled_from([f"{OWN}one", PREFIXES["destination"] + "one", "https://example.org/other/%C3%A9?a=b"])
features = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(CONCEPTS[scheme]), min_size=1, max_size=2, unique=True)
        for name, (_, _, scheme) in LISTS.items()
    },
)


@st.composite
def destinations(draw: st.DrawFn) -> tuple[NamedNode, list[Triple]]:
    """A destination of a type or of a class of one's own below it, with labels, features and identities."""
    node = NamedNode(draw(iris))
    class_ = draw(st.sampled_from(CLASSES))
    asserted = NamedNode(OWN + local_name(class_.value)) if draw(st.booleans()) else class_
    triples = [Triple(node, TYPE, asserted)]
    triples += [Triple(node, iri(name), label) for name, label in draw(labels)]
    triples += [Triple(node, iri(name), value) for name, values in draw(features).items() for value in values]
    for number, identity in enumerate(draw(st.lists(st.sampled_from(CONCEPTS["identity"]), max_size=2))):
        use = BlankNode(f"use{number}")
        triples += [Triple(node, iri("dg:identityUse"), use), Triple(use, iri("dg:identity"), identity)]
        if draw(st.booleans()):
            triples.append(Triple(use, iri("dg:rawName"), Literal("raw")))
    return node, triples


def own(triples: Iterable[Triple]) -> Iterator[None]:
    """Have a destination in the store, classified, and nothing of it afterwards."""
    added = [Quad(*triple) for triple in triples]
    ONTOLOGY.extend(added)
    inferred = [Quad(*triple) for triple in classification.infer(ONTOLOGY)]
    ONTOLOGY.extend(inferred)
    try:
        yield
    finally:
        for quad in [*added, *inferred]:
            ONTOLOGY.remove(quad)


def asked(question: str, **values: object) -> list[dict[str, str]]:
    """Return the rows of an answer, with the terms of its parameters given."""
    found = questions.question(question)
    bound = {name: [cast(NamedNode, value)] for name, value in values.items()}
    answer = SELECT(found.bind(bound))
    return [dict(zip(answer.columns, map(plain, terms), strict=True)) for terms in answer.terms]


def name_of(node: NamedNode, triples: Iterable[Triple]) -> str:
    """Return the first English label or that without a language, else the first of any other, else the short IRI."""
    every = [t.object for t in triples if t.subject == node and isinstance(t.object, Literal)]
    english = [label for label in every if not label.language or label.language.startswith("en")]
    found = min((label.value for label in english or every), default=None)
    return shorten(node) if found is None and node.value.startswith(PREFIXES["destination"]) else found or node.value


@pytest.mark.slow
@given(destinations())
@settings(max_examples=25, deadline=None)
def test_in_every_list_once(drawn: tuple[NamedNode, list[Triple]]) -> None:
    """Each value puts it there, once, with its name; and `choose` reads the value as met."""
    node, triples = drawn
    for _ in own(triples):
        name = name_of(node, triples)
        types = {cast(NamedNode, row) for (row,) in SELECT(f"SELECT ?c {{ {node} a/rdfs:subClassOf* ?c }}").terms}
        connection = iri("dg:Connection") in types
        for triple in triples:
            property_, value = shorten(triple.predicate), triple.object
            question, parameter, _ = LISTS.get(property_, ("", "", ""))
            if not question or (question == "accepts-audiences" and not connection):
                continue
            there = [row for row in asked(question, **{parameter: value}) if row["destination"] == node.value]
            assert there, f"{question} {parameter}={value}"
            kinds = {row.get("kind") for row in there}  # one's own data may say both
            assert question in MANY_ROWS or len(there) == len(kinds)
            assert {row["name"] for row in there} == {name}
            if requirement := REQUIREMENTS.get(property_):
                (row,) = (row for row in asked("choose", **{requirement: value}) if row["destination"] == node.value)
                assert (row["met"], row["name"]) == (requirement, name)
        for use in [t for t in triples if t.predicate == iri("dg:identity")]:
            there = [row for row in asked("accepts-identity", identity=use.object) if row["destination"] == node.value]
            assert {row["name"] for row in there} == {name}
            assert "same" in {row["form"] for row in there}
            (row,) = (row for row in asked("choose", identity=use.object) if row["destination"] == node.value)
            assert row["met"] == "identity"
        for class_ in types & set(CLASSES):
            there = [row for row in asked("destinations-of-type", type=class_) if row["destination"] == node.value]
            assert len(there) == len({row["type"] for row in there}) > 0
            assert {row["name"] for row in there} == {name}
            (row,) = (row for row in asked("choose", kind=class_) if row["destination"] == node.value)
            assert row["met"] == "kind"
        for question in ("license", "maintained-by", "permissions"):
            assert {row["name"] for row in asked(question) if row["destination"] == node.value} == {name}
        assert {row["destination"] for row in asked("type-of", destination=node)} == {name}
        assert names.name(SELECT, node) == name


ONE_EACH = {"on-platform": ("kind", "category"), "from-vendor": ("kind", "category"), "superseded": ("status",)}
"""The columns that a list has a row for each value of: a destination may be both connection and extension."""

PLATFORM, VENDOR, NEXT = (NamedNode(f"{OWN}{name}") for name in ("platform", "vendor", "next"))


@given(destinations())
@settings(max_examples=30, deadline=None)
def test_in_the_lists_of_other_questions_once(drawn: tuple[NamedNode, list[Triple]]) -> None:
    """By platform, vendor, successor, word, gap, datasets, and what is sensitive."""
    node, triples = drawn
    email, exports = NamedNode(PREFIXES["identity"] + "email"), iri("dg:exports")
    more = [
        Triple(PLATFORM, TYPE, iri("dg:Platform")),
        Triple(PLATFORM, iri("dg:vendor"), VENDOR),
        Triple(VENDOR, TYPE, iri("dg:Vendor")),
        Triple(NEXT, TYPE, iri("dg:Destination")),
        Triple(node, iri("dg:platform"), PLATFORM),
        Triple(node, iri("dcterms:isReplacedBy"), NEXT),
        Triple(node, iri("dcterms:description"), Literal("Sends zyzzyva.", language="en")),
        Triple(node, iri("dg:notDocumented"), iri("dg:limit")),
        Triple(node, exports, NamedNode(PREFIXES["exported-data"] + "raw-datasets")),
        Triple(node, iri("dg:identityUse"), BlankNode("email")),
        Triple(BlankNode("email"), iri("dg:identity"), email),
    ]
    for _ in own([*triples, *more]):
        name = name_of(node, triples)
        for question, values in (
            ("on-platform", {"platform": PLATFORM}),
            ("from-vendor", {"vendor": VENDOR}),
            ("superseded", {}),
            ("gaps", {}),
            ("exports-datasets", {}),
            ("license", {}),
        ):
            there = [row for row in asked(question, **values) if row["destination"] == node.value]
            parts = ONE_EACH.get(question, ())
            assert there, question
            assert len({tuple(row[part] for part in parts) for row in there}) == len(there), question
            assert {row["name"] for row in there} == {name}
        assert {(row["successor"], row["successor_name"]) for row in asked("superseded")} == {(NEXT.value, NEXT.value)}
        (sensitivity,) = SELECT(f"SELECT ?s {{ {email} dg:sensitivity ?s }}").terms[0]
        people = asked("identifies-people", sensitivity=sensitivity)
        assert {row["name"] for row in people if row["destination"] == node.value} == {name}


@pytest.mark.slow
@given(destinations())
@settings(max_examples=20, deadline=None)
def test_counts_are_those_of_the_lists(drawn: tuple[NamedNode, list[Triple]]) -> None:
    """The types, the categories and the types in each category."""
    node, triples = drawn
    for _ in own(triples):
        kinds = {thing.iri.value: thing.query_term for thing in names.named(SELECT, "type")}
        for row in asked("types"):
            listed = asked("destinations-of-type", type=kinds[row["type"]])
            assert int(row["with_subtypes"]) == len({of["destination"] for of in listed})
            assert int(row["direct"]) == len([of for of in listed if of["type"] == row["name"]])
        in_types: Mapping[str, int] = {}
        for row in asked("categories"):
            for kind in ("Connection", "Extension"):
                category = NamedNode(row["category"])
                listed = asked("destinations-in-category", category=category, kind=iri(f"dg:{kind}"))
                assert int(row[f"{kind.lower()}s"]) == len({of["destination"] for of in listed})
        for row in asked("types-by-category"):
            in_types = {**in_types, row["category"]: in_types.get(row["category"], 0) + int(row["destinations"])}
        types = len(asked("type-of", destination=node))
        categories = {t.object.value for t in triples if t.predicate == iri("dg:category")}  # type: ignore[union-attr]
        assert in_types == dict.fromkeys(categories, types)


@pytest.mark.parametrize(
    ("class_", "statements", "agreement", "basis"),
    [
        ("StreamingProfileExportDestination", "dg:deliveredBy delivery:customer-stream", "agreeing", "documented"),
        ("StreamingProfileExportDestination", "dg:deliveredBy delivery:edge-network", "disagreeing", "disputed"),
        ("Connection", "dg:deliveredBy delivery:edge-network", "undocumented", "inferred"),
    ],
)
def test_a_class_of_ones_own_stands_for_the_type_above_it(
    class_: str, statements: str, agreement: str, basis: str, tmp_path: object
) -> None:
    """What it is below is documented; below connection alone it leaves the type to the features."""
    from pathlib import Path

    path = Path(str(tmp_path)) / "own.ttl"
    head = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())
    path.write_text(
        f"{head}<{OWN}Own> rdfs:subClassOf dg:{class_} .\n<{OWN}one> a <{OWN}Own> ; {statements} .", encoding="utf-8"
    )
    kg = destgraph.load([path])
    (terms,) = kg.select(f"SELECT ?a {{ <{OWN}one> dg:typeAgreement ?a }}").terms
    assert terms == (iri(f"agreement:{agreement}"),)
    (row,) = kg.ask("type-of", destination=f"{OWN}one")
    assert row.basis == basis
