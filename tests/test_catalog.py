"""The catalog's figures in docs/catalog.md are those that plain rdflib counts in the files."""

import re
from collections.abc import Iterable
from pathlib import Path

from expected import ADVICE, Expected
from rdflib import DCTERMS, RDF, RDFS, SKOS, Graph, Namespace, URIRef
from rdflib.term import Node

from destgraph.vocabulary import PREFIXES

PAGE = Path(__file__).parents[1] / "docs" / "catalog.md"
DG = Namespace(PREFIXES["dg"])
TYPES = {
    "all": DG.Destination,
    "connections": DG.Connection,
    "extensions": DG.Extension,
    "streaming profile export": DG.StreamingProfileExportDestination,
    "batch profile export": DG.BatchProfileExportDestination,
    "streaming segment export": DG.StreamingSegmentExportDestination,
    "edge personalization": DG.EdgePersonalizationDestination,
    "dataset export": DG.DatasetExportDestination,
}
AGREEMENTS = ("agreeing", "disagreeing", "not inferable")
AGES = ("of 2026", "of 2026 or before", "older than 2026", "not dated")


def members(graph: Graph, class_: URIRef) -> set[Node]:
    """Return the destinations of a type and its subtypes."""
    return {d for c in graph.transitive_subjects(RDFS.subClassOf, class_) if c for d in graph.subjects(RDF.type, c)}


def age(graph: Graph, destination: Node) -> str:
    """Return how old the newest text of a card is, by the day or the bounds that its source gives."""

    def newest(*properties: URIRef) -> str:
        sources = graph.objects(destination, DCTERMS.source)
        return max(
            (str(date) for source in sources for p in properties for date in graph.objects(source, p)), default=""
        )

    start, end = newest(DCTERMS.modified, DG.textNotBefore), newest(DCTERMS.modified, DG.textNotAfter)
    if start >= "2026":
        return "of 2026"
    if end and end < "2026":
        return "older than 2026"
    return "of 2026 or before" if start or end else "not dated"


def table(columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a table whose first column is text, and the others numbers."""
    first, *others = columns
    lines = [("", first, *others, ""), ("", "---", *("---:" for _ in others), "")]
    return "\n".join(" | ".join(map(str, line)).strip() for line in (*lines, *(("", *row, "") for row in rows)))


def test_figures(catalog_graph: Graph, inferred_graph: Graph, expected_files: Expected) -> None:
    """Documented types; what features give, against the pages; categories, in which each destination is once; age."""
    types = [(name, len(members(catalog_graph, class_))) for name, class_ in TYPES.items()]
    types.append(("no documented type", len(set(catalog_graph.subjects(DG.notDocumented, RDF.type)))))
    agreements = [
        (
            name,
            len(set(inferred_graph.subjects(DG.typeAgreement, URIRef(PREFIXES["agreement"] + name.replace(" ", "-"))))),
        )
        for name in AGREEMENTS
    ]
    categories = []
    for category in catalog_graph.subjects(SKOS.inScheme, URIRef(PREFIXES["scheme"] + "category")):
        listed = set(catalog_graph.subjects(DG.category, category))
        (name,) = (v for v in catalog_graph.objects(category, SKOS.prefLabel) if getattr(v, "language", "") == "en")
        connections, extensions = (len(listed & members(catalog_graph, kind)) for kind in (DG.Connection, DG.Extension))
        categories.append((str(name), connections, extensions))
    assert sum(connections + extensions for _, connections, extensions in categories) == len(
        members(catalog_graph, DG.Destination)
    )
    ages = [age(catalog_graph, destination) for destination in members(catalog_graph, DG.Connection)]
    notes = len(set(catalog_graph.subjects(DG.classificationNote)))
    assert notes == sum(number for name, number in agreements if name != "agreeing")
    text = PAGE.read_text(encoding="utf-8")
    head, tail = re.findall(r"\A(.*?\n\n)\| What .*?(\n\n## Read again\n.*)\Z", text, re.DOTALL)[0]
    parts = [
        table(("What", "Destinations"), types),
        "The types that features give, compared with those of the page; each card that differs has a\n"
        "`dg:classificationNote`.",
        table(("Features and page", "Destinations"), agreements),
        table(("Category", "Connections", "Extensions"), sorted(categories)),
        "How old the newest text is that was found of a connection's page.",
        table(("Text", "Connections"), ((name, ages.count(name)) for name in AGES)),
    ]
    made = head + "\n\n".join(parts) + tail
    assert made == expected_files.text(PAGE, made), ADVICE
