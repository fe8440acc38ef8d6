"""Where the graph's files are, how they are read, and how other files come to be."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from destgraph.errors import InputError

PARTS = {"ontology": "ontology", "schemes": "ontology/schemes", "catalog": "data", "shapes": "ontology/shapes"}
"""The parts of the graph that are kept in files, each with its folder."""


def root() -> Path:
    """Return the folder that holds `ontology`, `data` and `queries`.

    It is inside an installed package; an editable install uses the checkout, so that an edited file is seen.
    """
    package = Path(__file__).parent
    shipped = package / "_graph"
    return shipped if shipped.is_dir() else package.parents[1]


def turtle(*parts: str, folder: Path | None = None) -> list[Path]:
    """Return the Turtle files of some of PARTS, in a fixed order: of all but the shapes when none is named.

    `folder` is where the parts are, by default the root.
    """
    folders = [(folder or root()) / PARTS[part] for part in parts or ("ontology", "schemes", "catalog")]
    return [path for folder in folders for path in sorted(folder.glob("*.ttl"))]


def queries(folder: Path | None = None) -> list[Path]:
    """Return the query files, the checks among them, in a fixed order."""
    return sorted(((folder or root()) / "queries").rglob("*.rq"))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a Turtle file is read into InputError with file, line and column."""
    try:
        yield
    except SyntaxError as error:
        place, _, what = error.msg.partition(": ")  # "Parser error between line 1 column 2 and line 3 column 4: ..."
        what = what if place.startswith("Parser error") else error.msg
        raise InputError(f"{path}:{error.lineno}:{error.offset}: {what}; correct the Turtle") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a Turtle file that can be read") from None


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
