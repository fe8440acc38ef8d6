"""The shapes: each finds exactly what its invalid cases hold, nothing in its valid ones, and looks at the catalog.

A case is a Turtle file in tests/shapes/<rule>/. It is validated together with the ontology file, with that rule alone.
Below `# expected` an invalid case holds the results that must come out, as `sh:ValidationResult`.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from pyoxigraph import QuerySolutions, Store
from rdflib import RDF, RDFS, SH, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import Node

from destgraph import files

SHAPES = Namespace("https://w3id.org/destgraph/shapes#")
PREFIXES = URIRef("https://w3id.org/destgraph/shapes")
CASES = Path(__file__).parent / "shapes"
CASE_FILES = sorted(CASES.glob("*/*.ttl"))
TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
FIELDS = (
    SH.focusNode,
    SH.resultPath,
    SH.value,
    SH.resultSeverity,
    SH.sourceShape,
    SH.sourceConstraintComponent,
)

# What stands beside the constraints of a shape, or belongs to one of them.
NO_CONSTRAINTS = {
    *TARGETS, RDF.type, RDFS.label, RDFS.comment, SKOS.editorialNote, SH.path, SH.message, SH.severity,
    SH.ignoredProperties, SH.qualifiedValueShape,
}  # fmt: skip

Result = tuple[str, ...]


def name_of(shape: Node) -> str:
    """Return the local name of a shape."""
    return str(shape).removeprefix(str(SHAPES))


def all_shapes(graph: Graph) -> set[Node]:
    """Return the rules and their members."""
    return {shape for kind in (SH.NodeShape, SH.PropertyShape) for shape in graph.subjects(RDF.type, kind)}


def rules(graph: Graph) -> set[Node]:
    """Return the shapes that have a target."""
    return {shape for target in TARGETS for shape in graph.subjects(target)}


def constraints(graph: Graph, shape: Node) -> set[Node]:
    """Return the properties of a shape that constrain something."""
    return set(graph.predicates(shape)) - NO_CONSTRAINTS


def component(constraint: Node) -> URIRef:
    """Return the constraint component of a property such as `sh:minCount`."""
    name = str(constraint).removeprefix(str(SH))
    return SH.SPARQLConstraintComponent if name == "sparql" else SH[f"{name[0].upper()}{name[1:]}ConstraintComponent"]


def alone(graph: Graph, shape: URIRef) -> Graph:
    """Return a graph with one shape, what it refers to and the prefixes of the queries."""
    reduced = Graph()
    waiting: list[Node] = [shape, PREFIXES]
    while waiting:
        node = waiting.pop()
        if (node, None, None) in reduced:
            continue
        for predicate, value in graph.predicate_objects(node):
            reduced.add((node, predicate, value))
            if isinstance(value, BNode) or (isinstance(value, URIRef) and value in SHAPES):
                waiting.append(value)
    return reduced


def as_text(graph: Graph, field: URIRef, value: Node | None) -> str:
    """Return a part of a result as text: paths as in SPARQL, `[]` for blank nodes, nothing for nothing."""
    if value is None:
        return ""
    if field == SH.resultPath and isinstance(value, BNode):
        return str(parse_shacl_path(graph, value).n3())
    return "[]" if isinstance(value, BNode) else value.n3()


def results(graph: Graph, nodes: Iterator[Node]) -> list[Result]:
    """Return the validation results in a graph as text, sorted."""
    return sorted(tuple(as_text(graph, field, graph.value(node, field)) for field in FIELDS) for node in nodes)


@cache
def ontology() -> Graph:
    """Return the ontology file, which knows the subclasses."""
    return Graph().parse(files.root() / "ontology" / "destgraph.ttl")


def read_case(path: Path) -> tuple[Graph, list[Result]]:
    """Return the data of a case without the ontology, and the expected results."""
    graph = Graph().parse(path)
    expected = results(graph, graph.subjects(RDF.type, SH.ValidationResult))
    waiting = list(graph.subjects(RDF.type, SH.ValidationResult))
    while waiting:
        node = waiting.pop()
        parts = graph.objects(node, SH.resultPath) if (node, SH.focusNode, None) in graph else graph.objects(node)
        waiting += [part for part in parts if isinstance(part, BNode)]
        graph.remove((node, None, None))
    return graph, expected


def validate(data: Graph, shapes: Graph) -> list[Result]:
    """Return what pySHACL reports on data together with the ontology."""
    merged = Graph()
    for part in (ontology(), data):
        for triple in part:
            merged.add(triple)
    _, report, _ = pyshacl.validate(merged, shacl_graph=shapes, inplace=True)
    assert isinstance(report, Graph)
    return results(report, report.objects(None, SH.result))


def focus_nodes(graph: Graph, shapes: Graph, shape: Node) -> set[Node]:
    """Return the nodes of a graph that the targets of a shape select."""
    found = set(shapes.objects(shape, SH.targetNode))
    for target in shapes.objects(shape, SH.targetClass):
        for subclass in graph.transitive_subjects(RDFS.subClassOf, target):
            found |= set(graph.subjects(RDF.type, subclass))
    for target in shapes.objects(shape, SH.targetSubjectsOf):
        found |= set(graph.subjects(target))
    for target in shapes.objects(shape, SH.targetObjectsOf):
        found |= set(graph.objects(None, target))
    return found


def case_id(path: Path) -> str:
    """Return a short name of a case."""
    return f"{path.parent.name}/{path.stem}"


def test_every_rule_has_cases(shapes_graph: Graph) -> None:
    """Each rule has a folder with valid and invalid cases, and each folder has a rule."""
    names = {name_of(rule) for rule in rules(shapes_graph)}
    assert len(names) > 90, "hardly any shapes were found"
    assert {path.name for path in CASES.iterdir()} == names
    assert {path.parent.name for path in CASE_FILES if re.fullmatch(r"valid-\d+", path.stem)} == names
    assert {path.parent.name for path in CASE_FILES if re.fullmatch(r"invalid-\d+", path.stem)} == names
    assert [case_id(path) for path in CASE_FILES if not re.fullmatch(r"(in)?valid-\d+", path.stem)] == []


@pytest.mark.parametrize("path", CASE_FILES, ids=case_id)
def test_case(path: Path, shapes_graph: Graph) -> None:
    """The rule alone reports exactly the expected results: focus, path, value, severity, shape and component."""
    data, expected = read_case(path)
    assert bool(expected) == path.stem.startswith("invalid-"), "only invalid cases expect results"
    assert validate(data, alone(shapes_graph, SHAPES[path.parent.name])) == expected


def test_every_component_is_hit(shapes_graph: Graph) -> None:
    """Each constraint component of each rule is the reason of an expected result."""
    hit = {
        (result[4], result[5])
        for path in CASE_FILES
        if path.stem.startswith("invalid-")
        for result in read_case(path)[1]
    }
    used = {
        (rule.n3(), component(constraint).n3())
        for rule in rules(shapes_graph)
        for constraint in constraints(shapes_graph, rule)
    }
    assert sorted(used - hit) == []


def test_components_are_known(shapes_graph: Graph) -> None:
    """Each constraint of a shape belongs to a component of SHACL, so that none is left out by a misspelt name."""
    unknown = {
        (name_of(shape), constraint)
        for shape in all_shapes(shapes_graph)
        for constraint in constraints(shapes_graph, shape)
        if component(constraint) not in SH
    }
    assert unknown == set()


def test_every_shape_explains_itself(shapes_graph: Graph) -> None:
    """Rules and members have an IRI, one English label, comment and message, and one severity.

    A message that a SPARQL query fills in stands on the constraint (SHACL, section 5.3.2): other engines print that of
    the shape as it is.
    """
    shapes = all_shapes(shapes_graph)
    assert rules(shapes_graph) <= shapes
    wrong = []
    for shape in shapes:
        if not (isinstance(shape, URIRef) and shape in SHAPES):
            wrong.append(f"{shape} has no IRI among the shapes")
        for text in (RDFS.label, RDFS.comment, SH.message | SH.sparql / SH.message):
            if [value.language for value in shapes_graph.objects(shape, text) if isinstance(value, Literal)] != ["en"]:
                wrong.append(f"{name_of(shape)} needs one {text}")
        if "{" in str(shapes_graph.value(shape, SH.message)):
            wrong.append(f"{name_of(shape)} has a message that nothing fills in")
        if len(set(shapes_graph.objects(shape, SH.severity)) & {SH.Violation, SH.Warning, SH.Info}) != 1:
            wrong.append(f"{name_of(shape)} needs one severity")
    assert wrong == []


def test_only_rules_are_called_shapes(shapes_graph: Graph) -> None:
    """Names tell rules, which end in Shape, from the members they are made of; every member is used."""
    assert {shape for shape in all_shapes(shapes_graph) if name_of(shape).endswith("Shape")} == rules(shapes_graph)
    used = {node for rule in rules(shapes_graph) for node in alone(shapes_graph, URIRef(str(rule))).subjects()}
    assert all_shapes(shapes_graph) - used == set()


def test_only_terms_of_shacl(shapes_graph: Graph) -> None:
    """No shape uses a misspelt sh: term, which engines pass over in silence."""
    terms = {term for triple in shapes_graph for term in triple if isinstance(term, URIRef)}
    shacl = {term for term in terms if term.startswith(str(SH))}
    assert shacl
    assert {term for term in shacl if term not in SH} == set()


def test_no_look_around(shapes_graph: Graph) -> None:
    """No pattern uses look-around, which other engines refuse or get wrong."""
    texts = [str(text) for term in (SH.pattern, SH.select) for text in shapes_graph.objects(None, term)]
    assert texts
    assert [text for text in texts if re.search(r"\(\?<?[=!]", text)] == []


def test_queries_stand_alone(shapes_graph: Graph) -> None:
    """Each query parses with the declared prefixes and no others, and selects every variable of its message."""
    declared = {
        str(shapes_graph.value(node, SH.prefix)): str(shapes_graph.value(node, SH.namespace))
        for node in shapes_graph.objects(PREFIXES, SH.declare)
    }
    prologue = "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in declared.items())
    queries = list(shapes_graph.subject_objects(SH.sparql))
    assert queries
    for shape, query in queries:
        assert isinstance(query, URIRef)
        assert query in SHAPES
        assert (query, SH.prefixes, PREFIXES) in shapes_graph
        select = str(shapes_graph.value(query, SH.select))
        solutions = Store().query(prologue + select)
        assert isinstance(solutions, QuerySolutions)
        names = {variable.value for variable in solutions.variables}
        assert "this" in names
        message = str(shapes_graph.value(query, SH.message))
        assert set(re.findall(r"{\?(\w+)}", message)) <= names, name_of(shape)
    text = " ".join(map(str, shapes_graph.objects(None, SH.select)))
    assert [name for name in declared if f"{name}:" not in text] == [], "a prefix is declared and never used"


def test_shapes_are_valid_shacl(shapes_graph: Graph) -> None:
    """The shapes conform to the shapes for shapes."""
    copy = Graph()
    for triple in shapes_graph:
        copy.add(triple)
    conforms, _, _ = pyshacl.validate(Graph(), shacl_graph=copy, meta_shacl=True)
    assert conforms


def test_lists_hold_no_doubles(shapes_graph: Graph) -> None:
    """Lists of values, properties and members name each of them once."""
    heads = {
        head
        for constraint in (SH["in"], SH["or"], SH.xone, SH.alternativePath, SH.ignoredProperties, SH.languageIn)
        for head in shapes_graph.objects(None, constraint)
    }
    assert heads
    for head in heads:
        items = list(Collection(shapes_graph, head))
        assert len(items) == len(set(items)) > 0


def test_every_rule_looks_at_the_catalog(catalog_graph: Graph, inferred_graph: Graph, shapes_graph: Graph) -> None:
    """Each rule has focus nodes in the catalog, with the inferred types, or a reason why not."""
    assert rules(shapes_graph), "no shapes were found"
    idle = {
        name_of(rule)
        for rule in rules(shapes_graph)
        if not focus_nodes(catalog_graph, shapes_graph, rule) and not focus_nodes(inferred_graph, shapes_graph, rule)
    }
    assert idle == {name_of(shape) for shape in shapes_graph.subjects(SKOS.editorialNote)}
