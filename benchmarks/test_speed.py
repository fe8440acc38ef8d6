"""Loading with classification, and the README's command as a whole process, against other ways to the same rows."""

import csv
import subprocess
import sys
import sysconfig
from functools import partial
from pathlib import Path
from typing import cast

import owlrl
import pytest
from pyoxigraph import QuerySolutions
from rdflib import OWL, RDF, RDFS, Graph, Namespace

import destgraph
from benchmarks.conftest import Compare
from destgraph import files
from destgraph.vocabulary import PREFIXES

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
PEERS = Path(__file__).parent / "peers"
MAIN_COMMAND = (DESTGRAPH, "ask", "destinations-of-type", "type=edge-personalization")

DG = Namespace(PREFIXES["dg"])

Types = set[tuple[str, str]]


def test_load(compare: Compare) -> None:
    """Parse the files and infer types: `destgraph.load()`, and rdflib with all that OWL 2 RL entails."""
    expected = types_of_closure(closure())
    assert types_of(destgraph.load()) == expected
    assert len(expected) > 100
    compare("load and classify", destgraph.load, {"rdflib and owlrl": closure}, 3)


def test_main_command(compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the shell to the printed answer; the peers get the inferred triples ready-made, as one more file.

    All have their modules compiled, as installed packages have.
    """
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "compiled"))
    inferred = tmp_path / "inferred.ttl"
    output(DESTGRAPH, "export", "--part", "inferred", "-o", inferred)
    peers = {
        name: partial(output, sys.executable, PEERS / script, files.root(), inferred)
        for name, script in (("rdflib script", "ask_rdflib.py"), ("bare pyoxigraph script", "ask_pyoxigraph.py"))
    }
    _, *rows = csv.reader(output(*MAIN_COMMAND, "--format", "csv").splitlines())
    assert len(rows) == 3
    for name, peer in peers.items():
        assert [line.split("\t") for line in peer().splitlines()] == rows, name
    compare("README's main command, whole process", partial(output, *MAIN_COMMAND), peers, 15)


def closure() -> Graph:
    """Parse the files with rdflib and add all that follows by the rules of OWL 2 RL."""
    graph = Graph()
    for path in files.turtle():
        graph.parse(path, format="turtle")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return graph


def types_of_closure(graph: Graph) -> Types:
    """Return destination and type for each pattern that holds, but for types that have a narrower one beside them."""
    ontology = Graph().parse(files.root() / "ontology" / "destgraph.ttl")
    patterns = {
        pattern: type_
        for pattern in ontology.subjects(OWL.equivalentClass)
        for type_ in ontology.objects(pattern, RDFS.subClassOf)
    }
    found = {(x, type_) for pattern, type_ in patterns.items() for x in graph.subjects(RDF.type, pattern)}
    return {
        (str(x), str(type_))
        for x, type_ in found
        if not any(
            (x, other) in found and (other, RDFS.subClassOf, type_) in graph
            for other in patterns.values()
            if other != type_
        )
    }


def types_of(kg: destgraph.KnowledgeGraph) -> Types:
    """Return destination and type for each inferred type; "some destination" is left out, as no pattern says it."""
    rows = kg.store.query(
        """SELECT ?x ?class { ?x dg:inferredType/dg:describesClass ?class FILTER (?class != dg:Destination) }""",
        prefixes={"dg": DG},
    )
    return {(x.value, class_.value) for x, class_ in cast("QuerySolutions", rows)}


def output(*command: str | Path) -> str:
    """Run a program and return what it prints."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return result.stdout
