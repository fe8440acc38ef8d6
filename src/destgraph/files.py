"""Where the graph's files are, and how other files come to be."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def root() -> Path:
    """Return the folder that holds `ontology`, `data` and `queries`.

    It is inside an installed package; an editable install uses the checkout, so that an edited file is seen.
    """
    package = Path(__file__).parent
    shipped = package / "_graph"
    return shipped if shipped.is_dir() else package.parents[1]


def turtle() -> list[Path]:
    """Return the Turtle files of ontology, concept schemes and catalog, in a fixed order; the shapes are left out."""
    folder = root()
    return [path for part in ("ontology", "ontology/schemes", "data") for path in sorted((folder / part).glob("*.ttl"))]


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Give a file to write that takes the place of `path` in one step, when all is written.

    A reader sees the old file or the new one, nothing between. Raises OSError when the folder cannot be written to;
    the old file is then, and after any other error, left as it was.
    """
    import tempfile  # not what the command line pays for to answer a question

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise
