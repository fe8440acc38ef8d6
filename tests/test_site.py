"""The pages of the site: that they are HTML, lead somewhere, hold everything, and are the same bytes each time."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote, urlsplit

import html5lib
import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, RdfFormat, Store, Triple
from redirects import CASES

import destgraph
from destgraph import InputError, site, validation
from destgraph.cli import cli
from destgraph.export.jsonld import terms
from destgraph.export.selection import Selection
from destgraph.site import folder, places
from destgraph.site.folder import MARKER
from destgraph.vocabulary import BASE

pytestmark = pytest.mark.slow

DOCUMENTATION = (Path(__file__).parents[1] / "docs/site.md").read_text(encoding="utf-8")
HTML = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
FORMS = {".ttl": RdfFormat.TURTLE, ".jsonld": RdfFormat.JSON_LD, ".nt": RdfFormat.N_TRIPLES, ".rdf": RdfFormat.RDF_XML}
HOSTILE = """
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix delivery: <https://w3id.org/destgraph/delivery/> .
@prefix schema: <https://schema.org/> .

<https://example.org/evil> a dg:Destination ;
    rdfs:label "<script>alert(1)</script> \\u0022 onload=\\u0022x\\u0022 \\u202Etxt \\u001B[31m"@en ;
    dcterms:description "</title><img src=x onerror=alert(1)> {{ 7 * 7 }} {% raw %}" ;
    dg:deliveredBy delivery:customer-stream ;
    dg:useCase "javascript:alert(1)" , "data:text/html,x" ;
    dg:platform <javascript:alert(1)> ;
    dcterms:source <https://example.org/evil#source> .

<https://example.org/evil#source> a dg:Source ;
    rdfs:label "]]></svg><script>" ;
    schema:url <javascript:alert(2)> , <https://example.org/?a=1&b="2> .

<https://w3id.org/destgraph/destination/../../etc/passwd> a dg:Destination ; rdfs:label "Up" .
<https://w3id.org/destgraph/destination/Bing> a dg:Destination ; rdfs:label "Upper case" .
<https://example.org/a#one> a dg:Destination ; rdfs:label "Fragment" ; dcterms:description "Nur deutsch"@de ;
    dg:useCase "Erstens"@de , "Zweitens"@de ; dg:limit [ rdfs:label "Unnamed" ] , [ dg:limitValue "at most 3" ] .
"""
EVIL = "own/evil-"


@dataclass(frozen=True)
class Read:
    """What a page has: ids, and links as they are written."""

    ids: tuple[str, ...]
    links: tuple[str, ...]


@pytest.fixture(scope="session")
def pages(kg: destgraph.KnowledgeGraph) -> dict[str, bytes]:
    """Every page of the site by path."""
    found = [*site.pages(kg)]
    assert [page.path for page in found] == sorted({page.path for page in found})
    return {page.path: page.body for page in found}


@pytest.fixture(scope="session")
def read(pages: dict[str, bytes]) -> dict[str, Read]:
    """Ids and links of every HTML page, found as text: in texts, quotes are escaped."""
    return {path: quickly(body.decode()) for path, body in pages.items() if path.endswith(".html")}


@pytest.fixture(scope="session")
def trees(pages: dict[str, bytes]) -> dict[str, Any]:
    """Some HTML pages of each kind, parsed strictly."""
    paths = [path for path in pages if path.endswith(".html")]
    some = [path for number, path in enumerate(paths) if "/" not in path or number % 25 == 0]
    return {path: HTML.parse(pages[path].decode()) for path in some}


def quickly(page: str) -> Read:
    """Find the ids and links of a page of this site."""
    ids, links = (re.findall(rf'[ "]{name}="([^"]*)"', page) for name in ("id", "(?:href|src|action)"))
    return Read(tuple(map(unescape, ids)), tuple(map(unescape, links)))


def parsed(body: bytes) -> Read:
    """Parse a page strictly: anything that HTML does not allow is an error."""
    return of_tree(HTML.parse(body.decode()))


def of_tree(tree: Any) -> Read:
    """Return the ids and links of a page that was parsed."""
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    attributes = [pair for element in elements for pair in element.items()]
    links = [value for name, value in attributes if name in ("href", "src", "action")]
    return Read(tuple(value for name, value in attributes if name == "id"), tuple(links))


def text_of(tree: Any) -> str:
    """Return the text in an element."""
    return "".join(tree.itertext())


def local(path: str, link: str) -> tuple[str, str] | None:
    """Return the path and fragment that a link of a page leads to inside of the site, or None."""
    parts = urlsplit(link)
    if parts.scheme or link.startswith("//"):
        return None
    assert not parts.path.startswith("/"), link
    return normpath(join(dirname(path), unquote(parts.path))) if parts.path else path, unquote(parts.fragment)


def broken(read: dict[str, Read], paths: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the links that lead nowhere."""
    for path, page in read.items():
        for link in page.links:
            if found := local(path, link):
                target, fragment = found
                if target not in paths or (fragment and fragment not in read[target].ids):
                    yield path, link


