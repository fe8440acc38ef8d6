"""Where the IRIs of the graph lead on the server, and the files of a release that it has.

The places are those of docs/w3id and of a release: what holds there holds here.
"""

import io
from collections.abc import Mapping
from types import MappingProxyType

from pyoxigraph import NamedNode

from destgraph import files, site
from destgraph.export.formats import FORMATS, Writer
from destgraph.export.selection import PARTS, SKOS, Selection
from destgraph.serve.negotiate import HTML, TRIPLES, TURTLE
from destgraph.site import Page
from destgraph.stores.memory import KnowledgeGraph
from destgraph.vocabulary import BASE, SCHEMES

SUFFIXES = MappingProxyType(dict(zip((HTML, *TRIPLES), (".html", ".ttl", ".jsonld", ".rdf", ".nt"), strict=True)))
"""The end of the name of a file of each media type."""

_WHOLE = MappingProxyType({media_type: f"destgraph{SUFFIXES[media_type]}" for media_type in TRIPLES})


def forms(graph: KnowledgeGraph, path: str) -> Mapping[str, str]:
    """Return where an IRI leads, given by its path below the base: for each media type a path; nothing if unknown.

    What is asked for without preference comes first.
    """
    version = graph.info.version
    whole = path.removesuffix(f"/{version}") if path in (f"ontology/{version}", f"dataset/{version}") else path
    match whole.split("/"):
        case ["ontology"]:
            return {HTML: "ontology.html"} | _WHOLE | {TURTLE: "parts/ontology.ttl"}
        case ["shapes"]:
            return {TURTLE: "parts/shapes.ttl", HTML: "shapes.html"}
        case ["rules" | "checks"]:
            return {HTML: "rules.html"}
        case ["dataset"]:
            return {HTML: "data.html"} | dict.fromkeys(TRIPLES, "sparql")
        case ["graph", part] if part in PARTS:
            return {TURTLE: f"parts/{part}.ttl", HTML: f"data.html#{part}"}
        case ["query", name] if name in graph.questions:
            return {"application/sparql-query": f"queries/{name}.rq", HTML: f"query/{name}.html"}
    if not _is_mentioned(graph, BASE + path):
        return {}
    place = site.place(graph, BASE + path)
    if place == f"{path}.html":
        return {media_type: path + suffix for media_type, suffix in SUFFIXES.items()}
    return {HTML: place} | _WHOLE


def _is_mentioned(graph: KnowledgeGraph, iri: str) -> bool:
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    patterns = ((node, None, None), (None, node, None), (None, None, node))
    return any(next(graph.store.quads_for_pattern(*pattern), None) for pattern in patterns)


def document(graph: KnowledgeGraph, path: str) -> Page | None:
    """Return a file of a release that says something of the graph, or None when there is none of that name."""
    found = _DOCUMENTS.get(path)
    if found is None:
        return None
    media_type, parts, schemes, writer = found
    shipped = {*files.turtle(folder=graph.root)}
    own = tuple(path for path in graph.paths if path not in shipped)
    file = io.BytesIO()
    writer(Selection(parts, own, schemes=schemes, root=graph.root), file)
    return Page(path, media_type, file.getvalue())


_Document = tuple[str, tuple[str, ...], tuple[str, ...], Writer]


def _documents() -> dict[str, _Document]:
    """Return how each is written, by path."""
    found: dict[str, _Document] = {}
    for format_ in FORMATS.values():
        for stem, writer in format_.writers.items():
            folder = "" if stem in ("destgraph", "context") else "tables/"
            found[f"{folder}{stem}{format_.suffix}"] = (format_.media_type, PARTS, (), writer)
    turtle = FORMATS["turtle"]
    for part in PARTS:
        found[f"parts/{part}.ttl"] = (turtle.media_type, (part,), (), turtle.writers["destgraph"])
    for scheme in SCHEMES:
        found[f"skos/{scheme}.ttl"] = (turtle.media_type, (SKOS,), (scheme,), turtle.writers["destgraph"])
    return found


_DOCUMENTS = MappingProxyType(_documents())
