"""The pages of a release: HTML that needs no other file, no script and no network, from the files in `templates`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from destgraph.release.changes import CHANGE_KINDS, Changes
from destgraph.release.metadata import File, Release
from destgraph.release.void import Figures
from destgraph.stores.memory import KnowledgeGraph
from destgraph.validation.findings import Rule

_LICENSES = {"https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0"}


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
    environment.filters["bytes"] = _bytes
    environment.filters["license"] = lambda iri: _LICENSES.get(iri, iri)
    return environment


def index_page(
    templates: Environment,
    release: Release,
    graph: KnowledgeGraph,
    counts: Figures,
    files: Mapping[str, Sequence[File]],
    schema: Mapping[str, Any],
    changes: Changes | None,
) -> str:
    """Return the page of a release.

    `files` gives the files below each heading, `schema` the description in schema.org terms, for search engines.
    """
    info = graph.info
    numbers = {
        "destinations": info.destinations,
        "connections": info.connections,
        "extensions": info.extensions,
        "triples": counts.triples,
        "triples inferred": info.inferred,
        "classes used": len(counts.classes),
        "properties used": len(counts.properties),
        "questions": len(graph.questions),
    }
    return templates.get_template("index.html").render(
        release=release,
        numbers={name: f"{number:,}" for name, number in numbers.items()},
        picture=graph.hierarchy().svg().strip(),
        changes=changes,
        change_kinds=CHANGE_KINDS,
        files=files,
        schema=schema,
    )


def rules_page(templates: Environment, release: Release, rules: Iterable[Rule]) -> str:
    """Return the page that the help links of findings lead to: each rule under its id."""
    return templates.get_template("rules.html").render(release=release, rules=rules)


def _bytes(size: int) -> str:
    if size >= 1e6:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e3:.1f} kB" if size >= 1e3 else f"{size} B"
