"""All pages of the site by path, and how each is made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial

from pyoxigraph import NamedNode

from destgraph.catalog.questions import Question
from destgraph.results import Solutions
from destgraph.site import data, forms, lists, rules, scripts, terms, things
from destgraph.site.frame import STATIC, Page, Settings, View
from destgraph.site.model import Model
from destgraph.stores.memory import KnowledgeGraph
from destgraph.validation.findings import Rule

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
    ".rdf": "application/rdf+xml",
    ".rq": "application/sparql-query",
    ".svg": "image/svg+xml",
    ".ttl": "text/turtle; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
_LISTS: Mapping[str, Callable[[View], bytes]] = {
    "index": lists.start,
    "404": lists.not_found,
    "data": lists.files,
    "ontology": terms.ontology,
    "platforms": lists.platforms,
    "questions": lists.questions,
    "release-notes": lists.notes,
    "schemes": lists.schemes,
    "search": lists.search,
    "sources": lists.sources,
    "sparql": forms.editor,
    "vendors": lists.vendors,
}
_OF_RULES = ("rule", "shape", "own/")
"""What the paths of pages about rules begin with."""


def pages(graph: KnowledgeGraph, settings: Settings = STATIC) -> Iterator[Page]:
    """Yield every page of the site, files of its data and assets among them, in the order of their paths."""
    site = _site(graph, settings)
    site.model.find_alternatives()
    return filter(None, map(site.page, sorted({*site.makers, *site.rules})))


def page(graph: KnowledgeGraph, path: str, settings: Settings = STATIC) -> Page | None:
    """Return the page with a path, such as "destination/bing.html", or None when there is none."""
    return _site(graph, settings).page(path)


def place(graph: KnowledgeGraph, iri: str) -> str:
    """Return where an IRI leads: "destination/bing.html#identity-1"; empty for what the graph does not know."""
    return _model(graph).place(NamedNode(iri))


def question_page(
    graph: KnowledgeGraph,
    question: str,
    values: Mapping[str, Sequence[str]],
    outcome: Solutions | str,
    settings: Settings = STATIC,
) -> Page:
    """Return the page of a question with what was asked and its answer, or the message of what is wrong.

    `values` are those of the fields of its form. Raises KeyError for a question that there is none of.
    """
    path = f"query/{question}.html"
    view = View(_model(graph), settings, path)
    return _page(path, forms.question(view, graph.questions[question], values, outcome))


def sparql_page(
    graph: KnowledgeGraph,
    query: str,
    outcome: Solutions | str | None,
    problem: str = "",
    settings: Settings = STATIC,
) -> Page:
    """Return the page for free SPARQL with a query and its rows, its answer as a text, or what is wrong."""
    path = "sparql.html"
    return _page(path, forms.editor(View(_model(graph), settings, path), query, outcome, problem))


def problem_page(graph: KnowledgeGraph, path: str, title: str, reason: str, settings: Settings = STATIC) -> Page:
    """Return the page to show at a path where something went wrong."""
    view = View(_model(graph), settings, path)
    return _page("problem.html", view.render("problem.html", title, reason=reason))


def not_found(graph: KnowledgeGraph, path: str, settings: Settings = STATIC) -> Page:
    """Return the page to show at a path where there is none, with the nearest names."""
    return _page("404.html", lists.not_found(View(_model(graph), settings, path), path))


def search_page(graph: KnowledgeGraph, words: str, settings: Settings = STATIC) -> Page:
    """Return the page that shows what is found for some words."""
    path = "search.html"
    return _page(path, lists.search(View(_model(graph), settings, path), words))


@lru_cache(maxsize=4)
def _site(graph: KnowledgeGraph, settings: Settings) -> "_Site":
    return _Site(_model(graph), settings)


@lru_cache(maxsize=4)
def _model(graph: KnowledgeGraph) -> Model:
    return Model(graph)


class _Site:
    """How each page is made, by path."""

    def __init__(self, model: Model, settings: Settings) -> None:
        self.model = model
        self.settings = settings
        self.makers: dict[str, Callable[[], bytes | None]] = {}
        for name, maker in _LISTS.items():
            self._html(name, maker)
        for question in model.graph.questions.values():
            self._question(question)
        for stem, thing in self.model.things.items():
            self._thing(stem, thing)
        for path, writer in data.WHOLE.items():
            self.makers[path] = partial(writer, self.model)
        for name, asset in scripts.MADE.items():
            self.makers[f"assets/{name}"] = partial(asset, self.model)
        for name, file in scripts.FILES.items():
            self.makers[f"assets/{name}"] = file.read_bytes

    @cached_property
    def rules(self) -> Mapping[str, Callable[[], bytes]]:
        """How each page about rules is made; to know them takes a moment that other pages need not wait for."""
        found = rules.by_stem(self.model.graph.root)
        made = {f"{stem}.html": partial(self._rule, f"{stem}.html", rule) for stem, rule in found.items()}
        lists = {"rules.html": rules.rules, "shapes.html": rules.shapes}
        return made | {path: partial(self._rules, path, maker, found) for path, maker in lists.items()}

    def page(self, path: str) -> Page | None:
        maker = self.makers.get(path)
        if maker is None and path.startswith(_OF_RULES):
            maker = self.rules.get(path)
        body = maker() if maker else None
        return None if body is None else _page(path, body)

    def _html(self, name: str, maker: Callable[[View], bytes]) -> None:
        path = f"{name}.html"
        self.makers[path] = lambda: maker(View(self.model, self.settings, path))

    def _rule(self, path: str, rule: Rule) -> bytes:
        return rules.rule(View(self.model, self.settings, path), rule)

    def _rules(self, path: str, maker: Callable[[View, Mapping[str, Rule]], bytes], found: Mapping[str, Rule]) -> bytes:
        return maker(View(self.model, self.settings, path), found)

    def _question(self, question: Question) -> None:
        self._html(f"query/{question.name}", lambda view: forms.question(view, question))
        self.makers[f"queries/{question.name}.rq"] = question.query.encode

    def _thing(self, stem: str, thing: NamedNode) -> None:
        self._html(stem, lambda view: things.thing(view, thing, stem))
        for suffix, writer in data.FORMS.items():
            self.makers[stem + suffix] = partial(writer, self.model, thing)


def _page(path: str, body: bytes) -> Page:
    return Page(path, _MEDIA_TYPES[path[path.rindex(".") :]], body)
