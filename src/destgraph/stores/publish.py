"""The graph put into a store elsewhere by the SPARQL 1.1 Graph Store HTTP Protocol, and read back.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from urllib.request import Request

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Quad,
    RdfFormat,
    Store,
    Triple,
)

from destgraph.errors import EndpointError, InputError
from destgraph.results import plain
from destgraph.stores import sparql_results
from destgraph.stores.http import LARGEST, Client
from destgraph.stores.memory import KnowledgeGraph
from destgraph.stores.remote import RemoteGraph, connect

_STORES = {"/query": "/store", "/sparql": "/sparql-graph-crud-auth"}
_READERS = {
    "oxigraph": "the replacement is atomic: whoever asks meanwhile sees the old graph or the new one"
    " (measured with Oxigraph 0.5)",
    "virtuoso": "the replacement is not atomic: whoever asks meanwhile may see an empty graph or a part"
    " (measured with Virtuoso 7.2)",
}


@dataclass(frozen=True)
class Publication:
    """What was, or on a dry run would be, put where.

    `store` is the URL for graphs, `graph_name` the IRI of the graph, None for the default graph; `triples` how many go
    there; `replaces` says what the graph held before; `readers` what those see who ask meanwhile, empty on a dry run.
    """

    store: str
    graph_name: str | None
    triples: int
    replaces: str
    readers: str


def publish(
    graph: KnowledgeGraph,
    endpoint: str,
    graph_name: str | None = None,
    *,
    store: str | None = None,
    force: bool = False,
    dry_run: bool = False,
    timeout: float = 60,
) -> Publication:
    """Replace a graph of a store by `graph` in one PUT, read it back, and compare the two as values.

    `endpoint` is the store's URL for queries and `store` that for graphs, by default the one that goes with it at
    Oxigraph and Virtuoso. A graph that holds anything but destgraph is replaced only with `force`; with `dry_run`
    nothing is. Credentials are those of `destgraph.connect`. Raises InputError for such a graph and for a missing URL,
    EndpointError when the store refuses or holds something else afterwards, TimeLimitError after `timeout` seconds.
    """
    remote = connect(endpoint, graph_name, timeout=timeout)
    store = store or _graph_store_url(endpoint)
    client = Client(store, timeout, digest=True)
    triples = [quad.triple for quad in graph.store]
    client = Client(store, timeout, largest=max(LARGEST, 1000 * len(triples)), digest=True)  # to read it all back
    replaces = _contents(remote)
    if replaces == "other data" and not force:
        where = f"graph <{graph_name}>" if graph_name else "the default graph"
        raise InputError(
            f"{endpoint}: {where} holds data, but no ontology of destgraph; name another graph with --graph, or replace"
            " it with --force"
        )
    if dry_run:
        return Publication(store, graph_name, len(triples), replaces, "")
    url = f"{store}?graph={quote(graph_name, safe='')}" if graph_name else f"{store}?default"
    text = graph.store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    put = Request(url, text, {"Content-Type": "application/n-triples"}, method="PUT")  # noqa: S310 - checked by Client
    with client.send(put) as answer:
        answer.all()
    server = answer.headers.get("Server", "").lower()
    readers = next(
        (text for name, text in _READERS.items() if server.startswith(name)),
        "whether the replacement is atomic is not known for this store",
    )
    _compare(triples, _stored(client, url), url)
    return Publication(store, graph_name, len(triples), replaces, readers)


def canonical_quads(triples: Iterable[Triple]) -> set[Quad]:
    """Return triples such that two graphs are equal exactly when they say the same.

    A store may write a number or a language tag in another way and names blank nodes as it likes: literals are turned
    into values by the embedded store, which writes each value in one way, blank nodes into canonical ones (RDFC-1.0).
    """
    store = Store()
    store.extend(Quad(*triple) for triple in triples)
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def _graph_store_url(endpoint: str) -> str:
    for end, other in _STORES.items():
        if endpoint.endswith(end):
            return endpoint.removesuffix(end) + other
    raise InputError(
        f"the URL for graphs that goes with {endpoint} is not known; name it with --store, see docs/stores.md"
    )


def _contents(remote: RemoteGraph) -> str:
    """Say what a graph holds: destgraph with its version, other data, or nothing."""
    if not remote.has_ontology:
        found = remote.query("SELECT ?s { ?s ?p ?o } LIMIT 1")
        return "other data" if found else "nothing"
    versions = remote.select("SELECT ?v { ?o a owl:Ontology ; owl:versionInfo ?v } ORDER BY ?v")
    return f"destgraph {', '.join(plain(version) for (version,) in versions.terms)}".strip()


def _stored(client: Client, url: str) -> Sequence[Triple]:
    """Return what a graph holds now."""
    request = Request(url, headers={"Accept": "application/n-triples"})  # noqa: S310 - checked by Client
    try:
        with client.send(request) as response:
            return sparql_results.triples(response, compared=True).triples
    except EndpointError as error:
        if error.status == 404:  # somebody else has emptied it
            return ()
        raise


def _compare(sent: Sequence[Triple], stored: Sequence[Triple], url: str) -> None:
    """Raise EndpointError when the store holds something else than was sent."""
    ours, theirs = canonical_quads(sent), canonical_quads(stored)
    if ours == theirs:
        return
    lacking, added = ours - theirs, theirs - ours
    example = min(map(str, lacking or added))
    raise EndpointError(
        f"{url} does not hold what was sent: {len(lacking)} triples are missing and {len(added)} others are there, for"
        f" example {example}; another program may have written to it, so publish again, or to a graph with another name"
    )
