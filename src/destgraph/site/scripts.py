"""What the scripts of the pages load: the engine, the graph, all names, what the search box finds.

It comes as scripts where it can, since a page that was opened as a file can load nothing else.
"""

import base64
import gzip
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pyoxigraph import NamedNode

from destgraph.catalog import search
from destgraph.site.model import Model
from destgraph.vocabulary import PREFIXES, shorten

ASSETS = Path(__file__).parent / "assets"
"""The folder of the scripts, the style sheet, and the files of others that they use."""

_OXIGRAPH = ASSETS / "vendor/oxigraph"
_STEMMER = ASSETS / "vendor/stemmer/stemmer.js"
_CHANGED = {ASSETS / "worker.js", _OXIGRAPH / "web.js", _OXIGRAPH / "web_bg.wasm", _STEMMER}  # loaded in another form
_EXPORT = re.compile(r"^export (?=class|function)", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:class|function) (\w+)", re.MULTILINE)
_EXPORTS = re.compile(r"^export \{ ?([^}]*?) ?\};?$", re.MULTILINE)
_MODULE_WORD = re.compile(r"^(?:import|export)\b|import\.meta", re.MULTILINE)


def _classic(name: str, module: Path) -> str:
    """Return a module that imports nothing as a script that a page or worker of any kind can load.

    What the module exports are the properties of the constant `name`. Raises ValueError for one that is written in
    another way.
    """
    text = module.read_text("utf-8")
    exported = _EXPORTED.findall(text)
    for names in _EXPORTS.findall(text):
        exported += [name for name in names.split(", ") if " as " not in name]
    body = _EXPORTS.sub("", _EXPORT.sub("", text)).replace("import.meta.url", '""')
    if _MODULE_WORD.search(body):
        raise ValueError(f"{module}: it imports, or exports in another way than by a class, a function or a list")
    return f"const {name} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();\n"


def _worker() -> bytes:
    """Return the program of the worker: the engine, and what answers messages."""
    own = (ASSETS / "worker.js").read_text("utf-8")
    return f'"use strict";\n{_classic("oxigraph", _OXIGRAPH / "web.js")}{own}'.encode()


@cache
def _engine() -> bytes:
    """Return the engine, compressed."""
    return gzip.compress((_OXIGRAPH / "web_bg.wasm").read_bytes(), mtime=0)


def _graph(model: Model) -> bytes:
    """Return all triples as N-Triples, compressed."""
    lines = sorted({f"{triple} .\n" for triple in model.triples})
    return gzip.compress("".join(lines).encode(), mtime=0)


def _bundle(model: Model) -> bytes:
    """Return the worker, the engine and the graph as one script."""
    parts: Mapping[str, str] = {
        "worker": _worker().decode(),
        "wasm": base64.b64encode(_engine()).decode(),
        "graph": base64.b64encode(_graph(model)).decode(),
    }
    return _provided("bundle", parts)


def _names(model: Model) -> dict[str, Any]:
    """Return the prefixes, and everything that has a page or an element in one: prefixed name or IRI, name, place."""
    named = ((term, model.place(model.concepts.get(term, term))) for term in {*model.labels, *model.concepts})
    return {
        "prefixes": PREFIXES,
        "things": sorted((shorten(term), model.name(term), place) for term, place in named if place),
    }


def _documents(model: Model) -> dict[str, Any]:
    """Return what the search box finds, what a word found in each field weighs, and the words that it passes over."""
    found = [
        {
            "kind": document.kind,
            "place": model.place(NamedNode(document.iri)),
            "title": document.name,
            **{field: "\n".join(texts) for field, texts in document.texts.items()},
        }
        for document in search.documents(model.select, [*model.graph.questions.values()])
    ]
    return {"fields": search.FIELDS, "stopWords": sorted(search.STOP_WORDS), "documents": found}


def _provided(name: str, value: Any) -> bytes:
    """Return the script that gives a value to the other scripts."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"destgraph.provide({json.dumps(name)}, {content});\n".encode()


FILES: Mapping[str, Path] = MappingProxyType(
    {
        path.relative_to(ASSETS).as_posix(): path
        for path in sorted(ASSETS.rglob("*"))
        if path.is_file() and path not in _CHANGED
    }
)
"""The files that pages load as they are, by their path below `assets/`."""

MADE: Mapping[str, Callable[[Model], bytes]] = MappingProxyType(
    {
        "bundle.js": _bundle,
        "documents.js": lambda model: _provided("documents", _documents(model)),
        "graph.nt.gz": _graph,
        "names.js": lambda model: _provided("names", _names(model)),
        "oxigraph.wasm.gz": lambda _: _engine(),
        "stemmer.js": lambda _: _classic("stemmer", _STEMMER).encode(),
        "worker.js": lambda _: _worker(),
    }
)
"""What makes the others, by the same."""
