"""Changes between two graphs: small ones whole, and the real one against an edited copy."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from destgraph import InputError, files
from destgraph.release.changes import Change, Difference, compare, read_release
from destgraph.vocabulary import PREFIXES

HEADER = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
HEADER += f"@base <{PREFIXES['destination']}> .\n"

OLD = """
<https://w3id.org/destgraph/ontology> a owl:Ontology ; owl:versionInfo "1.0" .
dg:Destination a owl:Class .
dg:Fast a owl:Class ; rdfs:subClassOf dg:Destination ; rdfs:label "fast"@en ;
    owl:equivalentClass [ owl:intersectionOf ( [ owl:hasValue delivery:tag ] [ owl:hasValue delivery:file ] ) ] .
dg:same a owl:ObjectProperty ; rdfs:range [ owl:unionOf ( dg:Fast dg:Destination ) ] .
dg:old a owl:ObjectProperty ; rdfs:label "old"@en .
delivery:tag a skos:Concept ; skos:prefLabel "tag"@en , "Tag"@de .
destination:gone a dg:Fast ; rdfs:label "Gone"@en .
destination:kept a dg:Fast ; rdfs:label "Kept"@en ; dg:limit <kept#limit-1> .
<kept#limit-1> a dg:Limit ; dg:text "10 a day"@en .
destination:still a dg:Fast ; rdfs:label "Still"@en .
dcterms:title a owl:AnnotationProperty .
"""
NEW = """
dg:same rdfs:range [ owl:unionOf ( dg:Fast dg:Destination ) ] ; a owl:ObjectProperty .
<https://w3id.org/destgraph/ontology> a owl:Ontology ; owl:versionInfo "1.1" .
dg:Destination a owl:Class .
dg:Fast a owl:Class ; rdfs:subClassOf dg:Destination ; rdfs:label "fast"@en ;
    owl:equivalentClass [ owl:intersectionOf ( [ owl:hasValue delivery:tag ] [ owl:hasValue delivery:api ] ) ] .
dg:old a owl:ObjectProperty ; rdfs:label "old"@en ; owl:deprecated true ; dcterms:isReplacedBy dg:same .
delivery:tag a skos:Concept ; skos:prefLabel "tag"@en , "Markierung"@de .
destination:kept a dg:Fast ; rdfs:label "Kept"@en ; dg:limit <kept#limit-1> .
<kept#limit-1> a dg:Limit ; dg:text "20 a day"@en .
destination:new a dg:Fast ; rdfs:label "New *one*"@en .
destination:still rdfs:label "Still"@en ; a dg:Fast .
"""
MARKDOWN = """\
# Changes from 1.0 to 1.1

| | added | changed | deprecated | removed |
| --- | ---: | ---: | ---: | ---: |
| ontology | 0 | 1 | 0 | 0 |
| class | 0 | 1 | 0 | 0 |
| property | 0 | 0 | 1 | 0 |
| concept | 0 | 1 | 0 | 0 |
| destination | 1 | 1 | 0 | 1 |

## Added

- destination `destination:new` New \\*one\\*

## Changed

- ontology `https://w3id.org/destgraph/ontology`
  - `owl:versionInfo`: `"1.0"` → `"1.1"`
- class `dg:Fast` fast
  - `owl:equivalentClass`: `[ owl:intersectionOf ( [ owl:hasValue delivery:tag ] [ owl:hasValue delivery:file ] ) ]` → \
`[ owl:intersectionOf ( [ owl:hasValue delivery:tag ] [ owl:hasValue delivery:api ] ) ]`
- concept `delivery:tag` tag
  - `skos:prefLabel`: `"Tag"@de` → `"Markierung"@de`
- destination `destination:kept` Kept
  - `https://w3id.org/destgraph/destination/kept#limit-1` `dg:text`: `"10 a day"@en` → `"20 a day"@en`

## Deprecated

- property `dg:old` old
  - `dcterms:isReplacedBy`: nothing → `dg:same`
  - `owl:deprecated`: nothing → `"true"^^xsd:boolean`

## Removed

