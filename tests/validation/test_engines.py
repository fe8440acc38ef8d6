"""What the shapes find in the seeded defects, by us, by pySHACL's command line and by another engine.

Takes a minute, so `.ci/nightly` runs it.
"""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import shacl
from pyoxigraph import BlankNode, RdfFormat, Store
from rdflib import SH, BNode, Graph, URIRef
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import Node
from rdflib.util import from_n3
from test_defects import read, seed, tree  # noqa: F401 - tree is a fixture

import destgraph
from destgraph import files
from destgraph.catalog import classification
from destgraph.validation import engine
from destgraph.validation.findings import Finding, Place
from destgraph.validation.places import Places
from destgraph.validation.scope import scope
from destgraph.validation.store_copy import StoreCopy
from destgraph.validation.terms import iri_text
from destgraph.vocabulary import PREFIXES

pytestmark = pytest.mark.nightly

# Defects that a whole engine stumbles over, or that mean something else in another file; and a text in place of a date,
# which rdflib takes for the later one, where SPARQL has an error.
ALONE = {
    "DestinationIriShape",
    "SourceTextDayShape",
    "query_reaches_out",
    "query_syntax",
    "regex_look_around",
    "relative_iri",
}

# Shapes for whose queries the package `shacl` has no rows, where pySHACL's own command line has those that we have.
WITHOUT_ROWS = {f"{PREFIXES['shapes']}{name}" for name in ("EditionFollowedShape", "LaterReleaseNoteShape")}

Result = tuple[str, str, str, str, str]


@pytest.fixture(scope="module")
def defective(tree: Path) -> Path:  # noqa: F811
    """A copy of the graph with the other defects."""
    defects = [
        d for d in read(Path(__file__).with_name("defects.txt")) if not {r for rs in d.rules for r in rs} & ALONE
    ]
    assert len(defects) > 120
    seed(defects, tree)
    return tree


@pytest.fixture(scope="module")
def merged(defective: Path) -> tuple[Path, Path]:
    """One file of shapes, and one of everything else with the inferred types."""
    store = Store()
    for path in (*files.turtle(folder=defective), *files.turtle("shapes", folder=defective)):
        store.load(path=path, format=RdfFormat.TURTLE)
    shapes, data = defective / "shapes.ttl", defective / "data.ttl"
    shapes.write_text(
        "\n".join(path.read_text(encoding="utf-8") for path in files.turtle("shapes", folder=defective)),
        encoding="utf-8",
    )
    texts = [path.read_text(encoding="utf-8") for path in files.turtle(folder=defective)]
    data.write_text("\n".join([*texts, *(f"{triple} ." for triple in classification.infer(store))]), encoding="utf-8")
    return shapes, data


@pytest.fixture(scope="module")
def ours(defective: Path) -> set[Result]:
    """What `destgraph.validate` finds by shapes."""
    report = engine.run(scope(folder=defective))
    found: set[Result] = {
        (finding.help, finding.entity, path_of(finding), finding.value, finding.severity)
        for finding in report.findings
        if finding.help.startswith(PREFIXES["shapes"])
    }
    assert len(found) > 300
    return found


def path_of(finding: Finding) -> str:
    """Return the path of a result, which may have another text where the statement at fault is known."""
    if not isinstance(finding.terms.path, BlankNode):
        return finding.property
    back = StoreCopy().back
    shapes = Graph()
    for triple in finding.terms.described:
        shapes.add(tuple(map(back, triple)))  # type: ignore[arg-type]
    return path_text(str(parse_shacl_path(shapes, BNode(finding.terms.path.value)).n3()))


def test_pyshacl_alone(defective: Path) -> None:
    """The reference gives the report that comes with queries answered by the embedded store."""
    assert destgraph.validate(folder=defective, engine="pyshacl") == destgraph.validate(folder=defective)


SEVERITY = {"Violation": "error", "Warning": "warning", "Info": "note"}


def path_text(sparql: str) -> str:
    """Return a property path with the prefixes of the table."""
    return re.sub("<([^<>]*)>", lambda term: iri_text(URIRef(term[1])), sparql)


def test_command_line_of_pyshacl(merged: tuple[Path, Path], ours: set[Result]) -> None:
    """The same results, result by result."""
    shapes, data = merged
    command = Path(sysconfig.get_path("scripts")) / "pyshacl"
    output = subprocess.run([command, "-s", shapes, "-f", "turtle", data], capture_output=True, check=False)
    assert output.returncode == 1, output.stderr
    graph = Graph().parse(data=output.stdout, format="turtle")
    text = Places([], Place("-")).text

    def path(node: Node | None) -> str:
        return path_text(str(parse_shacl_path(graph, node).n3())) if isinstance(node, BNode) else text(node)

    theirs = {
        (
            str(graph.value(result, SH.sourceShape)),
            text(graph.value(result, SH.focusNode)),
            path(graph.value(result, SH.resultPath)),
            text(graph.value(result, SH.value)),
            SEVERITY[str(graph.value(result, SH.resultSeverity)).removeprefix(str(SH))],
        )
        for result in graph.objects(None, SH.result)
    }
    assert ours - theirs == set()
    assert theirs - ours == set()


def test_another_engine(merged: tuple[Path, Path], ours: set[Result]) -> None:
    """The package `shacl`, which shares no code with pySHACL, agrees.

    Where a query binds no ?value it gives the focus node as value, and it writes alternative paths in parentheses.
    """
    shapes, data = merged
    text = Places([], Place("-")).text

    def term(written: str | None) -> str:
        node = from_n3(written) if written else None
        return text(node) if isinstance(node, Node) else ""

    theirs: set[Result] = set()
    for result in shacl.Shapes.from_file(str(shapes)).validate_file(str(data)).results:
        focus, path, value = term(result.focus_node), path_text(result.path or "").strip("()"), term(result.value)
        shape = (result.source_shape or "").strip("<>")
        theirs.add(without_focus((shape, focus, path, value, SEVERITY[result.severity])))
    plain = {without_focus(result) for result in ours}
    assert {result for result in plain - theirs if result[0] not in WITHOUT_ROWS} == set()
    assert theirs - plain == set()


def without_focus(result: Result) -> Result:
    """Leave out a value that is the focus node, where there is a path too."""
    shape, focus, path, value, severity = result
    return shape, focus, path, "" if path and value == focus else value, severity


def test_hash_seeds(defective: Path) -> None:
    """The findings come in the same order with the same text, whatever the hash seed."""
    program = "import sys, destgraph; print(*destgraph.validate(folder=sys.argv[1]).findings, sep='\\n')"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, defective], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "12"
    }
    (output,) = outputs
    assert output.count(b"\n") > 300
