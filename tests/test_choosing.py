"""Choosing: requirements, licenses, identities, audiences, alternatives and comparisons, against the pages."""

import re
from collections.abc import Mapping

import pytest
from pyoxigraph import NamedNode
from rdflib import Graph, Namespace

import destgraph
from destgraph.catalog import questions
from destgraph.vocabulary import PREFIXES, expand

EXTENSIONS = 54
STORAGE = {"adls-gen2", "amazon-s3", "azure-blob", "data-landing-zone", "google-cloud-storage", "sftp"}
"""The cloud storage connections, which take files and whole datasets."""

SHARES = {"databricks-delta-sharing", "snowflake-delta-sharing"}
"""The connections that are of no other type than dataset export and whose pages name no license."""

B2B = {"bombora", "demandbase", "linkedin-b2b", "zoominfo-account-audiences"}
STREAMS = {"amazon-kinesis", "azure-event-hubs", "http-destination"}
"""The streaming profile exports whose pages name Ultimate."""

PRODUCTS = {"audience-analysis", "marketo-measure-ultimate"}
"""The connections whose pages name another product: Customer Journey Analytics, Marketo Measure Ultimate."""

PEGA = {"pega", "pega-v2"}
"""The streaming profile exports whose pages name no license."""

EVERY = "every extension"
"""The extensions, whose type says that every customer of Experience Platform may use them."""

BY_LICENSE: dict[tuple[str, str], set[str]] = {
    ("license", "Prime"): {"adobe-commerce", "experience-cloud-audiences", EVERY} | STORAGE | SHARES,
    ("license", "Ultimate"): {
        *{"adobe-commerce", "experience-cloud-audiences", "snowflake", "snowflake-batch", EVERY},
        *(STREAMS | PEGA | STORAGE | SHARES),
    },
    ("license", "B2B"): B2B | {"data-landing-zone", EVERY},
    ("license", "Marketo Measure Ultimate"): {"data-landing-zone", "marketo-measure-ultimate", EVERY},
    ("license", "Journey Optimizer"): STORAGE | SHARES | {EVERY},
    ("only", "Ultimate"): STREAMS | PEGA | {"snowflake", "snowflake-batch"},
    ("only", "Prime"): set(),
    ("only", "B2B"): {"zoominfo-account-audiences"},
    ("without", "Prime"): STREAMS | PEGA | B2B | PRODUCTS | {"snowflake", "snowflake-batch"},
    ("without", "Ultimate"): B2B | PRODUCTS,
}
"""The destinations that suffice, by hand from their pages and those on their types."""


def ids(answer: destgraph.Solutions) -> list[str]:
    """Return the ids of the destinations in an answer."""
    return [row.destination.removeprefix(PREFIXES["destination"]) for row in answer]


@pytest.mark.parametrize(("parameter", "license_"), BY_LICENSE, ids="=".join)
def test_licenses(kg: destgraph.KnowledgeGraph, parameter: str, license_: str) -> None:
    """Each destination once; what a storage takes as files may need no license, so nobody is without it."""
    found = ids(kg.ask("license", **{parameter: license_}))
    assert len(found) == len(set(found))
    extensions = set(ids(kg.ask("destinations-of-type", type="extension")))
    wanted = BY_LICENSE[parameter, license_]
    assert set(found) == wanted - {EVERY} | (extensions if EVERY in wanted else set())


def test_several_licenses(kg: destgraph.KnowledgeGraph) -> None:
    """Only one of several, and none of several; with the license at hand too, both must hold."""
    both = ["Prime", "Ultimate"]
    assert set(ids(kg.ask("license", only=both))) == {
        *{"adobe-commerce", "experience-cloud-audiences", "snowflake", "snowflake-batch"},
        *(STREAMS | PEGA),
    }
    assert set(ids(kg.ask("license", without=both))) == B2B | PRODUCTS
    assert set(ids(kg.ask("license", license="Ultimate", without="Prime"))) == BY_LICENSE["only", "Ultimate"]


def test_what_is_not_documented_is_kept_apart(kg: destgraph.KnowledgeGraph) -> None:
    """All destinations are there, those without a license last; where one role needs one, the other is told."""
    answer = kg.ask("license")
    assert len(answer) == len(set(ids(answer))) == kg.info.destinations
    texts = [row.licenses for row in answer]
    known = texts.index("not documented")
    assert "not documented" not in texts[:known]
    assert set(texts[known:]) == {"not documented"}
    told = {row.destination.rpartition("/")[2]: (row.licenses, row.said_by, row.open_for) for row in answer}
    assert told["adobe-commerce"] == ("Real-Time CDP Prime or Real-Time CDP Ultimate", "page", "")
    assert told["pega"] == ("Real-Time CDP Ultimate", "type", "")
    datasets = " or ".join(
        [
            *("Customer Journey Analytics", "Data Distiller", "Journey Optimizer"),
            *("Real-Time CDP Prime", "Real-Time CDP Ultimate"),
        ]
    )
    assert told["amazon-s3"] == (datasets, "type", "Batch (file-based) destination")
    assert told["bing"] == ("not documented", "", "Streaming segment export destination")


