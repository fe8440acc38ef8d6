"""What people do on the site, with a script: ask, choose, compare, search, write SPARQL, go back, follow links."""

import csv
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from browsing import BELOW, Host, Opening, answered, rows

import destgraph
from destgraph.vocabulary import BASE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.linux("Debian's Chromium")]

ASK = """([query, seconds]) => destgraph.engine.ask({query}, seconds).then(
  ({query, ...answer}) => answer, (error) => ({error: error.message}))"""


PHRASES = Path(__file__).parents[1] / "phrases.csv"
EDITOR = "document.querySelector('.CodeMirror').CodeMirror"
EDITED = f"{EDITOR}.getValue()"

WRONG = {
    "destinations-of-type.html?type=%22%3E%3Cscript%3Ealert(1)%3C/script%3E": '"><script>alert(1)</script>',
    "destinations-of-type.html?type=%3E%20%7D%20%23&type=javascript:alert(1)": "> } #",
    "destinations-of-type.html?type=connection&edition=%24%26": "$&",
    "destinations-of-type.html?edition=2023": "for example",
    "destinations-of-type.html?type=connection&%3Cimg%20src=x%20onerror=alert(1)%3E=1": "<img src",
    "choose.html?exports=": "at least one",
    "compare.html?a=bing&b=%2e%2e%2f": "../",
    "recent-changes.html?since=2026-02-30": "is no date; write a year, month or day",
}
"""Addresses of questions, and what is told of each."""

REFUSED = {
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f }": "stopped after 1 s, its time limit",
    "ASK { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }": "SERVICE reaches other data than the graph's",
    "ASK { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }": "SERVICE reaches other data than the graph's",
    "INSERT DATA { <a:a> <a:b> <a:c> }": "expected CONSTRUCT|update",
    "SELECT * { ?s nothing:here ?o }": "query:1:[0-9]+: prefix not found; declare it with PREFIX",
    "SELECT * {" + "{" * 20_000 + "}" * 20_001: "nested",
}
"""Queries, and what is told of each."""


def ask(page: "Page", query: str, seconds: float = 60) -> Any:
    """Return what the engine of a page answers."""
    return page.evaluate(ASK, [query, seconds])


def test_questions_are_answered_as_in_python(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """Whole tables, in their order, for the examples of all of them."""
    page = opened("sparql.html")
    for question in kg.questions.values():
        expected = json.loads(kg.select(question.query).to_json())
        answer = {"columns": expected["head"]["vars"], "rows": expected["results"]["bindings"]}
        assert ask(page, question.query) == answer, question.name


@pytest.mark.hosts("file")
def test_form_asks_saves_and_goes_back(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """The answer is that of Python; the address holds the parameters, and each step back has its answer."""
    page = opened("query/destinations-of-type.html")
    example = rows(page)
    page.locator("[name=type]").select_option("dataset-export")
    page.locator("[name=edition]").select_option("")
    page.get_by_role("button", name="Ask").click()
    answer = kg.ask("destinations-of-type", type="dataset-export")
    answered(page, len(answer))
    assert [row[0] for row in rows(page)] == [row.name for row in answer]
    assert "?type=dataset-export" in page.url
    with page.expect_download() as saved:
        page.locator(".files").get_by_text("CSV").click()
    assert saved.value.path().read_bytes().decode() == answer.to_csv()
    with page.expect_download() as saved:
        page.locator(".files").get_by_text("JSON").click()
    assert json.loads(saved.value.path().read_text("utf-8")) == json.loads(answer.to_json())
    page.go_back()
    answered(page, len(example))
    assert rows(page) == example
    page.go_forward()
    answered(page, len(answer))


def test_pages_do_without_a_script(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """Every link leads on, an example is answered, and nothing that needs a script is there."""
    page = opened("index.html", java_script_enabled=False)
    assert page.locator("#destinations tbody tr").count() == kg.info.destinations
    assert not page.locator("form[data-filter]").is_visible()
    page.get_by_role("link", name="Adobe Target connection").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Adobe Target connection"
    page.get_by_role("link", name="Compare", exact=True).click()
    assert [row[1:] for row in rows(page)] == [
        [row.a or "", row.b or ""] for row in kg.select(kg.questions["compare"].query)
    ]


def test_wrong_values_are_told(opened: Opening, host: Host) -> None:
    """Nothing is asked; what a stranger's link holds stays text."""
    page = opened("query/types.html")
    for address, problem in WRONG.items():
        page.goto(f"{host.root}query/{address}")
        assert problem in page.locator("#answer [role=alert]").inner_text()
        assert page.locator("#answer table, main script, main img").count() == 0


def test_choosing_takes_several_values_of_a_requirement(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """From the form: any of the values of one requirement, all requirements; the answer is that of Python."""
    page = opened("query/choose.html?exports=raw-events&exports=raw-datasets")
    assert page.get_by_label("or exports").input_value() == "raw-datasets"
    page.get_by_role("button", name="or another frequency").click()
    page.get_by_label("or frequency").select_option("streaming")
    page.get_by_label("Identity", exact=True).fill("Phone Number")
    page.get_by_role("button", name="Ask").click()
    given = {"exports": ["raw-events", "raw-datasets"], "identity": "phone", "frequency": "streaming"}
    assert parse_qsl(urlsplit(page.url).query) == [
        ("exports", "raw-events"),
        ("exports", "raw-datasets"),
        ("frequency", "streaming"),
        ("identity", "phone"),
    ]
    answer = kg.ask("choose", **given)
    answered(page, len(answer))
    assert [row[:5] for row in rows(page)] == [[value or "" for value in row[1:6]] for row in answer]
    assert page.get_by_label("Identity", exact=True).input_value().lower() == "phone number"


@pytest.mark.nightly
def test_comparing_sets_equal_rows_apart(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """The columns are headed by the names; of a typed name the one destination is chosen, or it is told why not."""
    page = opened("query/compare.html?a=bing&b=facebook")
    answer = kg.ask("compare", a="bing", b="facebook")
    assert [row[1:] for row in rows(page)] == [[row.a or "", row.b or ""] for row in answer]
    heads = page.locator("#answer th").all_inner_texts()
    assert heads == ["name", "Microsoft Bing connection", "Facebook connection"]
    assert page.locator("#answer tr.same").count() == sum(row.a == row.b for row in answer) > 0
    page.get_by_label("The other destination").fill("linked")
    page.get_by_role("button", name="Ask").click()
    assert 'no destination "linked"; choose one of the list' in page.locator("#field-b-typed-message").inner_text()
    assert page.get_by_label("The other destination").evaluate("field => field === document.activeElement")
    page.get_by_label("The other destination").fill("FACEBOOK PIXEL EXTENSION")
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("columnheader", name="Facebook Pixel extension").wait_for()
    assert "?a=bing&b=facebook-pixel-extension" in page.url


def test_search_finds_what_is_meant(opened: Opening) -> None:
    """Of the phrases of `destgraph find` as many and one more; see tests/test_find.py."""
    page = opened("index.html")
    with PHRASES.open(encoding="utf-8", newline="") as file:
        phrases = {row["words"]: row["means"].split() for row in csv.DictReader(file)}
    missed = []
    first = "async (words) => (await destgraph.search(words)).slice(0, 50).map(({kind, place}) => ({kind, place}))"
    for words, means in phrases.items():
        found = page.evaluate(first, words)
        best: dict[str, list[str]] = defaultdict(list)
        for hit in found:
            best[hit["kind"]].append(f"{hit['kind']}/{Path(hit['place']).stem}")
        if not any(thing in best[thing.partition("/")[0]][:3] for thing in means):
            missed.append(words)
    assert missed == ["maximum number of audiences per day"]


@pytest.mark.nightly
def test_search_box_is_used_by_the_keyboard(opened: Opening, host: Host) -> None:
    """What is found drops down while one types; arrows go through it, Escape closes it, Enter opens the page of all."""
    page = opened("type/connection.html")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.removeprefix(host.root)))
    box = page.get_by_role("search").get_by_role("searchbox")
    box.press_sequentially("facebok")
    hits = page.locator(".hits")
    hits.get_by_role("link", name="Facebook connection").wait_for()
    assert sorted(loaded) == ["assets/documents.js", "assets/stemmer.js", "assets/vendor/minisearch/minisearch.js"]
    box.press("Escape")
    assert not hits.is_visible()
    box.press("Backspace")
    hits.get_by_role("link", name="Facebook connection").wait_for()
    box.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == hits.get_by_role("link").first.inner_text()
    box.press("Enter")
    page.locator("[data-results]").get_by_role("link", name="Facebook connection").click()
    page.get_by_role("heading", name="Facebook connection", exact=True).wait_for()
    page.go_back()
    page.locator("[data-results]").get_by_role("link", name="Facebook connection").wait_for()


def test_list_is_filtered(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """By each field, by several, and by words; the address keeps it, and each step back undoes one."""
    page = opened("index.html")
    shown = page.locator("#destinations tbody tr:visible")
    whole = shown.count()
    page.get_by_label("Type", exact=True).select_option("edge-personalization")
    names = [row.name for row in kg.ask("destinations-of-type", type="edge-personalization")]
    assert shown.locator("td:first-child").all_inner_texts() == names
    assert page.locator("output").inner_text() == f"{len(names)} of {whole}"
    assert page.url.endswith("?type=edge-personalization")
    page.get_by_label("Name", exact=True).fill("target")
    assert shown.locator("td:first-child").all_inner_texts() == ["Adobe Target connection"]
    page.get_by_label("Type", exact=True).select_option("")
    assert shown.count() > 1
    page.go_back()
    assert shown.count() == 1
    page.reload()
    assert shown.count() == 1
    page.go_back()
    assert shown.count() == whole


def test_queries_that_cannot_be_answered(opened: Opening) -> None:
    """It is told why, and the next one is answered."""
    page = opened("sparql.html")
    for query, told in REFUSED.items():
        assert re.search(told, ask(page, query, 1)["error"])
        row = {"service": {"type": "literal", "value": "SERVICE"}}
        assert ask(page, 'SELECT * { BIND ("SERVICE" AS ?service) }')["rows"] == [row]


@pytest.mark.nightly
def test_editor_completes_runs_and_shows(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """It completes by labels too, declares prefixes, runs, and keeps the query in the address; Tab leaves it."""
    page = opened("sparql.html")
    editor = page.locator(".CodeMirror")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT ?owner { destination:target")
    page.locator(".CodeMirror-hint", has_text="destination:adobe-target-connection").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type(" dg:received by")
    page.keyboard.press("Control+Z")
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT ?owner { destination:adobe-target-connection dg:endpointow")
    page.locator(".CodeMirror-hint", has_text="dg:endpointOwner").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type(" ?owner }")
    page.keyboard.press("Control+Enter")
    page.get_by_role("status").get_by_text("1 row").wait_for()
    query = page.evaluate(EDITED)
    assert query == (
        "PREFIX destination: <https://w3id.org/destgraph/destination/>\nPREFIX dg: <https://w3id.org/destgraph/ontology#>"
        "\nSELECT ?owner { destination:adobe-target-connection dg:endpointOwner ?owner }"
    )
    answer = kg.query(query)
    assert isinstance(answer, destgraph.Solutions)
    link = str(page.locator("#answer td a").get_attribute("href"))
    assert link.endswith(f"/{answer[0].owner.removeprefix(BASE)}.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "example"
    page.reload()
    page.locator(".CodeMirror").wait_for()
    assert page.evaluate(EDITED) == query


def test_editor_shows_triples_and_errors(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """Triples as a table and as a file; of an error the place, where the cursor then is; an example to begin with."""
    query = f"CONSTRUCT {{ ?d a ?t }} WHERE {{ ?d a ?t FILTER STRSTARTS(STR(?d), '{BASE}type/') }}"
    triples = kg.query(query)
    assert isinstance(triples, destgraph.Triples)
    page = opened(f"sparql.html#query={quote(query)}")
    page.locator(".CodeMirror").wait_for()
    page.get_by_role("button", name="Run").click()
    page.get_by_role("status").get_by_text(f"{len(triples)} triples").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="N-Triples").click()
    assert sorted(saved.value.path().read_text("utf-8").splitlines()) == sorted(f"{t} ." for t in triples.triples)
    page.get_by_label("Example").select_option("Destinations of a type")
    assert page.evaluate(EDITED) == kg.questions["destinations-of-type"].query
    page.evaluate(f"{EDITOR}.setValue('SELECT * {{\\n ?s ?p }}')")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("alert").get_by_text("query:2:9: ").wait_for()
    cursor = page.evaluate(f"{EDITOR}.getCursor()")
    assert (cursor["line"], cursor["ch"]) == (1, 8)
    page.evaluate(f"{EDITOR}.setValue('ASK {{}}')")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("status").get_by_text("yes", exact=True).wait_for()


@pytest.mark.nightly
def test_nothing_heavy_is_loaded_before_it_is_asked_for(opened: Opening, host: Host, site_folder: Path) -> None:
    """A page is under 100 kB with all it loads; a question loads the engine when it is asked."""
    loaded: list[str] = []
    opened("index.html", loaded=loaded)
    assert loaded == ["index.html", "assets/style.css", "assets/base.js", "assets/search.js", "assets/filter.js"]
    assert sum((site_folder / BELOW / path).stat().st_size for path in loaded) < 100_000
    loaded = []
    page = opened("query/types.html", loaded=loaded)
    assert {Path(path).suffix for path in loaded} == {".html", ".css", ".js"}
    assert sum((site_folder / BELOW / path).stat().st_size for path in loaded) < 100_000
    loaded.clear()
    page.get_by_role("button", name="Ask").click()
    engine = {
        "path": ["assets/oxigraph.wasm.gz", "assets/graph.nt.gz", "assets/worker.js", "assets/names.js"],
        "file": ["assets/bundle.js", "assets/names.js"],
        "server": ["query/types.html"],
    }[host.name]
    page.locator(".files").wait_for()
    paths = [path.partition("?")[0] for path in loaded if not path.startswith("blob:")]
    assert paths[: len(engine)] == engine


def test_the_editor_waits_for_its_styles(opened: Opening, host: Host) -> None:
    """Without them it would measure itself wrongly."""
    page = opened("index.html")
    held: list[Any] = []
    page.route("**/yasqe.min.css", lambda route: held.append(route))
    page.goto(f"{host.root}sparql.html", wait_until="commit")
    page.wait_for_function("() => window.Yasqe")
    assert page.locator(".CodeMirror").count() == 0
    held[0].continue_()
    page.locator(".CodeMirror").wait_for()
