"""What is known of a release and of its files, whatever vocabulary it is told in."""

import re
from dataclasses import dataclass

from destgraph.stores.memory import KnowledgeGraph
from destgraph.vocabulary import BASE

DATASET = f"{BASE}dataset"
"""The IRI of the dataset in whatever version."""

KEYWORDS = (
    "Adobe Experience Platform",
    "Real-Time CDP",
    "customer data platform",
    "destinations",
    "knowledge graph",
    "ontology",
)


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


def metadata(graph: KnowledgeGraph, base_iri: str | None, issued: str | None, previous: str) -> Release:
    """Return what the ontology header and the sources say about a release of a graph.

    `base_iri` and `issued` are those of `destgraph.write_release`, `previous` is the version it is compared with.
    """
    ((version, license_, agent, name, source, released, modified),) = graph.select(
        """SELECT ?version ?license ?agent ?name ?source (STR(?issued) AS ?day) (STR(?modified) AS ?last) {
             ?o a owl:Ontology ; owl:versionInfo ?version ; dcterms:license ?license ; dcterms:publisher ?agent ;
                dcterms:source ?source ; dcterms:issued ?issued ; dcterms:modified ?modified .
             ?agent rdfs:label ?name }"""
    )
    tags = graph.select("SELECT DISTINCT (LANG(?text) AS ?tag) { ?thing skos:prefLabel ?text }")
    info = graph.info
    return Release(
        version=version,
        title="Knowledge graph of Adobe Experience Platform destinations",
        description=f"Which of the {info.destinations} destinations in the catalog of Adobe Experience Platform is of"
        " which type, what data leaves, how, keyed by what and under which license, each fact with the page it comes"
        " from: an OWL ontology, SKOS schemes, a catalog, SHACL shapes and SPARQL questions. Unofficial; Adobe and the"
        " names of its products belong to Adobe.",
        license=license_,
        agent=agent,
        agent_name=name,
        source=source,
        issued=issued or released,
        modified=max(modified, info.as_read),
        as_read=info.as_read,
        base=f"{(base_iri or f'{BASE}release/{version}').rstrip('/')}/",
        languages=tuple(sorted({tag.partition("-")[0] for (tag,) in tags})),
        previous=previous if previous != version and re.fullmatch(r"[\w.+-]+", previous) else "",
    )