CASES: list[tuple[dict[str, str | list[str]], int, set[str]]] = [
    # requirements, how many destinations nothing contradicts, and which of them meet all
    ({"exports": "raw-events", "frequency": "streaming"}, EXTENSIONS + 1, set()),
    (
        {"exports": "raw-datasets", "format": "parquet", "owner": "customer"},
        5,
        {"adls-gen2", "amazon-s3", "azure-blob", "google-cloud-storage", "sftp"},
    ),
    ({"scope": "same-page"}, 153, {"adobe-target-connection", "custom-personalization"}),
    (
        {"audience": "account", "frequency": "batch", "format": "csv", "owner": "customer"},
        4,
        {"adls-gen2", "amazon-s3", "azure-blob", "sftp"},
    ),
    (
        {
            "exports": "segment-membership",
            "frequency": "streaming",
            "identity": "hashed-email",
            "license": "real-time-cdp-prime",
        },
        0,
        {"experience-cloud-audiences"},
    ),
]
"""What pages say, by hand; a number of 0 is not compared."""


@pytest.mark.parametrize(("requirements", "open_", "met"), CASES)
def test_requirements(
    kg: destgraph.KnowledgeGraph, requirements: Mapping[str, str | list[str]], open_: int, met: set[str]
) -> None:
    """Those that nothing contradicts come first, and those that meet all before them."""
    answer = kg.ask("choose", **requirements)
    contradicted = [bool(row.contradicted) for row in answer]
    assert contradicted == sorted(contradicted)
    assert open_ in (0, contradicted.count(False))
    full = [row for row in answer if row.met.split("; ") == sorted(requirements)]
    assert set(ids(answer)[: len(full)]) == met
    assert {row.destination.rpartition("/")[2] for row in full} == met


def test_only_what_fits(kg: destgraph.KnowledgeGraph) -> None:
    """Those that nothing contradicts, in the same order; without a requirement there are none."""
    requirements = {"category": "advertising", "identity": "hashed-email", "status": "ga"}
    all_ = kg.ask("choose", **requirements)
    fitting = [terms for terms, row in zip(all_.terms, all_, strict=True) if not row.contradicted]
    assert [*kg.ask("choose", **requirements, rows="fitting").terms] == fitting
    assert 10 < len(fitting) < 30
    assert len(kg.ask("choose", rows="fitting")) == 0


READ = {
    "exports": "raw-events",
    "frequency": "streaming",
    "identity": "email",
    "license": "real-time-cdp-prime",
    "owner": "customer",
    "scope": "next-page",
    "format": "csv",
    "audience": "account",
    "origin": "custom-upload",
    "category": "advertising",
    "status": "ga",
    "kind": "streaming-audience-export",
}


def readings(row: object) -> dict[str, str]:
    """Return the reading of each requirement in a row."""
    told = {}
    for state in ("met", "contradicted", "not_documented", "does_not_apply"):
        for part in filter(None, getattr(row, state).split("; ")):
            told[part.partition(":")[0]] = state
    return told


def test_each_requirement_has_one_reading_with_its_source(kg: destgraph.KnowledgeGraph) -> None:
    """Every destination is there once, and each of its readings is one of the four."""
    assert READ.keys() == {parameter.name for parameter in questions.question("choose").parameters} - {"rows"}
    answer = kg.ask("choose", **READ)
    assert sorted(ids(answer)) == sorted(set(ids(kg.ask("destinations-of-type", type="destination"))))
    for row in answer:
        states = ("met", "contradicted", "not_documented", "does_not_apply")
        assert sum(len(getattr(row, state).split("; ")) for state in states if getattr(row, state)) == len(READ)
        assert readings(row).keys() == READ.keys()
        assert row.source.startswith("https://")


@pytest.mark.slow
@pytest.mark.parametrize("dropped", READ)
def test_a_requirement_less_changes_no_other_reading(kg: destgraph.KnowledgeGraph, dropped: str) -> None:
    """Each requirement is read on its own."""
    all_ = {row.destination: readings(row) for row in kg.ask("choose", **READ)}
    rest = {
        row.destination: readings(row) for row in kg.ask("choose", **{k: v for k, v in READ.items() if k != dropped})
    }
    assert rest == {card: {k: v for k, v in told.items() if k != dropped} for card, told in all_.items()}


ORDER = ("met", "not_documented", "contradicted", "does_not_apply")


