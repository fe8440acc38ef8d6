"""The catalog's figures, as docs/catalog.md shows them and as counted with plain rdflib."""

import re
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, Graph, Namespace, URIRef

from destgraph.vocabulary import PREFIXES

TEXT = (Path(__file__).parents[1] / "docs" / "catalog.md").read_text(encoding="utf-8")
DG = Namespace(PREFIXES["dg"])


def members(graph: Graph, class_: URIRef) -> set[object]:
    """Return the destinations of a type and its subtypes."""
    return {d for c in graph.transitive_subjects(RDFS.subClassOf, class_) if c for d in graph.subjects(RDF.type, c)}


def test_counts_of_types(catalog_graph: Graph) -> None:
    """Documented types, in the facts that were read and as counted in the files."""
    rows = re.findall(r"^\| ([a-z][\w ]+) \| (\d+) \| (\d+) \|$", TEXT, re.MULTILINE)
    shown = {name: (int(facts), int(graph)) for name, facts, graph in rows}
    typed = {
        "all": DG.Destination,
        "connections": DG.Connection,
        "extensions": DG.Extension,
        "streaming profile export": DG.StreamingProfileExportDestination,
        "batch profile export": DG.BatchProfileExportDestination,
        "streaming segment export": DG.StreamingSegmentExportDestination,
        "edge personalization": DG.EdgePersonalizationDestination,
        "dataset export": DG.DatasetExportDestination,
    }
    counted = {name: len(members(catalog_graph, class_)) for name, class_ in typed.items()}
    counted["no documented type"] = len(set(catalog_graph.subjects(DG.notDocumented, RDF.type)))
    assert shown == {name: (number, number) for name, number in counted.items()}


def test_counts_of_agreement(catalog_graph: Graph, inferred_graph: Graph) -> None:
    """What features give, against the pages, and the notes on the difference."""
    shown = {name: int(number) for name, number in re.findall(r"^\| ([a-z][\w ]+) \| (\d+) \|$", TEXT, re.MULTILINE)}
    concepts = {name: URIRef(PREFIXES["agreement"] + name.replace(" ", "-")) for name in shown}
    assert list(shown) == ["agreeing", "disagreeing", "not inferable"]
    assert shown == {name: len(set(inferred_graph.subjects(DG.typeAgreement, c))) for name, c in concepts.items()}
    notes = len(set(catalog_graph.subjects(DG.classificationNote)))
    assert f"({notes} facts, {notes} in the graph)" in TEXT


def test_counts_of_categories(catalog_graph: Graph) -> None:
    """Each category with its connections and extensions; together they are all destinations."""
    rows = re.findall(r"^\| ([\w -]+)((?: \| \d+){4}) \|$", TEXT, re.MULTILINE)
    shown = {name: tuple(map(int, re.findall(r"\d+", numbers))) for name, numbers in rows}
    kinds = [members(catalog_graph, DG.Connection), members(catalog_graph, DG.Extension)]
    counted = {}
    for category in catalog_graph.subjects(SKOS.inScheme, URIRef(PREFIXES["scheme"] + "category")):
        listed = set(catalog_graph.subjects(DG.category, category))
        (name,) = (v for v in catalog_graph.objects(category, SKOS.prefLabel) if getattr(v, "language", "") == "en")
        counted[str(name)] = tuple(len(listed & kind) for kind in kinds for _ in ("facts", "graph"))
    assert shown == counted
    assert sum(sum(numbers) for numbers in shown.values()) == 2 * 153
