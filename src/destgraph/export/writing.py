"""Write what is selected of the graph to a file, a folder or a stream."""

from collections.abc import Callable, Iterable, Mapping
from gzip import GzipFile
from os import PathLike
from pathlib import Path
from typing import IO, cast

from destgraph import files
from destgraph.errors import InputError
from destgraph.export.formats import EXCEL_CSV, Format, Writer, format_of, named_format
from destgraph.export.selection import PARTS, Selection, select


def write_export(
    target: str | PathLike[str] | IO[bytes],
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line
    parts: str | Iterable[str] = PARTS,
    schemes: str | Iterable[str] = (),
    types: str | Iterable[str] = (),
    categories: str | Iterable[str] = (),
    question: str | None = None,
    parameters: Mapping[str, str | Iterable[str]] | None = None,
    data: Iterable[str | PathLike[str]] = (),
    root: str | PathLike[str] | None = None,
    gzip: bool = False,
    excel_safe: bool = False,
    force: bool = False,
) -> list[Path]:
    """Write the graph, parts of it, or some destinations, for other tools, and return the files that were written.

    `target` is a file, a folder or a binary stream; without `format` the suffix of its name says which, see
    docs/export.md. `parts` are some of ontology, schemes, catalog, inferred and shapes, or skos, with some `schemes` or
    all. Destinations are chosen by `types`, by `categories`, and by a canned `question` with its `parameters`; of
    several of these all must hold. `data` and `root` are those of `destgraph.load`. `gzip` compresses, as a name that
    ends in .gz does; with `excel_safe` no cell of CSV begins like a formula; files that exist are replaced only with
    `force`. Raises InputError for what is not known, cannot be read, written or held by the format, and when nothing
    is chosen; the old files are then as they were.
    """
    path = None if hasattr(target, "write") else Path(target)
    chosen = named_format(format) if format else format_of(path or Path())
    if excel_safe:
        if chosen.name != "csv":
            raise InputError(f"--excel-safe is for csv, not for {chosen.name}")
        chosen = EXCEL_CSV
    questions: list[tuple[str, Mapping[str, str | Iterable[str]]]] = []
    if types:
        questions.append(("destinations-of-type", {"type": types}))
    if categories:
        questions.append(("destinations-in-category", {"category": categories}))
    if question:
        questions.append((question, parameters or {}))
    elif parameters:
        raise InputError(f"parameters {', '.join(parameters)} belong to no question; name it")
    selection = select(_several(parts), data, questions, _several(schemes), root)
    if path is None:
        write_stream(selection, chosen, cast("IO[bytes]", target), gzip=gzip)
        return []
    return write_selection(selection, chosen, path, gzip=gzip or path.suffix == ".gz", force=force)


def write_selection(
    selection: Selection, format_: Format, target: Path, *, gzip: bool = False, force: bool = False
) -> list[Path]:
    """Write a selection in a format, and return the files that were written.

    `target` is a folder that exists, or any folder for a format of several files; else the file to write, compressed
    if `gzip`. Raises InputError when a file exists and `force` is false, when it cannot be written, and for what the
    format cannot hold; the old files are then all as they were.
    """
    several = len(format_.writers) > 1
    if several and (target.is_file() or (target.suffix == format_.suffix and not target.is_dir())):
        raise InputError(f"{target}: {format_.name} is several files; name a folder, and add --format")
    if several:
        try:
            target.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"{target}: {error.strerror}; name a folder that can be written") from None
    writers: dict[Path, Callable[[IO[bytes]], None]] = {}
    for stem, writer in format_.writers.items():
        path = target / f"{stem}{format_.suffix}{'.gz' if gzip else ''}" if target.is_dir() else target
        writers[path] = _filling(selection, writer, gzip=gzip)
    files.write_files(writers, force=force)
    return [*writers]


def write_stream(selection: Selection, format_: Format, file: IO[bytes], *, gzip: bool = False) -> None:
    """Write a selection to a stream.

    Raises InputError for a format of several files, and for what the format cannot hold.
    """
    if len(format_.writers) > 1:
        raise InputError(f"{format_.name} is several files; name a folder with -o")
    (writer,) = format_.writers.values()
    _filling(selection, writer, gzip=gzip)(file)


def packed(file: IO[bytes]) -> IO[bytes]:
    """Return a file whose content goes to `file` as gzip (RFC 1952).

    There is no name and no time in it, so that the same content gives the same bytes.
    """
    return cast("IO[bytes]", GzipFile(filename="", mode="wb", fileobj=file, mtime=0))


def _filling(selection: Selection, writer: Writer, *, gzip: bool) -> Callable[[IO[bytes]], None]:
    """Return what writes a selection to a file that is open."""

    def fill(file: IO[bytes]) -> None:
        if gzip:
            with packed(file) as packing:
                writer(selection, packing)
        else:
            writer(selection, file)

    return fill


def _several(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
