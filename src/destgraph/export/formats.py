"""The formats that a selection of the graph can be written in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO

from destgraph.errors import InputError
from destgraph.export import graphml, jsonld, rdf, tables
from destgraph.export.entities import TABLES
from destgraph.export.selection import Selection
from destgraph.wording import suggestion

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
    return Format(name, suffix, media_type, {n: partial(writer, table=table) for n, table in TABLES.items()})


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


def named_format(name: str) -> Format:
    """Return the format called `name`; raises InputError, with similar names, when there is none."""
    if name not in FORMATS:
        raise InputError(f"no format {name!r}; {suggestion(name, FORMATS)}")
    return FORMATS[name]


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
