"""What a release is, for data catalogs and search engines: DCAT 3, VoID and schema.org.

Sources: https://www.w3.org/TR/vocab-dcat-3/, https://www.w3.org/TR/void/, https://schema.org/Dataset
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from destgraph.vocabulary import PREFIXES, expand, shorten

DATASET = "https://w3id.org/destgraph/dataset"
SPACE = "https://w3id.org/destgraph/"

_TYPE = NamedNode(expand("rdf:type"))
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_LANGUAGES = "http://id.loc.gov/vocabulary/iso639-1/"
_FORMATS = {
    "application/ld+json": "JSON-LD",
    "application/n-quads": "N-Quads",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/trig": "TriG",
    "text/turtle": "Turtle",
}
_UNREGISTERED = {"application/graphml+xml": ("application/xml", "http://graphml.graphdrawing.org/xmlns")}
_KEYWORDS = (
    "Adobe Experience Platform",
    "Real-Time CDP",
    "customer data platform",
    "destinations",
    "knowledge graph",
    "ontology",
)
_LINKS = tuple(PREFIXES[prefix] for prefix in ("owl", "rdfs", "skos"))
_LINKED = {"pd": "Data Privacy Vocabulary: personal data", "schema": "Schema.org"}
_EXAMPLES = ("destination:bing", "type:edge-personalization", "dg:deliveredBy")


@dataclass(frozen=True)
class File:
    """A file of a release: its name in the folder, what it holds, its media type, bytes and SHA-256.

    `part` is the part of the graph it holds, empty when it holds the whole graph or is not part of it; `compressed`
    names the media type of its compression.
    """

    name: str
    title: str
    media_type: str
    size: int
    sha256: str
    part: str = ""
    compressed: str = ""


@dataclass(frozen=True)
class Release:
    """What is said about a release as a whole.

    `base` is the IRI of the folder, with a slash at its end; `issued`, `modified` and `as_read` are days, YYYY-MM-DD;
    `languages` are ISO 639-1 codes; `previous` is the version of the release it is compared with, or empty.
    """

    version: str
    title: str
    description: str
    license: str
    agent: str
    agent_name: str
    source: str
    issued: str
    modified: str
    as_read: str
    base: str
    languages: tuple[str, ...]
    previous: str = ""

    @property
    def iri(self) -> str:
        """The IRI of the dataset in this version."""
        return f"{DATASET}/{self.version}"


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
    properties = Counter(t.predicate for t in graph)
    classes = Counter(t.object for t in graph if t.predicate == _TYPE and isinstance(t.object, NamedNode))
    links = Counter(
        (t.predicate, prefix)
        for t in graph
        for prefix in _LINKED
        if _starts(t.subject, SPACE) and t.predicate.value.startswith(_LINKS) and _starts(t.object, PREFIXES[prefix])
    )
    subjects = {t.subject for t in graph}
    return Figures(
        triples=len(graph),
        entities=sum(_starts(subject, SPACE) for subject in subjects),
        subjects=len(subjects),
        objects=len({t.object for t in graph}),
        classes=dict(sorted(classes.items(), key=str)),
        properties=dict(sorted(properties.items(), key=str)),
        vocabularies=tuple(
            sorted(
                namespace
                for namespace in PREFIXES.values()
                if any(term.value.startswith(namespace) for term in (*properties, *classes))
            )
        ),
        links=dict(sorted(links.items(), key=str)),
    )


def dcat(release: Release, files: Sequence[File], parts: Mapping[str, str]) -> list[Triple]:
    """Describe a release in DCAT 3, each file as a distribution with media type, size and SHA-256.

    `parts` maps each part of the graph that has files of its own to its title; it is a dataset within the dataset.
    """
    said = _Description()
    dataset = NamedNode(release.iri)
    said.about(
        dataset,
        ("rdf:type", "dcat:Dataset"),
        *_common(release),
        ("dcterms:identifier", Literal(release.iri)),
        ("dcat:version", Literal(release.version)),
        ("dcat:isVersionOf", NamedNode(DATASET)),
        *([("dcat:previousVersion", NamedNode(f"{DATASET}/{release.previous}"))] if release.previous else []),
        ("dcterms:conformsTo", NamedNode(f"{SPACE}ontology/{release.version}")),
        ("dcat:landingPage", NamedNode(release.base + "index.html")),
        *(("dcterms:language", NamedNode(_LANGUAGES + code)) for code in release.languages),
        *(("dcat:keyword", Literal(word, language="en")) for word in _KEYWORDS),
        *(("dcterms:hasPart", NamedNode(f"{release.iri}#{part}")) for part in parts),
        *_distributions(release, [file for file in files if not file.part]),
    )
    said.about(
        NamedNode(release.agent),
        ("rdf:type", "foaf:Agent"),
        ("foaf:name", Literal(release.agent_name, language="en")),
    )
    for part, title in parts.items():
        said.about(
            NamedNode(f"{release.iri}#{part}"),
            ("rdf:type", "dcat:Dataset"),
            ("dcterms:title", Literal(title, language="en")),
            ("dcterms:description", Literal(f"{title}, a part of: {release.title}.", language="en")),
            ("dcterms:isPartOf", dataset),
            ("dcterms:license", NamedNode(release.license)),
            ("dcterms:publisher", NamedNode(release.agent)),
            *_distributions(release, [file for file in files if file.part == part]),
        )
    for file in files:
        _distribution(said, release, file)
    for code in release.languages:
        said.about(NamedNode(_LANGUAGES + code), ("rdf:type", "dcterms:LinguisticSystem"))
    return said.triples


def void(release: Release, whole: Figures, parts: Mapping[str, Figures], files: Sequence[File]) -> list[Triple]:
    """Describe the graph of a release in VoID, with the counts of the whole and of each part."""
    said = _Description()
    dataset = NamedNode(release.iri)
    dumps = [file for file in files if file.media_type in _FORMATS]
    said.about(
        NamedNode(release.base + "void.ttl"),
        ("rdf:type", "void:DatasetDescription"),
        ("dcterms:title", Literal(f"VoID description of: {release.title}", language="en")),
        ("dcterms:creator", NamedNode(release.agent)),
        ("foaf:primaryTopic", dataset),
    )
    said.about(
        dataset,
        ("rdf:type", "void:Dataset"),
        *_common(release),
        ("foaf:homepage", NamedNode(release.base + "index.html")),
        ("void:uriSpace", Literal(SPACE)),
        *(("void:exampleResource", NamedNode(expand(name))) for name in _EXAMPLES),
        *(("void:vocabulary", NamedNode(namespace)) for namespace in whole.vocabularies),
        *_features(file for file in dumps if not file.part),
        *(("void:dataDump", NamedNode(release.base + file.name)) for file in dumps if not file.part),
        *_counts(whole),
        *(("void:classPartition", _slice(release, "class", class_)) for class_ in whole.classes),
        *(("void:propertyPartition", _slice(release, "property", property_)) for property_ in whole.properties),
        *(("void:subset", NamedNode(f"{release.iri}#{part}")) for part in parts),
        *(("void:subset", _linkset(release, predicate, prefix)) for predicate, prefix in whole.links),
    )
    for class_, count in whole.classes.items():
        node = _slice(release, "class", class_)
        said.about(node, ("rdf:type", "void:Dataset"), ("void:class", class_), ("void:entities", Literal(count)))
    for property_, count in whole.properties.items():
        node = _slice(release, "property", property_)
        said.about(node, ("rdf:type", "void:Dataset"), ("void:property", property_), ("void:triples", Literal(count)))
    for part, counts in parts.items():
        said.about(
            NamedNode(f"{release.iri}#{part}"),
            ("rdf:type", "void:Dataset"),
            *(("void:dataDump", NamedNode(release.base + file.name)) for file in dumps if file.part == part),
            *_counts(counts),
        )
    for (predicate, prefix), count in whole.links.items():
        said.about(
            _linkset(release, predicate, prefix),
            ("rdf:type", "void:Linkset"),
            ("void:subjectsTarget", dataset),
            ("void:objectsTarget", NamedNode(f"{release.iri}#{prefix}")),
            ("void:linkPredicate", predicate),
            ("void:triples", Literal(count)),
        )
    for prefix in sorted({prefix for _, prefix in whole.links}):
        said.about(
            NamedNode(f"{release.iri}#{prefix}"),
            ("rdf:type", "void:Dataset"),
            ("dcterms:title", Literal(_LINKED[prefix], language="en")),
            ("void:uriSpace", Literal(PREFIXES[prefix])),
        )
    return said.triples


def schema_org(release: Release, files: Sequence[File]) -> str:
    """Describe a release as a schema.org Dataset, in JSON-LD."""
    agent = {"@type": "Organization", "@id": release.agent, "name": release.agent_name}
    document: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": release.iri,
        "name": release.title,
        "description": release.description,
        "version": release.version,
        "url": release.base + "index.html",
        "identifier": release.iri,
        "isBasedOn": release.source,
        "license": release.license,
        "inLanguage": list(release.languages),
        "isAccessibleForFree": True,
        "datePublished": release.issued,
        "dateModified": release.modified,
        "keywords": list(_KEYWORDS),
        "creator": agent,
        "publisher": agent,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.title,
                "contentUrl": release.base + file.name,
                "encodingFormat": file.compressed or file.media_type,
                "contentSize": f"{file.size} B",
                "sha256": file.sha256,
            }
            for file in files
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


class _Description:
    """Triples about one subject after the other."""

    def __init__(self) -> None:
        self.triples: list[Triple] = []

    def about(self, subject: NamedNode, *said: tuple[str | NamedNode, str | NamedNode | Literal]) -> None:
        """Add statements; a text stands for a prefixed name."""
        for predicate, value in said:
            property_ = NamedNode(expand(predicate)) if isinstance(predicate, str) else predicate
            self.triples.append(
                Triple(subject, property_, NamedNode(expand(value)) if isinstance(value, str) else value)
            )


_Said = tuple[str, str | NamedNode | Literal]


def _common(release: Release) -> list[_Said]:
    return [
        ("dcterms:title", Literal(release.title, language="en")),
        ("dcterms:description", Literal(release.description, language="en")),
        ("dcterms:license", NamedNode(release.license)),
        ("dcterms:creator", NamedNode(release.agent)),
        ("dcterms:publisher", NamedNode(release.agent)),
        ("dcterms:issued", _day(release.issued)),
        ("dcterms:modified", _day(release.modified)),
        ("dcterms:source", NamedNode(release.source)),
    ]


def _distributions(release: Release, files: Iterable[File]) -> list[_Said]:
    return [("dcat:distribution", NamedNode(f"{release.iri}#{file.name}")) for file in files]


def _distribution(said: _Description, release: Release, file: File) -> None:
    checksum = NamedNode(f"{release.iri}#{file.name}-sha256")
    download = NamedNode(release.base + file.name)
    media_type, specification = _UNREGISTERED.get(file.media_type, (file.media_type, ""))
    said.about(
        NamedNode(f"{release.iri}#{file.name}"),
        ("rdf:type", "dcat:Distribution"),
        ("dcterms:title", Literal(file.title, language="en")),
        ("dcterms:license", NamedNode(release.license)),
        ("dcterms:issued", _day(release.issued)),
        ("dcterms:modified", _day(release.modified)),
        ("dcat:accessURL", download),
        ("dcat:downloadURL", download),
        ("dcat:mediaType", NamedNode(_MEDIA_TYPES + media_type)),
        *([("dcterms:conformsTo", NamedNode(specification))] if specification else []),
        *_formats(file),
        *([("dcat:compressFormat", NamedNode(_MEDIA_TYPES + file.compressed))] if file.compressed else []),
        ("dcat:byteSize", Literal(str(file.size), datatype=NamedNode(expand("xsd:nonNegativeInteger")))),
        ("spdx:checksum", checksum),
    )
    for name in filter(None, (media_type, file.compressed)):
        said.about(NamedNode(_MEDIA_TYPES + name), ("rdf:type", "dcterms:MediaType"))
    said.about(
        checksum,
        ("rdf:type", "spdx:Checksum"),
        ("spdx:algorithm", "spdx:checksumAlgorithm_sha256"),
        ("spdx:checksumValue", Literal(file.sha256, datatype=NamedNode(expand("xsd:hexBinary")))),
    )


def _formats(file: File) -> list[_Said]:
    name = _FORMATS.get(file.media_type)
    return [("dcterms:format", NamedNode(f"http://www.w3.org/ns/formats/{name}"))] if name else []


def _features(files: Iterable[File]) -> list[_Said]:
    names = sorted({_FORMATS[file.media_type] for file in files})
    return [("void:feature", NamedNode(f"http://www.w3.org/ns/formats/{name}")) for name in names]


def _counts(counts: Figures) -> list[_Said]:
    return [
        ("void:triples", Literal(counts.triples)),
        ("void:entities", Literal(counts.entities)),
        ("void:classes", Literal(len(counts.classes))),
        ("void:properties", Literal(len(counts.properties))),
        ("void:distinctSubjects", Literal(counts.subjects)),
        ("void:distinctObjects", Literal(counts.objects)),
    ]


def _slice(release: Release, kind: str, term: NamedNode) -> NamedNode:
    """Return the IRI of the partition of a class or property."""
    return NamedNode(f"{release.iri}#{kind}-{_slug(term)}")


def _linkset(release: Release, predicate: NamedNode, prefix: str) -> NamedNode:
    return NamedNode(f"{release.iri}#{prefix}-{_slug(predicate)}")


def _slug(term: NamedNode) -> str:
    """Return the prefixed name of a term in a form that fits into a fragment."""
    return quote(shorten(term).replace(":", "-"), safe="")


def _day(day: str) -> Literal:
    return Literal(day, datatype=NamedNode(expand("xsd:date")))


def _starts(node: object, start: str) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(start)
