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


@click.command(short_help="Answer any SPARQL query.")
@click.argument("query", required=False)
@click.option("-f", "--file", "path", type=click.Path(path_type=Path), help="File with the query.")
@click.option("--format", "format_", type=Choice([*TABLES, "turtle"]), help=FORMAT_HELP)
@click.option("--federate", is_flag=True, help="Allow SERVICE and FROM, which reach the network.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write instead of standard output.")
@excel_safe
@asked_graph
def sparql(
    query: str | None,
    path: Path | None,
    format_: str | None,
    federate: bool,
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
    if output is not None and format_ in results.WRITERS:
        if not graph.save(
            text, output, "excel-csv" if excel_safe else format_, timeout=source.timeout, federate=federate
        ):
            tell_no_rows()
        return
    answer = graph.query(text, timeout=source.timeout, federate=federate)
    if isinstance(answer, destgraph.Solutions) and format_ in (None, "table"):
        answer = replace(answer, as_read=graph.as_read)
    print_answer(answer, format_, excel_safe, output)
