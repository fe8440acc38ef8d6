"""Tables as CSV and Parquet; what they hold is written in `destgraph.export.entities`."""

import csv as comma_separated
import io
from datetime import date
from typing import IO, Any

from destgraph.errors import InputError
from destgraph.export.entities import Row, Table
from destgraph.export.selection import Selection
from destgraph.results import no_formula


def csv(selection: Selection, file: IO[bytes], *, table: Table, excel_safe: bool = False) -> None:
    """Write a table as CSV (RFC 4180) in UTF-8, with a line of column names; what is not stated is an empty cell.

    With `excel_safe`, a cell that a spreadsheet could take for a formula gets an apostrophe in front.
    """
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = comma_separated.writer(text)
    writer.writerow([column.name for column in table.columns])
    for row in table.rows(selection):
        writer.writerow([no_formula(cell) if excel_safe and cell else cell for cell in row])
    text.detach()


def parquet(selection: Selection, file: IO[bytes], *, table: Table) -> None:
    """Write a table as Parquet; what is not stated is null.

    Raises InputError when pyarrow is not installed, and for a date that is none.
    """
    try:
        import pyarrow
        from pyarrow.parquet import write_table
    except ImportError:
        raise InputError("Parquet needs pyarrow; install it with: pip install '.[export]'") from None
    rows = table.rows(selection)
    arrays: dict[str, Any] = {}
    for place, column in enumerate(table.columns):
        if column.dates:
            arrays[column.name] = pyarrow.array([_date(row, place) for row in rows], pyarrow.date32())
        else:
            arrays[column.name] = pyarrow.array([row[place] for row in rows], pyarrow.string())
    write_table(pyarrow.table(arrays), file)


def _date(row: Row, place: int) -> date | None:
    text = row[place]
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"{row[0]}: {text!r} is no date; write it as YYYY-MM-DD, or export CSV") from None
