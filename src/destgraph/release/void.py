"""The graph of a release in VoID, with counts.

Source: https://www.w3.org/TR/void/
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from destgraph.release.metadata import File, Release
from destgraph.release.statements import RDF_FORMATS, Statement, about, common, english, part_iri, rdf_format
from destgraph.vocabulary import BASE, PREFIXES, TYPE, iri, shorten

_LINKS = tuple(PREFIXES[prefix] for prefix in ("owl", "rdfs", "skos"))
_LINKED = {"pd": "Data Privacy Vocabulary: personal data", "schema": "Schema.org"}
_EXAMPLES = ("destination:bing", "type:edge-personalization", "dg:deliveredBy")


@dataclass(frozen=True)
class Figures:
    """Counts of a graph, as VoID defines them; `links` counts by predicate and by prefix of the other vocabulary."""

    triples: int
    entities: int
    subjects: int
    objects: int
    classes: Mapping[NamedNode, int]
    properties: Mapping[NamedNode, int]
    vocabularies: tuple[str, ...]
    links: Mapping[tuple[NamedNode, str], int]


def figures(triples: Iterable[Triple]) -> Figures:
    """Count a graph."""
    graph = set(triples)
    subjects = {triple.subject for triple in graph}
    classes = Counter(t.object for t in graph if t.predicate == TYPE and isinstance(t.object, NamedNode))
    properties = Counter(triple.predicate for triple in graph)
    return Figures(
        triples=len(graph),
        entities=sum(_starts(subject, BASE) for subject in subjects),
        subjects=len(subjects),
        objects=len({triple.object for triple in graph}),
        classes=dict(sorted(classes.items(), key=str)),
        properties=dict(sorted(properties.items(), key=str)),
        vocabularies=_vocabularies({*classes, *properties}),
        links=dict(sorted(_links(graph).items(), key=str)),
    )


def _vocabularies(terms: Iterable[NamedNode]) -> tuple[str, ...]:
    """Return the namespaces of the table that some terms are of."""
    names = [term.value for term in terms]
    return tuple(sorted(n for n in PREFIXES.values() if any(name.startswith(n) for name in names)))


def _links(graph: Iterable[Triple]) -> Counter[tuple[NamedNode, str]]:
    """Count the links from own resources to those of another vocabulary."""
    links: Counter[tuple[NamedNode, str]] = Counter()
    for triple in graph:
        if _starts(triple.subject, BASE) and triple.predicate.value.startswith(_LINKS):
            links.update((triple.predicate, prefix) for prefix in _LINKED if _starts(triple.object, PREFIXES[prefix]))
    return links


def _starts(node: object, start: str) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(start)


def void(release: Release, whole: Figures, parts: Mapping[str, Figures], files: Sequence[File]) -> list[Triple]:
    """Describe the graph of a release in VoID, with the counts of the whole and of each part."""
    dumps = [file for file in files if file.media_type in RDF_FORMATS]
    triples = about(
        NamedNode(release.base + "void.ttl"),
        ("rdf:type", iri("void:DatasetDescription")),
        ("dcterms:title", english(f"VoID description of: {release.title}")),
        ("dcterms:creator", NamedNode(release.agent)),
        ("foaf:primaryTopic", NamedNode(release.iri)),
    )
    triples += about(NamedNode(release.iri), *_dataset(release, whole, parts, [f for f in dumps if not f.part]))
    triples += _partitions(release, whole)
    for part, counts in parts.items():
        triples += about(
            part_iri(release, part),
            ("rdf:type", iri("void:Dataset")),
            *_dumps(release, [file for file in dumps if file.part == part]),
            *_counts(counts),
        )
    return [*triples, *_linksets(release, whole)]


def _dataset(release: Release, whole: Figures, parts: Iterable[str], dumps: Sequence[File]) -> list[Statement]:
    """Return what is said of the graph as a whole, and which datasets are parts of it."""
    return [
        ("rdf:type", iri("void:Dataset")),
        *common(release),
        ("foaf:homepage", NamedNode(release.base + "index.html")),
        ("void:uriSpace", Literal(BASE)),
        *(("void:exampleResource", iri(name)) for name in _EXAMPLES),
        *(("void:vocabulary", NamedNode(namespace)) for namespace in whole.vocabularies),
        *(("void:feature", rdf_format(media_type)) for media_type in {file.media_type for file in dumps}),
        *_dumps(release, dumps),
        *_counts(whole),
        *(("void:classPartition", _fragment(release, "class", class_)) for class_ in whole.classes),
        *(("void:propertyPartition", _fragment(release, "property", property_)) for property_ in whole.properties),
        *(("void:subset", part_iri(release, part)) for part in parts),
        *(("void:subset", _fragment(release, prefix, predicate)) for predicate, prefix in whole.links),
    ]


def _partitions(release: Release, whole: Figures) -> list[Triple]:
    """Return how often each class and each property is used."""
    triples = []
    for kind, counts, counted in (("class", whole.classes, "entities"), ("property", whole.properties, "triples")):
        for term, number in counts.items():
            triples += about(
                _fragment(release, kind, term),
                ("rdf:type", iri("void:Dataset")),
                (f"void:{kind}", term),
                (f"void:{counted}", Literal(number)),
            )
    return triples


def _linksets(release: Release, whole: Figures) -> list[Triple]:
    """Return how often each property links to another vocabulary."""
    triples = []
    for (predicate, prefix), number in whole.links.items():
        triples += about(
            _fragment(release, prefix, predicate),
            ("rdf:type", iri("void:Linkset")),
            ("void:subjectsTarget", NamedNode(release.iri)),
            ("void:objectsTarget", part_iri(release, prefix)),
            ("void:linkPredicate", predicate),
            ("void:triples", Literal(number)),
        )
    for prefix in sorted({prefix for _, prefix in whole.links}):
        triples += about(
            part_iri(release, prefix),
            ("rdf:type", iri("void:Dataset")),
            ("dcterms:title", english(_LINKED[prefix])),
            ("void:uriSpace", Literal(PREFIXES[prefix])),
        )
    return triples


def _dumps(release: Release, files: Iterable[File]) -> list[Statement]:
    return [("void:dataDump", NamedNode(release.base + file.name)) for file in files]


def _counts(counts: Figures) -> list[Statement]:
    return [
        ("void:triples", Literal(counts.triples)),
        ("void:entities", Literal(counts.entities)),
        ("void:classes", Literal(len(counts.classes))),
        ("void:properties", Literal(len(counts.properties))),
        ("void:distinctSubjects", Literal(counts.subjects)),
        ("void:distinctObjects", Literal(counts.objects)),
    ]


def _fragment(release: Release, kind: str, term: NamedNode) -> NamedNode:
    """Return the IRI of what is said of a class or property in one respect: a partition, or a set of links."""
    return part_iri(release, f"{kind}-{quote(shorten(term).replace(':', '-'), safe='')}")