@pytest.mark.parametrize(
    ("requirement", "values"),
    [
        ("exports", ["raw-events", "raw-datasets"]),
        ("identity", ["ecid", "phone"]),
        ("license", ["Prime", "B2B"]),
        ("audience", ["account", "prospect"]),
        ("kind", ["extension", "dataset-export"]),
    ],
)
def test_several_values_of_a_requirement_mean_any(
    kg: destgraph.KnowledgeGraph, requirement: str, values: list[str]
) -> None:
    """The reading is the best of those that the values have one by one."""
    one_by_one = [
        {row.destination: readings(row)[requirement] for row in kg.ask("choose", **{requirement: value})}
        for value in values
    ]
    together = {row.destination: readings(row)[requirement] for row in kg.ask("choose", **{requirement: values})}
    assert together == {card: min((told[card] for told in one_by_one), key=ORDER.index) for card in together}


def test_what_applies_is_what_the_ontology_says(kg: destgraph.KnowledgeGraph, catalog_graph: Graph) -> None:
    """What applies to connections, files or the edge only is what dg:appliesTo says; a marked feature applies."""
    dg = Namespace(PREFIXES["dg"])
    properties = {
        "exports": dg.exports,
        "frequency": dg.exportFrequency,
        "identity": dg.identityUse,
        "license": dg.availableWith,
        "owner": dg.endpointOwner,
        "scope": dg.personalizationScope,
        "format": dg.fileFormat,
        "audience": dg.acceptsAudienceDataType,
        "origin": dg.acceptsAudienceOrigin,
        "category": dg.category,
        "status": dg.status,
    }
    text = (questions.folder() / "choose.rq").read_text(encoding="utf-8")
    assert {
        name for name in properties.values() if set(catalog_graph.objects(name, dg.appliesTo)) - {dg.Destination}
    } == {properties[name] for name in ("identity", "scope", "format", "audience", "origin")}
    for name, scopes in (("format", "delivery:file"), ("scope", "delivery:edge-network")):
        assert f'("{name}" {scopes})' in text
        assert [str(scope) for scope in catalog_graph.objects(properties[name], dg.appliesTo)] == [expand(scopes)]
    (data,) = re.findall(r"\?data IN \((.*?)\)", text)
    assert {expand(name) for name in data.split(", ")} == set(
        map(str, catalog_graph.objects(dg.identityUse, dg.appliesTo))
    )
    silent = {row.destination: row.does_not_apply.split("; ") for row in kg.ask("choose", **READ)}
    marked = {
        (row[0].value, row[1].value)
        for row in kg.select("SELECT ?d ?p { ?d a/rdfs:subClassOf* dg:Destination ; dg:notDocumented ?p }").terms
        if isinstance(row[0], NamedNode) and isinstance(row[1], NamedNode)
    }
    for card, names in silent.items():
        assert not {(card, str(properties[name])) for name in names if name} & marked


def test_a_question_that_needs_a_parameter_says_so(kg: destgraph.KnowledgeGraph) -> None:
    """All destinations would be no answer."""
    with pytest.raises(
        destgraph.InputError, match=r"choose needs at least one of exports=\.\.\., .* for example exports="
    ):
        kg.ask("choose")
    with pytest.raises(destgraph.InputError, match="choose needs at least one of"):
        kg.ask("choose", exports=[])


def test_a_choice_is_one_of_its_words(kg: destgraph.KnowledgeGraph) -> None:
    """However it is written; anything else is told what there is."""
    silent = ids(kg.ask("accepts-audiences", origin="custom-upload", answer="not documented"))
    assert ids(kg.ask("accepts-audiences", origin="custom-upload", answer="Not-Documented")) == silent != []
    with pytest.raises(destgraph.InputError, match="no value 'maybe'; it is yes or no or not documented"):
        kg.ask("accepts-audiences", answer="maybe")


def test_audiences_of_several_conditions(kg: destgraph.KnowledgeGraph) -> None:
    """Both conditions hold; several answers and several values of a condition mean any."""

    def cards(**parameters: str | list[str]) -> set[str]:
        return set(ids(kg.ask("accepts-audiences", **parameters)))

    upload, account = (
        cards(**{name: value}, answer="yes") for name, value in (("origin", "custom-upload"), ("data_type", "account"))
    )
    assert cards(origin="custom-upload", data_type="account", answer="yes") == upload & account != set()
    prospect = cards(data_type="prospect", answer="yes")
    assert cards(data_type=["account", "prospect"], answer="yes") == account | prospect
    maybe = {
        name: cards(**{name: value}, answer=["yes", "not-documented"])
        for name, value in (("origin", "custom-upload"), ("data_type", "account"))
    }
    assert cards(origin="custom-upload", data_type="account", answer=["yes", "not-documented"]) == (
        maybe["origin"] & maybe["data_type"]
    )
    assert len(cards()) == kg.info.connections


