"""`destgraph sparql`: a free SPARQL query."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

import destgraph
from destgraph.cli.common import FORMAT_HELP, TABLES, own_data, print_answer


@click.command()
@click.argument("query", required=False)
@click.option("-f", "--file", "path", type=click.Path(path_type=Path), help="File with the query.")
@click.option("--format", "format_", type=click.Choice([*TABLES, "turtle"]), help=FORMAT_HELP)
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60, show_default=True, help="Seconds.")
@click.option("--federate", is_flag=True, help="Allow SERVICE and FROM, which reach the network.")
@own_data
def sparql(
    query: str | None, path: Path | None, format_: str | None, timeout: float, federate: bool, data: Sequence[Path]
) -> None:
    """Answer a SPARQL QUERY given as text, in a file or on standard input.

    The prefixes of the graph need no declaration. SELECT prints a table, CONSTRUCT and DESCRIBE print Turtle, ASK
    prints true or false.
    """
    if path is not None:
        try:
            query = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise destgraph.InputError(f"{path}: {error}; name a file with a query") from None
    graph = destgraph.load(data)
    text = query if query is not None else sys.stdin.read()
    print_answer(graph.query(text, timeout, federate), format_, graph)
