"""The graph in a SPARQL store elsewhere, reached by the SPARQL 1.1 Protocol."""

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from io import TextIOWrapper
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pyoxigraph import NamedNode

from destgraph import files, query_text
from destgraph.errors import EndpointError, InputError, TimeLimitError
from destgraph.results import WRITERS, Solutions, Triples, plain
from destgraph.stores.queryable import MEMORY, Queryable
from destgraph.vocabulary import BASE

if TYPE_CHECKING:
    from urllib.request import Request

    from destgraph.stores.http import Client, Response

# The modules of HTTP and of the answers are imported where they are used: `import destgraph` brings `connect`.

_ONTOLOGY = NamedNode(BASE + "ontology")
_PATIENCE = 10.0
_NO_POST = (403, 404, 405, 411, 413, 415, 501)


@dataclass(frozen=True, eq=False)
class RemoteGraph(Queryable):
    """A graph in a SPARQL store, asked like the one in memory.

    `endpoint` is the URL for queries; `graph_name` the IRI of the graph, sent as default-graph-uri, or None for the
    store's default graph. Names are looked up in the store, so what it holds can be asked for. If it is `lenient`,
    terms of an answer that RDF has not are kept as text, and a warning tells of them; else they are an error.
    """

    endpoint: str
    graph_name: str | None
    client: "Client" = field(repr=False)
    root: Path = field(default_factory=files.root, repr=False)
    lenient: bool = False

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query of the program's own; its prefixes need no declaration.

        Raises InputError when the graph has no ontology of destgraph, naming those of the store that have; and like
        `query`.
        """
        self._need_ontology()
        return self._table(query)

    def query(
        self, text: str, *, timeout: float | None = None, memory: int = MEMORY, federate: bool = False
    ) -> bool | Solutions | Triples:
        """Answer a SPARQL query of any of the four forms, on any data; see `Queryable.query`.

        Raises also EndpointError when the store cannot be reached, refuses, or gives no whole answer; `timeout` is that
        of `connect` if not given, and `memory` is for parsing the query here.
        """
        from destgraph.stores import sparql_results

        form = self._check(text, federate, memory)
        with self._send(text, form, timeout) as response:
            if form == "ASK":
                return sparql_results.boolean(response)
            if form == "SELECT":
                columns, rows = sparql_results.solutions(response, lenient=self.lenient)
                return Solutions(columns, tuple(rows))
            return sparql_results.triples(response)

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
        """Write the answer of a SELECT query to a file; see `Queryable.save`.

        The rows are passed on one by one, so memory does not grow with their number.
        """
        from destgraph.stores import sparql_results

        form = self._check(text, federate, memory)
        if form != "SELECT":
            raise InputError(f"query: {form} has no rows to write as {format_}; leave the format out")
        with files.replacing(path) as file, self._send(text, form, timeout, math.inf) as response:
            columns, rows = sparql_results.solutions(response, lenient=self.lenient)
            lines = TextIOWrapper(cast("BinaryIO", file), encoding="utf-8", newline="")
            number = WRITERS[format_](columns, rows, lines)
            lines.detach()
            return number

    @property
    def as_read(self) -> str:
        """The day on which the newest source was read, as YYYY-MM-DD, or empty without sources."""
        return super().as_read if self.has_ontology else ""

    @property
    def texts(self) -> str:
        """The months of the oldest and the newest text of a source, or empty without sources."""
        return super().texts if self.has_ontology else ""

    @cached_property
    def has_ontology(self) -> bool:
        """Whether the graph holds the ontology of destgraph."""
        return bool(self._probe[1])

    @cached_property
    def _probe(self) -> tuple[str, Solutions]:
        """The HTTP method that this endpoint answers, and the header of the ontology in the graph.

        A form by POST is tried first, as it has no limit of length; some servers never answer it, or refuse it.
        """
        header = (
            f"SELECT ?version {{ {_ONTOLOGY} a owl:Ontology . OPTIONAL {{ {_ONTOLOGY} owl:versionInfo ?version }} }}"
        )
        patience = min(_PATIENCE, self.client.timeout / 2)
        try:
            return "POST", self._table(header, "POST", patience=patience)
        except (EndpointError, InputError, TimeLimitError) as post:
            if isinstance(post, EndpointError) and post.status not in _NO_POST:
                raise
            try:
                return "GET", self._table(header, "GET", self.client.timeout - patience)
            except (EndpointError, InputError, TimeLimitError):
                raise post from None

    def _need_ontology(self) -> None:
        if self.has_ontology:
            return
        asked = f"graph <{self.graph_name}>" if self.graph_name else "the default graph"
        query = f"SELECT DISTINCT ?graph {{ GRAPH ?graph {{ {_ONTOLOGY} a owl:Ontology }} }} ORDER BY ?graph"
        found = [plain(graph) for (graph,) in self._table(query, anywhere=True).terms]
        advice = (
            f"it is in {', '.join(f'<{graph}>' for graph in found)}: name one with --graph"
            if found
            else "no graph of the store does; put it there with: destgraph publish --endpoint URL"
        )
        raise InputError(f"{self.endpoint}: {asked} does not hold destgraph; {advice}")

    def _table(
        self,
        query: str,
        method: str | None = None,
        timeout: float | None = None,
        *,
        patience: float = math.inf,
        anywhere: bool = False,
    ) -> Solutions:
        from destgraph.stores import sparql_results

        request = self._request(query_text.with_prefixes(query), "SELECT", method or self._probe[0], anywhere)
        with self.client.send(request, timeout, patience) as response:
            columns, rows = sparql_results.solutions(response, lenient=self.lenient)
            return Solutions(columns, tuple(rows))

    def _send(
        self, text: str, form: str, timeout: float | None, largest: float | None = None
    ) -> "AbstractContextManager[Response]":
        request = self._request(query_text.with_prefixes(text), form, self._probe[0])
        return self.client.send(request, timeout, largest=largest)

    def _request(self, text: str, form: str, method: str, anywhere: bool = False) -> "Request":
        """Return the request for a query, as SPARQLWrapper builds it.

        Only the building is left to it: to send, it goes through urllib's global opener, which follows redirects with
        credentials and neither retries nor notices an answer that breaks off; and it asks for media types that some
        servers take to mean another JSON. Of the ways to send, the form is used: Virtuoso never answers a query that is
        posted directly.
        """
        from SPARQLWrapper import SPARQLWrapper

        from destgraph.stores import sparql_results

        wrapper = SPARQLWrapper(self.endpoint, agent="destgraph")
        wrapper.setOnlyConneg(True)
        wrapper.setMethod(method)
        # Not by setQuery, whose guess of the form takes words in comments for the form and warns on standard error.
        wrapper.queryString, wrapper.queryType = text, form
        if self.graph_name is not None and not anywhere:
            wrapper.addDefaultGraph(self.graph_name)
        request = wrapper._createRequest()
        request.add_header("Accept", sparql_results.TABLE if form in ("ASK", "SELECT") else sparql_results.TRIPLES)
        return request

    def _check(self, text: str, federate: bool, memory: int) -> str:
        """Return the form of a query; raises InputError when it has none, or reaches elsewhere without leave."""
        if not federate:
            from destgraph.stores import pool

            pool.refuse_remote(text, self.client.timeout, memory)
        return query_text.form(text)


def connect(
    endpoint: str,
    graph_name: str | None = None,
    *,
    timeout: float = 60,
    root: str | PathLike[str] | None = None,
    lenient: bool = False,
    largest: float = 1 << 28,
) -> RemoteGraph:
    """Return the graph at a SPARQL endpoint, such as http://localhost:7878/query; nothing is sent before it is asked.

    `graph_name` is the IRI of the graph in the store, by default the store's default graph; `timeout` the seconds for
    each request; `root` the folder with the questions, as in `load`; `largest` the most bytes of an answer that is kept
    in memory, where `save` has no such limit. An answer with a term that RDF has not, such as an IRI with a blank, is
    an error; if `lenient`, the term is kept as text, and a warning tells of it. Credentials come from the environment:
    DESTGRAPH_USERNAME with DESTGRAPH_PASSWORD, or DESTGRAPH_TOKEN. Raises InputError for an endpoint that is no URL, a
    graph that is no IRI, and for credentials over plain http to another machine.
    """
    from destgraph.stores.http import Client

    if graph_name is not None:
        try:
            NamedNode(graph_name)
        except ValueError:
            raise InputError(
                f"graph {graph_name!r} is no IRI; write for example --graph https://example.org/destgraph"
            ) from None
    return RemoteGraph(endpoint, graph_name, Client(endpoint, timeout, largest), files.chosen_root(root), lenient)
