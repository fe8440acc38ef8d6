"""`destgraph sparql`: a free SPARQL query."""

from dataclasses import replace
from pathlib import Path

import click

import destgraph
from destgraph import inputs, results
from destgraph.cli.common import (
    FORMAT_HELP,
    TABLES,
    Choice,
    Source,
    asked_graph,
    excel_safe,
    only_csv,
    print_answer,
    tell_no_rows,
)
from destgraph.cli.output import query_input
from destgraph.errors import ReachingError
from destgraph.stores.processes import Clock
from destgraph.stores.queryable import MEMORY


@click.command(short_help="Answer any SPARQL query.")
@click.argument("query", required=False)
@click.option("-f", "--file", "path", type=click.Path(path_type=Path), help="File with the query.")
@click.option("--format", "format_", type=Choice([*TABLES, "turtle"]), help=FORMAT_HELP)
@click.option("--federate", is_flag=True, help="Allow SERVICE, and FROM in a store, which reach other data.")
@click.option("--memory", type=click.IntRange(min=1), default=MEMORY, show_default=True,
              help="Megabytes that the query may take, and its answer, unless a store answers.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write instead of standard output.")
@excel_safe
@asked_graph
def sparql(
    query: str | None,
    path: Path | None,
    format_: str | None,
    federate: bool,
    memory: int,
    output: Path | None,
    excel_safe: bool,
    source: Source,
) -> None:
    """Answer a SPARQL QUERY given as text, in a file or on standard input.

    The prefixes of the graph need no declaration. SELECT prints a table, CONSTRUCT and DESCRIBE print Turtle, ASK
    prints true or false. From a store, with --output and the format csv, tsv or json, the rows of a SELECT go to the
    file one by one, so there may be millions; the file appears when the last has come.
    """
    if path is not None:
        query = inputs.read_query(path)
    graph = source.open()
    text = query.removeprefix("\ufeff") if query is not None else query_input()
    only_csv(excel_safe, format_)
    clock = Clock(source.timeout)
    try:
        if output is not None and format_ in results.WRITERS:
            written = "excel-csv" if excel_safe else format_
            if not graph.save(text, output, written, timeout=source.timeout, memory=memory, federate=federate):
                tell_no_rows()
            return
        answer = graph.query(text, timeout=source.timeout, memory=memory, federate=federate)
    except ReachingError as error:
        raise destgraph.InputError(f"{error}; allow it with --federate") from None
    if isinstance(answer, destgraph.Solutions) and format_ in (None, "table"):
        answer = replace(answer, as_read=graph.as_read, texts=graph.texts)
    print_answer(answer, format_, output, excel_safe=excel_safe, limit=clock.alarm())
