"""A release in DCAT 3, for data catalogs.

Source: https://www.w3.org/TR/vocab-dcat-3/
"""

from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import Literal, NamedNode, Triple

from destgraph.release.metadata import DATASET, KEYWORDS, File, Release
from destgraph.release.statements import RDF_FORMATS, Statement, about, common, day, english, part_iri, rdf_format
from destgraph.vocabulary import BASE, iri

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_LANGUAGES = "http://id.loc.gov/vocabulary/iso639-1/"
_UNREGISTERED = {"application/graphml+xml": ("application/xml", "http://graphml.graphdrawing.org/xmlns")}


def dcat(release: Release, files: Sequence[File], parts: Mapping[str, str]) -> list[Triple]:
    """Describe a release in DCAT 3, each file as a distribution with media type, size and SHA-256.

    `parts` maps each part of the graph that has files of its own to its title; it is a dataset within the dataset.
    """
    triples = about(NamedNode(release.iri), *_dataset(release, files, parts))
    triples += about(
        NamedNode(release.agent), ("rdf:type", iri("foaf:Agent")), ("foaf:name", english(release.agent_name))
    )
    for part, title in parts.items():
        triples += about(part_iri(release, part), *_part(release, files, part, title))
    for file in files:
        triples += _distribution(release, file)
    for code in release.languages:
        triples += about(NamedNode(_LANGUAGES + code), ("rdf:type", iri("dcterms:LinguisticSystem")))
    return triples


def _dataset(release: Release, files: Sequence[File], parts: Iterable[str]) -> list[Statement]:
    statements: list[Statement] = [
        ("rdf:type", iri("dcat:Dataset")),
        *common(release),
        ("dcterms:identifier", Literal(release.iri)),
        ("dcat:version", Literal(release.version)),
        ("dcat:isVersionOf", NamedNode(DATASET)),
        ("dcterms:conformsTo", NamedNode(f"{BASE}ontology/{release.version}")),
        ("dcat:landingPage", NamedNode(release.base + "index.html")),
    ]
    if release.previous:
        statements.append(("dcat:previousVersion", NamedNode(f"{DATASET}/{release.previous}")))
    statements += [("dcterms:language", NamedNode(_LANGUAGES + code)) for code in release.languages]
    statements += [("dcat:keyword", english(word)) for word in KEYWORDS]
    statements += [("dcterms:hasPart", part_iri(release, part)) for part in parts]
    statements += [("dcat:distribution", part_iri(release, file.name)) for file in files if not file.part]
    return statements


def _part(release: Release, files: Sequence[File], part: str, title: str) -> list[Statement]:
    return [
        ("rdf:type", iri("dcat:Dataset")),
        ("dcterms:title", english(title)),
        ("dcterms:description", english(f"{title}, a part of: {release.title}.")),
        ("dcterms:isPartOf", NamedNode(release.iri)),
        ("dcterms:license", NamedNode(release.license)),
        ("dcterms:publisher", NamedNode(release.agent)),
        *(("dcat:distribution", part_iri(release, file.name)) for file in files if file.part == part),
    ]


def _distribution(release: Release, file: File) -> list[Triple]:
    """Return what is said of a file, of its checksum and of its media types."""
    checksum = part_iri(release, f"{file.name}-sha256")
    download = NamedNode(release.base + file.name)
    media_type, specification = _UNREGISTERED.get(file.media_type, (file.media_type, ""))
    statements: list[Statement] = [
        ("rdf:type", iri("dcat:Distribution")),
        ("dcterms:title", english(file.title)),
        ("dcterms:license", NamedNode(release.license)),
        ("dcterms:issued", day(release.issued)),
        ("dcterms:modified", day(release.modified)),
        ("dcat:accessURL", download),
        ("dcat:downloadURL", download),
        ("dcat:mediaType", NamedNode(_MEDIA_TYPES + media_type)),
        ("dcat:byteSize", Literal(str(file.size), datatype=iri("xsd:nonNegativeInteger"))),
        ("spdx:checksum", checksum),
    ]
    if specification:
        statements.append(("dcterms:conformsTo", NamedNode(specification)))
    if file.media_type in RDF_FORMATS:
        statements.append(("dcterms:format", rdf_format(file.media_type)))
    if file.compressed:
        statements.append(("dcat:compressFormat", NamedNode(_MEDIA_TYPES + file.compressed)))
    triples = about(part_iri(release, file.name), *statements)
    for name in filter(None, (media_type, file.compressed)):
        triples += about(NamedNode(_MEDIA_TYPES + name), ("rdf:type", iri("dcterms:MediaType")))
    triples += about(
        checksum,
        ("rdf:type", iri("spdx:Checksum")),
        ("spdx:algorithm", iri("spdx:checksumAlgorithm_sha256")),
        ("spdx:checksumValue", Literal(file.sha256, datatype=iri("xsd:hexBinary"))),
    )
    return triples
