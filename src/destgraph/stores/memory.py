"""The graph in memory: loaded from the files and classified."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import TextIOWrapper
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pyoxigraph import Quad, QuerySolutions, RdfFormat, Store, Triple, serialize

from destgraph import files, inputs
from destgraph.catalog import classification
from destgraph.errors import InputError
from destgraph.results import WRITERS, Solutions, Triples
from destgraph.stores.queryable import MEMORY, TIMEOUT, Queryable
from destgraph.vocabulary import PREFIXES
from destgraph.wording import age

if TYPE_CHECKING:
    from rdflib import Graph

    from destgraph.stores.own_data import OwnData
    from destgraph.stores.pool import Pool


@dataclass(frozen=True, eq=False, repr=False)
class KnowledgeGraph(Queryable):
    """Ontology, catalog and inferred types in memory.

    `store` holds all triples in its default graph; `inferred` lists those of them that were inferred; `paths`
    names the files that were read, `root` the folder of the graph that most of them are of. `own` tells what own files
    bring, if there are any, and `told` what should not go unseen about the files, a line each. Queries are answered
    by processes with a copy of `store`, which is made anew when the number of its triples has changed: see `renew`.
    """

    store: Store
    inferred: tuple[Triple, ...] = ()
    paths: tuple[Path, ...] = ()
    root: Path = field(default_factory=files.root)
    own: "OwnData | None" = None
    told: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return what the graph holds, in one line."""
        info = self.info
        return f"<destgraph {info.version}: {info.destinations} destinations, {age(info.texts, info.as_read)}>"

    def query(
        self, text: str, *, timeout: float | None = None, memory: int = MEMORY, federate: bool = False
    ) -> bool | Solutions | Triples:
        """Answer a SPARQL query in a process that can be stopped; see `Queryable.query` and `stores.pool.Pool`."""
        self._pool.follow()
        answer = self._pool.query(text, timeout=_seconds(timeout), memory=memory, federate=federate)
        return self._dated(answer) if isinstance(answer, Solutions) else answer

    def save(
        self,
        text: str,
        path: Path,
        format_: str,
        *,
        timeout: float | None = None,
        memory: int = MEMORY,
        federate: bool = False,
    ) -> int:
        """Write the answer of a SELECT query to a file; see `Queryable.save`. The rows are passed on one by one."""
        self._pool.follow()
        with self._pool.answer(text, timeout=_seconds(timeout), memory=memory, federate=federate) as answer:
            if answer.kind != "rows":
                from destgraph import query_text

                form = query_text.form(text)
                raise InputError(f"query: {form} has no rows to write as {format_}; leave the format out")
            with files.replacing(path) as file:
                lines = TextIOWrapper(cast("BinaryIO", file), encoding="utf-8", newline="")
                number = WRITERS[format_](*answer.rows(), lines)
                lines.detach()
                return number

    @cached_property
    def _pool(self) -> "Pool":
        from destgraph.stores.pool import Pool  # a question needs no process

        return Pool(self.store)

    def renew(self) -> None:
        """Let the next query see `store` as it is now: needed after a change that left the number of triples alone."""
        self._pool.renew()

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query of the program's own, in this process; its prefixes need no declaration."""
        return Solutions.of(cast(QuerySolutions, self.store.query(query, prefixes=PREFIXES)))

    @property
    def as_read(self) -> str:
        """The day on which the newest source of the graph was read; sources in own files do not count."""
        return super().as_read if self.own is None else self.own.as_read

    @property
    def texts(self) -> str:
        """The months of the oldest and the newest text of a source; sources in own files do not count."""
        return super().texts if self.own is None else self.own.texts

    @cached_property
    def graph(self) -> "Graph":
        """The same triples as an rdflib graph, read by rdflib from the files, with the prefixes of the table."""
        from rdflib import Graph

        from destgraph.stores import own_data

        graph = Graph(bind_namespaces="none")
        for prefix, namespace in PREFIXES.items():
            graph.bind(prefix, namespace)
        for path in self.paths:
            graph.parse(data=_turtle(path), format="turtle", publicID=own_data.base(path))
        lines = serialize(self.inferred, format=RdfFormat.N_TRIPLES) or b""
        return graph.parse(data=lines, format="nt")


def load(
    data: Iterable[str | PathLike[str]] = (), *, root: str | PathLike[str] | None = None, only_adds: bool = False
) -> KnowledgeGraph:
    """Load a graph, add own Turtle files, and infer the types that follow from features.

    `data` names the files to add. `root` is the folder of the graph, with `ontology`, `data` and `queries`; by default
    the one that the environment variable DESTGRAPH_ROOT names, else the installed one. Raises InputError with file,
    line and column when a file cannot be read or parsed, for a root that holds no graph, and with `only_adds` when an
    own file changes what the graph says: adds statements about its things, or gives its destinations other types.
    """
    folder = files.chosen_root(root)
    store = Store()
    shipped, own_paths = files.turtle(folder=folder), [*map(Path, data)]
    for path in shipped:
        with inputs.errors_in(path):
            store.load(inputs.read_text(path), format=RdfFormat.TURTLE)
    if not own_paths:
        return classified(store, tuple(shipped), folder)
    from destgraph.stores import own_data  # the graph alone needs nothing of it

    shipped_graph = KnowledgeGraph(store, root=folder)
    as_read, texts = shipped_graph.as_read, shipped_graph.texts
    found, own, told = own_data.add(store, own_paths, only_adds)
    own = replace(own, as_read=as_read, texts=texts)
    store.extend(Quad(*triple) for triple in found.triples)
    every = (*shipped, *own_paths)
    return KnowledgeGraph(store, found.triples, every, folder, own, told + own_data.warnings(found.unusable, every))


def classified(store: Store, paths: tuple[Path, ...], root: Path) -> KnowledgeGraph:
    """Return the graph of a store that holds what the files at `paths` say, with the types that follow added to it.

    `root` is the folder of the graph. Raises InputError like `destgraph.catalog.classification.classify`.
    """
    found = classification.classify(store)
    store.extend(Quad(*triple) for triple in found.triples)
    told: tuple[str, ...] = ()
    if found.unusable:
        from destgraph.stores import own_data

        told = own_data.warnings(found.unusable, paths)
    return KnowledgeGraph(store, found.triples, paths, root, None, told)


def _seconds(timeout: float | None) -> float:
    return TIMEOUT if timeout is None else timeout


def _turtle(path: Path) -> str:
    """Return a file as Turtle: its text, or its triples where it is in another format."""
    from destgraph.stores import own_data

    text = inputs.read_text(path)
    if inputs.rdf_format(path, text) in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES):
        return text
    return (serialize(inputs.read_triples(path, own_data.base(path)), format=RdfFormat.N_TRIPLES) or b"").decode()
