"""The files as text: one layout, one table of prefixes, one home for each subject."""

import re
import subprocess
import sysconfig
from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, RdfFormat, parse
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef, namespace

from destgraph import files
from destgraph.vocabulary import PREFIXES

ROOT = files.root()
TURTLE = [*files.turtle(), *files.turtle("shapes")]
QUERIES = sorted((ROOT / "queries").rglob("*.rq"))
SHARED = {"platforms", "release-notes", "sources", "vendors"}
CATEGORIES = sorted({path.stem for path in (ROOT / "data").glob("*.ttl")} - SHARED)
TEXT = re.compile(r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|<[^<>\s]*>|#[^\n]*')


def relative(path: Path) -> str:
    """Return the name of a file for the test's id."""
    return path.relative_to(ROOT).as_posix()


def test_files_are_found() -> None:
    """The parametrised tests look at the whole graph."""
    assert len(TURTLE) > 40
    assert len(CATEGORIES) == 17


def test_layout_is_canonical() -> None:
    """`turtlefmt` would change nothing, so a small change is a small diff."""
    command: list[str | Path] = [Path(sysconfig.get_path("scripts")) / "turtlefmt", "--check", *TURTLE]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", [*TURTLE, *QUERIES], ids=relative)
def test_text_is_clean(path: Path) -> None:
    """UTF-8, line feeds, one at the end, no tabs; a line with several values stays short."""
    text = path.read_bytes().decode()
    assert "\r" not in text
    assert "\t" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    if path.suffix == ".ttl":
        long = [line for line in text.splitlines() if len(line) > 120 and re.search(r" , |^    [^\"]*\" , \"", line)]
        assert [line for line in long if " , " in TEXT.sub('""', line) and "[" not in line] == []


@pytest.mark.parametrize("path", [*TURTLE, *QUERIES], ids=relative)
def test_prefixes_are_those_of_the_table_and_all_used(path: Path) -> None:
    """Each prefix has one namespace everywhere; none is declared in vain."""
    text = path.read_text(encoding="utf-8")
    declared = dict(re.findall(r"^(?:@prefix|PREFIX) ([\w-]*): <([^>]*)>", text, re.MULTILINE))
    body = TEXT.sub(" ", re.sub(r"^(?:@prefix|PREFIX) .*$", "", text, flags=re.MULTILINE))
    if path.parts[-2] == "shapes":
        body = re.sub(r"^(?:@prefix) .*$", "", text, flags=re.MULTILINE)  # prefixes in SPARQL text count as used
    assert declared.items() <= PREFIXES.items()
    assert [prefix for prefix in declared if not re.search(rf"(?<![\w-]){prefix}:", body)] == []


def test_each_subject_has_one_home() -> None:
    """No subject is described in two files."""
    homes = defaultdict(set)
    for path in TURTLE:
        for quad in parse(path=path, format=RdfFormat.TURTLE):
            if not isinstance(quad.subject, BlankNode):
                homes[quad.subject.value].add(relative(path))
    assert {subject: sorted(found) for subject, found in homes.items() if len(found) > 1} == {}


def test_data_has_no_blank_nodes_and_no_foreign_subjects() -> None:
    """Everything in the catalog and the schemes can be named and linked to."""
    for path in TURTLE:
        if path.parent.name in ("data", "schemes"):
            for quad in parse(path=path, format=RdfFormat.TURTLE):
                assert not isinstance(quad.subject, BlankNode), relative(path)
                assert not isinstance(quad.object, BlankNode), relative(path)
                assert quad.subject.value.startswith("https://w3id.org/destgraph/"), relative(path)


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_category_file_holds_exactly_its_destinations(category: str, catalog_graph: Graph) -> None:
    """The file is named after the category of all its destinations, and none of them is elsewhere."""
    graph = Graph().parse(ROOT / "data" / f"{category}.ttl", format="turtle")
    property_ = URIRef(PREFIXES["dg"] + "category")
    expected = set(catalog_graph.subjects(property_, URIRef(PREFIXES["category"] + category)))
    assert set(graph.subjects(property_)) == expected
    assert {str(s).split("#")[0] for s in graph.subjects()} == {str(s) for s in expected}


def test_literals_are_well_typed(catalog_graph: Graph) -> None:
    """No date, number or boolean is malformed; English text is plain ASCII but for names."""
    literals = [o for o in catalog_graph.objects() if isinstance(o, Literal)]
    assert len(literals) > 3000
    assert [o for o in literals if o.ill_typed] == []
    assert [o for o in literals if o.language == "en" and re.search("[\u2010-\u2027\u00a0\u200b]", o)] == []


@pytest.mark.parametrize("path", TURTLE, ids=relative)
def test_names_need_no_escape(path: Path) -> None:
    """OWL API, and so Protege, cannot read a prefixed name with an escape."""
    assert "\\" not in TEXT.sub("", path.read_text(encoding="utf-8"))


def test_labels_say_what_names_say(catalog_graph: Graph) -> None:
    """The label of a term of the ontology is the words of its name."""
    terms = [(str(term), str(label)) for term, label in catalog_graph.subject_objects(RDFS.label)]
    names = [(term.removeprefix(PREFIXES["dg"]), label) for term, label in terms if term.startswith(PREFIXES["dg"])]
    assert len(names) > 90
    assert [(n, label) for n, label in names if n.lower() != re.sub("[ -]", "", label).lower()] == []


def test_card_evidence_is_about_the_values_of_a_property(catalog_graph: Graph) -> None:
    """Every property of evidence names the property that it is about, and most cards have all three."""
    about = dict(catalog_graph.subject_objects(URIRef(PREFIXES["dg"] + "evidenceFor")))
    assert {PREFIXES["dg"] + f"{name}Evidence" for name in ("type", "delivery", "exports")} == set(map(str, about))
    for evidence, property_ in about.items():
        cards = set(catalog_graph.subjects(evidence))
        assert len(cards) > 140
        assert [card for card in cards if (card, property_, None) not in catalog_graph] == []


def test_foreign_terms_exist_and_are_declared(catalog_graph: Graph) -> None:
    """No term of a known vocabulary is made up; `external-terms.ttl` declares those that are used, and no other."""
    names = ("DCTERMS", "OWL", "PROV", "RDF", "RDFS", "SDO", "SKOS", "VANN", "XSD")
    vocabularies = [getattr(namespace, name) for name in names]  # at the top of the module pytest would look into them
    terms = {term for triple in catalog_graph for term in triple if isinstance(term, URIRef)}
    known = {term: vocabulary for vocabulary in vocabularies for term in terms if term.startswith(str(vocabulary))}
    assert len(set(known.values())) == len(vocabularies)
    assert {term for term, vocabulary in known.items() if term not in vocabulary} == set()

    declarations = Graph().parse(ROOT / "ontology" / "external-terms.ttl")
    declared = set(declarations.subjects())
    assert set(declarations.predicates()) == {RDF.type}
    graph = catalog_graph - declarations
    used = {*graph.predicates(), *graph.objects(None, RDF.type), *graph.objects(None, RDFS.subClassOf)}
    used |= set(graph.objects(None, RDFS.subPropertyOf))
    used |= {*graph.objects(None, SKOS.closeMatch), *graph.objects(None, RDF.first)}
    own_or_built_in = ("https://w3id.org/destgraph/", str(RDF), str(RDFS), str(OWL))
    assert {t for t in used if isinstance(t, URIRef) and not str(t).startswith(own_or_built_in)} == declared
