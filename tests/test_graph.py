"""Loading: the shipped graph, own data beside it, and what goes wrong with it."""

import re
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, Store

import destgraph
from destgraph import files
from destgraph.vocabulary import PREFIXES

OWN = """
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix delivery: <https://w3id.org/destgraph/delivery/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<https://example.org/feed> a dg:Destination ; rdfs:label "Feed"@en ; dg:deliveredBy delivery:customer-stream .
"""


def test_load_twice_gives_the_same_graph(kg: destgraph.KnowledgeGraph) -> None:
    """Nothing depends on an earlier load."""
    first, second = Dataset(kg.store), Dataset(destgraph.load().store)
    for dataset in (first, second):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    assert first == second


def test_inferred_triples_are_in_the_store_and_not_in_the_files(kg: destgraph.KnowledgeGraph, store: Store) -> None:
    """Inference adds its triples to the store; the files hold none of them."""
    inferred = {(t.subject, t.predicate, t.object) for t in kg.inferred}
    assert inferred <= {(q.subject, q.predicate, q.object) for q in kg.store}
    assert not inferred & {(q.subject, q.predicate, q.object) for q in store}


@pytest.mark.parametrize(
    ("sources", "texts"),
    [
        ('source:a dg:retrievedOn "2026-11-28" ; dcterms:modified "2026-07-28" .', "2026-07 to 2026-07"),
        (
            """source:a dg:retrievedOn "2026-11-28" ; dg:textNotBefore "2026-01-01" ; dg:textNotAfter "2026-10-31" .
               source:b dg:retrievedOn "2026-11-28" ; dg:textNotAfter "2023-05-31" .""",
            "2023-05 to 2026-01",
        ),
        (
            """source:a dg:retrievedOn "2026-11-28" ; dcterms:modified "2026-07-28" .
               source:b dg:retrievedOn "2026-11-28" .""",
            "2026-07 to 2026-07, some undated",
        ),
        ('source:a dg:retrievedOn "2026-11-28" .', ""),
        ('<urn:ontology> dcterms:modified "2026-07-28" .', ""),
    ],
)
def test_texts_are_dated_by_what_is_known(sources: str, texts: str) -> None:
    """The last day that a text can be of makes none the newest, and only sources count."""
    store = Store()
    prefixes = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("dcterms", "dg", "source"))
    store.load(prefixes + sources, format=RdfFormat.TURTLE)
    assert destgraph.KnowledgeGraph(store).texts == texts


def test_as_read_is_the_newest_retrieval(kg: destgraph.KnowledgeGraph) -> None:
    """The date in the table's footer comes from the sources."""
    text = (files.root() / "data" / "sources.ttl").read_text(encoding="utf-8")
    assert kg.as_read == max(re.findall(r'dg:retrievedOn "([^"]*)"', text))


def test_own_destination_gets_the_type_that_its_features_give(tmp_path: Path) -> None:
    """A destination that asserts no type of its own is answered as inferred, beside the catalog."""
    (tmp_path / "own.ttl").write_text(OWN)
    rows = {
        row.destination: (row.type, row.basis)
        for row in destgraph.load([tmp_path / "own.ttl"]).ask("destinations-of-type", type="streaming-profile-export")
    }
    assert rows["https://example.org/feed"] == ("Streaming profile export destination", "inferred")
    assert len(rows) == 6


def test_own_destination_that_states_its_type_keeps_it(tmp_path: Path) -> None:
    """A stated type is never replaced by an inferred one; the two are compared."""
    (tmp_path / "own.ttl").write_text(OWN.replace("dg:Destination ;", "dg:BatchProfileExportDestination ;"))
    graph = destgraph.load([tmp_path / "own.ttl"])
    bases = {
        question: [
            row.basis
            for row in graph.ask("destinations-of-type", type=question)
            if row.destination == "https://example.org/feed"
        ]
        for question in ("streaming-profile-export", "batch-profile-export")
    }
    assert bases == {"streaming-profile-export": [], "batch-profile-export": ["disputed"]}


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("<https://example.org/a> a .", "1:27"),
        ("@prefix dg: <https://w3id.org/destgraph/ontology#> .\n<a b> a dg:Destination .", "2:1"),
        ("<https://example.org/a> a unknown:Thing .", "1:27"),
        ('<https://example.org/a> <https://example.org/p> "open\n', "1:49"),
    ],
)
def test_broken_own_turtle_names_file_line_and_column(tmp_path: Path, text: str, position: str) -> None:
    """The first thing a reader needs is where to look."""
    path = tmp_path / "broken.ttl"
    path.write_text(text)
    with pytest.raises(destgraph.InputError) as error:
        destgraph.load([path])
    assert str(error.value).startswith(f"{path}:{position}: ")
    assert "Parser error" not in str(error.value)


def test_missing_own_file_is_named(tmp_path: Path) -> None:
    """A path that does not exist is the caller's error, not a bug."""
    with pytest.raises(destgraph.InputError, match=r"none\.ttl"):
        destgraph.load([tmp_path / "none.ttl"])
