"""The graph for other tools: RDF, JSON-LD, tables, and a property graph.

A `Selection` says what is written, a `Format` how; both ends are the same for every format.
"""

import gzip as gzipping
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO

from destgraph import files
from destgraph.errors import InputError
from destgraph.export import graphml, jsonld, rdf, tables
from destgraph.export.selection import GRAPHS, PARTS, SKOS, Selection, select
from destgraph.stores.memory import KnowledgeGraph

__all__ = [
    "EXCEL_CSV",
    "FORMATS",
    "GRAPHS",
    "PARTS",
    "SKOS",
    "Format",
    "Selection",
    "export",
    "format_of",
    "inferred",
    "select",
    "write",
]

Writer = Callable[[Selection, IO[bytes]], None]


@dataclass(frozen=True)
class Format:
    """A format: `suffix` of its files, their `media_type`, and by name of file, without suffix, what writes it.

    A format of several files, such as one table an entity, is written into a folder. A writer raises InputError for
    a selection that its format cannot hold.
    """

    name: str
    suffix: str
    media_type: str
    writers: Mapping[str, Writer]


def _single(name: str, suffix: str, media_type: str, writer: Writer) -> Format:
    return Format(name, suffix, media_type, {"destgraph": writer})


def _tables(name: str, suffix: str, media_type: str, writer: Callable[..., None]) -> Format:
    return Format(name, suffix, media_type, {n: partial(writer, table=t) for n, t in tables.TABLES.items()})


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        format_.name: format_
        for format_ in (
            _single("turtle", ".ttl", "text/turtle", rdf.turtle),
            _single("ntriples", ".nt", "application/n-triples", rdf.ntriples),
            _single("nquads", ".nq", "application/n-quads", rdf.nquads),
            _single("trig", ".trig", "application/trig", rdf.trig),
            _single("rdfxml", ".rdf", "application/rdf+xml", rdf.rdfxml),
            _single("jsonld", ".jsonld", "application/ld+json", jsonld.jsonld),
            Format("context", ".jsonld", "application/ld+json", {"context": jsonld.context}),
            _single("graphml", ".graphml", "application/graphml+xml", graphml.graphml),
            _tables("csv", ".csv", "text/csv", tables.csv),
            _tables("parquet", ".parquet", "application/vnd.apache.parquet", tables.parquet),
        )
    }
)
"""The formats by name."""

EXCEL_CSV = _tables("csv", ".csv", "text/csv", partial(tables.csv, excel_safe=True))
"""CSV in which no cell begins like a formula."""


def format_of(target: Path) -> Format:
    """Return the format that the end of a file's name stands for, `.gz` aside; Turtle for a folder or no suffix.

    Raises InputError when it stands for none.
    """
    suffix = (target.with_suffix("") if target.suffix == ".gz" else target).suffix.lower()
    if not suffix or target.is_dir():
        return FORMATS["turtle"]
    for format_ in FORMATS.values():
        if format_.suffix == suffix:
            return format_
    known = ", ".join(dict.fromkeys(format_.suffix for format_ in FORMATS.values()))
    raise InputError(f"{target}: {suffix} is no suffix of a format; add --format, or use one of {known}")


def export(selection: Selection, format_: Format, target: Path, gzip: bool = False, force: bool = False) -> list[Path]:
    """Write a selection in a format, and return the files that were written.

    `target` is a folder that exists, or any folder for a format of several files; else the file to write, compressed
    if `gzip`. Raises InputError when a file exists and `force` is false, when it cannot be written, and for what the
    format cannot hold; the old files are then all as they were.
    """
    stems = [*format_.writers]
    if target.is_dir() or len(stems) > 1:
        if target.is_file() or (target.suffix == format_.suffix and not target.is_dir()):
            raise InputError(f"{target}: {format_.name} is several files; name a folder, and add --format")
        try:
            target.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"{target}: {error.strerror}; name a folder that can be written") from None
        paths = [target / f"{stem}{format_.suffix}{'.gz' if gzip else ''}" for stem in stems]
    else:
        paths = [target]

    def writing(writer: Writer) -> Callable[[IO[bytes]], None]:
        return lambda file: compressed(selection, writer, file) if gzip else writer(selection, file)

    write(dict(zip(paths, map(writing, format_.writers.values()), strict=True)), force)
    return paths


def compressed(selection: Selection, writer: Writer, file: IO[bytes]) -> None:
    """Write gzip (RFC 1952) without a name or a time, so that the same selection gives the same bytes."""
    with gzipping.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        writer(selection, packed)  # type: ignore[arg-type]  # it is an IO[bytes] in all but name


def write(targets: Mapping[Path, Callable[[IO[bytes]], None]], force: bool = False) -> None:
    """Write files in one step each: a reader sees the old file or the new one, nothing between.

    Each file is written beside its place, and all are moved there once they are complete; a device or a pipe is
    written to as it stands. Raises InputError when a file exists and `force` is false, or cannot be written; the old
    files are then as they were.
    """
    for path in targets:
        if path.is_file() and not force:
            raise InputError(f"{path}: the file exists; add --force to replace it")
    with ExitStack() as stack:
        for path, writer in targets.items():
            file = stack.enter_context(files.replacing(path))
            writer(file)
            file.flush()  # a full disk is found before any file is moved


def inferred(graph: KnowledgeGraph) -> str:
    """Return the inferred triples of `graph` as Turtle."""
    return rdf.turtle_text(graph.inferred)
