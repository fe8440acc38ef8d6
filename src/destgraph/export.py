"""Parts of the graph written for other tools."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pyoxigraph import RdfFormat, serialize

from destgraph.graph import KnowledgeGraph
from destgraph.prefixes import PREFIXES


def inferred(graph: KnowledgeGraph) -> str:
    """Return the inferred triples of `graph` as Turtle."""
    used = {name: PREFIXES[name] for name in ("agreement", "destination", "dg", "type")}
    return (serialize(graph.inferred, format=RdfFormat.TURTLE, prefixes=used) or b"").decode()


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Give a file to write that takes the place of `path` in one step, when all is written.

    A reader sees the old file or the new one, nothing between. Raises OSError when the folder cannot be written to;
    the old file is then, and after any other error, left as it was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def write(text: str, path: Path) -> None:
    """Write `text` to `path` in one step, as `replacing` does."""
    with replacing(path) as file:
        file.write(text)
