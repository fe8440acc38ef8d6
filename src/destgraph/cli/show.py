"""`destgraph show`: one thing on one screen."""

import click

from destgraph.catalog import names
from destgraph.cli import output
from destgraph.cli.answers import width
from destgraph.cli.common import Choice, Source, as_json, asked_graph, complete_name


@click.command(short_help="Show what is known of one thing.")
@click.argument("name", shell_complete=complete_name)
@click.option("--format", "format_", type=Choice(["text", "json"]), default="text", show_default=True)
@asked_graph
def show(name: str, format_: str, source: Source) -> None:
    """Show what the graph says about NAME: a destination, platform, vendor or concept (type, category, identity).

    Of things of the same name the destination is shown, and the others are named.
    """
    from destgraph.rendering import text

    thing = source.open().describe(name)
    if format_ == "json":
        output.write_data(as_json(thing))
    else:
        output.write(text.description(thing, min(width(100), 100)) + "\n")
    if thing.others:
        output.tell(names.also_named(name, thing.iri, thing.others))
