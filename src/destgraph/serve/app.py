"""The server as an ASGI application: which path answers what."""

import asyncio
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from importlib.metadata import version

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from destgraph import site
from destgraph.errors import InputError
from destgraph.results import Solutions, Triples
from destgraph.serve import description, leading, negotiate, protocol
from destgraph.serve.answers import GoneError, Queries, Whole, watched
from destgraph.serve.gate import Gate
from destgraph.serve.negotiate import HTML, NTRIPLES, SELECT, TRIPLES
from destgraph.serve.protocol import Query, RequestError
from destgraph.site import Page, Settings
from destgraph.site.places import root
from destgraph.stores.memory import KnowledgeGraph

_PROBLEM = "application/problem+json"
_ANSWERS = {".json": SELECT[0], ".csv": SELECT[2], ".tsv": SELECT[3], ".html": HTML}
"""How the answer of a question is written, by the end of its path."""
_QUESTION = "application/sparql-query"
_GONE = 499
_READ = {"SELECT": SELECT[0], "ASK": SELECT[0], "CONSTRUCT": NTRIPLES, "DESCRIBE": NTRIPLES}
"""How the answer of each form of query is read that is shown to people."""
_WHOLE_GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def application(graph: KnowledgeGraph, queries: Queries, hosts: Iterable[str], *, shared: bool) -> Gate:
    """Return what answers requests about a graph.

    `hosts` and `shared` are those of `destgraph.serve.gate.Gate`.
    """
    server = _Server(graph, queries)
    routes = [
        Route("/sparql", server.sparql, methods=["GET", "POST", "QUERY"]),
        Route("/data", server.data, methods=["GET"]),
        Route("/health", server.health, methods=["GET"]),
        Route("/ready", server.ready, methods=["GET"]),
        Route("/search.html", server.search, methods=["GET"]),
        Route("/query/{name}", server.question, methods=["GET"]),
        Route("/context/{version}", server.context, methods=["GET"]),
        Route("/{path:path}", server.page, methods=["GET"]),
    ]
    handlers = {
        RequestError: server.refused,
        HTTPException: server.not_allowed,
        GoneError: _gone,
        ClientDisconnect: _gone,
        500: server.fault,
    }
    return Gate(Starlette(routes=routes, exception_handlers=handlers), hosts, shared=shared)


