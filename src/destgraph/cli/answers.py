"""How an answer is printed, or written to a file, and the options that say how."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from destgraph import files
from destgraph.cli import output
from destgraph.cli.common import Choice, excel_safe, force
from destgraph.errors import InputError
from destgraph.results import Solutions, Triples
from destgraph.wording import age, count, suggestion, visible

TABLES = ["table", "csv", "tsv", "json", "records", "markdown"]
_OF_SUFFIX = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".md": "markdown", ".ttl": "turtle"}
_WIDTH = 80  # where nothing is known of what shows the answer


class Form(NamedTuple):
    """What the options say about the form of an answer."""

    format_: str | None
    path: Path | None
    force: bool
    excel_safe: bool
    columns: str | None
    wide: bool
    vertical: bool

    def check(self) -> None:
        """Raise InputError when the options do not go together, or the file exists."""
        if self.excel_safe and self.format_ != "csv":
            raise InputError(f"--excel-safe is for csv, not for {self.format_ or 'this form'}; add --format csv")
        for name, is_given in (("wide", self.wide), ("vertical", self.vertical)):
            if is_given and self.format_ not in (None, "table"):
                raise InputError(f"--{name} is for tables, not for {self.format_}; leave out one of the two")
        if self.wide and self.vertical:
            raise InputError("--wide is one line a row, --vertical many; leave out one of the two")
        if self.path is not None:
            files.refuse_existing(self.path, force=self.force)


def answer_options(*formats: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options that say how an answer is printed, which the command takes as one `form`."""
    options = [
        click.option(
            "--format", "format_", type=Choice([*TABLES, *formats]), help="How to print the answer, if not as the"
            " suffix of the file says: json is W3C SPARQL results with types and languages, records plain rows.",
        ),
        click.option("-o", "--output", "path", type=click.Path(path_type=Path), metavar="FILE",
                     help="File to write instead of standard output."),
        force,
        excel_safe,
        click.option("--columns", metavar="NAME,...", help="Only these columns, in this order."),
        click.option("--wide", is_flag=True, help="In a table, one line a row, however long."),
        click.option("--vertical", is_flag=True, help="In a table, a line for each value of a row."),
    ]  # fmt: skip

    def add(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def printing(**given: Any) -> None:
            form = Form(*map(given.pop, Form._fields))
            if (
                form.format_ is None
                and form.path is not None
                and _OF_SUFFIX.get(form.path.suffix) in (*TABLES, *formats)
            ):
                form = form._replace(format_=_OF_SUFFIX[form.path.suffix])
            form.check()
            command(form=form, **given)

        for option in reversed(options):
            printing = option(printing)
        return printing

    return add


def print_answer(
    answer: bool | Solutions | Triples,
    form: Form,
    limit: AbstractContextManager[None] = nullcontext(),  # noqa: B008 - it has no state
) -> None:
    """Print an answer of any query form, or write it to a file; `limit` is on the making of the text.

    Raises InputError for a format that the form does not have, for a column that the answer does not have, and for a
    file that cannot be written.
    """
    if form.columns is not None:
        answer = _chosen(answer, form.columns)
    terminal = form.path is None and sys.stdout.isatty()  # where a line break in a text would look like a line
    with limit:
        text = _as_text(answer, form, terminal)
    if form.path is not None:
        with files.replacing(form.path) as file:
            file.write((text if isinstance(text, str) else output.plain(text)).encode())
    elif not isinstance(text, str):
        output.write_lines(text)
    elif form.format_ in (None, "markdown") and not isinstance(answer, Triples):
        output.write(text)
    else:
        output.write_data(text)
    if isinstance(answer, Solutions):
        for note in answer.notes:
            output.tell(note)


def _chosen(answer: bool | Solutions | Triples, columns: str) -> Solutions:
    """Return an answer with some of its columns."""
    names = [name.strip() for name in columns.split(",")]
    if not isinstance(answer, Solutions):
        raise InputError("--columns is for rows; leave it out, as this form of query gives none")
    for name in names:
        if name not in answer.columns:
            raise InputError(f"no column {name!r}; {suggestion(name, answer.columns)}")
    return answer.with_columns(names)


def _as_text(answer: bool | Solutions | Triples, form: Form, terminal: bool) -> str | list[output.Line]:
    if isinstance(answer, bool):
        _only(form.format_, "table", "json")
        yes = "true" if answer else "false"
        return f'{{"head": {{}}, "boolean": {yes}}}\n' if form.format_ == "json" else f"{yes}\n"
    if isinstance(answer, Triples):
        _only(form.format_, "turtle")
        return answer.to_turtle(escaped=terminal)
    _only(form.format_, *TABLES)
    match form.format_:
        case "csv" if terminal:
            return answer.to_csv(excel_safe=form.excel_safe, cell=visible)
        case "csv":
            return answer.to_csv(excel_safe=form.excel_safe)
        case "tsv":
            return answer.to_tsv()
        case "json":
            return answer.to_json()
        case "records":
            import json

            return json.dumps(answer.to_records(), ensure_ascii=False, indent=1, default=str) + "\n"
    from destgraph.rendering import tables

    if form.format_ == "markdown":
        return tables.markdown(answer) + "\n"
    footer = ", ".join(filter(None, [count(len(answer), "row"), age(answer.texts, answer.as_read[:7]), answer.own]))
    lines = tables.lines(answer, None if form.wide else width(_WIDTH), vertical=form.vertical)
    return [*lines, (tables.ASIDE, footer)]


def _only(format_: str | None, *possible: str) -> None:
    if format_ not in (None, *possible):
        raise InputError(f"this form of query cannot be printed as {format_}; use {' or '.join(possible)}")


def tell_no_rows(why: Sequence[str] = ()) -> None:
    """Say that an answer is empty, which is no error, and why if that is known."""
    output.tell(f"no rows: {'; '.join(filter(None, why)) or 'nothing in the graph matches'}")


def width(unknown: int) -> int:
    """Return how many columns there are: those that COLUMNS tells, else those of the terminal; `unknown` of neither."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told):
        return int(told)
    return os.get_terminal_size().columns or unknown if sys.stdout.isatty() else unknown
