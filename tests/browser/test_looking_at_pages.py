"""How pages look and read: in small and large windows, by night, on paper, to a screen reader."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import Host, Opening, put

import destgraph

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.linux("Debian's Chromium"),
    pytest.mark.slow,
    pytest.mark.parametrize("host", ["path"], indirect=True),  # the pages of all hosts are the same
]

PAGES = (
    "index.html",
    "destination/adobe-target-connection.html",
    "type/connection.html",
    "query/choose.html?exports=raw-events&exports=raw-datasets&frequency=streaming",
    "query/compare.html?a=bing&b=facebook",
    "query/destinations-of-type.html?type=nothing",
    "search.html?q=phone%20number",
    "sparql.html",
    "questions.html",
    "ontology.html",
    "rules.html",
    "data.html",
    "404.html",
)
SERIOUS = ("serious", "critical")


@pytest.fixture(autouse=True, scope="module")
def _every_page(kg: destgraph.KnowledgeGraph, site_folder: Path) -> None:
    """The folder has the pages that these tests open, too."""
    for path in (*PAGES, *(f"query/{name}.html" for name in kg.questions)):
        put(kg, site_folder, path.partition("?")[0])


def settled(page: "Page") -> "Page":
    """Return a page in which all that is asked for stands."""
    page.wait_for_load_state("load")
    page.locator("#answer[aria-busy]").wait_for(state="detached")
    if page.locator("form[data-editor]").count():
        page.locator(".CodeMirror").wait_for()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(opened: Opening, path: str, scheme: str) -> None:
    """By all rules of axe-core, with what scripts add."""
    from axe_playwright_python.sync_playwright import Axe

    page = settled(opened(path, color_scheme=scheme, reduced_motion="reduce"))
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in SERIOUS] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_the_window(opened: Opening, path: str, width: int, scheme: str) -> None:
    """What is wider scrolls in a box of its own; the picture of it is kept."""
    page = settled(opened(path, color_scheme=scheme, viewport={"width": width, "height": 900}))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_answers_look_as_those_of_the_generator(opened: Opening, host: Host, kg: destgraph.KnowledgeGraph) -> None:
    """For the example of each question: the same cells and links as the page has without script."""
    page = opened("query/types.html")
    look = """answer => [...answer.querySelectorAll('tr')].map(row => [...row.cells].map(cell =>
        [cell.textContent.trim(), ...[...cell.querySelectorAll('a')].map(link => link.href)]))"""
    for name in kg.questions:
        page.goto(f"{host.root}query/{name}.html")
        expected = page.locator("#answer").evaluate(look)
        if kg.questions[name].parameters:
            page.get_by_role("link", name="Put it into the form").click()
        else:
            page.get_by_role("button", name="Ask").click()
        page.locator("#answer a", has_text="Link to this answer").wait_for()
        shown = page.locator("#answer").evaluate(look)
        if name == "compare":
            shown[0], expected[0] = [], []
        assert shown[: len(expected)] == expected, name
