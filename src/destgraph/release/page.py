"""The page of a release about its files, with the frame of the site's pages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from destgraph.release.changes import CHANGE_KINDS, Changes
from destgraph.release.metadata import File, Release
from destgraph.release.void import Figures
from destgraph.site.frame import STATIC, View, templates
from destgraph.site.model import Model
from destgraph.stores.memory import KnowledgeGraph

PATH = "data.html"
"""The path of the page, which stands for the one that the site has there."""


def files_page(
    release: Release,
    graph: KnowledgeGraph,
    counts: Figures,
    files: Mapping[str, Sequence[File]],
    schema: Mapping[str, Any],
    changes: Changes | None,
) -> str:
    """Return the page about the files of a release.

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
    environment = templates(Path(__file__).parent / "templates")
    environment.filters["bytes"] = _bytes
    return environment.get_template("files.html").render(
        view=View(Model(graph), STATIC, PATH),
        title="Data",
        release=release,
        numbers={name: f"{number:,}" for name, number in numbers.items()},
        changes=changes,
        change_kinds=CHANGE_KINDS,
        files=files,
        schema=schema,
    )


def _bytes(size: int) -> str:
    if size >= 1e6:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e3:.1f} kB" if size >= 1e3 else f"{size} B"
