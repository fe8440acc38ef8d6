"""Where the files of a graph are, and files that replace others in one step."""

import errno
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from typing import IO

from destgraph import inputs
from destgraph.errors import InputError
from destgraph.vocabulary import BASE

ROOT = "DESTGRAPH_ROOT"
"""The environment variable that names the folder of the graph."""

FOLDERS = {"ontology": "ontology", "schemes": "ontology/schemes", "catalog": "data", "shapes": "ontology/shapes"}
"""The parts of the graph that are kept in files, each with its folder."""


def root() -> Path:
    """Return the folder that holds `ontology`, `data` and `queries`.

    It is inside an installed package; an editable install uses the checkout, so that an edited file is seen. Raises
    InputError when it is nowhere.
    """
    package = Path(__file__).parent
    shipped = package / "_graph"
    folder = shipped if shipped.is_dir() else package.parents[1]
    if not (folder / "ontology").is_dir():
        raise InputError(
            f"{package}: the files of the graph were not found; install it, as it does not run from a zipped wheel"
        )
    return folder


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
        text = inputs.read_bytes(path)
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
        _have_same_bytes(path, contents[1][name]) for name, path in contents[0].items()
    )


def _have_same_bytes(one: Path, other: Path) -> bool:
    """Tell whether two regular files are equal."""
    try:
        return one.stat().st_size == other.stat().st_size and inputs.read_bytes(one) == inputs.read_bytes(other)
    except OSError:
        return False


def turtle(*parts: str, folder: Path | None = None) -> list[Path]:
    """Return the Turtle files of some parts, in a fixed order: of all but the shapes when none is named.

    `folder` is where the parts are, by default the root.
    """
    folders = [(folder or root()) / FOLDERS[part] for part in parts or ("ontology", "schemes", "catalog")]
    return [path for folder in folders for path in sorted(folder.glob("*.ttl"))]


def queries(folder: Path | None = None) -> list[Path]:
    """Return the query files, the rules among them, in a fixed order."""
    return sorted(((folder or root()) / "queries").rglob("*.rq"))


def examples(folder: Path) -> Path:
    """Return the folder with the examples of the shapes of a graph, which has a folder for each that has any."""
    installed = folder / "examples"
    return installed if installed.is_dir() else folder / "tests" / "shapes"


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that takes the place of `path` in one step, when all is written.

    A reader sees the old file or the new one, nothing between; a device or a pipe is written to as it stands. Raises
    InputError when it cannot be written; the old file is then, and after any other error, left as it was.
    """
    place = path.resolve()  # of a link, what it leads to
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        _clear_killed(place)
        with _beside(place, Path.touch) as temporary:
            with temporary.open("wb") as file:
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


@contextmanager
def _beside(place: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Give a new file or folder beside a place, locked, which is removed at the end unless it has been moved."""
    import secrets  # not what the command line pays for to answer a question

    path = place.with_name(_beside_name(place, secrets.token_hex(4)))
    try:
        make(path)
        with _locked(path):
            yield path
    finally:
        _remove(path)


def _beside_name(place: Path, token: str) -> str:
    return f".{place.name}.destgraph-{token}"


def _clear_killed(place: Path) -> None:
    """Remove what stands beside a place, is named as here and locked by no process: a run that was killed left it.

    A folder that it had moved away, to put a new one there, is put back.
    """
    from glob import escape

    for left in place.parent.glob(_beside_name(Path(escape(place.name)), "*")):
        with _locked(left) as locked:
            if locked:
                if (left / "old").exists() and not place.exists():
                    (left / "old").rename(place)
                _remove(left)


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Lock a file or folder, and tell whether that was possible: no one else may hold it, nor Windows be the system."""
    if sys.platform == "win32" or path.is_symlink():
        yield False
        return
    import fcntl

    file = None
    try:
        try:
            file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            locked = True
        except OSError:
            locked = False
        yield locked
    finally:
        if file is not None:
            os.close(file)


def _remove(path: Path) -> None:
    if path.is_dir():
        import shutil  # which brings all kinds of compression

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_files(writers: Mapping[Path, Callable[[IO[bytes]], None]], *, force: bool = False) -> None:
    """Write files, each by its writer, as `replacing` does: none takes its place before all are written.

    Raises InputError when a file exists and `force` is false, or cannot be written; the old files are then all as they
    were.
    """
    for path in writers:
        refuse_existing(path, force=force)
    with ExitStack() as stack:
        for path, write in writers.items():
            file = stack.enter_context(replacing(path))
            write(file)
            file.flush()  # a full disk is found before any file is moved


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise InputError when a file exists and `force` is false."""
    if path.is_file() and not force:
        raise InputError(f"{path}: the file exists; add --force to replace it")


@contextmanager
def replacing_folder(target: Path, *, kind: str, marker: str, force: bool = False) -> Iterator[Path]:
    """Give an empty folder to fill, which becomes `target` in one step when that is done.

    A folder that is there already, and not empty, is replaced if `force`; the file `marker` in it tells that it is one
    of this `kind`. Raises InputError when there is one and `force` is false, when it has no such file, and when
    something cannot be written; what was there is then, and after any other error, as it was.
    """
    target = target.resolve()
    _clear_killed(target)
    exists = target.exists() and (not target.is_dir() or any(target.iterdir()))
    if exists and not (target / marker).is_file():
        raise InputError(f"{target}: exists and is no {kind} folder; name another one")
    if exists and not force:
        raise InputError(f"{target}: the {kind} exists; add --force to replace it")
    try:
        with _beside(target, Path.mkdir) as beside:
            new, old = beside / "new", beside / "old"
            new.mkdir()
            yield new
            try:
                if exists:
                    target.rename(old)
                new.rename(target)
            except BaseException:
                if old.exists():
                    old.rename(target)
                raise
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY) or (exists and error.errno == errno.ENOENT):
            raise InputError(f"{target}: another run has written it meanwhile; look at what it wrote") from None
        raise InputError(f"{target}: {error.strerror}; name a folder that can be written to") from None
