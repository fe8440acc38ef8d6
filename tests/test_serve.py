"""`destgraph serve`: pages, the IRIs of the graph, questions, headers, and the command."""

import csv
import html
import io
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import servers
from asking import Reply, ask
from pyoxigraph import NamedNode
from redirects import BROWSER, CASES, JSONLD, NTRIPLES, TURTLE
from servers import Served

import destgraph
from destgraph import site
from destgraph.serve import leading
from destgraph.serve.gate import CONTENT_SECURITY
from destgraph.serve.negotiate import HTML
from destgraph.site import Settings
from destgraph.vocabulary import BASE

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
EDGE = "https://w3id.org/destgraph/ontology#EdgePersonalizationDestination"


def get(served: Served, path: str, accept: str = "", /, **fields: str) -> Reply:
    """Ask for a path with fields."""
    return ask(served.url, path, headers={"Accept": accept} if accept else {}, fields=fields)


# Pages and files


@pytest.mark.parametrize(
    "path",
    [
        "index.html", "destination/bing.html", "destination/bing.ttl", "type/dataset-export.jsonld", "sparql.html",
        "queries/types.rq", "assets/style.css", "assets/base.js",
    ],
)  # fmt: skip
def test_pages_are_those_of_the_site(served: Served, kg: destgraph.KnowledgeGraph, path: str) -> None:
    """The same bytes, and the start page at the root too."""
    page = site.page(kg, path, Settings(endpoint="sparql"))
    assert page is not None
    for at in (path, "") if path == "index.html" else (path,):
        reply = get(served, f"/{at}")
        assert (reply.status, reply.headers["content-type"], reply.body) == (200, page.media_type, page.body)


@pytest.mark.parametrize("path", ["destgraph.nt", "parts/ontology.ttl", "parts/inferred.ttl", "skos/type.ttl"])
def test_files_are_those_of_a_release(served: Served, path: str, tmp_path: Path) -> None:
    """The same bytes as `destgraph export` writes."""
    folder, stem, suffix = Path(path).parent.name, Path(path).stem, Path(path).suffix
    parts = {"parts": [stem], "skos": ["skos"]}.get(folder)
    schemes = [stem] if folder == "skos" else []
    target = tmp_path / f"file{suffix}"
    destgraph.write_export(target, parts=parts or destgraph_parts(), schemes=schemes)
    assert get(served, f"/{path}").body == target.read_bytes()


def destgraph_parts() -> tuple[str, ...]:
    """Return all parts of the graph."""
    from destgraph.export.selection import PARTS

    return PARTS


