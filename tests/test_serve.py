"""`destgraph serve`: pages, the IRIs of the graph, questions, headers, and the command."""

import csv
import io
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import servers
from asking import Reply, ask
from conftest import DATA1
from pyoxigraph import NamedNode, RdfFormat, parse
from servers import Served

import destgraph
from destgraph import site
from destgraph.site import Settings
from destgraph.vocabulary import BASE

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TURTLE, JSONLD, NTRIPLES, RDFXML = "text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"
RDFLIB = "application/rdf+xml,text/turtle,application/ld+json,*/*;q=0.1"
EDGE = "https://w3id.org/destgraph/ontology#EdgePersonalizationDestination"


def get(served: Served, path: str, accept: str = "", **fields: str) -> Reply:
    """Ask for a path."""
    return ask(served.url, path, headers={"Accept": accept} if accept else {}, **fields)


# Pages and files


@pytest.mark.parametrize("path", ["index.html", "destination/bing.html", "destination/bing.ttl", "type/dataset-export.jsonld",
                                  "sparql.html", "queries/types.rq", "assets/style.css", "assets/names.json"])  # fmt: skip
def test_pages_are_those_of_the_site(served: Served, kg: destgraph.KnowledgeGraph, path: str) -> None:
    """The same bytes, and the start page at the root too."""
    page = site.page(kg, path, Settings(endpoint="sparql"))
    assert page is not None
    for at in (path, "") if path == "index.html" else (path,):
        reply = get(served, f"/{at}")
        assert (reply.status, reply.headers["content-type"], reply.body) == (200, page.media_type, page.body)


@pytest.mark.parametrize("path", ["destgraph.ttl", "destgraph.nt", "destgraph.nq", "destgraph.rdf", "destgraph.jsonld",
                                  "parts/ontology.ttl", "parts/inferred.ttl", "skos/type.ttl"])  # fmt: skip
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
    ("path", "accept", "place"),
    [
        ("ontology", TURTLE, "parts/ontology.ttl"),
        ("ontology", RDFLIB, "parts/ontology.ttl"),
        ("ontology", RDFXML, "destgraph.rdf"),
        ("ontology", BROWSER, "ontology.html"),
        ("ontology", "", "ontology.html"),
        ("ontology/0.1.0", TURTLE, "../parts/ontology.ttl"),
        ("ontology/0.1.0", BROWSER, "../ontology.html"),
        ("destination/bing", TURTLE, "../destination/bing.ttl"),
        ("destination/bing", "Text/Turtle; q=0.9", "../destination/bing.ttl"),
        ("destination/bing", RDFLIB, "../destination/bing.ttl"),
        ("destination/bing", JSONLD, "../destination/bing.jsonld"),
        ("destination/bing", NTRIPLES, "../destination/bing.nt"),
        ("destination/bing", RDFXML, "../destination/bing.rdf"),
        ("destination/bing", BROWSER, "../destination/bing.html"),
        ("destination/bing", "", "../destination/bing.html"),
        ("dataset", TURTLE, "sparql"),
        ("dataset/0.1.0", JSONLD, "../sparql"),
        ("shapes", TURTLE, "parts/shapes.ttl"),
        ("shapes", RDFLIB, "parts/shapes.ttl"),
        ("shapes", "", "parts/shapes.ttl"),
        ("shapes", BROWSER, "shapes.html"),
        ("rules", BROWSER, "rules.html"),
        ("rules", "", "rules.html"),
        ("checks", BROWSER, "rules.html"),
        ("graph/inferred", TURTLE, "../parts/inferred.ttl"),
        ("graph/inferred", BROWSER, "../data.html#inferred"),
        ("query/find", BROWSER, "../query/find.html"),
        ("query/find", "", "../queries/find.rq"),
        ("maintainers", TURTLE, "maintainers.ttl"),
    ],
)
def test_things_lead_to_what_describes_them(served: Served, path: str, accept: str, place: str) -> None:
    """By 303, as they are no documents; what is there can be had."""
    reply = get(served, f"/{path}", accept)
    assert (reply.status, reply.headers["vary"], reply.headers["location"]) == (303, "Accept", place)
    there = get(served, f"/{place.removeprefix('../').partition('#')[0]}", accept)
    assert there.status == 200
