"""The graph in memory: loaded from the files and classified."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pyoxigraph import Quad, QuerySolutions, RdfFormat, Store, Triple, serialize

from destgraph import files
from destgraph.catalog import classification
from destgraph.results import Solutions, Triples
from destgraph.stores.queryable import Queryable
from destgraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from rdflib import Graph


@dataclass(frozen=True, eq=False, repr=False)
class KnowledgeGraph(Queryable):
    """Ontology, catalog and inferred types in memory.

    `store` holds all triples in its default graph; `inferred` lists those of them that were inferred; `paths`
    names the files that were read.
    """

    store: Store
    inferred: tuple[Triple, ...] = ()
    paths: tuple[Path, ...] = ()

    def __repr__(self) -> str:
        """Return what the graph holds, in one line."""
        info = self.info
        return f"<destgraph {info.version}: {info.destinations} destinations, catalog as read {info.as_read}>"

    def query(self, text: str, timeout: float | None = None, federate: bool = False) -> bool | Solutions | Triples:
        """Answer a SPARQL query in a process that can be stopped; see `destgraph.stores.bounded.query`."""
        from destgraph.stores import bounded

        answer = bounded.query(self.store, text, timeout, federate)
        return replace(answer, as_read=self.as_read) if isinstance(answer, Solutions) else answer

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query of the program's own, in this process; its prefixes need no declaration."""
        return Solutions.of(cast(QuerySolutions, self.store.query(query, prefixes=PREFIXES)))

    @cached_property
    def graph(self) -> "Graph":
        """The same triples as an rdflib graph, read by rdflib from the files, with the prefixes of the table."""
        from rdflib import Graph

        graph = Graph(bind_namespaces="none")
        for prefix, namespace in PREFIXES.items():
            graph.bind(prefix, namespace)
        for path in self.paths:
            graph.parse(path, format="turtle")
        lines = serialize(self.inferred, format=RdfFormat.N_TRIPLES) or b""
        return graph.parse(data=lines, format="nt")


def load(data: Iterable[str | PathLike[str]] = ()) -> KnowledgeGraph:
    """Load the shipped graph, add own Turtle files, and infer the types that follow from features.

    `data` names the files to add. Nothing shipped is changed on disk. Raises InputError with file, line and
    column when one of them cannot be read or parsed.
    """
    store = Store()
    paths = (*files.turtle(), *map(Path, data))
    for path in paths:
        with files.reading(path):
            store.load(path.read_bytes(), format=RdfFormat.TURTLE)
    inferred = classification.infer(store)
    store.extend(Quad(*triple) for triple in inferred)
    return KnowledgeGraph(store, tuple(inferred), paths)
