"""Where the files of a graph are, and files that replace others in one step."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import IO

from destgraph.errors import InputError
from destgraph.vocabulary import BASE

ROOT = "DESTGRAPH_ROOT"
"""The environment variable that names the folder of the graph."""

PARTS = {"ontology": "ontology", "schemes": "ontology/schemes", "catalog": "data", "shapes": "ontology/shapes"}
"""The parts of the graph that are kept in files, each with its folder."""


def root() -> Path:
    """Return the folder that holds `ontology`, `data` and `queries`.

    It is inside an installed package; an editable install uses the checkout, so that an edited file is seen.
    """
    package = Path(__file__).parent
    shipped = package / "_graph"
    return shipped if shipped.is_dir() else package.parents[1]


def tree(start: Path) -> Path | None:
    """Return the nearest folder at or above `start` that holds a graph of destgraph, or None.

    It has the folders `ontology`, `data` and `queries`, and a file in `ontology` with the header of the ontology.
    """
    return next(filter(is_tree, (start, *start.parents)), None)


def is_tree(folder: Path) -> bool:
    """Tell whether a folder holds a graph of destgraph."""
    return all((folder / part).is_dir() for part in ("data", "queries", "ontology")) and any(
        _has_header(path) for path in (folder / "ontology").glob("*.ttl")
    )


def _has_header(path: Path) -> bool:
    """Tell whether a Turtle file has the header of the ontology; found as text, for it may have errors elsewhere."""
    try:
        text = path.read_bytes()
    except OSError:
        return False
    return f"<{BASE}ontology>".encode() in text and b"owl:Ontology" in text


def chosen_root(given: str | PathLike[str] | None = None) -> Path:
    """Return the folder of the graph that was `given`, or that DESTGRAPH_ROOT names, else the installed one.

    Raises InputError when the folder named holds no graph.
    """
    named = given if given is not None else os.environ.get(ROOT) or None
    if named is None:
        return root()
    folder = Path(named).resolve()
    if not is_tree(folder):
        raise InputError(f"{named}: holds no graph of destgraph (ontology, data and queries); name its folder")
    return folder


def same_graph(one: Path, other: Path) -> bool:
    """Tell whether two folders hold the same files of a graph, byte for byte."""
    if one == other:
        return True
    contents = [
        {path.relative_to(folder): path for path in (*turtle(folder=folder), *queries(folder))}
        for folder in (one, other)
    ]
    return contents[0].keys() == contents[1].keys() and all(
        path.stat().st_size == contents[1][name].stat().st_size and path.read_bytes() == contents[1][name].read_bytes()
        for name, path in contents[0].items()
    )


def turtle(*parts: str, folder: Path | None = None) -> list[Path]:
    """Return the Turtle files of some of PARTS, in a fixed order: of all but the shapes when none is named.

    `folder` is where the parts are, by default the root.
    """
    folders = [(folder or root()) / PARTS[part] for part in parts or ("ontology", "schemes", "catalog")]
    return [path for folder in folders for path in sorted(folder.glob("*.ttl"))]


def queries(folder: Path | None = None) -> list[Path]:
    """Return the query files, the rules among them, in a fixed order."""
    return sorted(((folder or root()) / "queries").rglob("*.rq"))


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that takes the place of `path` in one step, when all is written.

    A reader sees the old file or the new one, nothing between; a device or a pipe is written to as it stands. Raises
    InputError when it cannot be written; the old file is then, and after any other error, left as it was.
    """
    import secrets  # not what the command line pays for to answer a question

    place = path.resolve()  # of a link, what it leads to
    temporary = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        with temporary.open("xb") as file:
            if path.exists():
                temporary.chmod(path.stat().st_mode)  # what was private stays so
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(place)
    except (ConnectionError, TimeoutError):  # of where the content comes from
        raise
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a file in a folder that can be written") from None
    finally:
        temporary.unlink(missing_ok=True)
