"""Run the W3C SHACL suite: `python tests/validation/w3c_shacl.py FOLDER`, the folder that holds its `manifest.ttl`.

A case passes when the report in Turtle has the results that are expected, by focus node, path, value, severity,
component and shape, equal ones as often as they come, and when shapes that must be refused are. Prints each case that
differs, and how many pass; exit code 1 when fewer pass than `--at-least`.
"""

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

import rdflib
from rdflib import RDF, SH, BNode, Graph, Namespace, URIRef
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import Node

import destgraph
from destgraph.validation import reports
from destgraph.validation.findings import Report

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
REPORT = Namespace("https://w3id.org/destgraph/report#")

REFUSED = {"shapes_not_usable", "query_syntax", "query_reaches_out"}
Result = tuple[str, ...]

ABOUT_FILES = {*REFUSED, "nothing_looked_at", "relative_iri", "unknown_term", "ill_typed_literal", "turtle_syntax",
               "shape_without_focus_nodes", "regex_look_around", "shape_not_applied"}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run the suite and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at-least", type=int, default=120)
    options = parser.parse_args(arguments)
    logging.getLogger("rdflib.term").disabled = True  # it would show the cases' wrong literals
    rdflib.NORMALIZE_LITERALS = False
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
    expected = results(graph, graph.objects(result, SH.result))
    told = f" ({', '.join(refused)})" if refused else ""
    found = results_of(report, data)
    if found == expected and not refused:
        return ""
    return f"{told}\n  found: {sorted(found - expected)}\n  missing: {sorted(expected - found)}"


def results_of(report: Report, data: Path) -> Counter[Result]:
    """Return the results of shapes in the Turtle of a report, which another reader gets."""
    graph = Graph().parse(data=reports.to_turtle(report), format="turtle", publicID=data.resolve().as_uri())
    found = graph.subjects(RDF.type, SH.ValidationResult)
    return results(
        graph, [node for node in found if str(graph.value(node, REPORT.rule)).split("/")[-1] not in ABOUT_FILES]
    )


def results(graph: Graph, nodes: Iterable[Node]) -> Counter[Result]:
    """Return what results say, with what stands for blank nodes, each as often as it comes."""
    found = Counter[Result]()
    for node in {*nodes}:
        path = graph.value(node, SH.resultPath)
        written = str(parse_shacl_path(graph, path).n3()) if path is not None else ""
        parts = (SH.focusNode, SH.value, SH.resultSeverity, SH.sourceConstraintComponent, SH.sourceShape)
        terms = (graph.value(node, part) for part in parts)
        times = graph.value(node, REPORT.times)
        key = tuple("[]" if isinstance(term, BNode) else "" if term is None else term.n3() for term in terms)
        found[written, *key] += int(str(times)) if times is not None else 1
    return found


def path_of(iri: Node | None) -> Path:
    """Return the file of an IRI."""
    assert isinstance(iri, URIRef)
    return Path(unquote(urlparse(iri).path))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
