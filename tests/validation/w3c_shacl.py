"""Run the W3C SHACL suite: `python tests/validation/w3c_shacl.py FOLDER`, the folder that holds its `manifest.ttl`.

A case passes when the number of findings of shapes is that of the expected results, equal ones counted as often as they
come, and when shapes that must be refused are. Prints each case that differs, and how many pass; exit code 1 when fewer
pass than `--at-least`.
"""

import argparse
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

from rdflib import RDF, SH, Graph, Namespace, URIRef
from rdflib.term import Node

import destgraph
from destgraph.validation.findings import Report

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")

REFUSED = {"shapes_not_usable", "query_syntax", "query_reaches_out"}
ABOUT_FILES = {*REFUSED, "nothing_looked_at", "relative_iri", "unknown_term", "ill_typed_literal", "turtle_syntax",
               "shape_without_focus_nodes", "regex_look_around", "shape_not_applied"}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run the suite and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at-least", type=int, default=120)
    options = parser.parse_args(arguments)
    logging.getLogger("rdflib.term").disabled = True  # it would show the cases' wrong literals
    passed = number = 0
    for name, graph, entry in cases(options.folder / "manifest.ttl"):
        number += 1
        difference = differs(graph, entry)
        passed += not difference
        if difference:
            print(f"{name}: {difference}")
    print(f"{passed} of {number} cases pass")
    return int(passed < options.at_least)


def cases(manifest: Path) -> Iterator[tuple[str, Graph, Node]]:
    """Yield the cases that a manifest leads to, each with its graph."""
    graph = Graph().parse(manifest, format="turtle", publicID=manifest.resolve().as_uri())
    for included in sorted(graph.objects(None, MF.include), key=str):
        yield from cases(path_of(included))
    for entry in graph.subjects(RDF.type, SHT.Validate):
        yield manifest.stem, graph, entry


def differs(graph: Graph, entry: Node) -> str:
    """Return in what way the report on a case is not the expected one, nothing when it is."""
    action = graph.value(entry, MF.action)
    data, shapes = (path_of(graph.value(action, part)) for part in (SHT.dataGraph, SHT.shapesGraph))
    report = destgraph.validate([data.name], shapes=[shapes], folder=data.parent)
    refused = sorted({finding.rule for finding in report.findings} & REFUSED)
    result = graph.value(entry, MF.result)
    if result == SHT.Failure:
        return "" if refused else "the shapes are not refused"
    expected = len(set(graph.objects(result, SH.result)))
    found = results(report)
    told = f" ({', '.join(refused)})" if refused else ""
    return "" if found == expected and not refused else f"{found} results where {expected} are right{told}"


def results(report: Report) -> int:
    """Return how many results of shapes a report has."""
    return sum(finding.times for finding in report.findings if finding.rule not in ABOUT_FILES)


def path_of(iri: Node | None) -> Path:
    """Return the file of an IRI."""
    assert isinstance(iri, URIRef)
    return Path(unquote(urlparse(iri).path))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
