"""What of a folder is read: the regular files in it, and nothing that a link could lead to elsewhere."""

import errno
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from destgraph import files, inputs


class Refused(NamedTuple):
    """Why something is not opened; `lost` tells whether more would be known if it were."""

    reason: str
    lost: bool = True


Refusals = dict[Path, Refused]


def refusal(path: Path, folder: Path) -> str | None:
    """Return why a path in a folder is not to be opened, or None; whether it can be opened shows when that is done."""
    try:
        real = Path(os.path.realpath(path, strict=True))
        status = real.stat()
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ELOOP):
            return None
        where = "to itself" if error.errno == errno.ELOOP else "nowhere"
        return f"a link that leads {where} is not followed; put a file in its place"
    if not real.is_relative_to(folder):
        return "a link that leads out of the folder is not followed; put what it leads to in its place"
    if not stat.S_ISREG(status.st_mode):
        return f"{inputs.kind(status)} is not read; put a regular file in its place"
    return None


def walked(folder: Path, is_read: Callable[[Path], bool], refused: Refusals) -> list[Path]:
    """Return the files in a folder, at any depth, of those that are meant, and note what is refused."""
    refused |= _linked(folder, folder)
    return noted((path for path in sorted(folder.rglob("*")) if is_read(path) and not path.is_dir()), folder, refused)


class Tree(NamedTuple):
    """The files of a graph: Turtle, shapes and queries. What is read beside rules is noted with them, not listed."""

    turtle: list[Path]
    shapes: list[Path]
    queries: list[Path]


def tree(folder: Path, refused: Refusals) -> Tree:
    """Return the files of the graph in a folder, and note what is refused."""
    for part in ("ontology", "data", "queries"):
        refused |= _linked(folder / part, folder)
    away = [path for path, why in refused.items() if why.lost]

    def listed(paths: Iterable[Path]) -> list[Path]:
        return noted((path for path in paths if not any(map(path.is_relative_to, away))), folder, refused)

    listed(path for suffix in ("toml", "ttl") for path in sorted((folder / "queries").rglob(f"*.{suffix}")))
    turtle, shapes = files.turtle(folder=folder), files.turtle("shapes", folder=folder)
    return Tree(listed(turtle), listed(shapes), listed(files.queries(folder)))


def noted(paths: Iterable[Path], folder: Path, refused: Refusals) -> list[Path]:
    """Return the paths, and note those that are not to be opened, for they are no files in the folder."""
    kept = [*paths]
    refused |= {path: Refused(reason) for path in kept if (reason := refusal(path, folder))}
    return kept


def _linked(start: Path, folder: Path) -> Refusals:
    """Return the links to folders, at a path or below: those below are not followed, wherever they lead."""
    outside = Refused("a link that leads out of the folder is not followed; put a folder in its place")
    inside = Refused("a link to a folder is not followed; what is there is read where it is", lost=False)
    found: Refusals = {}
    for path in (start, *sorted(start.rglob("*"))):
        if path.is_symlink() and path.is_dir():
            if not Path(os.path.realpath(path)).is_relative_to(folder):
                found[path] = outside
            elif path != start:
                found[path] = inside
    return found