def test_tables_and_the_context(served: Served) -> None:
    """As in a release."""
    rows = [*csv.DictReader(io.StringIO(get(served, "/tables/destinations.csv").body.decode()))]
    assert "destination:bing" in {row["destination"] for row in rows}
    assert "@context" in get(served, "/context.jsonld").json()
    assert get(served, "/context/0.1.0").headers["location"] == "../context.jsonld"
    assert get(served, "/context/0.0.9").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "nothing", "destination/nothing", "destination/bing.xml", "query/nothing", "query/nothing.csv", "graph/nothing",
        "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "assets/..%2f..%2fpages.py", "assets/%2e%2e/pages.py",
        "destination/%00", "destination/a%20b", "ontology/0.0.9", "release/0.1.0/destgraph.ttl", "%ff", "sparql/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    """As a page for people, in JSON for programs; no file of the machine is reached."""
    reply = get(served, f"/{path}")
    assert (reply.status, reply.media_type, reply.json()["title"]) == (404, "application/problem+json", "Not Found")
    reply = get(served, f"/{path}", BROWSER)
    assert (reply.status, reply.media_type) == (404, "text/html")


def test_the_page_of_what_is_not_there_has_near_names(served: Served) -> None:
    """With links that work from where it is."""
    assert b'href="../destination/amazon-kinesis.html"' in get(served, "/destination/amazon-kinesi", BROWSER).body


# IRIs


@pytest.mark.parametrize(
    ("path", "accept", "place"), [*CASES, ("dataset", TURTLE, "sparql"), ("dataset/0.1.0", JSONLD, "sparql")]
)
def test_things_lead_to_what_describes_them(served: Served, path: str, accept: str, place: str) -> None:
    """By 303, as they are no documents; what is there can be had."""
    reply = get(served, f"/{path}", accept)
    location = "../" * path.count("/") + place
    assert (reply.status, reply.headers["vary"], reply.headers["location"]) == (303, "Accept", location)
    there = get(served, f"/{place.partition('#')[0]}", accept)
    assert there.status == 200


@pytest.mark.parametrize("path", ["destination/bing", "ontology", "dataset", "graph/inferred"])
def test_a_form_that_a_thing_does_not_have_is_not_acceptable(served: Served, path: str) -> None:
    """With a list of those it has."""
    reply = get(served, f"/{path}", "image/png")
    assert reply.status == 406
    assert "text/turtle" in reply.json()["detail"]


def test_every_iri_of_the_graph_leads_somewhere(served: Served, kg: destgraph.KnowledgeGraph) -> None:
    """To a page, and to data that say something of it; some are followed."""
    nodes = {term for quad in kg.store for term in quad if isinstance(term, NamedNode)}
    paths = sorted({node.value.removeprefix(BASE).partition("#")[0] for node in nodes if node.value.startswith(BASE)})
    assert len(paths) > 900
    assert [path for path in paths if not {HTML, TURTLE} <= {*leading.forms(kg, path)}] == []
    for path in paths[::25]:
        for accept in (HTML, NTRIPLES):
            location = get(served, f"/{path}", accept).headers["location"]
            there = get(served, urlsplit(urljoin(f"/{path}", location)).path)
            assert (there.status, there.media_type) == (200, accept)
            assert accept == HTML or f"<{BASE}{path}".encode() in there.body


# Questions

EDGE_TYPE = {"type": "edge-personalization"}


@pytest.mark.parametrize("name", sorted(destgraph.load().questions))
def test_every_question_is_answered_as_in_python(served: Served, kg: destgraph.KnowledgeGraph, name: str) -> None:
    """With the values of its example, as CSV."""
    values = {p.name: p.example for p in kg.questions[name].parameters}
    reply = get(served, f"/query/{name}.csv", **values)
    assert (reply.status, reply.media_type) == (200, "text/csv")
    assert reply.body.decode() == kg.ask(name, **values).to_csv()


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        (".json", "", "application/sparql-results+json"),
        (".tsv", "", "text/tab-separated-values"),
        ("", "", "application/sparql-results+json"),
        ("", "text/csv", "text/csv"),
        ("", "application/sparql-results+xml", "application/sparql-results+xml"),
        ("", BROWSER, "text/html"),
        (".html", "text/csv", "text/html"),
    ],
)
def test_an_answer_has_the_form_that_is_asked_for(served: Served, path: str, accept: str, media_type: str) -> None:
    """By the end of its path, else by what the client accepts."""
    reply = get(served, f"/query/destinations-of-type{path}", accept, **EDGE_TYPE)
    assert (reply.status, reply.media_type) == (200, media_type)
    assert reply.body.count(b"destination/custom-personalization") + reply.body.count(b"custom-personalization.html")


def test_a_form_works_without_script(served: Served, kg: destgraph.KnowledgeGraph) -> None:
    """The page has the answer of Python, and the form what was chosen; fields left empty are not sent on."""
    page = get(served, "/query/destinations-of-type.html", BROWSER, type=EDGE, edition="")
    assert page.status == 200
    answer = kg.ask("destinations-of-type", type=EDGE)
    assert (
        page.body
        == site.question_page(kg, "destinations-of-type", {"type": [EDGE]}, answer, Settings(endpoint="sparql")).body
    )


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("destinations-of-type", {"type": "edge"}, "no type 'edge'; did you mean edge-personalization"),
        ("destinations-of-type", {"kind": "x"}, "question destinations-of-type has no parameter 'kind'"),
        ("destinations-of-type", {"edition": "2023"}, "question destinations-of-type needs type=..."),
        ("choose", {"format": ""}, "question choose needs at least one of"),
    ],
)
def test_a_wrong_value_is_told_on_the_page(served: Served, name: str, values: dict[str, str], reason: str) -> None:
    """400, in every form."""
    page = get(served, f"/query/{name}.html", BROWSER, **values)
    problem = get(served, f"/query/{name}.csv", **values)
    assert (page.status, problem.status) == (400, 400)
    assert problem.json()["detail"].startswith(reason)
    assert page.body.startswith(b"<!DOCTYPE html>")
    assert html.escape(reason).replace("&#x27;", "&#39;").encode() in page.body


def test_what_is_typed_stays_text(served: Served) -> None:
    """In a form, in the search box, in the editor, and in an address."""
    script = "<script>alert(1)</script>"
    for path, fields in (
        ("/query/destinations-of-type.html", {"type": script}),
        ("/query/types.html", {"edition": script}),
        ("/search.html", {"q": script}),
        ("/sparql", {"query": f"SELECT ('{script}' AS ?x) {{}}"}),
        ("/sparql", {"query": f"ASK {{ {script} }}"}),
        ("/%3Cscript%3Ealert(1)%3C/script%3E", {}),
    ):
        reply = get(served, path, BROWSER, **fields)
        assert reply.media_type == "text/html"
        assert script.encode() not in reply.body, path


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("SELECT ?d { ?d a dg:EdgePersonalizationDestination }", b'href="destination/custom-personalization.html"'),
        ("ASK {}", b"true"),
        ("CONSTRUCT WHERE { destination:bing a ?type }", b"dg:StreamingSegmentExportDestination"),
    ],
)
def test_the_editor_works_without_script(served: Served, query: str, shown: bytes) -> None:
    """The answer is on the page, and the query in its field."""
    reply = get(served, "/sparql", BROWSER, query=query)
    assert (reply.status, reply.media_type) == (200, "text/html")
    assert shown in reply.body
    assert html.escape(query, quote=False).encode() in reply.body


def test_an_answer_that_is_too_large_for_a_page_is_told(served: Served) -> None:
    """As data it can be had."""
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 30000"
    reply = get(served, "/sparql", BROWSER, query=query)
    assert (reply.status, reply.media_type) == (507, "text/html")
    assert b"the answer is too large for a page; narrow the query, or ask for CSV or Turtle" in reply.body
    assert get(served, "/sparql", "text/csv", query=query).status == 200


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("nonsense", 400, b"query:1:"),
        ("", 400, b"query:1:1: the query is empty"),
        ("DROP ALL", 403, b"this graph is read-only: updates are refused"),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} }", 403, b"SERVICE reaches other data than the graph&#39;s"),
    ],
)
def test_the_editor_tells_what_is_wrong(served: Served, query: str, status: int, reason: bytes) -> None:
    """On its page."""
    reply = get(served, "/sparql", BROWSER, query=query)
    assert (reply.status, reply.media_type) == (status, "text/html")
    assert reason in reply.body


def test_the_search_box_works_without_script(served: Served) -> None:
    """What is found leads to pages."""
    assert b'href="destination/bing.html"' in get(served, "/search.html", BROWSER, q="bing").body
    assert get(served, "/search.html?q=", BROWSER).status == 200


# Headers, health, log


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/", BROWSER),
        ("/sparql?query=ASK%7B%7D", ""),
        ("/nothing", ""),
        ("/nothing", BROWSER),
        ("/destination/bing", ""),
    ],
)
def test_every_answer_has_the_headers_of_safety(served: Served, path: str, accept: str) -> None:
    """Pages get nothing from elsewhere; no other site is told where a reader comes from."""
    headers = get(served, path, accept).headers
    page = path in ("/", "/nothing") and (path == "/" or accept == BROWSER)
    assert headers.get("content-security-policy") == (CONTENT_SECURITY if page else None)
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert headers["access-control-allow-origin"] == "*"
    assert "server" not in headers


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
def test_the_host_is_looked_at(served: Served, named: str, status: int) -> None:
    """A page elsewhere cannot read the graph by making its own name lead here."""
    reply = ask(served.url, "/sparql", headers={"Host": named}, fields={"query": "ASK {}"})
    assert reply.status == status
    assert b"boolean" in reply.body or status == 421


def test_health_and_readiness(served: Served) -> None:
    """In JSON."""
    assert get(served, "/health").json() == {"status": "running"}
    assert get(served, "/ready").json() == {"status": "ready"}


def test_every_request_is_logged_in_one_line(served: Served) -> None:
    """In the Common Log Format, with the seconds it took; nothing that is sent steers a terminal."""
    get(served, '/logged"%0A%1B[31m', a='b"\n')
    get(served, "/health")  # which comes after it
    line = next(line for line in served.log.read_text().splitlines() if "logged" in line)
    moment = r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\]"
    target = re.escape("/logged%22%0A%1B[31m?a=b%22%0A")
    assert re.fullmatch(rf'127\.0\.0\.1 - - {moment} "GET {target} HTTP/1\.1" 404 \d+ \d+\.\d{{4}}', line)


# The command


def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    return subprocess.run(
        [DESTGRAPH, "serve", *arguments], capture_output=True, text=True, check=False, encoding="utf-8", timeout=300
    )


OWN = """@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/destgraph/destination/own> a dg:StreamingSegmentExportDestination ;
    rdfs:label "<script>alert(1)</script>" .