def test_pages_are_html(trees: dict[str, Any], read: dict[str, Read]) -> None:
    """Strictly, and what is found in them as text is what they have."""
    assert {path for path, tree in trees.items() if of_tree(tree) != read[path]} == set()
    assert len(trees) > 50


@pytest.mark.nightly
def test_all_pages_are_html(pages: dict[str, bytes], read: dict[str, Read]) -> None:
    """Strictly; each change looks at some of each kind."""
    assert {path for path in read if parsed(pages[path]) != read[path]} == set()


def test_every_link_leads_somewhere(pages: dict[str, bytes], read: dict[str, Read]) -> None:
    """Each relative link to a file of the site, each fragment to an element; any other is http or https."""
    assert [*broken(read, {*pages})] == []
    schemes = {urlsplit(link).scheme for page in read.values() for link in page.links}
    assert schemes == {"", "http", "https", "data"}


def test_ids_are_given_once(read: dict[str, Read]) -> None:
    """In each page."""
    assert [path for path, page in read.items() if len(page.ids) != len(set(page.ids))] == []


def test_every_page_can_be_reached(pages: dict[str, bytes], read: dict[str, Read]) -> None:
    """From the first one, by links alone; but for the one that is shown where there is none."""
    reached: set[str] = set()
    waiting = ["index.html"]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += [
                found[0]
                for link in read[path].links
                if path in read and (found := local(path, link)) and found[0] in read
            ]
    assert set(read) - reached == {"404.html"}
    assert pages.keys() >= reached


def test_every_iri_of_the_graph_has_a_page_or_an_element(kg: destgraph.KnowledgeGraph, read: dict[str, Read]) -> None:
    """Those of the shapes too, and of what only has a name: questions, rules, parts of the graph, the dataset."""
    named = {
        term.value
        for triple in Selection(root=kg.root).triples()
        for term in triple
        if isinstance(term, NamedNode) and term.value.startswith(BASE)
    }
    named |= {f"{BASE}query/{name}" for name in kg.questions}
    named |= {f"{BASE}{name}" for name in ("ontology", "shapes", "rules", "checks", "dataset", "graph/catalog")}
    lost = []
    for iri in sorted(named):
        path, _, fragment = site.place(kg, iri).partition("#")
        if path not in read or (fragment and fragment not in read[path].ids):
            lost.append(iri)
    assert lost == []
    assert len(named) > 2000
    assert (
        site.place(kg, "https://w3id.org/destgraph/destination/bing#identity-ecid")
        == "destination/bing.html#identity-ecid"
    )
    assert site.place(kg, "https://example.org/x") == ""


def test_iris_lead_to_files_that_there_are(pages: dict[str, bytes]) -> None:
    """What w3id.org and the server lead to; the graph has no IRI that is not the path of its page."""
    assert {place.partition("#")[0] for _, _, place in CASES} - pages.keys() == set()
    assert [path for path in pages if path.startswith("own/")] == []


def test_one_page_is_the_same_as_among_all(kg: destgraph.KnowledgeGraph, pages: dict[str, bytes]) -> None:
    """Made without the others, with the same types and bytes; and there is none at other paths."""
    fresh = destgraph.load()
    for path in (
        "index.html",
        "destination/bing.html",
        "type/connection.html",
        "query/compare.html",
        "destination/bing.ttl",
    ):
        page = site.page(fresh, path)
        assert page is not None
        assert page.body == pages[path]
    for path in ("", "nothing.html", "../index.html", "destination/bing", "destination/..%2fx.html", "/index.html"):
        assert site.page(kg, path) is None


