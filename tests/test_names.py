"""Names: what people type, and what is meant."""

import csv
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

import destgraph
from destgraph import wording
from destgraph.catalog import names
from destgraph.errors import InputError
from destgraph.results import Solutions
from destgraph.vocabulary import PREFIXES, expand, shorten


@pytest.mark.parametrize(
    ("kind", "text", "iri"),
    [
        ("destination", "bing", "destination:bing"),
        ("destination", "microsoft bing CONNECTION", "destination:bing"),
        ("platform", "DV360", "platform:google-dv360"),
        ("vendor", "Facebook (Meta)", "vendor:meta"),
        ("category", "voice of the customer", "category:voice-of-the-customer"),
        ("category", "Publicité", "category:advertising"),
        ("category", "publicite", "category:advertising"),
        ("category", "広告", "category:advertising"),
        ("license", "Ultimate", "license:real-time-cdp-ultimate"),
        ("type", "Fichier", None),
        ("type", "Enterprise destination", "dg:StreamingProfileExportDestination"),
        ("type", "event forwarding", "dg:Extension"),
        ("type", "streaming segment export", "dg:StreamingSegmentExportDestination"),
        ("type", "streaming-audience-export", "dg:StreamingSegmentExportDestination"),
        ("identity", "https://w3id.org/destgraph/identity/ecid", "identity:ecid"),
        ("text", "<ecid>", '"<ecid>"'),
    ],
)
def test_a_name_stands_for_one_term(kg: destgraph.KnowledgeGraph, kind: str, text: str, iri: str | None) -> None:
    """Ids, labels of any language, alternative labels, prefixed names and IRIs; text stays text."""
    if iri is None:
        with pytest.raises(destgraph.InputError, match=f"no {kind}"):
            names.term(kg.select, kind, text)
    else:
        term = names.term(kg.select, kind, text)
        assert (str(term) if kind == "text" else shorten(term)) == iri  # type: ignore[arg-type]


def test_an_ambiguous_name_lists_the_candidates(kg: destgraph.KnowledgeGraph) -> None:
    """Nothing is guessed."""
    with pytest.raises(destgraph.InputError, match="thing 'Facebook' is ambiguous; name one of destination:facebook"):
        names.resolve(kg.select, names.KINDS, "Facebook")


def test_every_thing_is_found_by_its_own_names(kg: destgraph.KnowledgeGraph) -> None:
    """Each id and each label leads back to its thing, alone or among those that share the label."""
    counted = 0
    for kind in names.KINDS:
        things = names.named(kg.select, kind)
        for thing in things:
            assert names.matching(things, thing.id) == [thing], thing
            assert names.matching(things, shorten(thing.iri)) == [thing], thing
            for label in thing.labels:
                assert names.matching(things, label) == [thing], (thing, label)
                counted += 1
    assert counted > 800


def test_suggestions() -> None:
    """Close names first, by whole or by word; otherwise some of what there is."""
    assert wording.suggestion("edgy", ["edge-personalization", "batch"]) == "did you mean edge-personalization?"
    assert wording.suggestion("x", ["alpha", "beta"]) == "known are alpha, beta"
    assert wording.suggestion("x", map(str, range(20))).endswith("and 8 more")
    assert wording.suggestion("x", []) == "known are "


def test_prefixed_names_go_both_ways() -> None:
    """What is shortened expands to the same IRI."""
    for prefix, namespace in PREFIXES.items():
        assert expand(f"{prefix}:a-b") == f"{namespace}a-b"
    assert expand("<https://example.org/a>") == "https://example.org/a"
    assert expand("unknown:a") == "unknown:a"