<https://example.org/own> a dg:Connection ; rdfs:label "Elsewhere" .
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with own data, which goes by another name too."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.ttl").write_text(OWN)
    options = ("--data", folder / "own.ttl", "--allow-host", "graph.example", "--workers", "1")
    with servers.destgraph(folder / "log", *options) as served:
        yield served


def test_own_destinations_have_pages(own: Served) -> None:
    """Their labels stay text; what is not of the graph's own names has a page too."""
    assert get(own, "/destination/own").headers["location"] == "../destination/own.html"
    page = get(own, "/destination/own.html")
    assert page.status == 200
    assert b"&lt;script&gt;alert" in page.body
    assert b"<script>alert" not in page.body
    assert get(own, "/query/destinations-of-type.csv", type="streaming-segment-export").body.count(b"destination/own")
    (place,) = re.findall(r'href="(own/[\w-]+\.html)"', get(own, "/search.html", q="Elsewhere").body.decode())
    assert b"https://example.org/own" in get(own, f"/{place}").body
    assert b"destination/own" in get(own, "/destgraph.nt").body


def test_own_data_are_not_for_pages_of_other_sites(own: Served) -> None:
    """Unless that is asked for."""
    preflight = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    for reply in (get(own, "/data"), ask(own.url, "/sparql", "OPTIONS", headers=preflight)):
        assert not [name for name in reply.headers if name.startswith("access-control")]
        assert reply.headers["cross-origin-resource-policy"] == "same-origin"


