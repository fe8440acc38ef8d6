"""What all pages of the site have in common: their type, their settings, their templates."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pyoxigraph import Literal, NamedNode

from destgraph.site import places
from destgraph.site.model import Model

_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


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


@cache
def templates() -> Environment:
    """Return the templates of the pages."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment


class View:
    """A graph seen from one page: what its template calls. Links are relative to the page."""

    def __init__(self, model: Model, settings: Settings, path: str) -> None:
        """Take the path of the page from the root of the site."""
        self.model = model
        self.settings = settings
        self.path = path
        self.root = places.root(path)

    def render(self, template: str, title: str, **content: Any) -> bytes:
        """Return the page."""
        text = templates().get_template(template).render(view=self, title=title, **content)
        return text.encode()

    def link(self, term: Any, text: str = "") -> Markup:
        """Return a term for people: a thing of the graph as a link to its page, an address as a link, else its text."""
        model = self.model
        shown = text or model.name(term)
        if isinstance(term, NamedNode) and (place := model.place(model.concepts.get(term, term))):
            return Markup('<a href="{}{}">{}</a>').format(self.root, place, shown)
        address = term.value if isinstance(term, NamedNode | Literal) else ""
        if _ADDRESS.fullmatch(address):
            return Markup('<a href="{}" rel="external">{}</a>').format(address, shown)
        return escape(shown)
