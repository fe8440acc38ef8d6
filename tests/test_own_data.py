"""Own Turtle beside the graph: what it brings, what it changes, and that nothing valid is refused."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

import destgraph
from destgraph.rendering.html import html
from destgraph.vocabulary import PREFIXES

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
HEADER = " ".join(f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items()) + "\n"
ONE = "<#one> a dg:Destination ; rdfs:label 'One'@en ; dg:deliveredBy delivery:customer-stream ."
CHANGES = "own data change what the graph says about"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The place of an own file."""
    return tmp_path / "own.ttl"


def loaded(own: Path, text: str) -> destgraph.KnowledgeGraph:
    """Return the graph with own data, whose first line is the header with the prefixes."""
    own.write_text(HEADER + text, encoding="utf-8")
    return destgraph.load([own])


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed program."""
    return subprocess.run([DESTGRAPH, *arguments], capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "line", "changed"),
    [
        ("destination:bing rdfs:label 'Totally Safe Bank'@en .", 2, "destination:bing"),
        ("destination:bing\n a dg:EdgePersonalizationDestination .", 3, "destination:bing"),
        ("\ndestination:bing dg:license license:real-time-cdp-ultimate .", 3, "destination:bing"),
        ("dg:Destination rdfs:label 'Ziel'@de .", 2, "dg:Destination"),
        ("dg:deliveredBy rdfs:range <http://example.org/R> .", 2, "dg:deliveredBy"),
        ("type:edge-personalization skos:altLabel 'Edge'@en .", 2, "type:edge-personalization"),
        ("dg:ExtensionPattern rdfs:subClassOf dg:Connection .", 2, "dg:ExtensionPattern"),
        ("source:x dg:retrievedOn '2030-01-01' . destination:bing dcterms:source source:x .", 2, "destination:bing"),
        ("destination:bing dg:identityUse [ dg:rawName 'x' ] .", 2, "destination:bing"),
        ('destination:bing rdfs:comment """ a\n b """ .', 3, "destination:bing"),
        ('destination:bing rdfs:comment """ a\n b """ .\n\n\n<#y> a <#z> .', 3, "destination:bing"),
        ("<#c> dg:describesClass dg:EdgePersonalizationDestination .", 2, "dg:EdgePersonalizationDestination"),
    ],
)
def test_a_statement_about_the_graphs_things_is_told(own: Path, text: str, line: int, changed: str) -> None:
    """With file and line, in the information, and below a table; with `only_adds` it is refused."""
    kg = loaded(own, text)
    assert kg.told[0].startswith(f"{own}:{line}: {CHANGES} {changed}")
    assert kg.info.changed[0] == changed
    assert str(kg.own).startswith(f"0 own destinations, own data change {changed}")
    with pytest.raises(destgraph.InputError, match=f"^{own}:{line}: {CHANGES} {changed}.*; take that out, or"):
        destgraph.load([own], only_adds=True)


@pytest.mark.parametrize(
    "text",
    [
        ONE,
        "<http://example.org/A> rdfs:subClassOf dg:Destination .",
        "destination:bing a dg:StreamingSegmentExportDestination .",
        "dg:Destination a owl:Class .",
        "license:fake a skos:Concept ; skos:prefLabel 'Ultimate'@en .",
        "<#x> owl:sameAs destination:bing .",
        "",
    ],
)
def test_what_only_adds_is_not_told(own: Path, text: str) -> None:
    """Nor what the graph says itself."""
    kg = loaded(own, text)
    assert (kg.told, kg.info.changed) == ((), ())
    destgraph.load([own], only_adds=True)


def test_other_inferred_types_of_the_graphs_destinations_are_told(own: Path) -> None:
    """An own pattern may change them without naming a destination."""
    kg = loaded(
        own,
        "<#P> rdfs:subClassOf dg:DatasetExportDestination ;"
        " owl:equivalentClass [ owl:onProperty dg:deliveredBy ; owl:hasValue delivery:edge-network ] .",
    )
    assert "destination:adobe-commerce" in kg.info.changed
    assert kg.told[0].startswith(f"{own}: {CHANGES} destination:")
    with pytest.raises(destgraph.InputError, match=CHANGES):
        destgraph.load([own], only_adds=True)


def test_many_changes_are_counted(own: Path) -> None:
    """The line names five."""
    kg = loaded(own, "".join(f"license:{n} rdfs:seeAlso <#x> . " for n in "abc"))
    assert kg.told == ()
    names = [row.destination.rpartition("/")[2] for row in kg.ask("destinations-of-type", type="destination")][:8]
    kg = loaded(own, "".join(f"destination:{name} rdfs:seeAlso <#x> . " for name in names))
    assert kg.told[0].endswith(" and 3 more")
    assert len(kg.info.changed) == 8


def test_a_table_says_what_own_data_bring(own: Path) -> None:
    """One line on standard error, and the line below the table."""
    own.write_text(f"{HEADER}{ONE}\ndestination:bing rdfs:label 'Totally Safe Bank'@en .")
    result = run("ask", "types", "--data", own)
    assert result.returncode == 0
    assert result.stderr == f"destgraph: {own}:3: {CHANGES} destination:bing\n"
    assert result.stdout.endswith(", read 2026-11, 1 own destination, own data change destination:bing\n")
    assert run("ask", "types", "--data", own, "--format", "csv").stdout.startswith("type,")
    for command in (["ask", "types"], ["sparql", "ASK {}"], ["show", "bing"], ["explain", "bing"], ["export"]):
        refused = run(*command, "--data", own, "--data-only-adds")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr == (
            f"destgraph: {own}:3: {CHANGES} destination:bing; take that out, or do not ask for additions only\n"
        )


def test_a_free_query_and_a_notebook_say_it_too(own: Path) -> None:
    """The same words below any table of the graph."""
    kg = loaded(own, ONE)
    for answer in (kg.ask("types"), kg.query("SELECT * {}")):
        assert isinstance(answer, destgraph.Solutions)
        assert answer.own == "1 own destination"
        assert f"read {kg.as_read}, 1 own destination</p>" in html(answer)
    assert (kg.info.destinations, kg.info.own_destinations) == (154, 1)
    assert "own" not in html(destgraph.load().ask("types")).rpartition(", read ")[2]


@pytest.mark.parametrize("day", ["9999-12-31", "whenever", "2030-01-01"])
def test_own_sources_do_not_change_the_age_of_the_catalog(own: Path, day: str) -> None:
    """Neither in the line below a table nor in the information."""
    kg = loaded(own, f"<#s> dg:retrievedOn '{day}' .")
    assert (kg.as_read, kg.info.as_read, kg.ask("types").as_read) == (destgraph.load().as_read,) * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "ontology",
    [
        "<http://a/A> owl:equivalentClass <http://a/B> .",
        "<http://a/A> owl:equivalentClass [ owl:unionOf ( <http://a/B> <http://a/C> ) ] .",
        "<http://a/A> owl:equivalentClass [ owl:onProperty <http://a/p> ; owl:someValuesFrom <http://a/B> ] .",
    ],
)
def test_other_ontologies_can_be_added(own: Path, ontology: str) -> None:
    """What their classes are equivalent to is none of destgraph's business."""
    own.write_text(HEADER + ontology)
    for command in (["ask", "types"], ["sparql", "ASK {}"], ["show", "bing"], ["explain", "bing"]):
        result = run(*command, "--data", own)
        assert (result.returncode, result.stderr) == (0, "")


