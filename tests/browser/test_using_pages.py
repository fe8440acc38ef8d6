"""What people do on the site, with a script: ask, choose, compare, search, write SPARQL, go back, follow links."""

import json
from typing import TYPE_CHECKING

import pytest
from browsing import Opening, rows

import destgraph

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.linux("Debian's Chromium")

ASK = """([query, seconds]) => destgraph.engine.ask({query}, seconds).then(
  ({query, ...answer}) => answer, (error) => ({error: error.message}))"""


def ask(page: "Page", query: str, seconds: float = 60) -> object:
    """Return what the engine of a page answers."""
    return page.evaluate(ASK, [query, seconds])


def test_questions_are_answered_as_in_python(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """Whole tables, in their order, for the examples of all of them."""
    page = opened("sparql.html")
    for question in kg.questions.values():
        expected = json.loads(kg.select(question.query).to_json())
        answer = {"columns": expected["head"]["vars"], "rows": expected["results"]["bindings"]}
        assert ask(page, question.query) == answer, question.name


def test_form_asks_saves_and_goes_back(opened: Opening, kg: destgraph.KnowledgeGraph) -> None:
    """The answer is that of Python; the address holds the parameters, and each step back has its answer."""
    page = opened("query/destinations-of-type.html")
    example = rows(page)
    page.locator("[name=type]").select_option("dataset-export")
    page.locator("[name=edition]").select_option("")
    page.get_by_role("button", name="Ask").click()
    answer = kg.ask("destinations-of-type", type="dataset-export")
    page.get_by_role("status").get_by_text(f"{len(answer)} rows").wait_for()
    assert [row[1] for row in rows(page)] == [row.name for row in answer]
    assert page.url.endswith("?type=dataset-export")
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    assert saved.value.path().read_bytes().decode() == answer.to_csv()
    with page.expect_download() as saved:
        page.get_by_role("button", name="JSON").click()
    assert json.loads(saved.value.path().read_text("utf-8")) == json.loads(answer.to_json())
    page.go_back()
    page.get_by_role("status").get_by_text(f"{len(answer)} rows").wait_for(state="detached")
    assert rows(page) == example
    page.go_forward()
    page.get_by_role("status").get_by_text(f"{len(answer)} rows").wait_for()


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("destinations-of-type.html?type=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", '"><script>alert(1)</script>"'),
        ("destinations-of-type.html?type=%3E%20%7D%20%23&type=javascript:alert(1)", '"> } #"'),
        ("destinations-of-type.html?type=connection&edition=%24%26", '"$&"'),
        ("destinations-of-type.html?edition=2023", "is needed, for example edge-personalization"),
        ("destinations-of-type.html?type=connection&%3Cimg%20src=x%20onerror=alert(1)%3E=1", "has no parameter"),
        ("choose.html?exports=", "give at least one requirement"),
        ("compare.html?a=bing&b=%2e%2e%2f", '"../"'),
        ("recent-changes.html?since=2026-02-30", '"2026-02-30" is no date'),
    ],
)
def test_wrong_values_are_told(opened: Opening, address: str, problem: str) -> None:
    """Nothing is asked; what a stranger's link holds stays text."""
    page = opened(f"query/{address}")
    assert problem in page.locator("#answer [role=alert]").inner_text()
    assert page.locator("#answer table, main script, main img").count() == 0
