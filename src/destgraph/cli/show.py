"""`destgraph show`: one thing on one screen."""

from collections.abc import Sequence
from pathlib import Path

import click

from destgraph.catalog import names
from destgraph.cli.common import Choice, as_json, asked_graph, complete_name, open_graph, terminal_width
from destgraph.vocabulary import shorten


@click.command(short_help="Show what is known of one thing.")
@click.argument("name", shell_complete=complete_name)
@click.option("--format", "format_", type=Choice(["text", "json"]), default="text", show_default=True)
@asked_graph
def show(
    name: str, format_: str, data: Sequence[Path], endpoint: str | None, graph_name: str | None, timeout: float
) -> None:
    """Show what the graph says about NAME: a destination, platform, vendor or concept (type, category, identity).

    Of things of the same name the destination is shown, and the others are named.
    """
    from destgraph.catalog.description import describe
    from destgraph.rendering import text

    graph = open_graph(data, endpoint, graph_name, timeout)
    found = names.find(graph.select, names.KINDS, name)
    cards = [thing for thing in found if thing.kind == "destination"]
    thing = cards[0] if len(cards) == 1 else names.resolve(graph.select, names.KINDS, name)
    described = describe(graph.select, thing)
    width = min(terminal_width() or 100, 100)
    click.echo(as_json(described) if format_ == "json" else text.description(described, width))
    if others := ", ".join(sorted(shorten(other.iri) for other in found if other != thing)):
        click.echo(f"{name!r} is also the name of {others}", err=True)