def test_command_writes_what_the_function_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kg: destgraph.KnowledgeGraph
) -> None:
    """To a folder of any name, and a reader starts at what it prints. That all bytes are the same the release tests."""
    some = [page for path in ("index.html", MARKER, "destination/bing.html") if (page := site.page(kg, path))]
    monkeypatch.setattr(folder, "pages", lambda _: iter(some))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["site", "any name"], catch_exceptions=False)
    assert (result.exit_code, result.output) == (0, f"{Path('any name/index.html')}\n")
    written = {p.relative_to(tmp_path / "any name").as_posix(): p.read_bytes() for p in tmp_path.rglob("*.*")}
    assert written == {page.path: page.body for page in some}
    with pytest.raises(InputError, match=r"any name: the site exists; add --force to replace it$"):
        CliRunner().invoke(cli, ["site", "any name"], catch_exceptions=False)
    assert CliRunner().invoke(cli, ["site", "any name", "--force"]).exit_code == 0


def test_data_beside_a_page_are_its_facts(pages: dict[str, bytes]) -> None:
    """In four formats that say the same."""
    stems = [path.removesuffix(".jsonld") for path in pages if path.endswith(".jsonld") and "/" in path]
    for stem in stems[::25]:
        forms = [read_rdf(pages[stem + suffix], format_) for suffix, format_ in FORMS.items()]
        assert [form for form in forms if form != forms[0]] == [], stem


def test_data_of_all_pages_are_the_graph(pages: dict[str, bytes]) -> None:
    """But for the ontology, and what it says of other vocabularies."""
    whole = {*pages["destgraph.nt"].splitlines()}
    others = (body for path, body in pages.items() if path.endswith(".nt") and path != "destgraph.nt")
    said = {line for body in others for line in body.splitlines()}
    assert said <= whole
    own = f"<{BASE}".encode()
    terms = tuple(f"<{BASE}{name}".encode() for name in ("ontology", "shapes"))
    assert [line for line in sorted(whole - said) if line.startswith(own) and not line.startswith(terms)] == []


def read_rdf(body: bytes, format_: RdfFormat) -> set[Triple]:
    """Return the triples in a document."""
    store = Store()
    store.load(body, format=format_)
    return {quad.triple for quad in store}


def test_the_whole_graph_is_beside_the_pages(kg: destgraph.KnowledgeGraph, pages: dict[str, bytes]) -> None:
    """The same triples in each format, and the part that the scripts load is what destgraph itself asks."""
    sizes = {name: len(read_rdf(pages[f"destgraph{name}"], format_)) for name, format_ in FORMS.items()}
    assert set(sizes.values()) == {len({*Selection(root=kg.root).triples()})}
    assert len(pages["tables/destinations.csv"].splitlines()) == kg.info.destinations + 1
    assert pages["queries/choose.rq"].decode() == kg.questions["choose"].query


def test_context_of_json_ld_is_that_of_the_export(kg: destgraph.KnowledgeGraph, pages: dict[str, bytes]) -> None:
    """As far as a document needs it."""
    document = json.loads(pages["destination/bing.jsonld"])
    context = terms(kg.root)
    assert {key: context[key] for key in document["@context"]} == document["@context"]
    assert len(document["@context"]) < len(context)
    assert document["@graph"][0]["id"] == "destgraph:destination/bing"


def test_no_page_is_large(pages: dict[str, bytes], read: dict[str, Read]) -> None:
    """Not the lists of all rules and shapes either."""
    assert {path for path in read if len(pages[path]) > 200_000} == set()


def test_each_rule_and_shape_has_a_page(pages: dict[str, bytes]) -> None:
    """With what it finds, what to do, its text and its examples; the list leads to it."""
    for rule in validation.rules():
        list_, _, name = rule.help.removeprefix(BASE).partition("#")
        text = unescape(pages[f"{list_.removesuffix('s')}/{name}.html"].decode())
        parts = (rule.id, rule.severity, rule.problem, rule.solution, rule.source, rule.query, rule.bad, rule.good)
        assert [part for part in parts if part.strip() not in text] == []
        assert f'href="{list_.removesuffix("s")}/{name}.html"' in pages[f"{list_}.html"].decode()


def test_no_page_needs_inline_script_or_handlers(trees: dict[str, Any]) -> None:
    """So that a content security policy can forbid them; scripts in pages are data."""
    for path, tree in trees.items():
        elements = [element for element in tree.iter() if isinstance(element.tag, str)]
        attributes = {name for element in elements for name, _ in element.items()}
        assert [name for name in attributes if name.startswith("on") or name == "style"] == [], path
        scripts = [e.get("type") for e in elements if e.tag == "script" and not e.get("src")]
        assert {*scripts} <= {"application/json", "application/ld+json"}, path
        assert not {e.tag for e in elements} & {"style", "iframe", "object", "embed", "base"}, path


