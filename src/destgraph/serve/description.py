"""The description of the service.

Source: https://www.w3.org/TR/sparql11-service-description/
"""

from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from destgraph.stores.memory import KnowledgeGraph
from destgraph.vocabulary import BASE, PREFIXES, TYPE, iri

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
            "Turtle", "N-Triples", "RDF_XML", "JSON-LD")  # fmt: skip


def describe(graph: KnowledgeGraph, url: str, media_type: str) -> bytes:
    """Return the description of the endpoint below a URL; it has no blank nodes, so it is always the same."""
    endpoint = NamedNode(f"{url}sparql")
    dataset, default = NamedNode(f"{url}sparql#dataset"), NamedNode(f"{url}sparql#default")
    triples = [
        Triple(endpoint, TYPE, _sd("Service")),
        Triple(endpoint, _sd("endpoint"), endpoint),
        Triple(endpoint, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        Triple(endpoint, _sd("defaultDataset"), dataset),
        *(Triple(endpoint, _sd("resultFormat"), NamedNode(_FORMATS + name)) for name in _RESULTS),
        Triple(dataset, TYPE, _sd("Dataset")),
        Triple(dataset, _sd("defaultGraph"), default),
        Triple(default, TYPE, _sd("Graph")),
        Triple(default, TYPE, iri("void:Dataset")),
        Triple(default, iri("dcterms:source"), NamedNode(f"{BASE}dataset/{graph.info.version}")),
        Triple(default, iri("void:triples"), Literal(graph.info.triples)),
        Triple(default, iri("void:dataDump"), NamedNode(f"{url}destgraph.ttl")),
        Triple(default, iri("void:uriSpace"), Literal(BASE)),
    ]
    for name in sorted(node.value for node in graph.store.named_graphs() if isinstance(node, NamedNode)):
        named = NamedNode(f"{url}data?graph={quote(name, safe='')}")
        triples += [Triple(dataset, _sd("namedGraph"), named), Triple(named, _sd("name"), NamedNode(name))]
    rdf_format = RdfFormat.from_media_type(media_type)
    return serialize(triples, format=rdf_format, prefixes={"sd": _SD} | PREFIXES) or b""


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)
