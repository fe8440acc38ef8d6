"""The site in Chromium: from a static host below a path, and as a folder whose pages are opened as files.

Each test gets pages that may ask nothing of another host, and on whose consoles nothing may be said. Pictures are kept
in the folder that the environment variable DESTGRAPH_SCREENSHOTS names.
"""

import functools
import http.server
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import servers

import destgraph

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

BELOW = "some/path"
HOSTS = ("path", "file", "server")
"""Below a path of a static host, no host at all, and `destgraph serve`.

On a static host and on the server all tests run for each change, as files those that are marked so, the rest at night.
"""
PAGES = (
    "404.html",
    "index.html",
    "search.html",
    "sparql.html",
    "destination/adobe-target-connection.html",
    "destination/facebook.html",
    "query/choose.html",
    "query/compare.html",
    "query/destinations-of-type.html",
    "query/recent-changes.html",
    "query/types.html",
    "type/connection.html",
)
"""Pages that tests open."""

FLAGS = ("--no-sandbox", "--disable-gpu", "--js-flags=--liftoff-only")
"""The last one compiles the engine once and not, while it runs, once more for speed: half the time of a test."""

TIMEOUT = 30_000
"""Milliseconds to wait for what comes late where much is going on."""

TALLEST = 16_000
"""Pixels of which Chromium can make one picture."""

Opening = Callable[..., "Page"]
"""Opens a path of the site in a window of its own.

The paths of what is loaded go into the list `loaded`; other options are those of `Browser.new_context`.
"""


@dataclass(frozen=True)
class Host:
    """Where the site is: the URL of its root, and what the URLs of all that it loads begin with."""

    name: str
    root: str
    origin: str


def rows(page: "Page") -> list[list[str]]:
    """Return the texts of the cells of the answer, row by row."""
    table: list[list[str]] = page.locator("#answer:not([aria-busy])").first.evaluate(
        "answer => [...answer.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return table


def answered(page: "Page", number: int) -> None:
    """Wait until an answer of so many rows is there."""
    from playwright.sync_api import expect

    expect(page.locator("#answer:not([aria-busy]) tbody tr")).to_have_count(number, timeout=TIMEOUT)


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """Debian's Chromium. Of a module, as no other test can run an event loop meanwhile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site_folder(kg: destgraph.KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some pages of the site, and all that these load."""
    from destgraph.site import scripts

    folder = tmp_path_factory.mktemp("site")
    for path in (*PAGES, *(f"assets/{name}" for name in (*scripts.FILES, *scripts.MADE))):
        put(kg, folder, path)
    return folder


def put(kg: destgraph.KnowledgeGraph, folder: Path, path: str) -> None:
    """Write a page into the folder of the site."""
    from destgraph import site

    page = site.page(kg, path)
    assert page is not None, path
    file = folder / BELOW / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(page.body)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def _static(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that has a host on all of them, unless it says on which."""
    said = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "host" in metafunc.fixturenames and "host" not in said:
        always = {"path", "server", *(name for mark in metafunc.definition.iter_markers("hosts") for name in mark.args)}
        hosts = [pytest.param(name, marks=() if name in always else pytest.mark.nightly) for name in HOSTS]
        metafunc.parametrize("host", hosts, indirect=True, scope="module")


@pytest.fixture(scope="module")
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """Each host in turn."""
    if request.param == "server":
        served: servers.Served = request.getfixturevalue("served")
        yield Host("server", served.url, served.url)
        return
    folder: Path = request.getfixturevalue("site_folder")
    if request.param == "file":
        yield Host("file", f"{folder.as_uri()}/{BELOW}/", folder.as_uri())
    else:
        with _static(folder) as url:
            yield Host("path", f"{url}{BELOW}/", url)


@pytest.fixture
def opened(chromium: "Browser", host: Host, request: pytest.FixtureRequest) -> Iterator[Opening]:
    """Give a function that opens a path of the site; at the end nothing may have gone wrong there."""
    wrong: list[str] = []
    contexts: list[BrowserContext] = []

    def watch(page: "Page") -> None:
        page.on("console", lambda message: told(message.text))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))

    def told(text: str) -> None:
        # So the browser calls an answer that says what is wrong with a question.
        if not text.startswith("Failed to load resource: the server responded with a status of 4"):
            wrong.append(f"console: {text}")

    def check(url: str) -> None:
        if not url.startswith((host.origin, "data:", "blob:")):
            wrong.append(f"request: {url}")

    def opening(path: str, loaded: list[str] | None = None, **options: Any) -> "Page":
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        context.on("request", lambda request: check(request.url))
        if loaded is not None:
            context.on("request", lambda request: loaded.append(request.url.removeprefix(host.root)))
        context.on("page", watch)
        page = context.new_page()
        page.goto(host.root + path)
        return page

    yield opening
    if pictures := os.environ.get("DESTGRAPH_SCREENSHOTS"):
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        for number, page in enumerate(page for context in contexts for page in context.pages):
            whole = page.evaluate("document.documentElement.scrollHeight") < TALLEST
            page.screenshot(path=Path(pictures) / f"{name}-{number}.png", full_page=whole)
    for context in contexts:
        context.close()
    assert wrong == []