def test_headings_landmarks_and_labels(trees: dict[str, Any]) -> None:
    """One heading of the first rank, none left out below it; a main part; and each field has a name."""
    for path, tree in trees.items():
        ranks = [int(e.tag[1]) for e in tree.iter() if isinstance(e.tag, str) and re.fullmatch("h[1-6]", e.tag)]
        assert (ranks[0], ranks.count(1)) == (1, 1), path
        assert all(after <= before + 1 for before, after in pairwise(ranks)), (path, ranks)
        assert len([*tree.iter("main")]) == 1, path
        labelled = {e.get("for") for e in tree.iter("label")}
        fields = [field for tag in ("input", "select", "textarea") for field in tree.iter(tag)]
        assert [f.attrib for f in fields if not f.get("aria-label") and f.get("id") not in labelled] == [], path


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> destgraph.KnowledgeGraph:
    """The graph with own destinations, hostile ones."""
    file = tmp_path_factory.mktemp("own") / "own.ttl"
    file.write_text(HOSTILE.replace('b="2', "b=2"), encoding="utf-8")
    return destgraph.load([file])


def test_own_destinations_have_pages(own: destgraph.KnowledgeGraph) -> None:
    """With the inferred type and why; whatever their IRIs, the names of the files are plain, and none hides another."""
    place = site.place(own, "https://example.org/evil")
    assert re.fullmatch(r"own/evil-[0-9a-f]{8}\.html", place)
    found = page_text(own, place)
    assert "Streaming profile export destination" in found
    assert "not documented, follows from features" in found
    others = ("https://w3id.org/destgraph/destination/../../etc/passwd", "https://w3id.org/destgraph/destination/Bing")
    for iri in (*others, "https://example.org/a#one"):
        assert re.fullmatch(r"own/[a-z0-9-]+-[0-9a-f]{8}\.html", site.place(own, iri)), iri
    assert site.place(own, "https://example.org/evil#source") == f"{place}#source"
    assert "source" in parsed(body(own, place)).ids
    fragment = page_text(own, site.place(own, "https://example.org/a#one"))
    said = ("Nur deutsch", "Erstens", "Zweitens", "Unnamed", "at most 3")
    assert [text for text in said if text not in fragment] == []
    assert "" not in parsed(body(own, site.place(own, "https://example.org/a#one"))).ids
    start = parsed(body(own, "index.html"))
    assert place in start.links


def test_hostile_texts_stay_texts(own: destgraph.KnowledgeGraph) -> None:
    """In the page, in those that name the thing, and in what the scripts read."""
    place = site.place(own, "https://example.org/evil")
    for path in (place, "index.html", "query/compare.html"):
        tree = HTML.parse(body(own, path).decode())
        assert [e for e in tree.iter("script") if not e.get("src") and "json" not in (e.get("type") or "")] == []
        assert [*tree.iter("img")] == []
        assert "<script>alert(1)</script>" in text_of(tree)
        links = parsed(body(own, path)).links
        assert {urlsplit(link).scheme for link in links} <= {"", "http", "https", "data"}
        assert [link for link in links if link.startswith("data:") and link != "data:,"] == []
    text = page_text(own, place)
    assert "{{ 7 * 7 }} {% raw %}" in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    for name in ("names", "documents"):
        script = body(own, f"assets/{name}.js").decode()
        assert "alert(1)" in script
    assert site.page(own, place.replace(".html", ".rdf")) is None
    assert site.page(own, place.replace(".html", ".ttl")) is not None


def body(graph: destgraph.KnowledgeGraph, path: str) -> bytes:
    """Return what a page holds."""
    page = site.page(graph, path)
    assert page is not None, path
    return page.body


def page_text(graph: destgraph.KnowledgeGraph, path: str) -> str:
    """Return the text of a page."""
    return text_of(HTML.parse(body(graph, path).decode()))