- destination `destination:gone` Gone
"""


def triples(turtle: str) -> list[Triple]:
    """Parse Turtle that uses the prefixes of the table."""
    return [quad.triple for quad in parse(HEADER + turtle, format=RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    """The text of each Turtle file of the graph."""
    return {path: path.read_text(encoding="utf-8") for path in files.turtle()}


@pytest.fixture(scope="module")
def edited(texts: dict[Path, str]) -> Callable[..., list[Triple]]:
    """Give a function that parses the graph with texts replaced, each found exactly once."""

    def parsed(replacements: dict[str, str]) -> list[Triple]:
        whole = dict(texts)
        for old, new in replacements.items():
            (path,) = (path for path, text in whole.items() if old in text)
            assert whole[path].count(old) == 1
            whole[path] = whole[path].replace(old, new)
        return [quad.triple for text in whole.values() for quad in parse(text, format=RdfFormat.TURTLE)]

    return parsed


def test_markdown_of_two_small_graphs() -> None:
    """Every way and kind of change; what is only written in another order has not changed."""
    assert compare(triples(OLD), triples(NEW)).to_markdown() == MARKDOWN


def test_json_of_two_small_graphs() -> None:
    """The same changes as data; names are short by the prefixes that come with it."""
    changes = compare(triples(OLD), triples(NEW))
    document = json.loads(changes.to_json())
    assert (document["previous"], document["version"]) == ("1.0", "1.1")
    assert [(c["way"], c["kind"], c["iri"].rpartition("/")[2], len(c["differences"])) for c in document["changes"]] == [
        ("added", "destination", "new", 0),
        ("changed", "ontology", "ontology", 1),
        ("changed", "class", "ontology#Fast", 1),
        ("changed", "concept", "tag", 1),
        ("changed", "destination", "kept", 1),
        ("deprecated", "property", "ontology#old", 2),
        ("removed", "destination", "gone", 0),
    ]
    assert document["changes"][4]["differences"] == [
        {
            "part": "https://w3id.org/destgraph/destination/kept#limit-1",
            "property": "dg:text",
            "removed": ['"10 a day"@en'],
            "added": ['"20 a day"@en'],
        }
    ]
    assert document["prefixes"] == PREFIXES


def test_a_graph_has_not_changed_against_itself(edited: Callable[..., list[Triple]]) -> None:
    """Blank nodes have other names after each parse, and triples another order."""
    changes = compare(edited({}), reversed(edited({})))
    assert changes.changes == ()
    assert changes.to_markdown() == f"# Changes from {changes.version} to {changes.version}\n\nNo term changed.\n"


def test_an_edited_copy_of_the_graph(edited: Callable[..., list[Triple]]) -> None:
    """Exactly the edits are found: in a pattern's blank nodes, in a concept, in a status."""
    after = edited(
        {
            "owl:onProperty dg:deliveredBy ; owl:hasValue delivery:tag": "owl:onProperty dg:deliveredBy ; "
            "owl:hasValue delivery:file",
            'skos:prefLabel "beta"@en ;': 'skos:prefLabel "beta test"@en ;',
            "status:legacy a skos:Concept ;": f"status:legacy a skos:Concept ; <{PREFIXES['owl']}deprecated> true ;",
        }
    )
    changes = compare(edited({}), after).changes
    assert [(c.way, c.kind, c.iri.rpartition("/")[2]) for c in changes] == [
        ("changed", "class", "ontology#ExtensionPattern"),
        ("changed", "concept", "beta"),
        ("deprecated", "concept", "legacy"),
    ]
    restriction = "[ owl:hasValue delivery:{} ; owl:onProperty dg:deliveredBy ; rdf:type owl:Restriction ]"
    assert changes[0].differences == (
        Difference(
            "dg:ExtensionPattern",
            "owl:equivalentClass",
            (restriction.format("tag"),),
            (restriction.format("file"),),
        ),
    )


def test_a_graph_without_an_ontology_has_no_version() -> None:
    """The page says so in words, the data leaves it empty."""
    changes = compare([], triples(OLD))
    assert (changes.previous, changes.version) == ("", "1.0")
    assert changes.to_markdown().startswith("# Changes from an unversioned graph to 1.0\n")
    assert {change.way for change in changes.changes} == {"added"}


def test_terms_of_other_vocabularies_are_no_terms_of_a_release() -> None:
    """That a foreign term is declared or not is not told."""
    assert (
        compare(triples("dcterms:title a owl:AnnotationProperty ."), triples("skos:note a owl:Class .")).changes == ()
    )


@given(st.text())
def test_any_text_in_a_literal_or_label_stays_on_its_line(text: str) -> None:
    """No value can break out of its line of Markdown or of JSON."""
    term, kind = NamedNode(PREFIXES["dg"] + "X"), NamedNode(PREFIXES["owl"] + "Class")
    label, type_ = NamedNode(PREFIXES["rdfs"] + "label"), NamedNode(PREFIXES["rdf"] + "type")
    literal = Literal(text)
    changes = compare([Triple(term, type_, kind)], [Triple(term, type_, kind), Triple(term, label, literal)])
    assert len(changes.to_markdown().split("\n")) == 11
    assert json.loads(changes.to_json())["changes"][0]["label"] == text
    assert changes.changes == (
        Change("changed", "class", term.value, text, (Difference("dg:X", "rdfs:label", (), (str(literal),)),)),
    )


def test_blank_nodes_in_a_circle_are_refused() -> None:
    """They have no end to write; the error says what to do."""
    circle = triples("dg:X a owl:Class ; rdfs:seeAlso _:a . _:a rdfs:seeAlso _:b . _:b rdfs:seeAlso _:a .")
    with pytest.raises(InputError, match="leads back to itself; give it an IRI"):
        compare(circle, triples("dg:X a owl:Class ."))


@pytest.mark.parametrize("name", ["old.ttl", "old.nt", "old.nt.gz", "release"])
def test_a_release_is_read_as_folder_or_file(tmp_path: Path, name: str) -> None:
    """Turtle, N-Triples, gzip and the folder give the same graph."""
    lines = "".join(f"{triple} .\n" for triple in triples(OLD)).encode()
    path = tmp_path / name
    match path.suffix:
        case ".gz":
            path.write_bytes(gzip.compress(lines, mtime=0))
        case "":
            path.mkdir()
            (path / "destgraph.nt").write_bytes(lines)
        case _:
            path.write_bytes(lines)
    assert compare(triples(OLD), read_release(path)).changes == ()
    assert len(read_release(path)) == len(triples(OLD))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.nt", None, "none.nt: No such file or directory; name the folder or the RDF file of a release"),
        ("empty", "", "empty/destgraph.nt: No such file or directory; name the folder"),
        (
            "old.pdf",
            b"",
            "old.pdf: no RDF file; name a release folder or a file that ends in .nt, .ttl, .nq or .jsonld",
        ),
        ("old.nt", b"<a:b> <a:c>\n", "old.nt:2:1: "),
        ("old.nt.gz", b"no gzip", "old.nt.gz: Not a gzipped file"),
        ("old.nt.gz", gzip.compress(b"<a:b> <a:c> <a:d> .\n", mtime=0)[:-9], "old.nt.gz: Compressed file ended"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: bytes | str | None, message: str) -> None:
    """One line with the file and what to do."""
    path = tmp_path / name
    if content == "":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_release(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
