"""`destgraph explain`: why this type, and why not that one."""

from collections.abc import Sequence
from pathlib import Path

import click

from destgraph.cli.common import Choice, as_json, asked_graph, complete_name, open_graph


@click.command()
@click.argument("destination", shell_complete=complete_name)
@click.option("--not", "wanted", metavar="TYPE", shell_complete=complete_name, help="Explain why not this type.")
@click.option("--format", "format_", type=Choice(["text", "json", "mermaid", "svg"]), default="text",
              show_default=True)  # fmt: skip
@asked_graph
def explain(
    destination: str,
    wanted: str | None,
    format_: str,
    data: Sequence[Path],
    endpoint: str | None,
    graph_name: str | None,
    timeout: float,
) -> None:
    """Explain the types of DESTINATION, fact by fact."""
    from destgraph.rendering import text

    told = open_graph(data, endpoint, graph_name, timeout).explain(destination, wanted)
    match format_:
        case "json":
            click.echo(as_json(told))
        case "mermaid":
            click.echo(told.picture().mermaid(), nl=False)
        case "svg":
            click.echo(told.picture().svg(), nl=False)
        case _:
            click.echo(text.explanation(told))