def test_answers_and_problems_of_questions(kg: destgraph.KnowledgeGraph) -> None:
    """What a server shows without script: the fields as they were given, and the answer or the message."""
    values = {"type": ["edge-personalization"]}
    answer = kg.ask("destinations-of-type", type="edge-personalization")
    page = site.question_page(kg, "destinations-of-type", values, answer)
    tree = HTML.parse(page.body.decode())
    rows = [[text_of(cell) for cell in row.iter("td")] for row in tree.iter("tr")][1:]
    assert [row[0] for row in rows] == [row.name for row in answer]
    assert [o.get("value") for o in tree.iter("option") if o.get("selected") is not None] == ["edge-personalization"]
    wrong = site.question_page(kg, "destinations-of-type", {"type": ["<b>"]}, "no type '<b>'; did you mean x?")
    text = HTML.parse(wrong.body.decode())
    assert [text_of(e) for e in text.iter("p") if e.get("role") == "alert"] == ["no type '<b>'; did you mean x?"]
    with pytest.raises(KeyError):
        site.question_page(kg, "nothing", {}, "")


def test_pages_of_a_server(kg: destgraph.KnowledgeGraph) -> None:
    """They tell the endpoint, and what is near to an address that leads nowhere, from wherever it is."""
    settings = site.Settings(endpoint="sparql")
    page = site.page(kg, "destination/bing.html", settings)
    assert page is not None
    meta = {e.get("name"): e.get("content") for e in HTML.parse(page.body.decode()).iter("meta")}
    assert meta["endpoint"] == "../sparql"
    lost = parsed(site.not_found(kg, "destination/bong/x.html", settings).body)
    assert "../../assets/style.css" in lost.links
    near = parsed(site.not_found(kg, "destination/bingg", settings).body)
    assert "../destination/bing.html" in near.links


def test_search_page(kg: destgraph.KnowledgeGraph) -> None:
    """It lists what `find` finds, each with its page."""
    found = parsed(site.search_page(kg, "pinterest").body)
    assert [site.place(kg, row.resource) for row in kg.find("pinterest", limit=3)] == [
        link for link in found.links if "pinterest" in link
    ][:3]
    assert "no word to look for" in site.search_page(kg, "?").body.decode()


def test_write_site_refuses_what_is_no_site(tmp_path: Path, kg: destgraph.KnowledgeGraph) -> None:
    """A foreign folder stays as it is; so does a site, without force."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    with pytest.raises(InputError, match=r"mine: exists and is no site folder; name another one$"):
        destgraph.write_site(kg, tmp_path / "mine", force=True)
    assert [p.name for p in tmp_path.rglob("*")] == ["mine", "file"]


def test_names_of_places() -> None:
    """An IRI of the graph gives its own path; one that is no name of a file everywhere gets a plain one."""
    assert places.stem(f"{BASE}destination/bing") == "destination/bing"
    for iri in ("destination/Bing", "destination/%2e%2e", "destination/a/b", "destination/", "../x", "destination/.x"):
        assert re.fullmatch(r"own/[a-z0-9-]+-[0-9a-f]{8}", places.stem(BASE + iri)), iri
    assert places.root("a/b/c.html") == "../../"


def test_sizes_are_those_of_the_documentation(pages: dict[str, bytes], read: dict[str, Read]) -> None:
    """docs/site.md: no more than it says, and not much less."""
    shown = re.findall(r"^\| ([^|]+) \| ([\d.]+) ([kM])B \|$", DOCUMENTATION, re.MULTILINE)
    largest = max((path for path in read if path.startswith("query/")), key=lambda path: len(pages[path]))
    search = ("assets/documents.js", "assets/stemmer.js", "assets/vendor/minisearch/minisearch.js")
    engine = ("assets/worker.js", "assets/graph.nt.gz", "assets/oxigraph.wasm.gz", "assets/names.js")
    files = {
        "first page, with style and scripts": loaded_at_once("index.html", read),
        "page of a question, with its scripts": loaded_at_once(largest, read),
        "search, at the first key": {*search},
        "engine and graph, when something is asked": {*engine},
        "the same, where the page was opened as a file": {"assets/bundle.js", "assets/names.js"},
        "whole folder": {*pages},
    }
    sizes = {name: sum(len(pages[path]) for path in paths) for name, paths in files.items()}
    most = {name: float(number) * {"k": 1e3, "M": 1e6}[unit] for name, number, unit in shown}
    assert sizes.keys() == most.keys()
    assert [(name, size) for name, size in sizes.items() if not most[name] * 0.5 < size < most[name]] == []


def loaded_at_once(path: str, read: dict[str, Read]) -> set[str]:
    """Return a page with what it loads without being asked."""
    targets = (local(path, link) for link in read[path].links)
    return {path, *(target[0] for target in targets if target and target[0].startswith("assets/"))}