def test_own_data_can_be_shared(tmp_path: Path) -> None:
    """By an option."""
    (tmp_path / "own.ttl").write_text(OWN)
    with servers.destgraph(tmp_path / "log", "--data", tmp_path / "own.ttl", "--cors") as served:
        assert get(served, "/data").headers["access-control-allow-origin"] == "*"


def test_another_name_can_be_allowed(own: Served) -> None:
    """As behind a web server that passes on the name that it was asked by."""
    assert ask(own.url, "/health", headers={"Host": "graph.example"}).status == 200
    assert ask(own.url, "/health", headers={"Host": "other.example"}).status == 421


def test_a_public_address_is_told(tmp_path: Path) -> None:
    """On standard error, before anything is answered; there every name is answered, but with names none else."""
    log = tmp_path / "log"
    with servers.destgraph(log, "--host", "0.0.0.0") as served:  # noqa: S104 - that is the test
        assert log.read_text() == (
            "destgraph: 0.0.0.0 can be reached from other machines: whoever reaches it can read this graph and ask"
            " queries within the limits. There is no encryption and no login; put a web server in front that has\n"
        )
        assert served.url.startswith("http://0.0.0.0:")
        local = f"http://127.0.0.1:{served.port}/"
        assert ask(local, "/sparql", headers={"Host": "any.example"}).status == 200
        assert ask(local, "/sparql", headers={"Host": "no <name>"}).status == 421


def test_a_port_in_use_is_told(served: Served) -> None:
    """With what to do, and exit code 2."""
    result = run("--port", str(served.port))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"destgraph: cannot listen on 127.0.0.1 port {served.port}: Address already in use; choose another with --port,"
        " or --port 0 for any free one\n"
    )


def test_a_host_that_is_not_here_is_told() -> None:
    """With what to do, and exit code 2."""
    result = run("--port", "0", "--host", "no such host")
    assert (result.returncode, result.stdout) == (2, "")
    assert re.fullmatch(
        r"destgraph: cannot listen on no such host port 0: .*; choose another with --host\n", result.stderr
    )


WITHOUT = """
import sys
for name in {hidden!r}:
    sys.modules[name] = None
from destgraph.cli import main
sys.argv = ["destgraph", "serve"]
main()
"""


@pytest.mark.parametrize("hidden", [["starlette", "uvicorn"], ["uvicorn"], ["httptools"]])
def test_without_the_extra_its_install_line_is_named(hidden: list[str]) -> None:
    """In one line, and exit code 2."""
    command = [sys.executable, "-c", WITHOUT.format(hidden=hidden)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "destgraph: serve needs starlette and uvicorn; install them with: pip install '.[serve]'\n"
    )


def test_the_package_brings_no_web_framework() -> None:
    """Importing and asking it; the help of the command neither."""
    program = """
import sys, destgraph
destgraph.load().query("ASK {}")
from destgraph.cli.serve import serve
serve.get_help(__import__("click").Context(serve))
print([name for name in ("starlette", "uvicorn", "anyio", "asyncio", "jinja2") if name in sys.modules])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("[]\n", "")
