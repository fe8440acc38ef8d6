"""`destgraph explain`: why this type, and why not that one."""

import click

from destgraph.catalog import names
from destgraph.cli import output
from destgraph.cli.common import Choice, Source, as_json, asked_graph, complete_name


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
    source: Source,
) -> None:
    """Explain the types of DESTINATION, fact by fact."""
    from destgraph.rendering import text

    told = source.open().explain(destination, wanted)
    match format_:
        case "json":
            output.write_data(as_json(told))
        case "mermaid":
            output.write_data(told.picture().mermaid())
        case "svg":
            output.write_data(told.picture().svg())
        case _:
            output.write(text.explanation(told) + "\n")
    if told.others:
        output.tell(names.also_named(destination, told.destination, told.others))