class _Server:
    """The answers, by kind of path."""

    def __init__(self, graph: KnowledgeGraph, queries: Queries) -> None:
        self._graph, self._queries = graph, queries
        self._settings = Settings(endpoint="sparql")
        self._state = _state(graph)
        self._pages: dict[str, tuple[Page, str]] = {}
        self._making: dict[str, asyncio.Future[Page | None]] = {}

    async def sparql(self, request: Request) -> Response:
        """Answer a query after the SPARQL 1.1 Protocol, or describe the service."""
        body = await self._body(request) if request.method in ("POST", "QUERY") else b""
        parameters = request.scope["query_string"].decode("latin-1")
        query = protocol.read(request.method, parameters, request.headers.get("content-type", ""), body)
        if query is None:
            return self._description(request)
        if query.form:
            media_type = _chosen(request, (*negotiate.FORMS[query.form], HTML))
        else:  # which the engine will tell more of
            media_type = negotiate.best(_accept(request), (*SELECT, HTML)) or SELECT[0]
        return await (self._editor(request, query) if media_type == HTML else self._answer(request, query, media_type))

    async def _editor(self, request: Request, query: Query) -> Response:
        """Return the page of the editor with the answer, or what is wrong with the query."""
        outcome: Solutions | str | None = None
        problem, status, headers = "", 200, {"Vary": "Accept", "Cache-Control": "no-cache"}
        try:
            async with watched(request):
                answer = await self._queries.shown(query, _READ.get(query.form, SELECT[0]))
            outcome = await asyncio.to_thread(self._shown, query.form, answer)
        except RequestError as refused:
            problem, status, headers = refused.reason, refused.status, headers | refused.headers
        page = await asyncio.to_thread(site.sparql_page, self._graph, query.text, outcome, problem, self._settings)
        return Response(page.body, status, headers, page.media_type)

    async def data(self, request: Request) -> Response:
        """Read a graph after the SPARQL 1.1 Graph Store HTTP Protocol: that of `graph`, else the default one."""
        names = request.query_params.getlist("graph")
        if len(names) > 1 or (names and "default" in request.query_params):
            raise RequestError(400, "the request names several graphs; send default, or graph=IRI once")
        if names and not self._has_graph(names[0]):
            raise RequestError(404, f"there is no graph <{names[0]}> here; ?default is the whole graph")
        query = Query(_WHOLE_GRAPH, tuple(names), ()) if names else Query(_WHOLE_GRAPH)
        return await self._answer(request, query, _chosen(request, TRIPLES))

    def _has_graph(self, name: str) -> bool:
        try:
            return self._graph.store.contains_named_graph(NamedNode(name))
        except ValueError:
            return False

    async def question(self, request: Request) -> Response:
        """Answer a question with the values in the URL; without any, and for people, show its page."""
        name = request.path_params["name"]
        stem, dot, suffix = name.rpartition(".")
        asked, media_type = (stem, _ANSWERS.get(dot + suffix)) if dot else (name, "")
        if asked not in self._graph.questions or media_type is None:
            return await self.page(request)
        filled = bool(request.scope["query_string"])
        if not media_type:
            media_type = _chosen(request, (*SELECT, HTML) if filled else (_QUESTION, HTML, *SELECT))
            if not filled and media_type in (_QUESTION, HTML):
                return await self.page(request)
        if media_type != HTML:
            return await self._answer(request, Query(await self._bound(asked, _values(request))), media_type)
        return await self._answered_page(request, asked) if filled else await self.page(request)

    async def _bound(self, question: str, values: Mapping[str, Sequence[str]]) -> str:
        try:
            return await asyncio.to_thread(self._graph.bind, question, **values)
        except InputError as error:
            raise RequestError(400, str(error)) from None

    async def _answered_page(self, request: Request, question: str) -> Response:
        """Return the page of a question with its answer, or with what is wrong with the values."""
        values, status, headers = _values(request), 200, {"Vary": "Accept", "Cache-Control": "no-cache"}
        outcome: Solutions | str
        try:
            query = Query(await self._bound(question, values))
            async with watched(request):
                answer = await self._queries.shown(query, SELECT[0])
            outcome = await asyncio.to_thread(self._read, answer)
        except RequestError as refused:
            outcome, status, headers = refused.reason, refused.status, headers | refused.headers
        page = await asyncio.to_thread(site.question_page, self._graph, question, values, outcome, self._settings)
        return Response(page.body, status, headers, page.media_type)

    def _shown(self, form: str, answer: bytes) -> Solutions | str:
        """Return an answer as people read it."""
        if form == "SELECT":
            return self._read(answer)
        if form == "ASK":
            return answer.decode()
        return Triples(tuple(quad.triple for quad in parse(answer, format=RdfFormat.N_TRIPLES))).to_turtle()

    def _read(self, answer: bytes) -> Solutions:
        rows = parse_query_results(answer, format=QueryResultsFormat.JSON)
        assert isinstance(rows, QuerySolutions)  # noqa: S101 - a question is a SELECT query
        graph = self._graph
        return replace(Solutions.of(rows), as_read=graph.as_read, texts=graph.texts, own=str(graph.own or ""))

    async def page(self, request: Request) -> Response:
        """Return a page or a file, or lead from the IRI of a thing to what is said of it."""
        path = request.scope["path"].removeprefix("/")
        found = self._pages.get(path or "index.html") or await self._made(path or "index.html")
        if found:
            page, tag = found
            headers = {"ETag": tag, "Cache-Control": "no-cache"}
            return _unchanged(request, headers) or Response(page.body, 200, headers, page.media_type)
        forms = await asyncio.to_thread(leading.forms, self._graph, path)
        if not forms:
            raise RequestError(404, f"there is nothing at /{path}")
        chosen = _chosen(request, tuple(forms))
        return Response(None, 303, {"Location": f"{root(path)}{forms[chosen]}", "Vary": "Accept"})

    async def _made(self, path: str) -> tuple[Page, str] | None:
        """Make a page once, however many clients ask for it meanwhile."""
        making = self._making.get(path)
        if making is None:
            making = self._making[path] = asyncio.ensure_future(asyncio.to_thread(self._make, path))
            making.add_done_callback(lambda _: self._making.pop(path))
        page = await asyncio.shield(making)
        if page is None:
            return None
        self._pages[path] = page, f'"{_digest(page.body)}"'
        return self._pages[path]

    def _make(self, path: str) -> Page | None:
        return site.page(self._graph, path, self._settings) or leading.document(self._graph, path)

    async def context(self, request: Request) -> Response:
        """Lead to the context of JSON-LD."""
        if request.path_params["version"] != self._graph.info.version:
            raise RequestError(404, f"this is version {self._graph.info.version}")
        return Response(None, 302, {"Location": "../context.jsonld"})

    async def health(self, _request: Request) -> Response:
        """Say that the server runs."""
        return JSONResponse({"status": "running"})

    async def ready(self, _request: Request) -> Response:
        """Say that queries are answered; raises RequestError when they are not."""
        body = await self._queries.answer(Query("ASK {}"), SELECT[0])
        body.close()
        return JSONResponse({"status": "ready"})

    def _description(self, request: Request) -> Response:
        media_type = _chosen(request, (*TRIPLES, HTML))
        if media_type == HTML:
            return Response(None, 303, {"Location": "sparql.html", "Vary": "Accept"})
        body = description.describe(self._graph, str(request.base_url), media_type)
        headers = {"Vary": "Accept", "Accept-Query": f"{protocol.DIRECT}, {protocol.FORM}"}
        return Response(body, 200, headers, media_type)

    async def _answer(self, request: Request, query: Query, media_type: str) -> Response:
        """Return the answer of a query in a form that it has."""
        headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
        if query.tag and request.method != "POST":
            headers["ETag"] = f'W/"{self._state}-{query.tag}-{media_type}"'
            if unchanged := _unchanged(request, headers):
                return unchanged
        async with watched(request):
            body = await self._queries.answer(query, media_type)
        return Whole(body, media_type, headers)

    async def _body(self, request: Request) -> bytes:
        """Return the body of a request; raises RequestError when it is too large, or does not come."""
        body = bytearray()
        too_large = RequestError(413, f"a request has at most {protocol.LARGEST} bytes; send a shorter query")
        if int(request.headers.get("content-length") or 0) > protocol.LARGEST:
            raise too_large
        try:
            async with asyncio.timeout(self._queries.timeout):
                async for piece in request.stream():
                    body += piece
                    if len(body) > protocol.LARGEST:
                        raise too_large
        except TimeoutError:
            raise RequestError(408, f"the body did not come within {self._queries.timeout:g} seconds") from None
        return bytes(body)

    async def refused(self, request: Request, refusal: Exception) -> Response:
        """Tell why a request gets no answer: to people as a page, to programs as JSON (RFC 9457)."""
        assert isinstance(refusal, RequestError)  # noqa: S101 - Starlette says less than it knows
        status, headers = refusal.status, {"Vary": "Accept", **refusal.headers}
        if negotiate.best(_accept(request), (_PROBLEM, HTML)) == HTML:
            page = await asyncio.to_thread(self._problem_page, request.scope["path"], status, refusal.reason)
            return Response(page, status, headers, HTML)
        problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": refusal.reason}
        return JSONResponse(problem, status, headers, _PROBLEM)

    def _problem_page(self, path: str, status: int, reason: str) -> bytes:
        if status == HTTPStatus.NOT_FOUND:
            return site.not_found(self._graph, path.removeprefix("/"), self._settings).body
        title = HTTPStatus(status).phrase
        return site.problem_page(self._graph, path.removeprefix("/"), title, reason, self._settings).body

    async def search(self, request: Request) -> Response:
        """Show what is found for some words."""
        words = request.query_params.get("q", "")
        if not words.strip():
            return await self.page(request)
        page = await asyncio.to_thread(site.search_page, self._graph, words, self._settings)
        return Response(page.body, 200, None, page.media_type)

    async def not_allowed(self, request: Request, error: Exception) -> Response:
        """Tell that there is no such path or method."""
        assert isinstance(error, HTTPException)  # noqa: S101
        reason = f"{request.method} is not for {request.scope['path']}"
        return await self.refused(request, RequestError(error.status_code, reason, **dict(error.headers or {})))

    async def fault(self, request: Request, _error: Exception) -> Response:
        """Tell that this program is at fault; the log has the rest."""
        return await self.refused(request, RequestError(500, "the server has a fault; its log says which"))


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(None, _GONE)


def _chosen(request: Request, offered: Sequence[str]) -> str:
    """Return the media type on offer that a client prefers; raises RequestError with all when it accepts none."""
    found = negotiate.best(_accept(request), tuple(offered))
    if found is None:
        raise RequestError(406, f"there is no such form; to be had are {', '.join(offered)}")
    return found


def _accept(request: Request) -> str:
    return ",".join(request.headers.getlist("accept"))


def _values(request: Request) -> dict[str, list[str]]:
    """Return the values of a form by field; a field that is left empty has none."""
    values: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if value.strip():
            values.setdefault(name, []).append(value.strip())
    return values


def _unchanged(request: Request, headers: Mapping[str, str]) -> Response | None:
    """Return that nothing has changed since the client asked before, if so."""
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    return Response(None, 304, headers) if known & {headers["ETag"].removeprefix("W/"), "*"} else None


def _state(graph: KnowledgeGraph) -> str:
    """Return what is another one when the graph or the program is."""
    digest = hashlib.sha256(version("destgraph").encode())
    for path in graph.paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]


def _digest(content: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(content).digest()[:12]).decode()