@pytest.mark.parametrize(
    ("identity", "forms"),
    [
        ("email", {"same": "email address", "hashed": "SHA-256 email", "any identity": "any identity"}),
        (
            "phone",
            {
                "same": "phone number",
                "narrower": "E.164 phone number",
                "hashed": "SHA-256 phone",
                "any identity": "any identity",
            },
        ),
        ("hashed-email", {"same": "hashed email address", "narrower": "SHA-256 email", "any identity": "any identity"}),
        ("any-identity", {"same": "any identity"}),
    ],
)
def test_forms_of_an_identity(kg: destgraph.KnowledgeGraph, identity: str, forms: dict[str, str]) -> None:
    """Which form is accepted is told with each."""
    found = {(row.form, row.identity) for row in kg.ask("accepts-identity", identity=identity)}
    assert {form for form, _ in found} == forms.keys()
    assert forms.items() <= found


@pytest.mark.parametrize(
    ("question", "parameter", "requirement", "value"),
    [
        ("accepts-identity", "identity", "identity", "email"),
        ("accepts-identity", "identity", "identity", "device-id"),
        ("receives", "data", "exports", "profile-attributes"),
        ("exports-at", "frequency", "frequency", "batch"),
        ("file-formats", "format", "format", "csv"),
        ("personalizes", "scope", "scope", "next-page"),
        ("license", "license", "license", "Prime"),
        ("destinations-in-category", "category", "category", "advertising"),
        ("destinations-of-type", "type", "kind", "connection"),
    ],
)
def test_questions_count_the_same_destinations(
    kg: destgraph.KnowledgeGraph, question: str, parameter: str, requirement: str, value: str
) -> None:
    """A list and the requirement of the same value agree."""
    listed = set(ids(kg.ask(question, **{parameter: value})))
    answer = kg.ask("choose", **{requirement: value})
    assert listed == {row.destination.removeprefix(PREFIXES["destination"]) for row in answer if row.met} != set()


@pytest.mark.parametrize(
    "concept", ["origin:custom-upload", "origin:look-alike", "audience:account", "audience:people"]
)
def test_audiences_count_the_same_destinations(kg: destgraph.KnowledgeGraph, concept: str) -> None:
    """Yes is met, no contradicted, and silence not documented; to extensions it does not apply."""
    requirement, _, value = concept.partition(":")
    parameter = {"origin": "origin", "audience": "data_type"}[requirement]
    read = {row.destination: readings(row)[requirement] for row in kg.ask("choose", **{requirement: value})}
    states = {"yes": "met", "no": "contradicted", "not documented": "not_documented"}
    told = {row.destination: states[row.answer] for row in kg.ask("accepts-audiences", **{parameter: value})}
    assert {card: state for card, state in read.items() if state != "does_not_apply"} == told
    assert list(read.values()).count("does_not_apply") == kg.info.extensions


def test_a_warehouse_for_a_warehouse(kg: destgraph.KnowledgeGraph) -> None:
    """Category, owner and delivery count before other features; an extension is an alternative for an extension."""
    first = kg.ask("alternatives", destination="snowflake")[:3]
    assert ids(first) == ["snowflake-batch", "databricks-delta-sharing", "snowflake-delta-sharing"]
    assert {row.alike for row in first} == {"category, delivery, owner"}
    kinesis = kg.ask("alternatives", destination="amazon-kinesis")
    assert [(row.destination.rpartition("/")[2], row.alike) for row in kinesis] == [
        ("azure-event-hubs", "category, delivery, owner, type"),
        ("http-destination", "delivery, owner, type"),
        ("pega", "delivery, owner, type"),
        ("pega-v2", "delivery, owner, type"),
    ]
    assert all(card.endswith("-extension") for card in ids(kg.ask("alternatives", destination="pinterest-extension")))


def test_only_differences_are_compared(kg: destgraph.KnowledgeGraph) -> None:
    """Under the two names; types and licenses come first, and equal rows can be left out."""
    all_ = kg.ask("compare", a="amazon-s3", b="azure-blob", rows="all")
    assert all_.titles == {"a": "Amazon S3 connection", "b": "Azure Blob connection"}
    assert str(all_).startswith("name")
    assert str(all_).splitlines()[0].split()[1:] == " ".join(all_.titles.values()).split()
    assert [row.name for row in all_[:2]] == ["type", "available with"]
    assert all_.terms == kg.ask("compare", a="amazon-s3", b="azure-blob").terms
    different = kg.ask("compare", a="amazon-s3", b="azure-blob", rows="different")
    assert different.terms == tuple(terms for terms, row in zip(all_.terms, all_, strict=True) if row.a != row.b)
    assert 0 < len(different) < len(all_)
    itself = kg.ask("compare", a="bing", b="bing", rows="different")
    assert not itself
