"""`destgraph sparql`: a free SPARQL query."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

import destgraph
from destgraph import inputs, results
from destgraph.cli.answers import Form, answer_options, print_answer, tell_no_rows
from destgraph.cli.common import Source, asked_graph
from destgraph.cli.output import query_input
from destgraph.errors import ReachingError
from destgraph.stores.processes import Clock
from destgraph.stores.queryable import MEMORY


@click.command(short_help="Answer any SPARQL query.")
@click.argument("query", required=False)
@click.option("-f", "--file", "query_file", type=click.Path(path_type=Path), help="File with the query.")
@click.option("--federate", is_flag=True, help="Allow SERVICE, and FROM in a store, which reach other data.")
@click.option("--memory", type=click.IntRange(min=1), default=MEMORY, show_default=True,
              help="Megabytes that the query may take, and its answer, unless a store answers.")  # fmt: skip
@answer_options("turtle")
@asked_graph
def sparql(
    query: str | None,
    query_file: Path | None,
    federate: bool,
    memory: int,
    form: Form,
    source: Source,
) -> None:
    """Answer a SPARQL QUERY given as text, in a file or on standard input.

    The prefixes of the graph need no declaration. SELECT prints a table, CONSTRUCT and DESCRIBE print Turtle, ASK
    prints true or false. From a store, with --output and the format csv, tsv or json, the rows of a SELECT go to the
    file one by one, so there may be millions; the file appears when the last has come.
    """
    if query_file is not None:
        query = inputs.read_query(query_file)
    graph = source.open()
    text = query.removeprefix("\ufeff") if query is not None else query_input()
    clock = Clock(source.timeout)
    try:
        if form.path is not None and form.format_ in results.WRITERS and form.columns is None:
            written = "excel-csv" if form.excel_safe else form.format_
            if not graph.save(text, form.path, written, timeout=source.timeout, memory=memory, federate=federate):
                tell_no_rows(_unknown_terms(graph, text))
            return
        answer = graph.query(text, timeout=source.timeout, memory=memory, federate=federate)
    except ReachingError as error:
        raise destgraph.InputError(f"{error}; allow it with --federate") from None
    if isinstance(answer, destgraph.Solutions) and form.format_ in (None, "table"):
        answer = replace(answer, as_read=graph.as_read, texts=graph.texts)
    print_answer(answer, form, clock.alarm())
    if not answer:
        unknown = _unknown_terms(graph, text)
        if not isinstance(answer, bool) or unknown:
            tell_no_rows(unknown)


def _unknown_terms(graph: destgraph.Queryable, query: str) -> list[str]:
    """Return what is told of the terms in a query that the graph has not; nothing where that cannot be looked up."""
    from destgraph.catalog import near

    with suppress(destgraph.InputError, destgraph.EndpointError):
        return near.unknown_terms(graph.select, query)
    return []
