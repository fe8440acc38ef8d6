"""The graph in memory: loaded from the files and classified."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import TextIOWrapper
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pyoxigraph import Quad, QuerySolutions, RdfFormat, Store, Triple, serialize

from destgraph import files, inputs, query_text
from destgraph.catalog import classification
from destgraph.errors import InputError
from destgraph.results import WRITERS, Solutions, Triples
from destgraph.stores.queryable import Queryable
from destgraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from rdflib import Graph


@dataclass(frozen=True, eq=False, repr=False)
class KnowledgeGraph(Queryable):
    """Ontology, catalog and inferred types in memory.

    `store` holds all triples in its default graph; `inferred` lists those of them that were inferred; `paths`
    names the files that were read, `root` the folder of the graph that most of them are of.
    """

    store: Store
    inferred: tuple[Triple, ...] = ()
    paths: tuple[Path, ...] = ()
    root: Path = field(default_factory=files.root)

    def __repr__(self) -> str:
        """Return what the graph holds, in one line."""
        info = self.info
        return f"<destgraph {info.version}: {info.destinations} destinations, catalog as read {info.as_read}>"

    def query(self, text: str, *, timeout: float | None = None, federate: bool = False) -> bool | Solutions | Triples:
        """Answer a SPARQL query in a process that can be stopped; see `destgraph.stores.bounded.query`."""
        from destgraph.stores import bounded

        answer = bounded.query(self.store, text, timeout, federate)
        return replace(answer, as_read=self.as_read) if isinstance(answer, Solutions) else answer

    def save(self, text: str, path: Path, format_: str, *, timeout: float | None = None, federate: bool = False) -> int:
        """Write the answer of a SELECT query to a file; see `Queryable.save`."""
        answer = self.query(text, timeout=timeout, federate=federate)
        if not isinstance(answer, Solutions):
            raise InputError(f"query: {query_text.form(text)} has no rows to write as {format_}; leave out --format")
        with files.replacing(path) as file:
            lines = TextIOWrapper(cast("BinaryIO", file), encoding="utf-8", newline="")
            number = WRITERS[format_](answer.columns, answer.terms, lines)
            lines.detach()
        return number

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
            graph.parse(data=_turtle(path), format="turtle")
        lines = serialize(self.inferred, format=RdfFormat.N_TRIPLES) or b""
        return graph.parse(data=lines, format="nt")


def load(data: Iterable[str | PathLike[str]] = (), *, root: str | PathLike[str] | None = None) -> KnowledgeGraph:
    """Load a graph, add own Turtle files, and infer the types that follow from features.

    `data` names the files to add. `root` is the folder of the graph, with `ontology`, `data` and `queries`; by default
    the one that the environment variable DESTGRAPH_ROOT names, else the installed one. Raises InputError with file,
    line and column when a file cannot be read or parsed, and for a root that holds no graph.
    """
    folder = files.chosen_root(root)
    store = Store()
    paths = (*files.turtle(folder=folder), *map(Path, data))
    for path in paths:
        _add(store, path)
    return classified(store, paths, folder)


def classified(store: Store, paths: tuple[Path, ...], root: Path) -> KnowledgeGraph:
    """Return the graph of a store that holds what the files at `paths` say, with the types that follow added to it.

    `root` is the folder of the graph. Raises InputError like `destgraph.catalog.classification.infer`.
    """
    inferred = classification.infer(store)
    store.extend(Quad(*triple) for triple in inferred)
    return KnowledgeGraph(store, tuple(inferred), paths, root)


def _add(store: Store, path: Path) -> None:
    """Add what a file says to a store; graphs that it names are left out, as all is in the default graph."""
    format_ = inputs.rdf_format(path)
    if format_.supports_datasets:
        store.extend(Quad(*triple) for triple in inputs.read_triples(path))
        return
    with inputs.errors_in(path):
        store.load(inputs.read_text(path), format=format_)


def _turtle(path: Path) -> str:
    """Return a file as Turtle: its text, or its triples where it is in another format."""
    if inputs.rdf_format(path) in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES):
        return inputs.read_text(path)
    return (serialize(inputs.read_triples(path), format=RdfFormat.N_TRIPLES) or b"").decode()
