"""Parts of the graph written for other tools."""

import os
import tempfile
from pathlib import Path

from pyoxigraph import RdfFormat, serialize

from destgraph.graph import KnowledgeGraph
from destgraph.prefixes import PREFIXES


def inferred(graph: KnowledgeGraph) -> str:
    """Return the inferred triples of `graph` as Turtle."""
    used = {name: PREFIXES[name] for name in ("agreement", "destination", "dg", "type")}
    return (serialize(graph.inferred, format=RdfFormat.TURTLE, prefixes=used) or b"").decode()


def write(text: str, path: Path) -> None:
    """Write `text` to `path` in one step: a reader sees the old file or the new one, nothing between.

    Raises OSError when the folder cannot be written to; the old file is then left as it was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise
