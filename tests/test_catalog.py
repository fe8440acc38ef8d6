"""The catalog's figures, as docs/catalog.md shows them and as counted with plain rdflib."""

import re
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, Graph, Namespace, URIRef

from destgraph.prefixes import PREFIXES

TEXT = (Path(__file__).parents[1] / "docs" / "catalog.md").read_text(encoding="utf-8")
DG = Namespace(PREFIXES["dg"])


def members(graph: Graph, class_: URIRef) -> set[object]:
    """Return the destinations of a type and its subtypes."""
    return {d for c in graph.transitive_subjects(RDFS.subClassOf, class_) if c for d in graph.subjects(RDF.type, c)}


def test_counts_of_types(catalog_graph: Graph, inferred_graph: Graph) -> None:
    """Documented types are counted in the files, agreement in the inferred triples."""
    shown = {name: int(number) for name, number in re.findall(r"^\| ([a-z][\w ]+) \| (\d+) \|$", TEXT, re.MULTILINE)}
    typed = {
        "streaming profile export": DG.StreamingProfileExportDestination,
        "batch profile export": DG.BatchProfileExportDestination,
        "streaming segment export": DG.StreamingSegmentExportDestination,
        "edge personalization": DG.EdgePersonalizationDestination,
        "dataset export": DG.DatasetExportDestination,
        "all": DG.Destination,
        "connections": DG.Connection,
        "extensions": DG.Extension,
    }
    counted = {name: len(members(catalog_graph, class_)) for name, class_ in typed.items()}
    counted["no documented type"] = len(set(catalog_graph.subjects(DG.notDocumented, RDF.type)))
    for name, agreement in (
        ("features agree with the page", "agreeing"),
        ("features disagree with the page", "disagreeing"),
        ("no type follows from features", "not-inferable"),
    ):
        concept = URIRef(PREFIXES["agreement"] + agreement)
        counted[name] = len(set(inferred_graph.subjects(DG.typeAgreement, concept)))
    assert shown == counted


def test_counts_of_categories(catalog_graph: Graph) -> None:
    """Each category with its connections and extensions; together they are all destinations."""
    rows = re.findall(r"^\| ([\w -]+) \| (\d+) \| (\d+) \|$", TEXT, re.MULTILINE)
    shown = {name: (int(connections), int(extensions)) for name, connections, extensions in rows}
    kinds = [members(catalog_graph, DG.Connection), members(catalog_graph, DG.Extension)]
    counted = {}
    for category in catalog_graph.subjects(SKOS.inScheme, URIRef(PREFIXES["scheme"] + "category")):
        listed = set(catalog_graph.subjects(DG.category, category))
        (name,) = (v for v in catalog_graph.objects(category, SKOS.prefLabel) if getattr(v, "language", "") == "en")
        counted[str(name)] = (len(listed & kinds[0]), len(listed & kinds[1]))
    assert shown == counted
    assert sum(sum(pair) for pair in shown.values()) == 153
