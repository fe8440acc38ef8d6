"""TODO The graph in $name, for whom."""

from typing import IO

from destgraph.export.selection import Selection


def $name(selection: Selection, file: IO[bytes]) -> None:
    """Write a selection: TODO how a statement is written."""
    for triple in selection.triples():
        file.write(f"{triple}\n".encode())