@pytest.mark.parametrize("local", ["bing", "a.b", "bing#identity-1", "a/b", "a.", "-a", ".a", "a(b)", "a%41", "é", ""])
def test_short_names_are_read_as_the_same_iri(local: str) -> None:
    """A name is short only where Turtle and SPARQL read it without an escape; else the whole IRI stays."""
    node = NamedNode(PREFIXES["destination"] + local)
    short = shorten(node)
    assert short in (f"destination:{local}", node.value)
    assert (short != node.value) == (local in ("bing", "a.b"))
    term = short if short != node.value else str(node)
    prefix = f"PREFIX destination: <{PREFIXES['destination']}>\n"
    (quad,) = parse(f"{prefix}<urn:s> <urn:p> {term} .", RdfFormat.TURTLE)
    assert quad.object == node
    rows = Store().query(f"{prefix}SELECT ?x {{ BIND ({term} AS ?x) }}")
    assert [x for (x,) in rows] == [node]  # type: ignore[union-attr]  # a SELECT query


def test_names_come_from_any_select() -> None:
    """Only SELECT is needed of a store; nothing there means nothing known."""
    assert names.named(lambda _query: Solutions(("thing", "describes", "label"), ()), "type") == []


TYPED = list(csv.DictReader((Path(__file__).parent / "typed-names.csv").open(encoding="utf-8", newline="")))
"""Names as pages and people write them, with the ids of what they mean: several where the name is ambiguous."""


def test_there_are_names_to_try() -> None:
    """A file that lost its rows would prove nothing."""
    assert len(TYPED) > 400


@pytest.mark.parametrize("row", TYPED, ids=lambda row: f"{row['kind']}-{row['typed']}")
def test_names_that_people_type(kg: destgraph.KnowledgeGraph, row: dict[str, str]) -> None:
    """Each means one thing, or is told to mean several."""
    meant = sorted(row["means"].split())
    assert sorted(thing.id for thing in names.find(kg.select, [row["kind"]], row["typed"])) == meant
    if len(meant) > 1:
        with pytest.raises(destgraph.InputError, match="is ambiguous; name one of ") as error:
            names.resolve(kg.select, [row["kind"]], row["typed"])
        assert all(f"{row['kind']}:{id_} (" in str(error.value) for id_ in meant)


@pytest.mark.slow
def test_every_command_means_the_same_thing(kg: destgraph.KnowledgeGraph) -> None:
    """`show` takes a name as a question does."""
    for row in TYPED[::5]:  # a description takes longer than an answer
        if row["kind"] == "destination" and " " not in row["means"]:
            shown = kg.describe(row["typed"])
            assert shown.kind == "destination" or names.is_exact(shown.iri, row["typed"]), row["typed"]
            assert shown.kind != "destination" or shown.iri.value.endswith(f"/{row['means']}"), row["typed"]


def test_suggestions_come_from_labels(kg: destgraph.KnowledgeGraph) -> None:
    """And show the id to type."""
    with pytest.raises(destgraph.InputError, match=r"did you mean .*pinterest \(Pinterest Customer List connection\)"):
        names.resolve(kg.select, ["destination"], "Pintrest Customer Lst")


@pytest.mark.parametrize(
    ("text", "day"), [("2026", "2026-01-01"), ("2026-03", "2026-03-01"), ("2026-03-31", "2026-03-31")]
)
def test_a_date_is_a_day_or_the_first_of_its_month_or_year(kg: destgraph.KnowledgeGraph, text: str, day: str) -> None:
    """Questions compare days."""
    found = names.term(kg.select, "date", text)
    assert found == Literal(day, datatype=NamedNode(PREFIXES["xsd"] + "date"))


@pytest.mark.parametrize(
    "text", ["", "26", "2026-3", "2026-13", "2026-02-30", "2026-03-31T12:00", "2026-03-31 ", "٢٠٢٦"]
)
def test_what_is_no_date_is_refused(kg: destgraph.KnowledgeGraph, text: str) -> None:
    """The message shows how to write one."""
    with pytest.raises(InputError, match="is no date; write a year, month or day such as 2026, 2026-03 or 2026-03-31"):
        names.term(kg.select, "date", text)
