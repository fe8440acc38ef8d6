"""What all pages of the site have in common: their type, their settings, their templates, their links."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pyoxigraph import Literal, NamedNode

from destgraph.diagram import Picture
from destgraph.site import data, places
from destgraph.site.model import Model
from destgraph.vocabulary import PREFIXES, iri, shorten
from destgraph.wording import JOINERS, address_names, age, count, readable, visible

_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_ADDRESSES = re.compile(r"https?://[^\s<>\";]+(?:; https?://[^\s<>\";]+)*")
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>')
_ODD = re.compile(r"[^\n\t -~]")


_REMEMBERED = 20_000
_KEPT = f"{JOINERS}\n\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{IDEOGRAPHIC SPACE}"
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; worker-src 'self' blob:; form-action 'self'; base-uri 'none'"
)
"""The content security policy of pages that no server sends one with; for a page that is a file `blob:` is needed."""


@dataclass(frozen=True)
class Page:
    """A file of the site: `path` from its root, with `/` between folders, media type and content."""

    path: str
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Settings:
    """What a host adds to pages: `endpoint` is the path, from the root of the site, at which it answers SPARQL.

    Without one the pages answer in the browser.
    """

    endpoint: str = ""


STATIC = Settings()
"""The settings of a folder of files."""


@cache
def templates(*others: Path) -> Environment:
    """Return the templates of the pages, with those in other folders."""
    environment = Environment(
        loader=FileSystemLoader([*others, Path(__file__).parent / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.finalize = _seen
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    environment.globals["count"] = count
    environment.filters["fragment"] = lambda iri: iri.partition("#")[2]
    return environment


class View:
    """A graph seen from one page: what its template calls. Links are relative to the page."""

    navigation = (
        ("query/choose.html", "Choose"),
        ("query/compare.html", "Compare"),
        ("scheme/type.html", "Types"),
        ("questions.html", "Questions"),
        ("sparql.html", "SPARQL"),
        ("ontology.html", "Ontology"),
        ("data.html", "Data"),
    )
    """The pages that every page leads to, each with its name."""
    lists = (
        ("scheme/category.html", "Categories"),
        ("platforms.html", "Platforms"),
        ("vendors.html", "Vendors"),
        ("schemes.html", "Concepts"),
        ("sources.html", "Sources"),
        ("release-notes.html", "Release notes"),
        ("rules.html", "Rules"),
        ("shapes.html", "Shapes"),
    )
    """More such pages, at the foot."""
    forms = data.NAMES
    media_types = data.MEDIA_TYPES
    prefixes = PREFIXES

    def __init__(self, model: Model, settings: Settings, path: str) -> None:
        """Take the path of the page from the root of the site."""
        self.model = model
        self.settings = settings
        self.path = path
        self.root = places.root(path)
        self.policy = "" if settings.endpoint else POLICY

    def render(self, template: str, title: str, **content: Any) -> bytes:
        """Return the page."""
        text = templates().get_template(template).render(view=self, title=shown(title), **content)
        return text.encode()

    @property
    def age(self) -> str:
        """How old the facts are."""
        info = self.model.graph.info
        return age(info.texts, info.as_read)

    def trail(self, kind: str) -> list[tuple[str, str]]:
        """Return the pages above those of things of a kind."""
        return [(place, name) for place, name in self.lists if place == f"{kind}s.html"]

    def href(self, term: Any) -> str:
        """Return the link to the page about a term, to that of its concept for a type; empty when there is none."""
        place = self.model.place(self.model.concepts.get(term, term))
        return f"{self.root}{place}" if place else ""

    def link(self, term: Any, text: str = "") -> Markup:
        """Return a term for people: a thing of the graph as a link to its page, addresses as links, else its text."""
        known = self.model.links
        if (link := known.get((self.root, term, text))) is None:
            if len(known) > _REMEMBERED:  # by strangers' queries
                known.clear()
            link = known[self.root, term, text] = self._link(term, text)
        return link

    def _link(self, term: Any, text: str) -> Markup:
        if isinstance(term, NamedNode) and (href := self.href(term)):
            return Markup('<a href="{}">{}</a>').format(href, shown(text or self.model.name(term)))
        if isinstance(term, NamedNode):
            return external(term.value, text or self.model.name(term))
        if isinstance(term, Literal) and _ADDRESSES.fullmatch(term.value):
            return self.externals(term.value.split("; "))
        return escape(shown(text or self.model.name(term)))

    def named(self, columns: Sequence[str]) -> frozenset[str]:
        """Return the columns of a question whose things are named in the next column, which leads to them then."""
        return frozenset(column for column, after in pairwise(columns) if after == "name")

    def cells(self, columns: Sequence[str], row: Sequence[Any], named: Container[str]) -> Iterator[Markup | str]:
        """Yield the cells of a row for people; columns that are `named` have none."""
        thing = None
        for column, term in zip(columns, row, strict=True):
            if column in named:
                thing = term
            else:
                led_to = term if thing is None else thing
                text = "" if thing is None or term is None else self.model.name(term)
                yield "" if led_to is None else self.link(led_to, text)
                thing = None

    def links(self, terms: Iterable[Any]) -> Markup:
        """Return terms as `link` does, with commas between."""
        return Markup(", ").join(map(self.link, terms))

    def externals(self, addresses: Iterable[str]) -> Markup:
        """Return addresses as links, each with a short name."""
        addresses = [*addresses]
        return Markup(" ").join(map(external, addresses, address_names(addresses)))

    def place(self, iri: str) -> str:
        """Return the place in the site that an IRI leads to."""
        return self.model.place(NamedNode(iri))

    def names(self, terms: Iterable[Any]) -> str:
        """Return the names of terms with commas between, without links."""
        return ", ".join(shown(self.model.name(term)) for term in terms)

    def term(self, property_: NamedNode) -> Markup:
        """Return the name of a property, which leads to what the ontology says about it."""
        return self.link(property_, self.model.property_name(property_))

    def term_named(self, name: str) -> Markup:
        """Return what `term` does of a prefixed name."""
        return self.term(iri(name))

    def reference(self, term: NamedNode) -> Markup:
        """Return a term as a link, a class to what the ontology says about it."""
        if place := self.model.place(term):
            name = self.model.labels.get(term) or shorten(term)
            return Markup('<a href="{}{}">{}</a>').format(self.root, place, shown(name))
        return self.link(term)

    def out(self, term: NamedNode) -> Markup:
        """Return a term by its prefixed name, as a link to its own address."""
        return external(term.value, shorten(term))

    def short(self, term: NamedNode) -> str:
        """Return the prefixed name of a term."""
        return shorten(term)

    def picture(self, picture: Picture) -> Markup:
        """Return a picture; what it links is a page of the site where there is one."""

        def link(found: re.Match[str]) -> str:
            address = unescape(found[1])
            href = self.href(NamedNode(address))
            return str(Markup('<a href="{}">').format(href or address))

        return Markup(_LINK.sub(link, _ODD.sub(_escape, picture.svg())))  # noqa: S704 - it has escaped its texts


def external(address: str, text: str) -> Markup:
    """Return a link that leads out of the site, or the text alone when the address is none of http or https."""
    if not _ADDRESS.fullmatch(address):
        return escape(shown(text))
    return Markup('<a href="{}" rel="external">{}</a>').format(address, shown(text))


def shown(text: str) -> str:
    """Return a text for a page: in one line, and nothing in it that cannot be seen."""
    return readable(Literal(text))


def _seen(value: Any) -> Any:
    """Return what a template puts into a page, of a text with nothing that cannot be seen but blanks."""
    return _ODD.sub(_escape, value) if type(value) is str else value


def _escape(found: re.Match[str]) -> str:
    return visible(found[0], _KEPT)