def test_an_unusable_pattern_is_a_warning_with_its_place(own: Path) -> None:
    """The definition that the graph has stands."""
    own.write_text(HEADER + "\ndg:EdgePersonalizationPattern owl:equivalentClass dg:EdgePersonalizationPattern .")
    result = run("ask", "destinations-of-type", "type=edge-personalization", "--data", own, "--format", "csv")
    form = "owl:equivalentClass takes owl:hasValue, or owl:intersectionOf several owl:hasValue"
    assert result.stderr == (
        f"destgraph: {own}:3: {CHANGES} dg:EdgePersonalizationPattern\n"
        f"destgraph: {own}:3: dg:EdgePersonalizationPattern is not used as a pattern: {form};"
        " write one pattern for each alternative\n"
    )
    expected = destgraph.load().ask("destinations-of-type", type="edge-personalization")
    assert destgraph.load([own]).ask("destinations-of-type", type="edge-personalization") == expected
    assert result.stdout == expected.to_csv().replace("\r", "")


@pytest.mark.slow
def test_a_pattern_with_a_misspelt_type_is_a_warning(own: Path) -> None:
    """It would else drop out unseen; `destgraph validate` finds it as well."""
    own.write_text(
        f"{HEADER}<#P> a owl:Class ; rdfs:subClassOf dg:ConectionX ; owl:equivalentClass\n"
        "  [ owl:onProperty dg:exports ; owl:hasValue exported-data:identities ] .\n"
    )
    (told,) = destgraph.load([own]).told
    assert told == (
        f"{own}:3: {own.as_uri()}#P is not used as a pattern: state a class below dg:Destination after rdfs:subClassOf"
    )
    found = destgraph.validate([own]).findings
    assert [(f.rule, f.place.line) for f in found if f.rule == "pattern_not_usable"] == [("pattern_not_usable", 2)]


def test_an_own_pattern_types_destinations_only(own: Path) -> None:
    """Concepts that have a license are not of the type that follows from a license."""
    kg = loaded(
        own,
        "<#P> rdfs:subClassOf dg:EdgePersonalizationDestination ; owl:equivalentClass"
        " [ owl:onProperty dg:license ; owl:hasValue license:real-time-cdp-ultimate ] .",
    )
    rows = kg.ask("destinations-of-type", type="edge-personalization")
    assert {row.destination.rpartition("/")[0] for row in rows} == {"https://w3id.org/destgraph/destination"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<#one> a <x> .", "own.ttl#one"),
        ("<one> a <x> .", "one"),
        ("<> a <x> .", "own.ttl"),
        ("@base <http://example.org/a/> . <../b> a <x> .", "http://example.org/b"),
        ("@prefix : <#> . :one a <x> .", "own.ttl#one"),
        ("@prefix p: <dir/> . p:one a <x> .", "dir/one"),
    ],
)
def test_relative_iris_are_those_of_the_file(tmp_path: Path, text: str, expected: str) -> None:
    """As the Turtle specification and rdflib have it, also where the folder has a blank."""
    own = tmp_path / "my data" / "own.ttl"
    own.parent.mkdir()
    own.write_text(text)
    kg = destgraph.load([own])
    iri = expected if "://" in expected else f"{own.parent.as_uri()}/{expected}"
    assert kg.query(f"ASK {{ <{iri}> a ?x }}") is True


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    """Their labels mean nothing outside of a file."""
    paths = [tmp_path / name for name in ("a.ttl", "b.ttl")]
    for path in paths:
        path.write_text(f"{HEADER}_:x a dg:Destination .")
    assert destgraph.load(paths).info.own_destinations == 2
